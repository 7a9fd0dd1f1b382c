/** `vipc snapshot`: what a cluster holds, as input for every other command. */

import { basename, dirname } from 'node:path';
import type { Diagnostic } from '../../diagnostics.js';
import type { ClusterFlags } from '../cluster.js';
import { type ClusterSelection, readClusterObjects } from '../cluster-objects.js';
import { type ListForm, listText } from '../object-list.js';
import { writeFiles } from '../rule-files.js';
import type { Terminal } from '../terminal.js';
import { diagnosticLines } from '../views/human.js';

/** The flags of `vipc snapshot`, checked one by one. */
export interface SnapshotFlags extends ClusterFlags, ClusterSelection {
  readonly out?: string;
  readonly output: ListForm;
}

/** Prints or writes the List. Always 0: an empty cluster is no failure, as for `kubectl get`; throws ClusterError, OutputError. */
export async function snapshot(flags: SnapshotFlags, terminal: Terminal): Promise<number> {
  const { objects, diagnostics } = await readClusterObjects(flags, flags);
  const none = objects.some(({ kind }) => kind === 'Service') ? [] : [nothing(flags)];
  await terminal.writeError(diagnosticLines([...diagnostics, ...none], 0, terminal));
  const text = listText(objects, flags.output);
  if (flags.out === undefined) await terminal.writeOutput(text);
  else await writeFiles(dirname(flags.out), [{ name: basename(flags.out), text }]);
  return 0;
}

function nothing({ namespace, selector }: ClusterSelection): Diagnostic {
  const where = namespace === undefined ? 'in any namespace' : `in namespace ${namespace}`;
  const which = selector === undefined ? 'no Service' : `no Service with labels ${selector}`;
  return { code: 'no-services', severity: 'warning', message: `${which} ${where}` };
}
