/**
 * Removes KUBE-FIREWALL where vipc made it. kubelet has a chain of that name too, with the same
 * rule and jumps, and would put them back up to a minute later only.
 */

import type { ChainChange, RuleChange } from '../../plan/types.js';
import { isBuiltinRule, type Remembered, tableRule } from './ownership.js';
import { targetOf } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/** Chains that only kubelet makes. */
const OF_KUBELET: readonly (readonly [table: string, chain: string])[] = [
  ['filter', 'KUBE-KUBELET-CANARY'],
  ['mangle', 'KUBE-KUBELET-CANARY'],
  ['mangle', 'KUBE-IPTABLES-HINT'],
  ['nat', 'KUBE-KUBELET-CANARY'],
  ['nat', 'KUBE-MARK-DROP'],
];

/**
 * The changes that remove the chain, its rule and the jumps to it. None where vipc did not create
 * the chain, where a chain of kubelet is there, or where the chain holds or is reached by a rule
 * that vipc does not write.
 */
export function firewallRemoval(dump: Dump, { chains }: Remembered): readonly ChainChange[] {
  const filter = dump.tables.get('filter');
  const firewall = filter?.get('KUBE-FIREWALL');
  if (filter === undefined || firewall === undefined || !chains.has('filter KUBE-FIREWALL'))
    return [];
  if (OF_KUBELET.some(([table, chain]) => dump.tables.get(table)?.has(chain) === true)) return [];
  const jumps = [...filter].map(([chain, { rules }]) => ({
    chain,
    lines: rules.filter((line) => targetOf(line) === 'KUBE-FIREWALL'),
  }));
  const all = [...firewall.rules, ...jumps.flatMap(({ lines }) => lines)];
  if (!all.every((line) => isBuiltinRule(tableRule('filter', line)))) return [];
  const edits = jumps
    .filter(({ lines }) => lines.length > 0)
    .map(({ chain, lines }) => ({ ...changeOf(chain, lines), action: 'edit' as const }));
  return [...edits, { ...changeOf('KUBE-FIREWALL', firewall.rules), action: 'delete' }];
}

function changeOf(chain: string, lines: readonly string[]): Omit<ChainChange, 'action'> {
  const rules = lines.map((line): RuleChange => ({ op: 'remove', line, origin: '', at: 'head' }));
  return { table: 'filter', kind: 'chain', name: chain, origin: '', rules };
}
