/** A difference of two texts that a person can read in a test report. */

const LIMIT = 40;

/**
 * `''` for equal texts; otherwise the lines that only one of them has, `-` expected and `+` actual,
 * in the order of the texts and at most 40, or the first place where equal lines stand in another
 * order.
 */
export function lineDiff(actual: string, expected: string): string {
  if (actual === expected) return '';
  const [have, want] = [actual.split('\n'), expected.split('\n')];
  const missing = without(want, have).map((line) => `- ${line}`);
  const extra = without(have, want).map((line) => `+ ${line}`);
  const lines = [...missing.slice(0, LIMIT / 2), ...extra.slice(0, LIMIT / 2)];
  if (lines.length === 0) {
    const at = want.findIndex((line, i) => line !== have[i]);
    lines.push(
      `the same lines in another order, from line ${at + 1}:`,
      `- ${want[at]}`,
      `+ ${have[at]}`,
    );
  }
  return [`${missing.length} lines missing, ${extra.length} lines too many`, ...lines].join('\n');
}

/** The lines of one list that the other does not have, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
