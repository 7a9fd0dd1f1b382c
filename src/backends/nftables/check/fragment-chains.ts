/** How a check finds the units of fragments in mode nftables. */

import type { Chains } from '../../../plan/types.js';
import { unitKey } from '../../../plan/unit.js';
import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, isWhole, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';
import { isElement, unitsMadeBy } from '../syntax/line-text.js';

/** Counters are left out: the kernel deletes none that a rule refers to. */
function withoutCounters(chains: Chains): Chains {
  return new Map([...chains].filter(([, { kind }]) => kind !== 'counter'));
}

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: (ruleset) => withoutCounters(rulesetChains(ruleset)),
  ownChains: (ruleset, fragment) =>
    withoutCounters(
      new Map([...fragmentChains(ruleset, [fragment])].filter(([, state]) => isWhole(state))),
    ),
  ownKeys: ({ text }) => unitsMadeBy(text).map(unitKey),
  isShared: isElement,
  rules: LINE_RULES,
};
