/** What nft told about a kernel, ready to be compared. */

import type { Reading } from '../backend.js';
import { planFromDump } from './diff.js';
import { fingerprint } from './fingerprint.js';
import { frontendsOfDump } from './frontends.js';
import { keepServices } from './kept.js';
import type { Dump } from './parse.js';
import { summary } from './summary.js';

/** The dump with the questions that are asked about it. */
export function readingOf(dump: Dump): Reading {
  return {
    variant: 'nf_tables',
    fingerprint: () => fingerprint(dump),
    keepServices: (ruleset, services) => keepServices(ruleset, services, dump),
    plan: (ruleset) => planFromDump(dump, ruleset),
    summary: (plan, ruleset) => summary(plan, dump, ruleset),
    frontends: (family) => frontendsOfDump(dump, family),
  };
}
