/**
 * What is ours in a kernel. Everything that changes or removes chains checks this first, so that
 * nothing foreign is touched.
 *
 * A chain is ours if it is in a layout that ships with vipc, if the desired Ruleset declares it, or
 * if vipc loaded it on this machine before, for a layout of the user's own.
 */

import { ParseError } from '../../errors.js';
import type { Statement } from '../../netfilter/rule.js';
import type { ChainState, Chains } from '../../plan/types.js';
import { LAYOUTS } from './layouts/index.js';
import type { ChainRole } from './layouts/layout.js';
import { meaningOf } from './meaning.js';
import { targetOf, withoutComment } from './syntax/line-text.js';

/** What vipc has loaded on a machine that is in no layout that ships with it. */
export interface Remembered {
  /** Chains as `table chain`. */
  readonly chains: ReadonlySet<string>;
  /** Rules in chains that exist without us, as `table line`, without comments. */
  readonly rules: ReadonlySet<string>;
}

export const NOTHING_REMEMBERED: Remembered = { chains: new Set(), rules: new Set() };

/** Which chains and rules are ours. */
export interface Ownership {
  readonly roleOf: (table: string, chain: string) => ChainRole;
  /** Whether the chain is ours as a whole: declared, filled and deleted by us. */
  readonly owns: (table: string, chain: string) => boolean;
  /** Whether a rule of a partial chain is ours, wanted, or jumps to a chain of ours. */
  readonly concerns: (table: string, chain: string, line: string) => boolean;
  /** Whether a rule of a partial chain was written by us or by kube-proxy. */
  readonly isOurRule: (table: string, chain: string, line: string) => boolean;
}

/** The built-in chains, by table. */
const BUILT_IN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['mangle', new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])],
  ['filter', new Set(['INPUT', 'FORWARD', 'OUTPUT'])],
  ['nat', new Set(['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'])],
]);

/** Whether the chain is built in, so that it always exists. */
export function isBuiltIn(table: string, chain: string): boolean {
  return BUILT_IN.get(table)?.has(chain) === true;
}

/**
 * The role of a chain in the layouts that ship with vipc; `foreign` for one that they do not know.
 */
export function builtinRole(table: string, chain: string): ChainRole {
  for (const layout of LAYOUTS) {
    const role = layout.roleOf(table, chain);
    if (role !== 'foreign') return role;
  }
  return isBuiltIn(table, chain) ? 'partial' : 'foreign';
}

/**
 * Whether a rule is one of those for Services: it stands in a chain of kube-proxy, or leads there
 * from a built-in chain, which kube-proxy says in the comment.
 */
export function isForServices(table: string, chain: string, comment: string): boolean {
  if (isBuiltIn(table, chain)) return comment.startsWith('kubernetes ');
  return builtinRole(table, chain) !== 'foreign';
}

/** The rule of a partial chain as {@link Remembered.rules} and layouts name it. */
export function tableRule(table: string, line: string): string {
  return `${table} ${withoutComment(line)}`;
}

/** Whether a layout that ships with vipc has the rule, as {@link tableRule} gives it. */
export function isBuiltinRule(rule: string): boolean {
  return LAYOUTS.some(({ partialRules }) => partialRules.has(rule));
}

/** Any jump that a release of kube-proxy has in built-in chains: for all or for new connections. */
function isPlainJump(line: string): boolean {
  const [first, ...rest] = readableStatements(line);
  if (first?.kind !== 'conntrack') return first?.kind === 'jump' && rest.length === 0;
  const isNew = !first.not && first.states.length === 1 && first.states[0] === 'new';
  return isNew && rest.length === 1 && rest[0]?.kind === 'jump';
}

/** None for a rule that no iptables would take, as a plan file may hold. */
function readableStatements(line: string): readonly Statement[] {
  try {
    return meaningOf(line).statements;
  } catch (error) {
    if (error instanceof ParseError) return [];
    throw error;
  }
}

const OWNED: ReadonlySet<ChainRole> = new Set([
  'service',
  'frame',
  'shared',
  'mixed',
  'remembered',
]);

/** Ownership for a desired Ruleset, given its chains. */
export function ownershipOf(wanted: Chains, remembered: Remembered): Ownership {
  const wantedRules = new Set<string>();
  for (const { order, table, lines } of wanted.values())
    if (order === 'partial') for (const line of lines) wantedRules.add(tableRule(table, line));
  const roleOf = (table: string, chain: string): ChainRole => {
    const role = builtinRole(table, chain);
    if (role === 'service' || role === 'partial') return role;
    const key = `${table} ${chain}`;
    const state = wanted.get(key);
    if (state !== undefined) return wantedRole(state);
    return role === 'foreign' && remembered.chains.has(key) ? 'remembered' : role;
  };
  const owns = (table: string, chain: string): boolean => OWNED.has(roleOf(table, chain));
  return {
    roleOf,
    owns,
    concerns: (table, chain, line) => {
      const target = targetOf(line);
      if (chain === 'KUBE-FIREWALL' || target === 'KUBE-FIREWALL' || owns(table, target))
        return true;
      const rule = tableRule(table, line);
      return wantedRules.has(rule) || remembered.rules.has(rule);
    },
    isOurRule: (table, chain, line) => {
      if (remembered.rules.has(tableRule(table, line))) return true;
      const target = targetOf(line);
      return (
        isBuiltIn(table, chain) &&
        owns(table, target) &&
        roleOf(table, target) !== 'service' &&
        isPlainJump(line)
      );
    },
  };
}

function wantedRole({ order, origin, origins }: ChainState): ChainRole {
  if (order !== 'ordered') return order;
  if (origins !== undefined) return 'mixed';
  return origin === '' ? 'frame' : 'service';
}

/** Ownership where nothing but the layouts that ship with vipc is known. */
export const BUILTIN: Ownership = ownershipOf(new Map(), NOTHING_REMEMBERED);
