/** Differences between what was loaded and what the kernel holds. */

import type { Family } from '../net/ip.js';

/** One difference between what was loaded and what the kernel holds. */
export interface DriftFinding {
  readonly family: Family;
  /**
   * `table`: deleted; `chain`: deleted, or foreign in our table; `rule`: in a chain; `element`: of
   * a map or set.
   */
  readonly kind: 'table' | 'chain' | 'rule' | 'element';
  /** `nat`; in mode nftables `kube-proxy`. */
  readonly table: string;
  /** Chain, map or set; `''` for a whole table. */
  readonly chain: string;
  /** `namespace/name:port protocol` of the Service port; `''` for what all share. */
  readonly origin: string;
  /**
   * `-` in front of a rule that is missing, `+` in front of one too many; `''` where it is about no
   * single rule.
   */
  readonly line: string;
}

/**
 * How much is compared. `quick`: what all Services share; `chains`: a few chains in turn; `full`:
 * every rule.
 */
export type DriftDepth = 'quick' | 'chains' | 'full';

/** What started a check: its period, or with `watch` an event of the kernel. */
export type DriftCheck = DriftDepth | 'watch';

/** How much a check compares: an event starts a quick one. */
export function depthOf(check: DriftCheck): DriftDepth {
  return check === 'watch' ? 'quick' : check;
}

/** The result of one check. Reported also if it found nothing. */
export interface DriftReport {
  readonly family: Family;
  readonly check: DriftCheck;
  readonly seconds: number;
  /** The first ones; {@link count} counts all. */
  readonly findings: readonly DriftFinding[];
  readonly count: number;
  /** Whether a sync that repairs it follows. */
  readonly repair: boolean;
}
