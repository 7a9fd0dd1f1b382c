/** How a check finds the units of fragments in mode nftables. */

import { type Unit, unitKey } from '../../../plan/unit.js';
import type { Fragment } from '../../../ruleset/types.js';
import type { FragmentChains } from '../../check/expectation.js';
import { fragmentChains, isWhole, rulesetChains } from '../chains.js';
import { LINE_RULES } from '../diff.js';
import { headOf, unitOf } from '../syntax/line-text.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (ruleset, fragment) =>
    new Map([...fragmentChains(ruleset, [fragment])].filter(([, state]) => isWhole(state))),
  ownKeys: (fragment) => ownUnits(fragment).map(unitKey),
  isShared: (line) => line.startsWith('add element '),
  rules: LINE_RULES,
};

/** The chains, sets and maps that a fragment makes, found without reading its rules. */
export function ownUnits({ text }: Fragment): readonly Unit[] {
  return [...text.matchAll(/^add (?:chain|set|map) (\S+ \S+) .*$/gm)].flatMap(
    ([line, table = '']) => {
      const head = headOf(line);
      return head === undefined ? [] : { table, ...unitOf(head) };
    },
  );
}
