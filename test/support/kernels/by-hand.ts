/**
 * Manual changes of rules, and how they must be reported: the form in which each mode lists them.
 */

import type { Ruleset } from '../../../src/ruleset/types.js';

interface ByHandCase {
  readonly what: string;
  /** Input of the tool, in front of which the kernel holds what it should. */
  readonly change: string;
  /** What is reported, line by line. */
  readonly found: readonly string[];
}

export interface ByHandTable {
  readonly desired: Ruleset;
  readonly cases: readonly ByHandCase[];
  /** What differs between saved rules and a Ruleset, in the form of {@link ByHandCase.found}. */
  readonly report: (saved: string, ruleset: Ruleset) => readonly string[];
  /** Whether the order of units is that of the tool, which depends on its version. */
  readonly anyOrder: boolean;
}
