/** `vipc snapshot` as commander sees it. */

import type { Command } from 'commander';
import type { SnapshotFlags } from './commands/snapshot.js';
import { choice, objectName } from './flag-values.js';
import { addClusterFlags } from './input-flags.js';
import type { Terminal } from './terminal.js';

const EXAMPLES = `
Reads Services, EndpointSlices, Nodes and ServiceCIDRs, in pages, and needs the right to list them. metadata.managedFields
and kubectl's last-applied-configuration are left out. The server is the one that kubectl would ask.

Examples:
  # All that the rules of any node are made of
  vipc snapshot --out cluster.yaml
  vipc diff -f cluster.yaml --node-name worker-1

  # Another cluster, one namespace, some Services; JSON is read back faster
  vipc snapshot --kubeconfig ~/.kube/prod --context prod -n shop -l app=web -o json > shop.json

  # Without a file in between
  vipc compile -f cluster --node-name worker-1

Exit codes:
  0 fine, also when there is no Service (a warning says so); 64 usage; 68 no API server, or it refuses; 70 a defect;
  73 no output; 130 interrupted
`;

/** Adds the command. `done` gets its exit code. */
export function addSnapshot(
  program: Command,
  terminal: Terminal,
  done: (exitCode: number) => void,
): void {
  addClusterFlags(program.command('snapshot'))
    .summary('save what a cluster holds')
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
    .option('-o, --output <form>', 'yaml or json', choice('--output', ['yaml', 'json']), 'yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SnapshotFlags) => {
      const { snapshot } = await import('./commands/snapshot.js');
      done(await snapshot(flags, terminal));
    });
}
