/** The rows of the table of Services. */

import type { ServiceRow } from '../../src/report/types.js';
import { grouped, h } from './dom.js';
import type { Column } from './search.js';
import { stateBadge } from './states.js';

/** Titles, and what the table can be ordered by. */
export const COLUMNS: readonly (readonly [title: string, column: Column | undefined])[] = [
  ['State', 'state'],
  ['Service', 'name'],
  ['Type', undefined],
  ['Addresses', undefined],
  ['Ports', undefined],
  ['Endpoints', 'endpoints'],
  ['Findings', 'findings'],
];

/** The address of the view of one Service. */
export function serviceHash(name: string): string {
  return `#/${encodeURIComponent(name)}`;
}

/** Takes the place of rows that are not in sight. */
export function space(height: number): HTMLTableRowElement {
  const cell = h('td', { colspan: COLUMNS.length });
  cell.style.height = `${height}px`;
  return h('tr', { class: 'space', 'aria-hidden': 'true' }, cell);
}

/** The row of a Service. */
export function serviceRow(row: ServiceRow): HTMLTableRowElement {
  const [name, state, type, addresses, ports, used, endpoints, findings] = row;
  const at = name.indexOf('/') + 1;
  return h(
    'tr',
    { role: 'row' },
    h('td', { role: 'cell', class: 'c-state' }, stateBadge(state)),
    h(
      'th',
      { scope: 'row', role: 'rowheader' },
      h(
        'a',
        { href: serviceHash(name), title: name },
        h('span', { class: 'namespace' }, name.slice(0, at)),
        name.slice(at),
      ),
      h('span', { class: 'second-line' }, [type, ...addresses].join(' · ')),
    ),
    h('td', { role: 'cell', class: 'c-type' }, type),
    h('td', { role: 'cell', class: 'c-addresses mono' }, listText(addresses)),
    h('td', { role: 'cell', class: 'c-ports mono' }, listText(ports)),
    h('td', { role: 'cell', class: 'c-endpoints' }, ...endpointsText(used, endpoints)),
    h(
      'td',
      { role: 'cell', class: `c-findings${findings === 0 ? ' none' : ''}` },
      findings === 0 ? '–' : String(findings),
    ),
  );
}

/** More are in the view of the Service. */
const MOST_LISTED = 2;

function listText(texts: readonly string[]): string {
  const more = texts.length - MOST_LISTED;
  const listed = texts.slice(0, MOST_LISTED).join('  ');
  return texts.length === 0 ? '–' : more > 0 ? `${listed} +${more}` : listed;
}

function endpointsText(used: number, endpoints: number): readonly (Node | string)[] {
  if (endpoints === 0) return [h('span', { class: 'none' }, 'none')];
  const meter = h('span', { class: 'meter', 'aria-hidden': 'true' });
  const fill = h('span');
  fill.style.width = `${(100 * used) / endpoints}%`;
  meter.append(fill);
  return [meter, used === endpoints ? grouped(used) : `${grouped(used)} of ${grouped(endpoints)}`];
}
