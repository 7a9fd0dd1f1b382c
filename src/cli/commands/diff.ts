/**
 * `vipc diff`: what would change if the objects were applied, to the kernel of this machine or to a
 * dump of another.
 */

import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { type MachinePlan, planMachine } from '../../apply/machine-plan.js';
import { BACKENDS } from '../../backends/index.js';
import type { KernelDriver } from '../../backends/kernel.js';
import { UsageError } from '../../errors.js';
import { CommandHost } from '../../host/command-host.js';
import type { Host } from '../../host/host.js';
import { compareText } from '../../model/order.js';
import { isEmptyPlan } from '../../plan/plan.js';
import { savePlan } from '../../plan/plan-file.js';
import { AUTO, withGates } from '../../profiles/profiles.js';
import type { Profile } from '../../profiles/types.js';
import { type Against, againstFiles, againstKernel, readAgainst } from '../against.js';
import { compare, type DiffResult } from '../comparison.js';
import { type CompiledInputs, compileLoaded, familyFlag, loadInputs } from '../compiled-inputs.js';
import { addFamilyFlag, addVariantFlag, oneOf } from '../flags.js';
import { addInputFlags, addPruneFlag, type InputFlags } from '../input-flags.js';
import { unnamedNote } from '../kept-services.js';
import { writeFiles } from '../output-files.js';
import { type Inputs, readAutoInputs } from '../read-inputs.js';
import { serviceNames } from '../service-argument.js';
import type { Done, Terminal } from '../terminal.js';
import { withFoundMode, withoutSettledMode } from '../unnamed-mode.js';
import { refuseUnusable } from '../usable-inputs.js';
import { keptDiagnostics } from '../views/diagnostics.js';
import { differencesText } from '../views/diff.js';
import { differencesContent } from '../views/diff-json.js';
import { differencesNames, differencesStat } from '../views/diff-short.js';
import { type View, writeRemarks, writeView } from '../views/view.js';
import {
  type DesiredAsWritten,
  desiredAsWritten,
  desiredOf,
  desiredOfProfile,
} from '../written-by.js';

type KernelFacts = Awaited<ReturnType<KernelDriver['facts']>>;

/** A dump of another machine says nothing about its settings and flows. */
const NO_CHANGES: MachinePlan = { settings: [], flows: [], diagnostics: [] };

/** The flags of `vipc diff`, checked one by one. */
export interface DiffFlags extends Omit<InputFlags, 'family'> {
  readonly family?: InputFlags['family'];
  readonly against?: string;
  readonly iptables?: 'nft' | 'legacy';
  readonly comments: boolean;
  readonly out?: string;
  readonly strict: boolean;
  readonly output: 'human' | 'json' | 'name';
  readonly stat?: boolean;
  readonly quiet?: boolean;
  readonly verbose: boolean;
}

/** Prints what differs. 0: nothing; 1: something, as `kubectl diff` has it. */
export async function diff(
  flags: DiffFlags,
  terminal: Terminal,
  machine: Host = new CommandHost(),
): Promise<number> {
  checkForms(flags);
  const dumps = flags.against === undefined ? [] : await readAgainst(flags.against);
  const mode = flags.mode ?? dumps[0]?.mode;
  const read = await readAutoInputs(
    { ...flags, ...(mode && { mode }) },
    terminal,
    'required',
    AUTO,
  );
  BACKENDS[read.mode].kernel.checkFlags(flags);
  const there =
    flags.against === undefined
      ? await againstKernel(machine, BACKENDS[read.mode].kernel, flags)
      : againstFiles(flags.against, dumps, BACKENDS[read.mode], flags);
  const facts = await kernelFacts(read, flags, machine);
  const { inputs, families, writer, unknown } = desired(read, flags, there.sides, facts);
  const compiled = families.map(({ wanted }) => wanted);
  const beside =
    flags.against === undefined
      ? await planMachine(machine, { ...inputs, compiled }, there.sides)
      : NO_CHANGES;
  const { plan, compared, check } = compare(inputs, families, beside, flags);
  const rules = there.sides.map((side) => side.rules);
  const diagnostics = [
    ...there.diagnostics,
    ...unknown,
    ...(flags.against === undefined
      ? await withFoundMode(inputs.diagnostics, rules, machine)
      : withoutSettledMode(inputs.diagnostics, rules)),
    ...keptDiagnostics(inputs.incomplete),
    ...unnamedNote(compiled, flags, inputs.snapshot.services, inputs.incomplete),
    ...families.flatMap((family) => family.diagnostics),
    ...beside.diagnostics,
  ];
  const remarks = { diagnostics, locate: inputs.locate };
  await writeRemarks(remarks, flags, terminal);
  if (flags.out !== undefined) {
    const text = savePlan(plan, check);
    await writeFiles(dirname(flags.out), [{ name: basename(flags.out), text }]);
  }
  const different = !isEmptyPlan(plan);
  const { host, flows } = plan;
  const { comments, verbose } = flags;
  const incomplete = [...inputs.incomplete].sort(compareText);
  const missing = diagnostics
    .filter(({ code }) => code === 'selection-empty')
    .map(({ message }) => message);
  const shown = { different, compared, incomplete, missing, host, flows, comments, verbose };
  const view = viewOf(writer === undefined ? shown : { ...shown, writer }, flags);
  if (!flags.quiet) await writeView(view, remarks, flags, terminal);
  return different || incomplete.length + missing.length > 0 ? 1 : 0;
}

/** Refuses two flags of which one would do nothing. */
function checkForms({ output, stat, quiet, comments }: DiffFlags): void {
  const forms = [
    ...(quiet ? ['-q'] : []),
    ...(stat ? ['--stat'] : []),
    ...(output === 'human' ? [] : [`-o ${output}`]),
  ];
  const all = output !== 'json' && comments ? [...forms, '--comments'] : forms;
  const [first, second] = all;
  if (second !== undefined) throw new UsageError(`${first} and ${second} cannot be used together`);
}

/** The facts of this machine say what belongs into its kernel; a dump may be of any machine. */
async function kernelFacts(
  { mode, config: { layout } }: Inputs,
  flags: DiffFlags,
  machine: Host,
): Promise<KernelFacts | undefined> {
  const here = flags.against === undefined && flags.host === undefined;
  return here
    ? await BACKENDS[mode].kernel.facts(machine, { layout, iptables: flags.iptables })
    : undefined;
}

/** What should be there, for the kube-proxy that is followed. */
function desired(
  read: Inputs,
  flags: DiffFlags,
  sides: readonly Against[],
  host: KernelFacts | undefined,
): DesiredAsWritten {
  const family = familyFlag(sides.map((side) => side.family));
  const loaded = loadInputs(read, flags, { host: host?.facts });
  const compileAs = (profile: Profile): CompiledInputs => {
    const config = { ...read.config, profile };
    const inputs = compileLoaded({ ...read, config }, loaded, { ...flags, family });
    refuseUnusable(inputs, flags.strict);
    return { ...inputs, diagnostics: [...(host?.diagnostics ?? []), ...inputs.diagnostics] };
  };
  const compileRow = (row: Profile): CompiledInputs => compileAs(withGates(row, read.featureGates));
  const isChosen = read.profile !== '' && read.profile !== AUTO;
  if (!isChosen && !read.isOwnLayout) return desiredAsWritten(sides, compileRow);
  const inputs = compileAs(read.config.profile);
  return read.isOwnLayout ? desiredOf(sides, inputs) : desiredOfProfile(sides, inputs, compileAs);
}

function viewOf(differences: DiffResult, { output, stat }: DiffFlags): View {
  return {
    text: (colour) => {
      if (output === 'name') return differencesNames(differences);
      return stat ? differencesStat(differences) : differencesText(differences, colour);
    },
    kind: 'Differences',
    content: () => differencesContent(differences),
  };
}

const EXAMPLES = `
Examples:
  # What an apply would change on this node
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml > cluster.yaml
  vipc diff -f cluster.yaml --node-name worker-1

  # The same with the objects of a running cluster
  vipc diff -f cluster --context prod --node-name worker-1

  # Two Services; a namespace, as a summary
  vipc diff -f cluster shop/web shop/cart
  vipc diff -f cluster -n shop --stat

  # Were rules changed by hand? For scripts: exit code 0 no, 1 yes
  vipc diff -f cluster.yaml --node-name worker-1 -o json

  # A dump of another node
  vipc diff -f cluster.yaml --host host.yaml --against iptables-save.v4.txt

  # Mode nftables: this node, or a dump of it
  vipc diff -f cluster.yaml --node-name worker-1 --mode nftables
  vipc diff -f cluster.yaml --host host.yaml --mode nftables --against nft-j-list-ruleset.json

  # Review a plan and apply it later; refused if the kernel has changed
  vipc diff -f cluster.yaml --node-name worker-1 --out plan.json
  vipc apply plan.json

Services that the input does not name stay as they are, unless --prune is given or the input is a running cluster.

Without --profile the rules are compared with what the kube-proxy that wrote them writes, as far as they tell.

With -o json: {"different", "writer", "incomplete", "families": {"ipv4": {"against", "variant", "services", "leftovers", "uncommented", "pinned"}}, "settings", "flows", "diagnostics"}. Each service has "origin" ("" for what every node has), "state" (added, changed, removed), "chains" with their "rules" and a "finding" for each, and "pools" with the exact shares of new connections of each endpoint, "before" and "after".
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addFamilyFlag(addPruneFlag(addInputFlags(command)), '; without it every family found');
  addVariantFlag(command, ', in mode iptables; without it the one that this machine uses')
    .argument(
      '[services...]',
      'only these Services: [svc/][NAMESPACE/]NAME, or NAME.NAMESPACE[.svc]',
    )
    .description(
      'Compares the rules for these objects with what the kernel holds, or with a dump of another machine. Changes nothing.',
    )
    .option(
      '--against <path>',
      'what iptables-save or "nft -j list ruleset" printed, in a file or a folder of them, instead of the kernel',
    )
    .option('--comments', 'show rules that differ in their comment alone', false)
    .option('--stat', 'one line per Service port instead of its rules', false)
    .option('-q, --quiet', 'print no differences: the exit code says whether there are any', false)
    .option('--out <file>', 'write the plan to this file, for "vipc apply"')
    .option('--strict', 'compare nothing if any object has to be left out', false)
    .option(
      '-o, --output <form>',
      'human, json for scripts, or name for the Services that differ',
      oneOf('--output', ['human', 'json', 'name']),
      'human',
    )
    .option('-v, --verbose', 'show every note, and every rule of added and removed chains', false)
    .addHelpText('after', EXAMPLES)
    .action(async (services: readonly string[], flags: DiffFlags) => {
      const named = { ...flags, services: serviceNames(services, flags.namespace) };
      done(await diff(named, terminal));
    });
}
