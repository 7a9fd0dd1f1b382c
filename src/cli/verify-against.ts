/** `vipc verify --against`: whether two rulesets do the same. */

import { kernelFamilies } from '../apply/read-kernels.js';
import { BACKENDS } from '../backends/index.js';
import { rulesOfText } from '../backends/named-rules.js';
import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { RuleFrontend } from '../explain/rule-questions.js';
import { collectFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import type { Model } from '../model/types.js';
import type { Family } from '../net/ip.js';
import { programChains } from '../netfilter/program.js';
import type { BackendName } from '../ruleset/types.js';
import { type ComparedNode, nodeOf } from './compared-node.js';
import { type ComparedFamily, compareFamily, type ModeRules } from './compared-rules.js';
import {
  FAMILIES,
  type Interpretation,
  type Interpreted,
  modelsOfRead,
  selectionDiagnostics,
} from './compiled-inputs.js';
import { objectFlagOf } from './input-flags.js';
import { recoveredModel, recoveryNotes, rulesOfMode } from './mode-rules.js';
import { type Inputs, readAutoInputs } from './read-inputs.js';
import {
  type DumpFile,
  KERNEL,
  readDumpFile,
  readsKernel,
  rulesByFamily,
  rulesOfKernel,
  withoutFamily,
} from './rule-sources.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './usable-inputs.js';
import { selectedOrigins, unverifiedNotes, type VerifyFlags } from './verify-flags.js';
import { comparedView, type Likeness, likenessOf } from './views/verify-against.js';
import { writeResult } from './views/view.js';
import { followingWriter } from './written-profile.js';

const EXIT_CODE_OF: Readonly<Record<Likeness, number>> = { equal: 0, different: 1, unknown: 2 };

/** Everything that was read. */
interface Read {
  readonly before: DumpFile | undefined;
  /** A dump, or the mode that the rules are to be in. */
  readonly after: DumpFile | BackendName;
  readonly inputs: Inputs;
  readonly objects: Interpreted<Interpretation> | undefined;
  readonly facts: HostFacts | undefined;
}

/**
 * Compares. 0: both do the same, but for what the modes do differently; 1: some packets meet
 * something else; 2: something on the way is not understood, or objects were left out.
 */
export async function verifyAgainst(
  flags: VerifyFlags & { readonly against: string },
  terminal: Terminal,
  host: Host,
): Promise<number> {
  const read = await readAll(flags, terminal, host);
  const compared: ComparedFamily[] = [];
  const notes: Diagnostic[] = [];
  for (const family of await familiesOf(flags, read, host)) {
    const one = await compareOne(family, read, flags, host);
    compared.push(one.compared);
    for (const diagnostic of one.diagnostics) notes.push(diagnostic);
  }
  const incomplete = [...(read.objects?.incomplete ?? [])].sort();
  const { objects } = read;
  const missing = objects === undefined ? [] : selectionDiagnostics(objects.snapshot, flags);
  const diagnostics = [
    ...(objects?.diagnostics ?? read.inputs.diagnostics),
    ...missing,
    ...notes,
    ...unverifiedNotes(incomplete),
  ];
  const found = likenessOf(compared);
  const isPart = incomplete.length > 0 || missing.length > 0;
  const answer = found === 'equal' && isPart ? 'unknown' : found;
  const view = comparedView({ compared, answer, incomplete }, flags.verbose);
  await writeResult(view, { diagnostics, locate: objects?.locate }, flags, terminal);
  return EXIT_CODE_OF[answer];
}

async function readAll(
  flags: VerifyFlags & { readonly against: string },
  terminal: Terminal,
  host: Host,
): Promise<Read> {
  const { rules = KERNEL, against, filename, mode } = flags;
  if (mode !== undefined)
    throw new UsageError('--mode does not go with --against: each ruleset has its own mode', {
      hint: 'for what a node would do in another mode: --against nftables',
    });
  // These say something about rules too.
  const { namespace: _n, config: _c, clusterCidr: _p, serviceCidr: _s, ...others } = flags;
  const idle = objectFlagOf(others);
  if (filename.length === 0 && idle !== undefined)
    throw new UsageError(`${idle} is about objects: it goes with -f`);
  const before = readsKernel(flags, true) ? undefined : await readDumpFile(rules);
  const after = isMode(against) ? against : await readDumpFile(against);
  const target = typeof after === 'string' ? after : after.mode;
  const given = await readAutoInputs({ ...flags, mode: target }, terminal, 'optional');
  const inputs = await followingWriter(given, async () => [
    ...(await rulesByFamily(flags, host)).values(),
  ]);
  const facts =
    inputs.host ?? (before === undefined ? (await collectFacts(host)).facts : undefined);
  const objects = inputs.sources.length === 0 ? undefined : objectsOf(inputs, flags, facts);
  return { before, after, inputs, objects, facts };
}

function isMode(word: string): word is BackendName {
  return Object.hasOwn(BACKENDS, word);
}

/** The models of all Services: those that are not selected have addresses too. */
function objectsOf(
  inputs: Inputs,
  flags: VerifyFlags,
  host: HostFacts | undefined,
): Interpreted<Interpretation> {
  const { namespace: _namespace, services: _services, ...others } = flags;
  const objects = modelsOfRead(inputs, { ...others, family: 'dual' }, host ? { host } : {});
  refuseUnusable(objects);
  return objects;
}

/** The families that both have. */
async function familiesOf(
  { family, against }: VerifyFlags & { readonly against: string },
  { before, after }: Read,
  host: Host,
): Promise<readonly Family[]> {
  const wanted = family === undefined ? undefined : FAMILIES[family];
  const first =
    before === undefined ? await kernelFamilies(host, family) : dumpFamilies(before, wanted);
  const second = typeof after === 'string' ? first : dumpFamilies(after, wanted);
  const both = first.filter((one) => second.includes(one));
  if (both.length > 0) return both;
  throw new UsageError(
    `${JSON.stringify(against)} is ${second.join(' and ')}, the rules to compare with are ${first.join(' and ')}`,
  );
}

function dumpFamilies(dump: DumpFile, wanted: readonly Family[] | undefined): readonly Family[] {
  const { families } = dump;
  if (families.length > 0)
    return wanted === undefined ? families : families.filter((one) => wanted.includes(one));
  if (wanted !== undefined) return wanted;
  throw withoutFamily(dump);
}

async function compareOne(
  family: Family,
  read: Read,
  flags: VerifyFlags,
  host: Host,
): Promise<{ readonly compared: ComparedFamily; readonly diagnostics: readonly Diagnostic[] }> {
  const { before: dump, after: target, objects } = read;
  const before = await readBefore(dump, family, flags, host);
  const model = objects?.compiled.find(
    ({ model: { context } }) => context.family === family,
  )?.model;
  const other = typeof target === 'string' ? undefined : readDump(target, family);
  const node = nodeOf(family, {
    ...{ facts: read.facts, rules: [before, ...(other === undefined ? [] : [other])] },
    node: model && objects?.snapshot.nodes.get(model.context.nodeName),
  });
  const after = other ?? modeRules(target as BackendName, before, model, node, read, flags);
  const compared = compareFamily(
    {
      ...{ family, before, after, machine: node.machine, named: model ? framed(model) : [] },
      localDetector: before.rules.settings().localDetector ??
        after.rules.settings().localDetector ??
        model?.context.localDetector ?? { kind: 'none' },
    },
    selectedOrigins(flags, objects?.incomplete ?? new Set()),
  );
  const isRecovered = other === undefined && model === undefined;
  return {
    compared,
    diagnostics: [
      ...before.rules.diagnostics,
      ...(other?.rules.diagnostics ?? []),
      ...node.diagnostics,
      ...(isRecovered ? recoveryNotes(target as BackendName, flags.serviceCidr) : []),
    ],
  };
}

async function readBefore(
  dump: DumpFile | undefined,
  family: Family,
  { iptables }: VerifyFlags,
  host: Host,
): Promise<ModeRules> {
  if (dump !== undefined) return readDump(dump, family);
  const rules = await rulesOfKernel(host, family, iptables);
  const isNftables = [...programChains(rules.program)].some(({ table, name }) =>
    BACKENDS.nftables.isForServices(table, name, ''),
  );
  return { rules, mode: isNftables ? 'nftables' : 'iptables' };
}

function readDump({ text, path, mode }: DumpFile, family: Family): ModeRules {
  return { mode, rules: rulesOfText(text, path, family) };
}

function modeRules(
  mode: BackendName,
  before: ModeRules,
  model: Model | undefined,
  { machine, addresses }: ComparedNode,
  { inputs, facts }: Read,
  { config, serviceCidr }: VerifyFlags,
): ModeRules {
  const isConfigured = config !== undefined;
  const node = {
    ...{ mode, machine, addresses, serviceCidr, isConfigured },
    ...{ family: machine.family, config: inputs.config, host: facts },
  };
  return rulesOfMode(model ?? recoveredModel(before, node), before, node);
}

/** The frontends of objects, which name those of rules without comments. */
function framed({ ports }: Model): readonly RuleFrontend[] {
  return ports.flatMap((one) => {
    const frontend = { protocol: one.protocol.toLowerCase(), origin: one.origin };
    const ips = [one.clusterIp, ...one.externalIps, ...one.loadBalancerIps];
    return [
      ...ips.flatMap((ip) => (ip === '' ? [] : [{ ...frontend, ip, port: one.port }])),
      ...(one.nodePort === 0 ? [] : [{ ...frontend, ip: '' as const, port: one.nodePort }]),
    ];
  });
}
