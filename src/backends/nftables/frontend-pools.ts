/** The pools of Service ports without chains: elements lead to their endpoints. */

import { destinationOf, type MapValue } from '../../netfilter/program.js';
import type { Destination } from '../../netfilter/rule.js';
import { type HeldBy, type RulesOf, sharesOf } from '../../netfilter/shares.js';
import type { Pool } from '../../plan/pools.js';
import type { PoolSummary } from '../../plan/summary-types.js';
import type { ChainState, Chains } from '../../plan/types.js';
import { type Unit, unitKey, unitLabel } from '../../plan/unit.js';
import { mapValueOf } from './meaning.js';
import { elementKey, elementValue, numberedKey } from './syntax/line-text.js';

/** One pool for each frontend of these Service ports that leads to a chain of many. */
export function frontendPools(
  chains: Chains,
  origins: ReadonlySet<string>,
  poolOf: (unit: Unit) => PoolSummary['pool'] | undefined,
  rulesOf: (table: string) => RulesOf,
): readonly Pool[] {
  const elements = elementsOf(chains, origins);
  const held = new Map<string, Map<number, Destination>>();
  for (const { map, key, value } of elements) {
    const { frontend, number } = numberedKey(key);
    const destination = value.kind === 'data' ? destinationOf(value.text) : undefined;
    if (destination === undefined || frontend === '') continue;
    const place = `${map.name} ${frontend}`;
    const known = held.get(place) ?? new Map<number, Destination>();
    held.set(place, known.set(number, destination));
  }
  return elements.flatMap(({ map, key, value, origin }) => {
    if (value.kind !== 'goto') return [];
    const unit = { table: map.table, kind: 'chain', name: value.chain } as const;
    const pool = chains.get(unitKey(unit))?.origin === '' ? poolOf(unit) : undefined;
    if (pool === undefined) return [];
    const shares = sharesOf(
      value.chain,
      rulesOf(map.table),
      (name) => held.get(`${name} ${key}`) ?? NOTHING,
    );
    return [{ origin, pool, chain: `${unitLabel(map)} ${key}`, shares }];
  });
}

const NOTHING: ReturnType<HeldBy> = new Map();

interface OwnElement {
  readonly map: ChainState;
  readonly key: string;
  readonly value: MapValue;
  readonly origin: string;
}

/** The elements of these Service ports in all maps. */
function elementsOf(chains: Chains, origins: ReadonlySet<string>): readonly OwnElement[] {
  const found: OwnElement[] = [];
  for (const map of chains.values()) {
    if (map.kind !== 'set') continue;
    for (const [i, line] of map.lines.entries()) {
      const origin = map.origins?.[i] ?? '';
      const text = origin !== '' && origins.has(origin) ? elementValue(line) : '';
      if (text !== '') found.push({ map, key: elementKey(line), value: mapValueOf(text), origin });
    }
  }
  return found;
}
