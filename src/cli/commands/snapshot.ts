/** `vipc snapshot`: what a cluster holds, as input for every other command. */

import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import type { Diagnostic } from '../../diagnostics.js';
import { type ClusterSelection, type ListForm, listText, readClusterObjects } from '../cluster.js';
import { addClusterFlags, type ClusterFlags } from '../cluster-flags.js';
import { objectName, oneOf } from '../flags.js';
import { writeFiles } from '../output-files.js';
import type { Done, Terminal } from '../terminal.js';
import { diagnosticLines } from '../views/diagnostics.js';

/** The flags of `vipc snapshot`, checked one by one. */
export interface SnapshotFlags extends ClusterFlags, ClusterSelection {
  readonly out?: string;
  readonly output: ListForm;
}

/**
 * Prints or writes the List. Always 0: an empty cluster is no failure, as for `kubectl get`; throws
 * ClusterError, OutputError.
 */
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

const EXAMPLES = `
Reads Services, EndpointSlices, Nodes and ServiceCIDRs, in pages, and needs the right to list them. metadata.managedFields and kubectl's last-applied-configuration are left out. The server is the one that kubectl would ask.

Examples:
  # All that the rules of any node are made of
  vipc snapshot --out cluster.yaml
  vipc diff -f cluster.yaml --node-name worker-1

  # Another cluster, one namespace, some Services; JSON is read back faster
  vipc snapshot --kubeconfig ~/.kube/prod --context prod -n shop -l app=web -o json > shop.json

  # Without a file in between
  vipc compile -f cluster --node-name worker-1
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addClusterFlags(command)
    .description('Prints what a running cluster holds of the kinds that rules are made of.')
    .option(
      '-n, --namespace <name>',
      'only the Services and EndpointSlices of this namespace',
      objectName('--namespace'),
    )
    .option(
      '-l, --selector <selector>',
      'only Services with these labels, and their EndpointSlices: app=web,!internal',
    )
    .option('--out <file>', 'write the objects there instead of standard output')
    .option('-o, --output <form>', 'yaml or json', oneOf('--output', ['yaml', 'json']), 'yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SnapshotFlags) => {
      done(await snapshot(flags, terminal));
    });
}
