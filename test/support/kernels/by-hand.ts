/**
 * Manual changes of rules, and how they must be reported: the form in which each mode lists them.
 */

import type { Ruleset } from '../../../src/ruleset/types.js';

interface ByHandCase {
  readonly what: string;
  /** Input of the tool, in front of which the kernel holds what it should. */
  readonly change: string;
  /** What is told, line by line. */
  readonly found: readonly string[];
}

export interface ByHandTable {
  readonly desired: Ruleset;
  readonly cases: readonly ByHandCase[];
  /** What a diff of saved rules and a Ruleset tells, in the words of {@link ByHandCase.found}. */
  readonly tell: (saved: string, ruleset: Ruleset) => readonly string[];
  /** Whether the order in which units are told is that of the tool, of which versions differ. */
  readonly anyOrder: boolean;
}
