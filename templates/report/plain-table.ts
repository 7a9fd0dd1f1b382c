/**
 * Tables of a few columns. In narrow windows each row becomes a block in which every cell has the
 * heading of its column above it; roles keep what the elements mean.
 */

import { h } from './dom.js';

/** What stands in a cell: its text, with attributes where it has some. */
export interface Cell {
  readonly text: readonly (Node | string)[];
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** The heading of a column, and more about it. */
export interface Heading {
  readonly name: string;
  readonly more?: string;
}

/** A table, to which rows may be added. */
export interface PlainTable {
  readonly element: HTMLTableElement;
  /** The first cell of a row with a heading names it. */
  readonly addRow: (cells: readonly Cell[], attributes?: Readonly<Record<string, string>>) => void;
}

/** A table without rows. */
export function plainTable(
  columns: readonly Heading[],
  { name, className = '', hasRowHeadings = true }: PlainTableOptions = {},
): PlainTable {
  const headings = columns.map(({ name: title, more }) =>
    h(
      'th',
      { scope: 'col', role: 'columnheader' },
      title,
      more === undefined ? undefined : h('small', {}, more),
    ),
  );
  const body = h('tbody', { role: 'rowgroup' });
  const element = h(
    'table',
    { class: `plain ${className}`.trim(), role: 'table', 'aria-label': name },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...headings)),
    body,
  );
  const cellElement = ({ text, attributes }: Cell, i: number): HTMLElement =>
    hasRowHeadings && i === 0
      ? h('th', { scope: 'row', role: 'rowheader', ...attributes }, ...text)
      : h('td', { role: 'cell', 'data-column': columns[i]?.name, ...attributes }, ...text);
  return {
    element,
    addRow: (cells, attributes = {}) =>
      body.append(h('tr', { role: 'row', ...attributes }, ...cells.map(cellElement))),
  };
}

export interface PlainTableOptions {
  /** What it is called for those who do not see it; a heading may say it. */
  readonly name?: string;
  readonly className?: string;
  readonly hasRowHeadings?: boolean;
}
