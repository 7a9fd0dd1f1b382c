/** What the picture of a Service port shows: addresses, decisions, endpoints, and their lines. */

import type { ReachedFrom, ReportAddress, ReportPort } from '../../src/report/types.js';

/** A box with its text. */
export interface BoxContent {
  readonly id: string;
  readonly kind: string;
  readonly lines: readonly string[];
}

/** A line from one box to another. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isMasqueraded: boolean;
}

/** The boxes by what they are, and the lines between one kind and the next. */
export interface PictureContent {
  readonly addresses: readonly BoxContent[];
  readonly decisions: readonly BoxContent[];
  readonly endpoints: readonly BoxContent[];
  /** From addresses to decisions: for which clients. */
  readonly branches: readonly Link[];
  /** From decisions to endpoints: with which share. */
  readonly shares: readonly Link[];
}

/** More boxes of one kind are counted in a last one, and more source ranges in a last line. */
const MOST_ADDRESSES = 6;
const MOST_SOURCES = 3;
const MOST_ENDPOINTS = 8;
const MOST_UNUSED = 4;

/** The content of the picture of a port; the names of the clients in the order of its addresses. */
export function pictureContent(port: ReportPort, clients: readonly string[]): PictureContent {
  const addresses = port.addresses.slice(0, MOST_ADDRESSES);
  const decisions = decisionsOf(addresses);
  const endpoints = endpointBoxes(port, decisions);
  return {
    addresses: [
      ...addresses.map(addressBox),
      ...moreBox(port.addresses.length - MOST_ADDRESSES, 'more address', 'more addresses'),
    ],
    decisions: [...decisions].map(([id, decision]) => decisionBox(id, decision)),
    endpoints,
    branches: addresses.flatMap((address, i) => branchesOf(address, addressId(i), clients)),
    shares: sharesOf(port, decisions, endpoints),
  };
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
  return pool === '' ? verdict : poolId(pool);
}

const poolId = (pool: string): string => `pool ${pool}`;
const addressId = (position: number): string => `address ${position}`;
const endpointId = (target: string): string => `endpoint ${target}`;

/** A line for all clients for which an address decides the same: `pods, the node`. */
function branchesOf(
  { clients: reached, sources, excluded }: ReportAddress,
  from: string,
  clients: readonly string[],
): readonly Link[] {
  const groups = new Map<string, { readonly first: ReachedFrom; readonly names: string[] }>();
  reached.forEach((one, i) => {
    const key = `${decisionId(one)} ${one.masquerade}`;
    const group = groups.get(key) ?? { first: one, names: [] };
    group.names.push(clients[i] ?? '');
    groups.set(key, group);
  });
  const all = sources.length === 0 ? 'all clients' : 'source ranges';
  const branches = [...groups.values()].map(({ first, names }): Link => {
    const who = names.length === clients.length ? all : names.join(', ');
    const label = first.masquerade ? `${who} · masqueraded` : who;
    return { from, to: decisionId(first), label, isMasqueraded: first.masquerade };
  });
  const others = { from, to: EXCLUDED, label: 'other sources', isMasqueraded: false };
  return excluded === undefined ? branches : [...branches, others];
}

function addressBox({ kind, where, sources }: ReportAddress, position: number): BoxContent {
  const lines = [kind, where.split(', ')[0] ?? '', ...sourceLines(sources)];
  return { id: addressId(position), kind: 'address', lines };
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

const DECISION_TITLES: Readonly<Record<string, string>> = {
  [poolId('cluster')]: 'policy Cluster',
  [poolId('local')]: 'policy Local',
  refused: 'refused',
  dropped: 'dropped',
  elsewhere: 'not handled here',
  [EXCLUDED]: 'dropped',
};

function decisionBox(id: string, { words, pool, verdict }: ReachedFrom): BoxContent {
  const [share = ''] = words.split(', source ');
  const text = pool === '' ? words.slice(words.indexOf(': ') + 2) : share;
  const lines = [DECISION_TITLES[id] ?? id, ...broken(text, 26)];
  return { id, kind: pool === '' ? verdict : 'pool', lines };
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
): readonly BoxContent[] {
  const used = endpoints.filter(({ unused }) => unused === '');
  const unused = endpoints.filter((endpoint) => endpoint.unused !== '');
  const box = (target: string, line: string, kind: string): BoxContent => {
    const lines = line === '' ? [target] : [target, line];
    return { id: endpointId(target), kind, lines };
  };
  if (used.length + unused.length === 0)
    return [...decisions.keys()].some((id) => id.startsWith('pool')) ? [] : [NO_ENDPOINT];
  return [
    ...used.slice(0, MOST_ENDPOINTS).map(({ target, place }) => box(target, place, 'endpoint')),
    ...moreBox(used.length - MOST_ENDPOINTS, 'more endpoint', 'more endpoints'),
    ...unused
      .slice(0, MOST_UNUSED)
      .map(({ target, unused: reason }) => box(target, `not used: ${reason}`, 'unused')),
    ...moreBox(unused.length - MOST_UNUSED, 'more that is not used', 'more that are not used'),
  ];
}

const NO_ENDPOINT: BoxContent = { id: 'none', kind: 'unused', lines: ['no endpoint'] };

function moreBox(more: number, one: string, several: string): readonly BoxContent[] {
  if (more <= 0) return [];
  return [{ id: several, kind: 'more', lines: [`${more} ${more === 1 ? one : several}`] }];
}

function sharesOf(
  { endpoints }: ReportPort,
  decisions: ReadonlyMap<string, ReachedFrom>,
  boxes: readonly BoxContent[],
): readonly Link[] {
  const drawn = new Set(boxes.filter(({ kind }) => kind === 'endpoint').map(({ id }) => id));
  const pools = (['cluster', 'local'] as const).filter((pool) => decisions.has(poolId(pool)));
  return endpoints
    .filter(({ target }) => drawn.has(endpointId(target)))
    .flatMap((endpoint) =>
      pools
        .filter((pool) => endpoint[pool] !== '')
        .map((pool) => ({
          ...{ from: poolId(pool), to: endpointId(endpoint.target), isMasqueraded: false },
          label: endpoint[pool] === '1' ? 'all' : endpoint[pool],
        })),
    );
}
