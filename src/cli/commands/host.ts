/** `vipc host`: the facts of this machine, in the form that `--host` reads on any other. */

import type { Command } from 'commander';
import { dump } from 'js-yaml';
import type { HostFacts } from '../../config/types.js';
import { CommandHost } from '../../host/command-host.js';
import { collectFacts } from '../../host/facts.js';
import type { Host } from '../../host/host.js';
import { collectPreflightFacts } from '../../host/preflight-facts.js';
import { oneOf } from '../flags.js';
import type { Done, Terminal } from '../terminal.js';
import { diagnosticLines } from '../views/diagnostics.js';
import { documentOf } from '../views/json-document.js';

/** The flags of `vipc host`. */
export interface HostFlags {
  readonly output: 'yaml' | 'json';
}

/**
 * Prints the facts of a machine, this one unless a test gives another. Always 0: what is missing is
 * absent.
 */
export async function host(
  flags: HostFlags,
  terminal: Terminal,
  machine: Host = new CommandHost(),
): Promise<number> {
  const [{ facts, diagnostics }, preflight] = await Promise.all([
    collectFacts(machine),
    collectPreflightFacts(machine),
  ]);
  await terminal.writeError(diagnosticLines(diagnostics, 0, terminal));
  await terminal.writeOutput(factsText({ ...facts, ...preflight }, flags.output));
  return 0;
}

function factsText(facts: HostFacts, form: HostFlags['output']): string {
  const { nodeName, nfacct, interfaces, kernel, iptables, nft, ...others } = facts;
  const known = { nodeName, nfacct, interfaces, kernel, iptables, nft, ...others };
  // Written and read back: absent facts disappear, and the keys stand in the order above.
  const ordered: unknown = JSON.parse(JSON.stringify(documentOf('Host', known)));
  return form === 'json'
    ? `${JSON.stringify(ordered, null, 2)}\n`
    : dump(ordered, { lineWidth: -1, noRefs: true });
}

const EXAMPLES = `
Examples:
  # On the node
  vipc host > host.yaml

  # Anywhere
  vipc compile -f cluster.yaml --host host.yaml
  vipc lint -f cluster.yaml --host host.yaml
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  command
    .description(
      'Prints the facts of this machine, for --host on any other: name, addresses, nfacct, tools and kernel, which decide rules; and ports, settings, modules, tables and marks, which "vipc lint" looks at.',
    )
    .option('-o, --output <form>', 'yaml or json', oneOf('--output', ['yaml', 'json']), 'yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: HostFlags) => {
      done(await host(flags, terminal));
    });
}
