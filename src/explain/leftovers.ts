/** Chains that Services left behind: they would translate packets, and none comes into them. */

import type { Chain } from '../netfilter/program.js';
import type { Rule } from '../netfilter/rule.js';
import { translates } from './fates.js';

/** The kernel follows no more jumps (NFT_JUMP_STACK_SIZE). */
const MAX_DEPTH = 16;

/** The chains that translate, or jump into one that does, and that no packet came into. */
export function unreachedOf(
  chains: readonly Chain[],
  entered: ReadonlySet<Chain>,
): readonly Chain[] {
  const byName = new Map(chains.map((chain) => [`${chain.table} ${chain.name}`, chain]));
  const known = new Map<Chain, boolean>();
  const leadsToEndpoint = (chain: Chain, depth: number): boolean => {
    const answer = known.get(chain);
    if (answer !== undefined || depth > MAX_DEPTH) return answer ?? false;
    // Should the chain lead to itself.
    known.set(chain, false);
    const found = chain.rules.some(
      (rule) =>
        rule.statements.some(translates) ||
        targetsOf(rule).some((name) => {
          const target = byName.get(`${chain.table} ${name}`);
          return target !== undefined && leadsToEndpoint(target, depth + 1);
        }),
    );
    known.set(chain, found);
    return found;
  };
  return chains.filter((chain) => !entered.has(chain) && leadsToEndpoint(chain, 0));
}

function targetsOf({ statements }: Rule): readonly string[] {
  return statements.flatMap((part) =>
    part.kind === 'jump' || part.kind === 'goto' ? [part.chain] : [],
  );
}
