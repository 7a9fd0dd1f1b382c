/** Rules for Services that decide about no packet, and why. */

import type { Family } from '../net/ip.js';
import { elementValues } from '../netfilter/compiled-sets.js';
import { type Intervals, intersection } from '../netfilter/intervals.js';
import {
  type Chain,
  type NamedSet,
  type Program,
  programChains,
  seesFamily,
} from '../netfilter/program.js';
import type { FieldName } from '../netfilter/region.js';
import type { Usage } from '../netfilter/usage.js';
import type { Owns } from './acceptance.js';

/**
 * What packets never match in one chain, set or map, although all packets were tried.
 *
 * - `stale`: no packet comes there, as in chains that kube-proxy leaves behind for an hour.
 * - `unmatched`: packets come there, and none matches these rules or elements.
 */
export interface Unneeded {
  readonly kind: 'stale' | 'unmatched';
  readonly table: string;
  /** Of the chain, set or map. */
  readonly name: string;
  /** `namespace/name:port PROTOCOL`; `''`: of no Service port. */
  readonly origin: string;
  /** Rules as their tool prints them, or keys of elements. */
  readonly lines: readonly string[];
}

/** All that is unneeded among what a program has for Services of a family. */
export function unneededOf(
  program: Program,
  family: Family,
  usage: Usage,
  owns: Owns,
): readonly Unneeded[] {
  const isSeen = ({ table }: Pick<Chain, 'table'>): boolean => seesFamily(table, family);
  const sets = [...program.sets.values()].filter((set) => isSeen(set) && owns(set, undefined));
  return [
    ...[...programChains(program)]
      .filter(isSeen)
      .flatMap((chain) => unneededRules(chain, usage, owns)),
    ...sets.flatMap((set) => unneededElements(set, usage)),
  ];
}

function unneededRules(chain: Chain, usage: Usage, owns: Owns): readonly Unneeded[] {
  const { table, name } = chain;
  const isOwn = owns(chain, undefined);
  const unmatched = usage.unmatched(chain);
  if (unmatched === undefined ? !isOwn : unmatched.length === 0) return [];
  const { rules } = chain;
  const lines = (unmatched?.flatMap((i) => rules[i] ?? []) ?? rules)
    .filter((rule) => isOwn || owns(chain, rule))
    .map(({ line }) => line);
  const kind = unmatched === undefined ? 'stale' : 'unmatched';
  return lines.length === 0 ? [] : [{ kind, table, name, origin: chain.origin, lines }];
}

function unneededElements(set: NamedSet, usage: Usage): readonly Unneeded[] {
  const { table, name, elements } = set;
  const unmatched = usage.unmatched(set);
  const keys = [...elements.keys()];
  const matched = usage.matchedValues(set);
  const lines =
    unmatched === undefined
      ? keys
      : unmatched
          .flatMap((i) => keys[i] ?? [])
          .filter((key) => !matched.some(([field, values]) => isAmong(key, field, values)));
  const kind = unmatched === undefined ? 'stale' : 'unmatched';
  return lines.length === 0 ? [] : [{ kind, table, name, origin: '', lines }];
}

/** Whether an element of a set of one field has one of these values. */
function isAmong(key: string, field: FieldName, values: Intervals): boolean {
  const own = elementValues(field, key);
  return own !== undefined && intersection(own, values).length > 0;
}
