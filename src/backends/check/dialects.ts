/** What a check has to know of each mode's lines: which make chains of one Service port, and which stand in those of every node. */

import type { LineRules } from '../../plan/diff.js';
import type { Chains } from '../../plan/types.js';
import type { BackendName, Fragment, Ruleset } from '../../ruleset/types.js';
import * as iptablesChains from '../iptables/chains.js';
import { LINE_RULES as IPTABLES_RULES } from '../iptables/diff.js';
import { chainRole } from '../iptables/ownership.js';
import * as nftablesChains from '../nftables/chains.js';
import { LINE_RULES as NFTABLES_RULES } from '../nftables/diff.js';

/** One mode's lines. */
export interface Dialect {
  /** All chains of a Ruleset. */
  readonly chains: (ruleset: Ruleset) => Chains;
  /** Those that one of its fragments makes for itself. */
  readonly ownChains: (ruleset: Ruleset, fragment: Fragment) => Chains;
  /** Their keys in {@link ownChains}, at the cost of looking for where they are made. */
  readonly ownKeys: (fragment: Fragment) => readonly string[];
  /** Whether a line of a Service port's fragment stands in a chain of every node, or says in which table such lines stand. */
  readonly isShared: (line: string) => boolean;
  /** How chains are compared. */
  readonly rules: LineRules;
}

const iptables: Dialect = {
  chains: iptablesChains.rulesetChains,
  ownChains: (_, fragment) => ofService(iptablesChains.fragmentChains([fragment])),
  ownKeys: ({ text }) => [...text.matchAll(/^:(KUBE-\S+)/gm)].map(([, name = '']) => `nat ${name}`),
  isShared: (line) =>
    line.startsWith('*') ||
    (line.startsWith('-A ') && chainRole('nat', line.slice(3, line.indexOf(' ', 3))) !== 'service'),
  rules: IPTABLES_RULES,
};

/** Chains of every node have no origin. */
function ofService(chains: Chains): Chains {
  return new Map([...chains].filter(([, { order }]) => order === 'ordered'));
}

const nftables: Dialect = {
  chains: nftablesChains.rulesetChains,
  ownChains: (ruleset, fragment) =>
    new Map(
      [...nftablesChains.fragmentChains(ruleset, [fragment])].filter(([, state]) =>
        nftablesChains.isWhole(state),
      ),
    ),
  ownKeys: ({ text }) =>
    [...text.matchAll(/^add (chain|set|map) (\S+ \S+) (\S+)/gm)].map(
      ([, kind, table = '', name = '']) => `${table} ${kind === 'chain' ? '' : '@'}${name}`,
    ),
  isShared: (line) => line.startsWith('add element '),
  rules: NFTABLES_RULES,
};

/** One for each mode. */
export const DIALECTS: Readonly<Record<BackendName, Dialect>> = { iptables, nftables };
