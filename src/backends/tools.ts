/** The programs through which a mode reads and writes the kernel. Types only. */

import type { Family } from '../net/ip.js';

/** Which of the kernel's two rule stores a program writes. */
export type Variant = 'nf_tables' | 'legacy';

/** The programs of one variant for one family. */
export interface Tools {
  readonly family: Family;
  readonly variant: Variant;
  /** `iptables-nft-save`. */
  readonly save: string;
  /** `iptables-nft-restore`. */
  readonly restore: string;
  /** `1.8.9`. */
  readonly version: string;
  /** Whether nft must delete in a second transaction; not if absent. */
  readonly twoSteps?: boolean;
}

/** The properties of a machine that decide how a plan is printed. */
export type InputTarget = Pick<Tools, 'variant' | 'twoSteps'>;
