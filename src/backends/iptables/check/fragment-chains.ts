/** What a check knows of the lines of mode iptables. */

import type { Chains } from '../../../plan/types.js';
import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';
import { chainRole } from '../ownership.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (_, fragment) => ofService(fragmentChains([fragment])),
  ownKeys: ({ text }) => [...text.matchAll(/^:(KUBE-\S+)/gm)].map(([, name = '']) => `nat ${name}`),
  isShared: (line) =>
    line.startsWith('*') ||
    (line.startsWith('-A ') && chainRole('nat', line.slice(3, line.indexOf(' ', 3))) !== 'service'),
  rules: LINE_RULES,
};

/** Chains of every node have no origin. */
function ofService(chains: Chains): Chains {
  return new Map([...chains].filter(([, { order }]) => order === 'ordered'));
}
