/** What the text of a rule line tells without parsing it, for scans over all lines of a kernel. */

/**
 * The chain or target that a rule line jumps or goes to; `''` for a rule without target. Exact for lines
 * as iptables-save prints them: the target stands last, and only a comment or a string match can look
 * like one, in quotes.
 */
export function targetOf(line: string): string {
  const quote = line.lastIndexOf('"');
  const match =
    (quote < 0 ? null : / -[jg] (\S+)/.exec(line.slice(quote + 1))) ??
    / -[jg] (\S+)/.exec(withoutComment(line));
  return match?.[1] ?? '';
}

const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\[\s\S])*"|[^\s"]+)/g;

/** The line without its comments, which mean nothing to the kernel. */
export function withoutComment(line: string): string {
  return line.includes('--comment') ? line.replace(COMMENT, '') : line;
}
