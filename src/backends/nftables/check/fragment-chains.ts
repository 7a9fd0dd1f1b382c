/** How a check finds the units of fragments in mode nftables. */

import { unitKey } from '../../../plan/unit.js';
import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, isWhole, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';
import { isElement, unitsMadeBy } from '../syntax/line-text.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (ruleset, fragment) =>
    new Map([...fragmentChains(ruleset, [fragment])].filter(([, state]) => isWhole(state))),
  ownKeys: ({ text }) => unitsMadeBy(text).map(unitKey),
  isShared: isElement,
  rules: LINE_RULES,
};
