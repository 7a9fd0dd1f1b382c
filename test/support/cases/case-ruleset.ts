/** The Ruleset of a recorded case of this repository. */

import type { Family, Ruleset } from '../../../src/index.js';
import { conformanceCases, loadCase } from './conformance-cases.js';

/** Snapshot, configuration and host facts of the case, compiled for one family. */
export function caseRuleset(name: string, family: Family): Ruleset {
  const found = conformanceCases().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no recorded case ${name}`);
  return loadCase(found).compile(family).ruleset;
}
