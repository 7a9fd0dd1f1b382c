/** Rollback input after a failed load. Pure. */

import type { Family } from '../../net/ip.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { InputTarget } from '../tools.js';
import { type LoadInput, oneTransaction } from '../transaction.js';
import { planFromDump } from './diff.js';
import { tableName } from './ownership.js';
import { nftInput } from './script.js';
import { type Dump, dumpLines } from './syntax/parse.js';

/**
 * What makes our table what it was in `before`; nothing where it is, and deletes it
 * where it was not there.
 */
export function rollbackInput(
  before: Dump,
  now: Dump,
  family: Family,
  target: Pick<InputTarget, 'twoSteps'>,
): LoadInput {
  const name = tableName(family);
  const table = before.tables.get(name);
  if (table === undefined)
    return oneTransaction(now.tables.has(name) ? `delete table ${name}\n` : '');
  const lines = dumpLines({ ...before, tables: new Map([[name, table]]) });
  const ruleset: Ruleset = {
    backend: 'nftables',
    family,
    frame: { origin: '', text: `${lines.join('\n')}\n` },
    ports: [],
    shared: [],
    tail: { origin: '', text: '' },
  };
  return nftInput(planFromDump(now, ruleset), target);
}
