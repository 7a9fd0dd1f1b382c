/** What a check knows of the lines of mode nftables. */

import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, isWhole, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';
import { headOf, labelOf } from '../syntax/line-text.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (ruleset, fragment) =>
    new Map([...fragmentChains(ruleset, [fragment])].filter(([, state]) => isWhole(state))),
  ownKeys: ({ text }) =>
    [...text.matchAll(/^add (?:chain|set|map) (\S+ \S+) .*$/gm)].flatMap(([line, table]) => {
      const head = headOf(line);
      return head === undefined ? [] : `${table} ${labelOf(head)}`;
    }),
  isShared: (line) => line.startsWith('add element '),
  rules: LINE_RULES,
};
