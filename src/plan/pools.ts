/** Compares which endpoints get how much of the new connections of a Service port. */

import { type Fraction, NONE, sameFraction } from '../netfilter/fraction.js';
import type { PoolSummary } from './summary-types.js';
import type { ChainState, Chains } from './types.js';
import { type Unit, unitLabel } from './unit.js';

/** What the endpoints of one pool of a Service port get. */
export interface Pool {
  readonly origin: string;
  readonly pool: PoolSummary['pool'];
  /** The chain, or the element of a map, that new connections come to. */
  readonly chain: string;
  readonly shares: ReadonlyMap<string, Fraction>;
}

/** The pools that are chains of these Service ports. */
export function chainPools(
  chains: Chains,
  origins: ReadonlySet<string>,
  poolOf: (unit: Unit) => PoolSummary['pool'] | undefined,
  shares: (state: ChainState) => ReadonlyMap<string, Fraction>,
): readonly Pool[] {
  const found: Pool[] = [];
  for (const state of chains.values()) {
    const { origin } = state;
    const pool = origin !== '' && origins.has(origin) ? poolOf(state) : undefined;
    if (pool !== undefined)
      found.push({ origin, pool, chain: unitLabel(state), shares: shares(state) });
  }
  return found;
}

/**
 * The pools in which some share differs, by Service port. A pool of which the place is new is
 * compared with the same pool in another place: layouts differ in these, and a Service port may
 * have a pool in several.
 */
export function changedPools(
  before: readonly Pool[],
  after: readonly Pool[],
): ReadonlyMap<string, readonly PoolSummary[]> {
  const [old, fresh] = [before, after].map(byPlace) as [Places, Places];
  const found = new Map<string, Map<string, PoolSummary>>();
  const compare = ({ origin, pool, chain }: Pool, was?: Pool, is?: Pool): void => {
    const endpoints = shareChanges(was?.shares ?? NO_SHARES, is?.shares ?? NO_SHARES);
    if (endpoints.length === 0) return;
    const pools = found.get(origin) ?? new Map<string, PoolSummary>();
    found.set(origin, pools);
    // Of several places with the same change only the first one is listed.
    const key = `${pool} ${endpoints.map(changeText).join(', ')}`;
    if (!pools.has(key)) pools.set(key, { pool, chain, endpoints });
  };
  for (const one of after) compare(one, old.at(one) ?? old.anywhere(one), one);
  for (const one of before) if (fresh.anywhere(one) === undefined) compare(one, one);
  return new Map([...found].map(([origin, pools]) => [origin, [...pools.values()]]));
}

interface Places {
  /** The same pool in the same place. */
  readonly at: (pool: Pool) => Pool | undefined;
  readonly anywhere: (pool: Pool) => Pool | undefined;
}

function byPlace(pools: readonly Pool[]): Places {
  const name = ({ origin, pool }: Pool): string => `${origin} ${pool}`;
  const places = new Map(pools.map((pool) => [`${name(pool)} ${pool.chain}`, pool]));
  const firsts = new Map(pools.toReversed().map((pool) => [name(pool), pool]));
  return {
    at: (pool) => places.get(`${name(pool)} ${pool.chain}`),
    anywhere: (pool) => firsts.get(name(pool)),
  };
}

const NO_SHARES: ReadonlyMap<string, Fraction> = new Map();

function changeText({ endpoint, before, after }: PoolSummary['endpoints'][number]): string {
  const [was, is] = [before, after].map((share) => `${share.numerator}/${share.denominator}`);
  return `${endpoint} ${was} ${is}`;
}

function shareChanges(
  before: ReadonlyMap<string, Fraction>,
  after: ReadonlyMap<string, Fraction>,
): PoolSummary['endpoints'] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((endpoint) => ({
      endpoint,
      before: before.get(endpoint) ?? NONE,
      after: after.get(endpoint) ?? NONE,
    }))
    .filter((change) => !sameFraction(change.before, change.after));
}
