/** Numbers for people: medians with their range, and tables. */

/** Median of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The smallest measurement that this many percent of all do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

/** `12.3 (11.9–14.0)`: median, smallest and largest, with this many decimals. */
export function spread(values: readonly number[], decimals: number): string {
  const text = (value: number): string => value.toFixed(decimals);
  if (values.length === 1) return `${text(median(values))} (n=1)`;
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

/** Rows with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Runs an action and gives its result and its wall time in milliseconds. */
export function timed<T>(action: () => T): { readonly value: T; readonly ms: number } {
  const start = performance.now();
  const value = action();
  return { value, ms: performance.now() - start };
}
