/** Which Services a search finds, and in which order they stand. */

import type { ServiceRow } from '../../src/report/types.js';
import { STATE_ORDER } from './states.js';

/** The text that a search looks through, in lower case. */
export function searchText([name, , type, addresses, ports]: ServiceRow): string {
  return [name, type, ...addresses, ...ports].join(' ').toLowerCase();
}

/** The positions of the texts that have every word of a search. */
export function found(texts: readonly string[], search: string): readonly number[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const positions: number[] = [];
  texts.forEach((text, position) => {
    if (words.every((word) => text.includes(word))) positions.push(position);
  });
  return positions;
}

/** A column that the table can be ordered by. */
export type Column = 'state' | 'name' | 'endpoints' | 'findings';

/** The positions in the order of a column; equal ones stay as they are. */
export function ordered(
  rows: readonly ServiceRow[],
  positions: readonly number[],
  column: Column,
  isDescending: boolean,
): readonly number[] {
  const value = VALUES[column];
  const sign = isDescending ? -1 : 1;
  return [...positions].sort((a, b) => {
    const [left, right] = [rows[a], rows[b]];
    if (left === undefined || right === undefined) return 0;
    return sign * (value(left, a) - value(right, b)) || a - b;
  });
}

const VALUES: Readonly<Record<Column, (row: ServiceRow, position: number) => number>> = {
  state: ([, state]) => STATE_ORDER.indexOf(state),
  // The rows come in the order of their names.
  name: (_row, position) => position,
  endpoints: ([, , , , , used]) => used,
  findings: ([, , , , , , , findings]) => findings,
};
