/** The tables of a Service port: who reaches what, and the endpoints. */

import type { ReachedFrom, ReportAddress, ReportHead, ReportPort } from '../../src/report/types.js';
import { h, s } from './dom.js';
import { type Cell, plainTable } from './plain-table.js';

/** Addresses by kinds of clients: what becomes of a connection, and the share of each endpoint. */
export function reachabilityTable(
  { addresses }: ReportPort,
  clients: ReportHead['clients'],
): HTMLElement {
  const isGuarded = addresses.some(({ excluded }) => excluded !== undefined);
  const kinds = isGuarded ? [...clients, OTHER_SOURCES] : clients;
  const columns = kinds.map(([name, more]) => ({ name: `From ${name}`, more }));
  const table = plainTable([{ name: 'Address' }, ...columns], {
    ...{ name: 'Who reaches what', className: 'matrix' },
  });
  for (const address of addresses)
    table.addRow([
      { text: addressText(address) },
      ...address.clients.map((one) => ({ text: verdictText(one) })),
      ...(isGuarded ? [{ text: excludedText(address) }] : []),
    ]);
  return table.element;
}

/** The heading of the column for sources outside of the ranges. */
const OTHER_SOURCES = ['other sources', 'in none of the source ranges'] as const;

function excludedText({ excluded }: ReportAddress): readonly Node[] {
  return excluded === undefined ? [h('small', {}, 'no source ranges')] : verdictText(excluded);
}

function addressText({ kind, where, sources, refuted }: ReportAddress): readonly Node[] {
  const [at = '', ...which] = where.split(', ');
  return [
    h('small', {}, kind),
    h('span', { class: 'mono' }, at),
    ...(which.length === 0 ? [] : [h('small', {}, which.join(', '))]),
    ...(sources.length === 0 ? [] : [h('small', {}, `only from ${sources.join(', ')}`)]),
    ...(refuted ? [h('small', { class: 'refuted' }, '✗ its rules do something else')] : []),
  ];
}

const VERDICTS: Readonly<Record<ReachedFrom['verdict'], readonly [word: string, sign: string]>> = {
  answered: ['Answered', 'M2 6.5l3 3 5-7'],
  refused: ['Refused', 'M2.5 2.5l7 7M9.5 2.5l-7 7'],
  dropped: ['Dropped', 'M6 1v8M2.5 6 6 9.5 9.5 6'],
  elsewhere: ['Not handled', 'M1.5 6h9M7 2.5 10.5 6 7 9.5'],
};

function verdictText({ verdict, words }: ReachedFrom): readonly Node[] {
  const [word, sign] = VERDICTS[verdict];
  const more = verdict === 'answered' ? words : words.slice(words.indexOf(': ') + 2);
  return [
    h(
      'span',
      { class: `verdict ${verdict}` },
      s('svg', { viewBox: '0 0 12 12', 'aria-hidden': 'true' }, s('path', { d: sign })),
      word,
    ),
    h('small', {}, more),
  ];
}

/** More are shown on request. */
const MOST_SHOWN = 100;

/** Endpoints with their shares, or why they get nothing. */
export function endpointTable({ endpoints, addresses }: ReportPort): HTMLElement {
  const pools = (['cluster', 'local'] as const).filter((pool) =>
    addresses.some(({ clients }) => clients.some((one) => one.pool === pool)),
  );
  const table = plainTable(
    [
      { name: 'Endpoint' },
      ...pools.map((pool) => ({ name: pool === 'cluster' ? 'Policy Cluster' : 'Policy Local' })),
      { name: 'On' },
    ],
    { name: 'Endpoints' },
  );
  const rows = endpoints.toSorted((a, b) => Number(a.unused !== '') - Number(b.unused !== ''));
  const add = (some: typeof rows): void => {
    for (const { target, place, unused, ...shares } of some) {
      const shown =
        unused === '' || pools.length === 0
          ? pools.map((pool) => ({ text: [shareText(shares[pool])] }))
          : [reasonCell(unused, pools.length)];
      const on = { text: [place || '–'], attributes: { 'data-column': 'On' } };
      const name = { text: [target], attributes: { class: 'mono' } };
      table.addRow([name, ...shown, on], unused === '' ? {} : { class: 'unused' });
    }
  };
  add(rows.slice(0, MOST_SHOWN));
  const rest = rows.slice(MOST_SHOWN);
  const more = h('button', { type: 'button', class: 'plain' }, `Show ${rest.length} more`);
  more.addEventListener('click', () => {
    add(rest);
    more.remove();
  });
  return h('div', {}, table.element, rest.length === 0 ? undefined : more);
}

/** Stands in the columns of all shares. */
function reasonCell(unused: string, columns: number): Cell {
  const attributes = { colspan: columns, class: 'reason', 'data-column': 'Share' };
  return { text: [`Not used: ${unused}`], attributes };
}

function shareText(share: string): string {
  return share === '' ? '–' : share === '1' ? 'all' : share;
}
