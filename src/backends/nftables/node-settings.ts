/** The settings of kube-proxy that a listing of nft shows. */

import type { Rule } from '../../netfilter/rule.js';
import { masqueradingOf, NOT_MASQUERADED, type NodeSettings } from '../node-settings.js';
import { meaningOf } from './meaning.js';
import { isOwned } from './ownership.js';
import type { Dump, DumpTable } from './syntax/dump-reader.js';

/** The settings behind the rules of the table `kube-proxy`. */
export function nodeSettings({ tables }: Dump): NodeSettings {
  const table = [...tables].find(([key]) => isOwned(key))?.[1];
  if (table === undefined) return {};
  const services = rulesOf(table, 'services');
  return {
    ...(services.length === 0 ? {} : masquerading(services, table)),
    ...markOf(rulesOf(table, 'masquerading')),
    ...nodePorts(services),
    ...loopback(table),
  };
}

function rulesOf({ units }: DumpTable, chain: string): readonly Rule[] {
  return (units.get(`chain ${chain}`)?.rules ?? []).map(meaningOf);
}

function masquerading(services: readonly Rule[], table: DumpTable): NodeSettings {
  const marking = services.find((rule) => has(rule, 'set-mark'));
  if (marking !== undefined) return masqueradingOf(marking);
  const isThroughChain = rulesOf(table, 'masquerading').some((rule) => has(rule, 'return'));
  return isThroughChain ? masqueradingByJump(table) : NOT_MASQUERADED;
}

/** Up to 1.35 the chain of each Service says it; without any such chain nothing does. */
function masqueradingByJump({ units }: DumpTable): NodeSettings {
  let hasPools = false;
  for (const [key, { rules }] of units) {
    if (!/^chain (?:service|local)-/.test(key)) continue;
    hasPools = true;
    const line = rules.find((one) => one.endsWith(' jump mark-for-masquerade'));
    if (line !== undefined) return masqueradingOf(meaningOf(line));
  }
  return hasPools ? NOT_MASQUERADED : {};
}

/** The bit that asks for masquerading. */
function markOf(rules: readonly Rule[]): NodeSettings {
  for (const { statements } of rules)
    for (const statement of statements)
      if (statement.kind === 'mark') return { masqueradeMark: statement.mask };
  return {};
}

/**
 * Whether every local address accepts node ports. Of a list the rules do not show whether it was
 * configured: the node's primary address is the default.
 */
function nodePorts(services: readonly Rule[]): NodeSettings {
  return services.some((rule) => has(rule, 'address-type'))
    ? { nodePortAddresses: { kind: 'all' } }
    : {};
}

/** Where node ports have rules for loopback, TCP is rejected unless kube-proxy serves it there. */
function loopback(table: DumpTable): NodeSettings {
  const isChecked = rulesOf(table, 'nodeport-endpoints-check').some(({ statements }) =>
    statements.some(
      (statement) =>
        statement.kind === 'lookup' && statement.map === 'localhost-nodeport-reject-ports',
    ),
  );
  return isChecked
    ? { loopbackListed: !table.units.has('chain localhost-nodeport-reject-tcp') }
    : {};
}

function has({ statements }: Rule, kind: Rule['statements'][number]['kind']): boolean {
  return statements.some((statement) => statement.kind === kind);
}
