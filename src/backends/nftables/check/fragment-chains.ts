/** What a check knows of the lines of mode nftables. */

import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, isWhole, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (ruleset, fragment) =>
    new Map([...fragmentChains(ruleset, [fragment])].filter(([, state]) => isWhole(state))),
  ownKeys: ({ text }) =>
    [...text.matchAll(/^add (chain|set|map) (\S+ \S+) (\S+)/gm)].map(
      ([, kind, table = '', name = '']) => `${table} ${kind === 'chain' ? '' : '@'}${name}`,
    ),
  isShared: (line) => line.startsWith('add element '),
  rules: LINE_RULES,
};
