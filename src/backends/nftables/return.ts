/** What is loaded when loading went wrong: back to what was there. Pure. */

import type { Family } from '../../net/ip.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { LoadOptions } from '../backend.js';
import { planFromDump } from './diff.js';
import { nftInput } from './load.js';
import { tableName } from './ownership.js';
import { type Dump, dumpLines } from './parse.js';

/** The script that makes our table what it was in `before`; `''` where it is, deleted where it was not there. */
export function returnInput(
  before: Dump,
  now: Dump,
  family: Family,
  options: Pick<LoadOptions, 'twoSteps'>,
): string {
  const name = tableName(family);
  const table = before.tables.get(name);
  if (table === undefined) return now.tables.has(name) ? `delete table ${name}\n` : '';
  const lines = dumpLines({ ...before, tables: new Map([[name, table]]) });
  const ruleset: Ruleset = {
    backend: 'nftables',
    family,
    frame: { origin: '', text: `${lines.join('\n')}\n` },
    ports: [],
  };
  return nftInput(planFromDump(now, ruleset), options);
}
