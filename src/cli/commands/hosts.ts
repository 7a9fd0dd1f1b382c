/** `vipc hosts`: the names of Services for a machine that does not use the DNS of the cluster. */

import type { Command } from 'commander';
import { changeHostsBlock } from '../../apply/hosts-block.js';
import { type Diagnostic, hasErrors } from '../../diagnostics.js';
import { hostsLines } from '../../dns/hosts-block.js';
import { CLUSTER_DOMAIN, dnsRecords, type NoAddress } from '../../dns/records.js';
import { UsageError } from '../../errors.js';
import type { Cidr } from '../../net/cidr.js';
import { loadSnapshot } from '../../snapshot/load.js';
import { locate } from '../../snapshot/locate.js';
import type { ClusterFlags } from '../cluster-flags.js';
import { FAMILIES } from '../compiled-inputs.js';
import { addFamilyFlag, clusterDomain } from '../flags.js';
import { addObjectFlags, serviceCidrOption } from '../input-flags.js';
import { readObjects } from '../read-inputs.js';
import type { Done, Terminal } from '../terminal.js';
import { count } from '../views/counts.js';
import { writeRemarks } from '../views/view.js';

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
  const remarks = {
    diagnostics: [...read, ...loaded.diagnostics, ...notes(without)],
    locate: (some: readonly Diagnostic[]) => locate(some, loaded, sources),
  };
  await writeRemarks(remarks, { output: 'human', verbose: flags.verbose }, terminal);
  const lines = hostsLines(records, flags.clusterDomain);
  if (hostsFile === undefined)
    await terminal.writeOutput(lines.map((line) => `${line}\n`).join(''));
  else {
    const written = await changeHostsBlock(hostsFile, lines, {
      services: loaded.incomplete,
      known: loaded.snapshot.services,
    });
    const state = written ? 'written' : 'unchanged';
    await terminal.writeOutput(`${hostsFile}: ${count(lines.length, 'line')}, ${state}\n`);
  }
  return hasErrors(remarks.diagnostics) ? 1 : 0;
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
  addFamilyFlag(addObjectFlags(command), '', 'dual')
    .description('Prints the names of Services as lines of a hosts file, or keeps them in one.')
    .addOption(serviceCidrOption())
    .option('--cluster-domain <domain>', 'DNS domain of the cluster', clusterDomain, CLUSTER_DOMAIN)
    .option('--hosts-file <file>', 'write the lines as a block into this file, which must exist')
    .option('-v, --verbose', 'show every note', false)
    .option('--remove', 'remove the block from the file', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: HostsFlags) => {
      done(await hosts(flags, terminal));
    });
}
