/**
 * `vipc apply`: makes the kernel of this machine hold the rules for a set of objects, or carries
 * out a saved plan.
 */

import type { Command } from 'commander';
import { defaultFailedFolder } from '../../apply/failed-input.js';
import type { ApplyOptions } from '../../apply/steps.js';
import type { Backend } from '../../backends/backend.js';
import { type Diagnostic, hasErrors } from '../../diagnostics.js';
import { LoadError, type VipcError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { SystemHost } from '../../host/system-host.js';
import { readWork, type Work, type WorkFlags } from '../apply-work.js';
import { addKernelFlags, choice } from '../flags.js';
import { addInputFlags, addPruneFlag } from '../input-flags.js';
import type { Done, Terminal } from '../terminal.js';
import { interruption } from '../terminal.js';
import { appliedJson, appliedText, inputsText } from '../views/apply.js';
import { diagnosticLines, shown } from '../views/diagnostics.js';

/** The flags of `vipc apply`, checked one by one. */
export interface ApplyFlags extends WorkFlags {
  readonly dryRun: boolean;
  readonly check: boolean;
  readonly output: 'human' | 'json';
  readonly verbose: boolean;
}

/**
 * Applies. 0: the kernel is as asked; 1: it is, but for objects and Services that were left out.
 */
export async function apply(
  planFile: string | undefined,
  flags: ApplyFlags,
  terminal: Terminal,
  machine: Host = new SystemHost(),
): Promise<number> {
  const interrupted = interruption();
  try {
    const work = await readWork(planFile, flags, terminal, machine);
    const options = applyOptions(flags, machine, work.backend, interrupted.signal);
    if (flags.dryRun || flags.check) return await rehearse(work, options, flags, terminal);
    const applied = await work.apply(options, async (steps) => {
      work.checkSettings(steps);
      // What is about to happen, before it does: also where it then fails.
      if (flags.verbose) await terminal.writeError(inputsText(steps));
    });
    const said = [...applied.diagnostics, ...work.unnamed(applied)];
    await say(work, said, flags, terminal);
    const all = [...work.diagnostics, ...said];
    await terminal.writeOutput(
      flags.output === 'json' ? appliedJson(applied, work.locate(all)) : appliedText(applied),
    );
    return hasErrors(all) ? 1 : 0;
  } catch (error) {
    // Ctrl-C reaches the programs that read the kernel too; what they say then is only how they
    // died.
    throw interrupted.errorFor(error);
  } finally {
    interrupted.end();
  }
}

function applyOptions(
  flags: ApplyFlags,
  host: Host,
  backend: Backend,
  signal: AbortSignal,
): ApplyOptions {
  return {
    host,
    backend,
    lock: {
      timeout: flags.lockTimeout * 1000,
      about: `pid ${process.pid} (vipc apply)`,
      signal,
    },
    timeout: flags.timeout * 1000,
    failedFolder: flags.failedDir ?? defaultFailedFolder(host),
    verify: flags.verify,
    ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
  };
}

/** Prints what would be sent, and with --check lets the tool parse it. */
async function rehearse(
  work: Work,
  options: ApplyOptions,
  flags: ApplyFlags,
  terminal: Terminal,
): Promise<number> {
  const steps = await work.plan(options);
  work.checkSettings(steps);
  await say(work, [...steps.diagnostics, ...work.unnamed(steps)], flags, terminal);
  if (flags.dryRun) await terminal.writeOutput(inputsText(steps));
  const access = work.backend.kernel;
  const faults: VipcError[] = [];
  if (flags.check) {
    for (const { kernel, input } of steps.families) {
      if (input.length === 0) continue;
      const fault = await access.load(options.host, kernel.tools, input, {
        lockTimeout: options.lock.timeout,
        timeout: options.timeout,
        test: true,
      });
      const [line = ''] = fault?.lines ?? [];
      if (fault !== undefined)
        faults.push(
          new LoadError(
            `${access.trial(kernel.tools)} refuses the ${kernel.family} rules: ${fault.reason}${line === '' ? '' : `: ${line}`}`,
            { reason: fault.reason, line, file: '' },
          ),
        );
    }
    const [first] = faults;
    if (first !== undefined) throw first;
    await terminal.writeError(`${access.proof}\n`);
  }
  return hasErrors([...work.diagnostics, ...steps.diagnostics]) ? 1 : 0;
}

async function say(
  work: Work,
  diagnostics: readonly Diagnostic[],
  flags: ApplyFlags,
  terminal: Terminal,
): Promise<void> {
  if (flags.output === 'json' && !flags.dryRun) return;
  const all = [...work.diagnostics, ...diagnostics];
  const visible = shown(all, flags.verbose);
  const hidden = all.length - visible.length;
  await terminal.writeError(diagnosticLines(work.locate(visible), hidden, terminal));
}

const EXAMPLES = `
Reads the kernel, sends iptables-restore or nft exactly what differs, reads it back. Everything else stays as it is. A Service
whose rules the kernel refuses keeps the rules that it had, and all others are applied. Do not run it beside a kube-proxy.

Examples:
  # On the node: the rules for a cluster
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc apply -f - --node-name worker-1

  # What iptables-restore, or nft with --mode nftables, would be given
  vipc apply -f cluster.yaml --node-name worker-1 --dry-run

  # Look now, apply later; refused if the rules changed in between
  vipc diff -f cluster.yaml --node-name worker-1 --out plan.json
  vipc apply plan.json

Settings that the rules need are set too, and "vipc cleanup" takes them back: net.ipv4.conf.all.route_localnet=1 where
node ports answer on 127.0.0.0/8, conntrack settings that the configuration names, nfacct objects. What was before is
kept in /run/vipc.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addKernelFlags(addPruneFlag(addInputFlags(command)))
    .argument('[plan]', 'a plan that "vipc diff --out" wrote, instead of -f')
    .description(
      'Loads the rules for these objects into the kernel of this machine: exactly the difference.',
    )
    .option('--dry-run', 'print what would be sent, and change nothing', false)
    .option(
      '--check',
      'let iptables-restore --test or nft -c read what would be sent, and change nothing',
      false,
    )
    .option('--strict', 'apply nothing if any object has to be left out', false)
    .option('-o, --output <form>', 'human or json', choice('--output', ['human', 'json']), 'human')
    .option('-v, --verbose', 'show every note, and what is about to be sent', false)
    .addHelpText('after', EXAMPLES)
    .action(async (plan: string | undefined, flags: ApplyFlags) => {
      done(await apply(plan, flags, terminal));
    });
}
