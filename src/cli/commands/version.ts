/** `vipc version`: what this program is, which kube-proxy it can follow, and with which tools. */

import type { Command } from 'commander';
import type { HostFacts } from '../../config/types.js';
import { CommandHost } from '../../host/command-host.js';
import { toolFacts } from '../../host/facts.js';
import type { Host } from '../../host/host.js';
import { DEFAULT_PROFILE } from '../../profiles/profiles.js';
import { PROFILES } from '../../profiles/table.js';
import { oneOf } from '../flags.js';
import type { Done, Terminal } from '../terminal.js';
import { version } from '../version.js';
import { jsonDocument } from '../views/json-document.js';

/** The flags of `vipc version`. */
export interface VersionFlags {
  readonly output: 'human' | 'json';
}

type Tools = Pick<HostFacts, 'kernel' | 'iptables' | 'nft'>;

/** Prints versions; 0 also where a tool is missing: it is absent. */
export async function showVersion(
  { output }: VersionFlags,
  terminal: Terminal,
  machine: Host = new CommandHost(),
): Promise<number> {
  const facts = await toolFacts(machine);
  const text = output === 'json' ? jsonDocument('Version', contentOf(facts)) : textOf(facts);
  await terminal.writeOutput(text);
  return 0;
}

function contentOf({ kernel, iptables = [], nft }: Tools): object {
  return {
    version: version(),
    node: process.version,
    profiles: PROFILES.map(({ name, nftables }) => ({
      name,
      default: name === DEFAULT_PROFILE.name,
      modes: typeof nftables === 'string' ? ['iptables'] : ['iptables', 'nftables'],
    })),
    tools: { kernel, iptables, nft },
  };
}

function textOf({ kernel, iptables = [], nft }: Tools): string {
  const tools = iptables.map(({ command, version: number, variant }) => [
    command,
    `${number} (${variant})`,
  ]);
  const rows = [
    ['vipc', version()],
    ['Node.js', process.version.slice(1)],
    ['profiles', `kube-proxy ${PROFILES.map(({ name }) => name).join(', ')}`],
    ['default profile', DEFAULT_PROFILE.name],
    ...(kernel === undefined ? [] : [['kernel', kernel]]),
    ...tools,
    ...(nft === undefined ? [] : [['nft', nft]]),
  ];
  return rows.map(([name = '', value = '']) => `${name}: ${value}\n`).join('');
}

const EXAMPLES = `
Examples:
  vipc version
  vipc version -o json

Only the tools that this machine has are listed. "vipc --version" prints the version alone.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  command
    .description('Prints the version, the profiles of kube-proxy and the tools of this machine.')
    .option('-o, --output <form>', 'human or json', oneOf('--output', ['human', 'json']), 'human')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: VersionFlags) => {
      done(await showVersion(flags, terminal));
    });
}
