/** Rows as columns, as kubectl prints them. */

/** The rows with columns of equal width; all but the last end in three blanks. */
export function tableLines(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    `${indent}${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`.trimEnd(),
  );
}

/** More rows are no help to a reader; -v and JSON have them all. */
const MOST_ROWS = 20;

/** The same with the first rows and a line that counts the others, or with `all` every row. */
export function cutTable(
  rows: readonly (readonly string[])[],
  indent: string,
  all: boolean,
): readonly string[] {
  const more = all ? 0 : rows.length - MOST_ROWS;
  const lines = tableLines(more > 0 ? rows.slice(0, MOST_ROWS) : rows, indent);
  return more > 0 ? [...lines, `${indent}… and ${more} more (-v shows them)`] : lines;
}
