/**
 * `vipc apply`: makes the kernel of this machine hold the rules for a set of objects, or carries
 * out a saved plan.
 */

import { type Command, Option } from 'commander';
import { defaultFailedFolder } from '../../apply/failed-input.js';
import type { ApplyOptions, ApplyStage, ApplySteps, FamilyStep } from '../../apply/steps.js';
import type { Backend } from '../../backends/backend.js';
import type { KernelRules } from '../../backends/kernel-rules.js';
import { hasErrors } from '../../diagnostics.js';
import { LoadError, UsageError } from '../../errors.js';
import { CommandHost } from '../../host/command-host.js';
import type { Host } from '../../host/host.js';
import { readWork, type Work, type WorkFlags } from '../apply-work.js';
import { addFormFlags, type FormFlags } from '../flags.js';
import { addInputFlags, addPruneFlag } from '../input-flags.js';
import { addKernelFlags } from '../kernel-flags.js';
import { type Done, interruption, type Terminal } from '../terminal.js';
import { refuseOtherMode, withoutSettledMode } from '../unnamed-mode.js';
import { withWords } from '../value-words.js';
import { appliedView, inputsText } from '../views/apply.js';
import { count } from '../views/counts.js';
import { type Remarks, writeRemarks, writeResult, writeView } from '../views/view.js';

/** The flags of `vipc apply`, checked one by one. */
export interface ApplyFlags extends WorkFlags, FormFlags {
  /** As with kubectl: nothing is changed; `server`: the kernel's tools check what would be sent. */
  readonly dryRun: DryRun;
}

type DryRun = (typeof DRY_RUN)[number];
const DRY_RUN = ['none', 'client', 'server'] as const;

/**
 * Applies. 0: the kernel is as asked; 1: it is, but for objects and Services that were left out.
 */
export async function apply(
  planFile: string | undefined,
  flags: ApplyFlags,
  terminal: Terminal,
  machine: Host = new CommandHost(),
): Promise<number> {
  const interrupted = interruption();
  try {
    const work = await readWork(planFile, flags, terminal, machine);
    const options = applyOptions(flags, terminal, machine, work.backend, interrupted.signal);
    if (flags.dryRun !== 'none') return await rehearse(work, options, flags, terminal);
    const applied = await work.apply(options, async (steps) => {
      await refuseOtherMode(work.diagnostics, rulesThere(steps), machine);
      work.checkSettings(steps);
      // What is about to happen, before it does: also where it then fails.
      if (flags.verbose) await terminal.writeError(inputsText(steps));
    });
    const remarks = remarksOf(work, applied);
    await writeResult(appliedView(applied, 'none'), remarks, flags, terminal);
    return hasErrors(remarks.diagnostics) ? 1 : 0;
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
  { progress }: Terminal,
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
    iptables: flags.iptables,
    progress: progress && ((stage) => progress(stageText(stage))),
  };
}

/** `loading 110000 lines of rules, IPv4, part 3 of 20`. */
function stageText(stage: ApplyStage): string {
  if (stage.stage === 'read') return 'reading the rules of the kernel';
  if (stage.stage === 'verify') return `reading the rules again, ${stage.family}`;
  const { family, input, index } = stage;
  const lines = input.reduce((sum, { text }) => sum + countLines(text), 0);
  const part = input.length === 1 ? '' : `, part ${index + 1} of ${input.length}`;
  return `loading ${count(lines, 'line')} of rules, ${family}${part}`;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Prints what would be sent; for `server` after the tools have read it. */
async function rehearse(
  work: Work,
  options: ApplyOptions,
  flags: ApplyFlags,
  terminal: Terminal,
): Promise<number> {
  const steps = await work.plan(options);
  await refuseOtherMode(work.diagnostics, rulesThere(steps), options.host);
  work.checkSettings(steps);
  const remarks = remarksOf(work, steps);
  await writeRemarks(remarks, flags, terminal);
  if (flags.dryRun === 'server') {
    for (const step of steps.families) await tryOut(work.backend, step, options);
    await terminal.writeError(`${work.backend.kernel.proof}\n`);
  }
  const view = appliedView({ ...steps, ...NOTHING_DONE }, flags.dryRun);
  await writeView(view, remarks, flags, terminal);
  return hasErrors(remarks.diagnostics) ? 1 : 0;
}

function remarksOf(work: Work, steps: ApplySteps): Remarks {
  const { diagnostics, locate } = work;
  const own = withoutSettledMode(diagnostics, rulesThere(steps));
  return { diagnostics: [...own, ...steps.diagnostics, ...work.remarks(steps)], locate };
}

function rulesThere({ families }: ApplySteps): readonly KernelRules[] {
  return families.map(({ kernel }) => kernel.rules);
}

const NOTHING_DONE = { loads: 0, deletedFlows: 0, times: { read: 0, load: 0, verify: 0 } };

/** Has the tool read the input of one family. Throws LoadError where it refuses. */
async function tryOut(
  { kernel: driver }: Backend,
  { kernel, input }: FamilyStep,
  { host, lock, timeout }: ApplyOptions,
): Promise<void> {
  if (input.length === 0) return;
  const limits = { lockTimeout: lock.timeout, timeout, test: true };
  const fault = await driver.load(host, kernel.tools, input, limits);
  if (fault === undefined) return;
  const { reason, lines } = fault;
  const [line = ''] = lines;
  const where = line === '' ? '' : `: ${line}`;
  throw new LoadError(
    `${driver.trial(kernel.tools)} refuses the ${kernel.family} rules: ${reason}${where}`,
    { reason, line, file: '' },
  );
}

const EXAMPLES = `
Reads the kernel, loads exactly the difference with iptables-restore or nft, and verifies it. Everything else stays as it is. A Service whose rules the kernel refuses keeps its old rules, and all others are applied. Do not run it beside a kube-proxy.

Examples:
  # On the node: the rules for a cluster
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc apply -f - --node-name worker-1

  # The input for iptables-restore, or for nft with --mode nftables
  vipc apply -f cluster.yaml --node-name worker-1 --dry-run=client

  # Review a plan and apply it later; refused if the rules have changed
  vipc diff -f cluster.yaml --node-name worker-1 --out plan.json
  vipc apply plan.json

Settings that the rules need are set as well, and "vipc cleanup" restores them: net.ipv4.conf.all.route_localnet=1 where node ports answer on 127.0.0.0/8, conntrack settings of the configuration, nfacct objects. Their previous values are kept in /run/vipc.
`;

/** The value of --dry-run. As with kubectl it is given behind `=`. */
function dryRun(text: string): DryRun {
  const word = DRY_RUN.find((one) => one === text);
  if (word !== undefined) return word;
  const what = text === '' ? 'needs a value' : `has no value ${JSON.stringify(text)}`;
  throw new UsageError(`--dry-run ${what}: must be none, client or server`, {
    hint: '--dry-run=client prints what would be sent; --dry-run=server also has the tools check it',
  });
}

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addKernelFlags(addPruneFlag(addInputFlags(command)));
  addFormFlags(command, 'show every note, and the input before it is loaded')
    .argument('[plan]', 'a plan that "vipc diff --out" wrote, instead of -f')
    .description(
      'Loads the rules for these objects into the kernel of this machine: exactly the difference.',
    )
    .addOption(
      new Option(
        '--dry-run [when]',
        'change nothing. client: print what would be loaded; server: also check it with iptables-restore --test or nft -c',
      )
        .argParser(withWords(DRY_RUN, dryRun))
        .preset('')
        .default('none'),
    )
    .option('--strict', 'apply nothing if any object has to be left out', false)
    .addHelpText('after', EXAMPLES)
    .action(async (plan: string | undefined, flags: ApplyFlags) => {
      done(await apply(plan, flags, terminal));
    });
}
