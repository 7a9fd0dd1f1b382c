/** How far packets of one question are followed. */

import { Effort } from './effort.js';
import type { Chain } from './program.js';

/** The kernel refuses more jumps of nft than this; no iptables rules of use have more. */
const MAX_DEPTH = 64;
/** With more conditions that are not understood than this, the outcome is unknown. */
export const MAX_ASSUMPTIONS = 10;

/** Rules that are asked about one question, each by every part of the packets that meets it. */
const MOST_STEPS = 3_000_000;
/** A jump takes as long as so many of them. */
const JUMP_STEPS = 10;

export class WalkLimits {
  private readonly effort = new Effort(MOST_STEPS);

  /** Why no more rules of a chain are asked; `undefined`: one more is. */
  stepFault(chain: Chain): string | undefined {
    return this.effort.spend(1) ? undefined : tooManyWays(chain);
  }

  /** Why packets are not followed into a chain, from the chains that lead there. */
  jumpFault(chain: Chain, calls: readonly Chain[]): string | undefined {
    if (!this.effort.spend(JUMP_STEPS)) return tooManyWays(chain);
    if (calls.length <= MAX_DEPTH) return undefined;
    return calls.includes(chain)
      ? `chain ${chain.name} leads to itself`
      : `chain ${chain.name} is more than ${MAX_DEPTH} jumps away from its hook`;
  }
}

/** More than can be followed in reasonable time. */
function tooManyWays({ name }: Chain): string {
  return `too many ways through chain ${name}`;
}
