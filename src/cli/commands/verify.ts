/**
 * `vipc verify`: proves that the rules of a machine do what its objects say, for every packet
 * that it can meet.
 */

import type { Command } from 'commander';
import { kernelFamilies } from '../../apply/read-kernels.js';
import type { NamedRules } from '../../backends/named-rules.js';
import type { HostFacts } from '../../config/types.js';
import type { Diagnostic } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { CommandHost } from '../../host/command-host.js';
import { collectFacts } from '../../host/facts.js';
import type { Host } from '../../host/host.js';
import { compareText } from '../../model/order.js';
import type { Model } from '../../model/types.js';
import type { Family } from '../../net/ip.js';
import {
  FAMILIES,
  familyFlag,
  type Interpretation,
  type Interpreted,
  modelsOfRead,
  selectionDiagnostics,
} from '../compiled-inputs.js';
import { addFamilyFlag, addFormFlags } from '../flags.js';
import { addInputFlags, type InputFlags } from '../input-flags.js';
import { isFolder } from '../node-dumps.js';
import { type Inputs, readAutoInputs } from '../read-inputs.js';
import {
  addRuleFlags,
  allRules,
  type DumpFile,
  KERNEL,
  readDumpFile,
  readsKernel,
  rulesReader,
  withoutFamily,
} from '../rule-sources.js';
import { serviceNames } from '../service-argument.js';
import type { Done, Terminal } from '../terminal.js';
import { refuseUnusable } from '../usable-inputs.js';
import { verifyFamily } from '../verified-family.js';
import { verifyAgainst } from '../verify-against.js';
import { unverifiedNotes, type VerifyFlags } from '../verify-flags.js';
import { verifyNodes } from '../verify-nodes.js';
import { type Answer, answerOf, type Verified, verifiedView } from '../views/verify.js';
import { writeResult } from '../views/view.js';
import { followingWriter } from '../written-profile.js';

/** Fewer Service ports are verified in a moment. */
const MANY_PORTS = 500;

const EXIT_CODE_OF: Readonly<Record<Answer, number>> = { proven: 0, refuted: 1, unknown: 2 };

/**
 * Verifies. 0: proven; 1: some packets meet something else; 2: something on the way is not
 * understood, objects were left out, or a Service that is named is not there.
 */
export async function verifyCommand(
  flags: VerifyFlags,
  terminal: Terminal,
  host: Host = new CommandHost(),
): Promise<number> {
  checkFlags(flags);
  const { against } = flags;
  if (against !== undefined) return verifyAgainst({ ...flags, against }, terminal, host);
  const { rules: path = KERNEL } = flags;
  const isKernel = readsKernel(flags, true);
  if (!isKernel && (await isFolder(path)))
    return EXIT_CODE_OF[await verifyNodes({ ...flags, rules: path }, terminal)];
  const dump = isKernel ? undefined : await readDumpFile(path);
  const mode = flags.mode ?? dump?.mode;
  const given = await readAutoInputs({ ...flags, ...(mode && { mode }) }, terminal);
  const families = await familiesOf(flags, dump, host);
  const rulesOf = rulesReader(dump, flags, host);
  const read = await followingWriter(given, () => allRules(families, rulesOf));
  const facts = read.host ?? (dump === undefined ? (await collectFacts(host)).facts : undefined);
  const inputs = modelsOf(read, { ...flags, family: familyFlag(families) }, facts);
  const verified: Verified[] = [];
  const notes: Diagnostic[] = [];
  for (const { model } of inputs.compiled) {
    const rules = await rulesOf(model.context.family);
    sayVerifying(model, terminal);
    for (const diagnostic of remarksOf(rules, model)) notes.push(diagnostic);
    verified.push(verifyFamily(model, rules, inputs, flags, facts));
  }
  const missing = selectionDiagnostics(inputs.snapshot, flags);
  const diagnostics = [
    ...inputs.diagnostics,
    ...missing,
    ...machineNotes(inputs, facts),
    ...unverifiedNotes(inputs.incomplete),
    ...notes,
  ];
  const incomplete = [...inputs.incomplete].sort(compareText);
  const isWhole = incomplete.length === 0 && missing.length === 0;
  const answer = answerOf(verified, isWhole);
  const view = verifiedView({ verified, answer, incomplete }, flags.verbose);
  await writeResult(view, { diagnostics, locate: inputs.locate }, flags, terminal);
  return EXIT_CODE_OF[answer];
}

function sayVerifying({ ports, context }: Model, { progress }: Terminal): void {
  if (ports.length >= MANY_PORTS)
    progress?.(`verifying ${ports.length} Service ports, ${context.family}`);
}

/** Refuses flags that would do nothing. */
function checkFlags({ templates, layout }: VerifyFlags): void {
  const [flag, value] = templates === undefined ? ['--layout', layout] : ['--templates', 'FOLDER'];
  if (value !== undefined)
    throw new UsageError(`${flag} says how rules are written; verify compares what they do`, {
      hint: `vipc compile ${flag} ${value} … > rules, then vipc verify --rules rules`,
    });
}

/** The families to verify: those of the flag, the dump or the kernel. */
async function familiesOf(
  { family }: VerifyFlags,
  dump: DumpFile | undefined,
  host: Host,
): Promise<readonly Family[]> {
  if (dump === undefined) return kernelFamilies(host, family);
  if (family !== undefined) return FAMILIES[family];
  if (dump.families.length > 0) return dump.families;
  throw withoutFamily(dump);
}

/** The models of all Services: those that are not selected have addresses too. */
function modelsOf(
  read: Inputs,
  flags: VerifyFlags & Pick<InputFlags, 'family'>,
  host: HostFacts | undefined,
): Interpreted<Interpretation> {
  const { namespace: _namespace, services: _services, ...others } = flags;
  const inputs = modelsOfRead(read, others, { host });
  refuseUnusable(inputs);
  return inputs;
}

/** What there is to say about the rules; first, where all Services will be found missing. */
function remarksOf(
  { name, diagnostics, isProgrammed }: NamedRules,
  { ports, context }: Model,
): readonly Diagnostic[] {
  if (ports.length === 0 || isProgrammed()) return diagnostics;
  const message = `${name} has no ${context.family} rules for Services at all: neither kube-proxy nor vipc has loaded any`;
  const hint = 'is kube-proxy or "vipc agent" running there, and is it the right machine?';
  return [{ code: 'no-rules', severity: 'warning', message, hint }, ...diagnostics];
}

function machineNotes(
  { compiled, snapshot }: Interpreted<Interpretation>,
  facts: HostFacts | undefined,
): readonly Diagnostic[] {
  const [first] = compiled;
  if (facts !== undefined || first === undefined) return [];
  if (snapshot.nodes.has(first.model.context.nodeName)) return [];
  return [
    {
      code: 'machine-unknown',
      severity: 'warning',
      message: 'nothing says which addresses the machine has: node ports were not verified',
      hint: 'give its facts with --host, or name its Node with --node-name',
    },
  ];
}

const EXAMPLES = `
Examples:
  # Do the rules of a node do what the objects of its cluster say?
  iptables-save > rules
  vipc verify --rules rules -f cluster.yaml --node-name worker-1 --config config.conf

  # A folder with NODE.iptables, NODE.ip6tables or NODE.nft.json of each node, and NODE.host.yaml where there are facts
  vipc verify --rules dumps/ -f cluster.yaml --config config.conf

  # This machine, with the objects of a running cluster
  sudo vipc verify -f cluster --node-name worker-1

  # Two dumps: before and after an upgrade, iptables and nftables, legacy and nft
  vipc verify --rules before.save --against after.save

  # Will mode nftables do the same as the rules of this node, taken from iptables-save?
  vipc verify --rules rules --against nftables
  vipc verify --rules rules --against nftables -f cluster.yaml --node-name worker-1

  # Two Services, in mode nftables
  nft -j list ruleset > rules.json
  vipc verify --rules rules.json -f cluster.yaml --node-name worker-1 shop/web shop/cart

Every address that a Service has is tried with every kind of source (pods of the node, the node itself, all others), for new clients and for those that session affinity knows; so are all other addresses, which rules for Services must leave alone. In mode iptables it matters too which packets they accept before the rules of others see them, and in either mode that they read and change no bit of the mark but their own. Without --config, what the rules tell about the settings of the node is taken from them.

With --against no objects are needed: both rulesets are asked about every address that either has. A mode stands for the rules that its node would have in it, from the objects of -f, or else from what the rules do now; rules of other programs stay. What the two modes do differently by design is listed with the Services concerned, apart from all other differences.

If --rules names a folder, each file is called by the Node that its rules are of, and one table tells which nodes are right, and which Service is wrong where. A file that cannot be verified is named, and leaves the answer unknown.

What rules of other programs change and no client of a Service sees (packets of no Service that they accept, translate or do not track before rules for Services would drop them, a mark that is left on what they masquerade first) is called changed, and refutes nothing.

With -o json: {"answer", "families": {"ipv4": {"against", "frontends", "sources", "settings", "findings", "unneeded"}}, "incomplete", "diagnostics"}. Each finding has its "origin" (namespace/name:port PROTOCOL; "": no Service), its "frontend", the "sources", one "packet", what was "traffic" and "found" with exact shares, and in "path" the rules that decide. "unneeded" are rules and elements for Services that decide about no packet: "stale" where no packet comes to their chain or set, else "unmatched". With --against "before" and "after" stand for "traffic" and "found", and "intended" has what the modes do differently, each with its "services".
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addRuleFlags(addInputFlags(command));
  addFamilyFlag(command, '; without it every family found');
  addFormFlags(
    command,
    'show every note, every wrong address, and rules for Services that decide about no packet',
  )
    .option(
      '--against <rules>',
      'compare with these rules instead of objects: another dump, or the word iptables or nftables for that mode (./nftables is a file)',
    )
    .argument(
      '[services...]',
      'only these Services: [svc/][NAMESPACE/]NAME, or NAME.NAMESPACE[.svc]',
    )
    .description(
      'Proves that the rules of a dump (--rules), or else all rules of this machine, do what the objects say: for every address of every Service and every kind of source, the exact share of each endpoint. Sends nothing and changes nothing.',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (services: readonly string[], flags: VerifyFlags) => {
      const named = { ...flags, services: serviceNames(services, flags.namespace) };
      done(await verifyCommand(named, terminal));
    });
}
