/** `vipc hosts`: the names of Services for a machine that does not ask the DNS of the cluster. */

import { type Command, Option } from 'commander';
import { changeHostsBlock } from '../../apply/hosts-block.js';
import type { Diagnostic } from '../../diagnostics.js';
import { hostsLines, type Incomplete } from '../../dns/hosts-block.js';
import { CLUSTER_DOMAIN, dnsRecords, type NoAddress } from '../../dns/records.js';
import { UsageError } from '../../errors.js';
import type { Cidr } from '../../net/cidr.js';
import { type LoadedSnapshot, loadSnapshot } from '../../snapshot/load.js';
import { locate } from '../../snapshot/locate.js';
import { addClusterFlags, type ClusterFlags } from '../cluster-flags.js';
import { FAMILIES } from '../compiled-inputs.js';
import { choice, clusterDomain, collect, serviceCidrs } from '../flags.js';
import { readObjects } from '../read-inputs.js';
import type { Done, Terminal } from '../terminal.js';
import { count } from '../views/counts.js';
import { diagnosticLines, shown } from '../views/diagnostics.js';

/** The flags of `vipc hosts`, checked one by one. */
export interface HostsFlags extends ClusterFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly serviceCidr: readonly Cidr[];
  readonly family: 'ipv4' | 'ipv6' | 'dual';
  readonly clusterDomain: string;
  readonly hostsFile?: string;
  readonly remove: boolean;
  readonly verbose: boolean;
}

/**
 * Prints the lines, or makes them the block of a hosts file. 0: done; 1: an object was left out.
 * Throws InputError and OutputError for the hosts file.
 */
export async function hosts(flags: HostsFlags, terminal: Terminal): Promise<number> {
  const { hostsFile, remove } = flags;
  if (remove) return removeBlock(flags, terminal);
  const { sources, diagnostics: read } = await readObjects(flags, flags.kubeconfig, terminal);
  const loaded = loadSnapshot(sources, { serviceCidrs: flags.serviceCidr });
  const { records, without } = dnsRecords(loaded.snapshot, FAMILIES[flags.family]);
  const diagnostics = [...read, ...locate(loaded.diagnostics, loaded, sources), ...notes(without)];
  const said = shown(diagnostics, flags.verbose);
  await terminal.writeError(diagnosticLines(said, diagnostics.length - said.length, terminal));
  const lines = hostsLines(records, flags.clusterDomain);
  if (hostsFile === undefined)
    await terminal.writeOutput(lines.map((line) => `${line}\n`).join(''));
  else {
    const written = await changeHostsBlock(hostsFile, lines, incompleteOf(loaded));
    const state = written ? 'written' : 'unchanged';
    await terminal.writeOutput(`${hostsFile}: ${count(lines.length, 'line')}, ${state}\n`);
  }
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function removeBlock(
  { hostsFile, filename }: HostsFlags,
  terminal: Terminal,
): Promise<number> {
  if (hostsFile === undefined) throw new UsageError('--remove needs --hosts-file');
  if (filename.length > 0) throw new UsageError('-f and --remove cannot be used together');
  const written = await changeHostsBlock(hostsFile, []);
  await terminal.writeOutput(`${hostsFile}: ${written ? 'the block is removed' : 'no block'}\n`);
  return 0;
}

function incompleteOf({ incomplete, snapshot }: LoadedSnapshot): Incomplete {
  return { services: incomplete, known: snapshot.services };
}

const REASONS: Readonly<Record<NoAddress, string>> = {
  'external-name': 'it is an ExternalName, an alias that a hosts file cannot hold',
  'no-cluster-ip': 'it has no ClusterIP',
  'no-endpoints': 'it is headless, and no EndpointSlice has a ready endpoint',
};

function notes(without: ReadonlyMap<string, NoAddress>): readonly Diagnostic[] {
  return [...without].map(([service, reason]) => ({
    ...{ code: 'no-address', severity: 'note' },
    message: `Service ${service} has no line: ${REASONS[reason]}`,
  }));
}

const EXAMPLES = `
Examples:
  # What DNS would answer, as lines of a hosts file
  vipc hosts -f cluster.yaml

  # Make them the block of this machine's hosts file, and remove it again
  vipc hosts -f cluster.yaml --hosts-file /etc/hosts
  vipc hosts --remove --hosts-file /etc/hosts

Each line has an address and three names of a Service: NAME.NAMESPACE.svc.DOMAIN, NAME.NAMESPACE.svc and NAME.NAMESPACE. The last is also a name on the internet where a namespace is called as a top-level domain. A headless Service has the addresses of its ready endpoints. In the file nothing outside the block is changed, and lines of Services of which an object was left out stay.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addClusterFlags(
    command.option(
      '-f, --filename <path>',
      'file, folder or - for standard input, YAML or JSON; or the word cluster for a running one; may be repeated',
      collect,
      [],
    ),
  )
    .description('Prints the names of Services as lines of a hosts file, or keeps them in one.')
    .option('-R, --recursive', 'read the folders below a folder too', false)
    .option(
      '--family <family>',
      'ipv4, ipv6 or dual',
      choice('--family', ['ipv4', 'ipv6', 'dual']),
      'dual',
    )
    .option(
      '--service-cidr <cidrs>',
      'network to assign missing ClusterIPs from; a comma-separated pair for dual stack',
      serviceCidrs,
      [],
    )
    .option('--cluster-domain <domain>', 'DNS domain of the cluster', clusterDomain, CLUSTER_DOMAIN)
    .option('--hosts-file <file>', 'write the lines as a block into this file, which must exist')
    .option('-v, --verbose', 'show every note', false)
    .addOption(new Option('--remove', 'remove the block from the file').default(false))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: HostsFlags) => {
      done(await hosts(flags, terminal));
    });
}
