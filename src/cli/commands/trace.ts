/** `vipc trace`: what the rules of a machine do with one packet, and which rules decide. */

import type { Command } from 'commander';
import { rulesOfRuleset } from '../../backends/named-rules.js';
import { askedOf, familiesFirst, type QuestionFault } from '../../behaviour/question.js';
import { Tracer } from '../../behaviour/tracer.js';
import type { HostFacts } from '../../config/types.js';
import { UsageError } from '../../errors.js';
import { coverageOf } from '../../explain/coverage.js';
import { kubeProxyListener } from '../../explain/loopback-listener.js';
import { ROLES } from '../../explain/places.js';
import { isDecided, type Packet } from '../../explain/trace.js';
import { CommandHost } from '../../host/command-host.js';
import { collectFacts } from '../../host/facts.js';
import type { Host } from '../../host/host.js';
import type { Node } from '../../snapshot/types.js';
import { addFormFlags, type FormFlags, oneOf } from '../flags.js';
import { addInputFlags, type InputFlags, objectFlagOf } from '../input-flags.js';
import {
  addRuleFlags,
  allRules,
  type DumpFile,
  KERNEL,
  openDumpFile,
  type RuleFlags,
  readsKernel,
  ruleFamilies,
  rulesReader,
} from '../rule-sources.js';
import { readText } from '../sources.js';
import type { Done, Terminal } from '../terminal.js';
import type { TracedObjects, TraceQuestion } from '../traced-objects.js';
import { traceView } from '../views/trace.js';
import { writeResult } from '../views/view.js';

/** The flags of `vipc trace`, checked one by one. */
export interface TraceFlags extends Omit<InputFlags, 'family'>, RuleFlags, FormFlags {
  readonly from: string;
  readonly to: string;
  readonly inIface?: string;
  readonly hook?: Packet['start'];
  readonly affinity?: string;
}

/**
 * Traces one packet. 0: it is known what becomes of it; 1: something on its way is not understood.
 * Objects that were left out are named, and change no exit code.
 */
export async function traceCommand(
  flags: TraceFlags,
  terminal: Terminal,
  host: Host = new CommandHost(),
): Promise<number> {
  checkFlags(flags);
  const isKernel = readsKernel(flags, flags.filename.length === 0);
  const dump = await dumpOf(flags);
  const read = rulesReader(dump, flags, host);
  const readAll = async () => allRules(await ruleFamilies(dump, host), read);
  const rulesOf = flags.rules === undefined ? undefined : readAll;
  const { inputs, pods } = (await objectsOf(flags, dump?.mode, rulesOf, terminal)) ?? {};
  const facts = await factsOf(flags, isKernel ? host : undefined);
  const compiledModels = inputs?.compiled.map(({ model }) => model) ?? [];
  const models = familiesFirst(compiledModels, dump?.families ?? []);
  const nodes = inputs?.snapshot.nodes ?? new Map<string, Node>();
  const question = { ...flags, inInterface: flags.inIface };
  const asked = orUsage(askedOf(question, { host: facts, models, nodes, pods }));
  const compiled = inputs?.compiled.find(({ ruleset }) => ruleset.family === asked.family);
  // Those of --rules, else what the objects compile to, else those of this machine's kernel.
  const isRead = flags.rules !== undefined || compiled === undefined;
  const rules = isRead ? await read(asked.family) : rulesOfRuleset(compiled.ruleset);
  const tracer = new Tracer(rules, asked.machine, 'kernel');
  const { affinity, verbose } = flags;
  const found = orUsage(tracer.trace(asked.packet, { affinity, all: verbose }));
  const coverage =
    flags.rules !== undefined && asked.model && inputs
      ? coverageOf(found, asked.model, inputs.incomplete)
      : undefined;
  const listener = asked.model && kubeProxyListener(asked.packet, asked.model);
  const diagnostics = [...rules.diagnostics, ...(inputs?.diagnostics ?? [])].filter(
    ({ severity }) => severity !== 'note',
  );
  const remarks = { diagnostics, locate: inputs?.locate };
  await writeResult(
    traceView(found, rules.name, { asked: flags, coverage, listener }),
    remarks,
    flags,
    terminal,
  );
  return isDecided(found) ? 0 : 1;
}

function orUsage<T extends object>(found: T | QuestionFault): T {
  if (!('fault' in found)) return found;
  const flag = found.part === 'inInterface' ? 'in-iface' : found.part;
  throw new UsageError(`--${flag}: ${found.fault}`, { hint: found.hint });
}

/** Refuses flags that would do nothing. */
function checkFlags(flags: TraceFlags): void {
  const { filename, inIface, hook, affinity } = flags;
  const idle = objectFlagOf(flags);
  if (filename.length === 0 && idle !== undefined)
    throw new UsageError(`${idle} is about objects: it goes with -f`);
  if (hook === 'output' && inIface !== undefined)
    throw new UsageError('--in-iface is for packets that arrive, not for those of --hook output');
  if (affinity === '') throw new UsageError('--affinity: no endpoint', { hint: 'ADDRESS:PORT' });
}

/**
 * The objects of `-f`, if there are any. What reads them is loaded late: a question about a dump
 * alone starts twice as fast without.
 */
async function objectsOf(
  flags: TraceFlags,
  mode: TraceQuestion['mode'],
  rulesOf: TraceQuestion['rulesOf'],
  terminal: Terminal,
): Promise<TracedObjects | undefined> {
  if (flags.filename.length === 0) return undefined;
  const { tracedObjects } = await import('../traced-objects.js');
  const needsPods = [flags.from, flags.to].some((text) => text.startsWith('pod:'));
  return tracedObjects(flags, terminal, { needsPods, mode, rulesOf });
}

/** The dump that --rules names. */
async function dumpOf({ rules }: TraceFlags): Promise<DumpFile | undefined> {
  return rules === undefined || rules === KERNEL ? undefined : openDumpFile(rules);
}

/** The facts of `--host`, else those of the machine whose kernel is read. */
async function factsOf(
  { host: path }: TraceFlags,
  machine: Host | undefined,
): Promise<HostFacts | undefined> {
  if (path !== undefined) {
    const { loadHostFacts } = await import('../../config/host-facts.js');
    return loadHostFacts(await readText(path), path);
  }
  return machine && (await collectFacts(machine)).facts;
}

const EXAMPLES = `
Examples:
  # Where does a node send the DNS requests of a pod?
  iptables-save > rules
  vipc trace --rules rules --from 10.244.1.9 --to 10.96.0.10:53/udp

  # The rules compiled from a cluster, with names for addresses
  vipc trace -f cluster.yaml --node-name worker-1 --from pod --to svc/shop/web:80
  vipc trace -f cluster.yaml --node-name worker-1 --from pod:shop/cart-7c9 --to svc/shop/web:http
  vipc trace -f cluster.yaml --node-name worker-1 --from outside --to 192.168.0.10:30080

  # The kernel of this machine: a packet that it sends, and every rule that is evaluated
  sudo vipc trace --hook output --from 192.168.0.10 --to 10.96.0.10:443 -v

  # The next connection of a client with session affinity
  vipc trace --rules rules --from 10.244.1.9 --to 10.96.0.10:443 --affinity 10.244.1.7:8443

A rule that vipc does not understand may match or not: shares are then ranges, and the exit code is 1.

With -o json: {"rules", "decided", "packet", "outcomes", "unknown", "open", "met", "coverage", "listener" (where kube-proxy itself takes the packet), "diagnostics"}. Each outcome has "kind" (accept, drop, reject, unknown), "hook", "endpoint" ("": not translated), "masquerade", "source" (the address that its source becomes, where a rule names one), "untranslated" (why a Service that matched did not translate it), its share as exact fractions ("least", "most"), and in "path" the rules that decide.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addRuleFlags(addInputFlags(command));
  addFormFlags(
    command,
    'show every rule that is evaluated, and why it does not match; those about other addresses and ports are left out',
  )
    .description(
      'Traces the first packet of a connection through the rules of a dump (--rules), those compiled from objects (-f), or else all rules of this machine: every outcome with its share, and the rules that decide. Sends no packet.',
    )
    .requiredOption('--from <source>', `address of the sender, or with -f ${ROLES}`)
    .requiredOption(
      '--to <destination>',
      'ADDRESS:PORT[/PROTOCOL], or with -f pod:[NAMESPACE/]NAME:PORT, svc/[NAMESPACE/]NAME:PORT, NAME.NAMESPACE[.svc[.DOMAIN]]:PORT or HOSTNAME.NAME.NAMESPACE.svc[.DOMAIN]:PORT',
    )
    .option('--in-iface <name>', 'interface that the packet is received on')
    .option(
      '--hook <hook>',
      'prerouting: the packet is received; output: the machine sends it (the default where --from is node or an address of the machine)',
      oneOf('--hook', ['prerouting', 'output']),
    )
    .option(
      '--affinity <endpoint>',
      'endpoint that session affinity remembers for the client, or none',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TraceFlags) => {
      done(await traceCommand(flags, terminal));
    });
}
