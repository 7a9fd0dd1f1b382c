/** How a check finds the chains of fragments in mode iptables. */

import type { FragmentChains } from '../../check/expectation.js';
import { rulesetChains, serviceChains } from '../chains.js';
import { builtinRole } from '../ownership.js';
import { LINE_RULES } from '../plan.js';

export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (_, fragment) => serviceChains(fragment),
  ownKeys: ({ text }) =>
    [...text.matchAll(/^:(\S+)/gm)]
      .filter(([, name = '']) => builtinRole('nat', name) === 'service')
      .map(([, name = '']) => `nat ${name}`),
  isShared: (line) =>
    line.startsWith('*') || (CHAIN.test(line) && builtinRole('nat', chainOf(line)) !== 'service'),
  rules: LINE_RULES,
};

/** A line that declares a chain or adds to one. */
const CHAIN = /^(?::|-A )/;

function chainOf(line: string): string {
  const start = line.startsWith(':') ? 1 : 3;
  return line.slice(start, line.indexOf(' ', start));
}
