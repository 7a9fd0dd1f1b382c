/**
 * Where the boxes and lines of the picture of a Service port are: addresses, decisions, endpoints.
 */

import type { ReachedFrom, ReportAddress, ReportPort } from '../../src/report/types.js';

/** A box: its middle is at `y`. */
export interface Box {
  readonly id: string;
  readonly column: 0 | 1 | 2;
  readonly kind: string;
  readonly lines: readonly string[];
  readonly height: number;
  readonly y: number;
}

/** A line between the edges of two boxes. */
export interface Line {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly label: string;
  /** The label stands where the line begins or where it ends. */
  readonly labelAt: 'start' | 'end';
  readonly isMasqueraded: boolean;
}

export interface Picture {
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** Left edge and width of each column. */
export const COLUMNS: readonly (readonly [x: number, width: number])[] = [
  [0, 236],
  [488, 182],
  [764, 236],
];

const GAP = 14;
const LINE_HEIGHT = 17;
/** More boxes of one kind are counted in a last one, and more source ranges in a last line. */
const MOST_ADDRESSES = 6;
const MOST_SOURCES = 3;
const MOST_ENDPOINTS = 8;
const MOST_UNUSED = 4;

type Draft = Omit<Box, 'y'>;

/** The picture of a port; the names of the clients in the order of its addresses. */
export function pictureOf(port: ReportPort, clients: readonly string[]): Picture {
  const addresses = port.addresses.slice(0, MOST_ADDRESSES);
  const decisions = decisionsOf(addresses);
  const drafts: readonly (readonly Draft[])[] = [
    [
      ...addresses.map((address, i) => addressBox(address, i, clients)),
      ...moreBox(0, port.addresses.length - MOST_ADDRESSES, 'more address', 'more addresses'),
    ],
    [...decisions].map(([id, decision]) => decisionBox(id, decision)),
    endpointBoxes(port, decisions),
  ];
  const height = drafts.map(heightOf).reduce((a, b) => Math.max(a, b), 60) + 2;
  const boxes = drafts.flatMap((column) => placed(column, height));
  const at = new Map(boxes.map((box) => [box.id, box]));
  return {
    ...{ height, boxes },
    lines: [...addressLines(addresses, clients, at), ...shareLines(port, decisions, at)],
  };
}

function heightOf(column: readonly Draft[]): number {
  return column.reduce((sum, { height }) => sum + height + GAP, -GAP);
}

function placed(column: readonly Draft[], height: number): readonly Box[] {
  let top = (height - heightOf(column)) / 2;
  return column.map((draft) => {
    const box = { ...draft, y: top + draft.height / 2 };
    top += draft.height + GAP;
    return box;
  });
}

/** What addresses decide: a pool of endpoints, or what becomes of packets without one. */
function decisionsOf(addresses: readonly ReportAddress[]): ReadonlyMap<string, ReachedFrom> {
  const found = new Map<string, ReachedFrom>();
  for (const { clients } of addresses)
    for (const one of clients) if (!found.has(decisionId(one))) found.set(decisionId(one), one);
  for (const { excluded } of addresses) if (excluded !== undefined) found.set(EXCLUDED, excluded);
  return found;
}

/** The decision about sources outside of an address's source ranges. */
const EXCLUDED = 'excluded';

function decisionId({ pool, verdict }: ReachedFrom): string {
  return pool === '' ? verdict : `pool ${pool}`;
}

/** A line from an address: clients for which it decides the same. */
interface Branch {
  readonly decision: string;
  readonly isMasqueraded: boolean;
  /** Who they are: `pods of this node, the node itself`. */
  readonly who: string;
}

function branchesOf(
  { clients: reached, sources, excluded }: ReportAddress,
  clients: readonly string[],
): readonly Branch[] {
  const groups = new Map<string, { readonly first: ReachedFrom; readonly names: string[] }>();
  reached.forEach((one, i) => {
    const key = `${decisionId(one)} ${one.masquerade}`;
    const group = groups.get(key) ?? { first: one, names: [] };
    group.names.push(clients[i] ?? '');
    groups.set(key, group);
  });
  const all = sources.length === 0 ? 'all clients' : 'source ranges';
  const branches = [...groups.values()].map(({ first, names }) => ({
    ...{ decision: decisionId(first), isMasqueraded: first.masquerade },
    who: names.length === clients.length ? all : names.join(', '),
  }));
  const others = { decision: EXCLUDED, isMasqueraded: false, who: 'other sources' };
  return excluded === undefined ? branches : [...branches, others];
}

function addressBox(address: ReportAddress, i: number, clients: readonly string[]): Draft {
  const { kind, where, sources } = address;
  const lines = [kind, where.split(', ')[0] ?? '', ...sourceLines(sources)];
  const branches = branchesOf(address, clients).length;
  return {
    ...{ id: `address ${i}`, column: 0, kind: 'address', lines },
    height: Math.max(boxHeight(lines), branches * 22 + 8),
  };
}

/** `only from 10.0.0.0/8`, and a line for each further network. */
function sourceLines(sources: readonly string[]): readonly string[] {
  const more = sources.length - MOST_SOURCES;
  return [
    ...sources
      .slice(0, MOST_SOURCES)
      .map((one, i) => (i === 0 ? `only from ${one}` : `and ${one}`)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function boxHeight(lines: readonly string[]): number {
  return lines.length * LINE_HEIGHT + 14;
}

const DECISION_TITLES: Readonly<Record<string, string>> = {
  'pool cluster': 'policy Cluster',
  'pool local': 'policy Local',
  refused: 'refused',
  dropped: 'dropped',
  elsewhere: 'not handled here',
  [EXCLUDED]: 'dropped',
};

function decisionBox(id: string, { words, pool, verdict }: ReachedFrom): Draft {
  const [share = ''] = words.split(', source ');
  const text = pool === '' ? words.slice(words.indexOf(': ') + 2) : share;
  const lines = [DECISION_TITLES[id] ?? id, ...broken(text, 26)];
  const kind = pool === '' ? verdict : 'pool';
  return { ...{ id, column: 1, kind, lines }, height: boxHeight(lines) };
}

/** At most two lines of so many characters. */
function broken(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const at = text.lastIndexOf(' ', width);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function endpointBoxes(
  { endpoints }: ReportPort,
  decisions: ReadonlyMap<string, ReachedFrom>,
): readonly Draft[] {
  const used = endpoints.filter(({ unused }) => unused === '');
  const unused = endpoints.filter((endpoint) => endpoint.unused !== '');
  const box = (target: string, line: string, kind: string): Draft => {
    const lines = line === '' ? [target] : [target, line];
    return { ...{ id: `endpoint ${target}`, column: 2, kind, lines }, height: boxHeight(lines) };
  };
  if (used.length + unused.length === 0)
    return [...decisions.keys()].some((id) => id.startsWith('pool')) ? [] : [NO_ENDPOINT];
  return [
    ...used.slice(0, MOST_ENDPOINTS).map(({ target, place }) => box(target, place, 'endpoint')),
    ...moreBox(2, used.length - MOST_ENDPOINTS, 'more endpoint', 'more endpoints'),
    ...unused
      .slice(0, MOST_UNUSED)
      .map(({ target, unused: reason }) => box(target, `not used: ${reason}`, 'unused')),
    ...moreBox(2, unused.length - MOST_UNUSED, 'more that is not used', 'more that are not used'),
  ];
}

const NO_ENDPOINT: Draft = {
  ...{ id: 'none', column: 2, kind: 'unused', lines: ['no endpoint'] },
  height: boxHeight(['']),
};

function moreBox(column: 0 | 2, more: number, one: string, several: string): readonly Draft[] {
  if (more <= 0) return [];
  const lines = [`${more} ${more === 1 ? one : several}`];
  return [{ ...{ id: `${column} ${several}`, column, kind: 'more', lines }, height: 30 }];
}

function addressLines(
  addresses: readonly ReportAddress[],
  clients: readonly string[],
  at: ReadonlyMap<string, Box>,
): readonly Line[] {
  const [x, width] = COLUMNS[0] ?? [0, 0];
  const [to] = COLUMNS[1] ?? [0];
  return addresses.flatMap((address, i) => {
    const box = at.get(`address ${i}`);
    const branches = branchesOf(address, clients);
    return branches.flatMap(({ decision, who, isMasqueraded }, n): readonly Line[] => {
      const target = at.get(decision);
      if (box === undefined || target === undefined) return [];
      const y = box.y + (n - (branches.length - 1) / 2) * 22;
      const label = isMasqueraded ? `${who} · masqueraded` : who;
      return [
        {
          from: [x + width, y],
          to: [to, target.y],
          ...{ label, labelAt: 'start', isMasqueraded },
        },
      ];
    });
  });
}

function shareLines(
  port: ReportPort,
  decisions: ReadonlyMap<string, ReachedFrom>,
  at: ReadonlyMap<string, Box>,
): readonly Line[] {
  const [x, width] = COLUMNS[1] ?? [0, 0];
  const [to] = COLUMNS[2] ?? [0];
  const pools = (['cluster', 'local'] as const).filter((pool) => decisions.has(`pool ${pool}`));
  return port.endpoints.flatMap((endpoint) => {
    const box = at.get(`endpoint ${endpoint.target}`);
    const from = pools.filter((pool) => endpoint[pool] !== '');
    if (box === undefined || box.kind === 'unused') return [];
    return from.map((pool, n): Line => {
      const y = box.y + (n - (from.length - 1) / 2) * 20;
      const label = endpoint[pool] === '1' ? 'all' : endpoint[pool];
      return {
        from: [x + width, at.get(`pool ${pool}`)?.y ?? 0],
        to: [to, y],
        ...{ label, labelAt: 'end', isMasqueraded: false },
      };
    });
  });
}
