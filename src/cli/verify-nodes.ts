/** `vipc verify --rules FOLDER`: a dump a node, and one answer for all of them. */

import { type NamedRules, rulesOfText } from '../backends/named-rules.js';
import { loadHostFacts } from '../config/host-facts.js';
import { type Diagnostic, servicesInError } from '../diagnostics.js';
import { UsageError, VipcError } from '../errors.js';
import { buildModel } from '../model/build.js';
import { compareText } from '../model/order.js';
import type { Model, NamespacedName } from '../model/types.js';
import { nearestName } from '../nearest-name.js';
import type { Family } from '../net/ip.js';
import { modelSettings } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { locate } from '../snapshot/locate.js';
import {
  FAMILIES,
  type LoadedInputs,
  loadInputs,
  selectionDiagnostics,
  unique,
} from './compiled-inputs.js';
import { type NodeDump, nodeDumps } from './node-dumps.js';
import { type Inputs, readAutoInputs } from './read-inputs.js';
import { readDumpFile } from './rule-sources.js';
import { readText } from './sources.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './usable-inputs.js';
import { verifyFamily } from './verified-family.js';
import { unverifiedNotes, type VerifyFlags } from './verify-flags.js';
import type { Answer } from './views/verify.js';
import { type NodeAnswer, nodesAnswer, nodesView } from './views/verify-nodes.js';
import { writeResult } from './views/view.js';
import { followingWriter } from './written-profile.js';

/**
 * Verifies each dump with the objects, which are read once. A file that cannot be read, or whose
 * node that is not known, is named, and the others are verified.
 */
export async function verifyNodes(
  flags: VerifyFlags & { readonly rules: string },
  terminal: Terminal,
): Promise<Answer> {
  checkFlags(flags);
  const dumps = await nodeDumps(flags.rules);
  const [first] = dumps;
  const { namespace: _namespace, services: _services, ...others } = flags;
  // The mode is that of each dump.
  const inputs = await readAutoInputs({ ...others, mode: flags.mode ?? 'iptables' }, terminal);
  const loaded = loadInputs(inputs, { ...others, ...(first && { nodeName: first.node }) });
  const { snapshot } = loaded.loaded;
  const findPlaces = (some: readonly Diagnostic[]): readonly Diagnostic[] =>
    locate(some, loaded.loaded, inputs.sources);
  const base = loaded.diagnostics.filter(({ code }) => code !== 'node-missing');
  refuseUnusable({ snapshot, diagnostics: base, locate: findPlaces });
  const work = new NodeWork(flags, inputs, loaded);
  const answers: NodeAnswer[] = [];
  for (const dump of dumps) answers.push(await work.answer(dump));
  const incomplete = [...work.incomplete].sort(compareText);
  const missing = selectionDiagnostics(snapshot, flags);
  const diagnostics = unique([
    ...base,
    ...missing,
    ...work.diagnostics,
    ...unverifiedNotes(incomplete),
    ...missingNotes([...snapshot.nodes.keys()], dumps),
  ]);
  const isWhole = incomplete.length === 0 && missing.length === 0;
  const answer = nodesAnswer(answers, isWhole);
  const view = nodesView({ answers, answer, incomplete }, flags.verbose);
  await writeResult(view, { diagnostics, locate: findPlaces }, flags, terminal);
  return answer;
}

/** Refuses flags that say of one node what each file says of its own. */
function checkFlags({ nodeName, hostnameOverride, host }: VerifyFlags): void {
  const given = {
    '--node-name': nodeName,
    '--hostname-override': hostnameOverride,
    '--host': host,
  };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined)
    throw new UsageError(`${flag} is for the rules of one node, and --rules names a folder`, {
      hint: 'a file is called by its node; facts of the machine stand beside it in NODE.host.yaml',
    });
}

/** Nodes of the objects without a dump; they are no fault. */
function missingNotes(nodes: readonly string[], dumps: readonly NodeDump[]): readonly Diagnostic[] {
  const there = new Set(dumps.map(({ node }) => node));
  const missing = nodes.filter((name) => !there.has(name));
  if (missing.length === 0) return [];
  const names = missing.slice(0, 3).join(', ');
  const more = missing.length > 3 ? `, … (${missing.length})` : '';
  const message = `not verified, because the folder has no dump of them: Node ${names}${more}`;
  return [{ code: 'node-without-dump', severity: 'note', message }];
}

/** Verifies one node after the other, with what they have in common. */
class NodeWork {
  readonly incomplete: Set<NamespacedName>;
  readonly diagnostics: Diagnostic[] = [];
  private readonly flags: VerifyFlags;
  private readonly inputs: Inputs;
  private readonly loaded: LoadedInputs;

  constructor(flags: VerifyFlags, inputs: Inputs, loaded: LoadedInputs) {
    this.flags = flags;
    this.inputs = inputs;
    this.loaded = loaded;
    this.incomplete = new Set(loaded.loaded.incomplete);
  }

  async answer(dump: NodeDump): Promise<NodeAnswer> {
    const { node, name } = dump;
    try {
      return { node, file: name, verified: await this.verify(dump), error: undefined };
    } catch (error) {
      if (!(error instanceof VipcError)) throw error;
      return { node, file: name, verified: [], error };
    }
  }

  private async verify(dump: NodeDump): Promise<NodeAnswer['verified']> {
    const { snapshot } = this.loaded.loaded;
    if (!snapshot.nodes.has(dump.node)) throw this.unknownNode(dump);
    const facts =
      dump.facts === undefined ? undefined : loadHostFacts(await readText(dump.facts), dump.facts);
    const { text, mode, families } = await readDumpFile(dump.path);
    const shown = families.length > 0 ? families : [dump.family ?? 'IPv4'];
    const wanted = FAMILIES[this.flags.family ?? 'dual'].filter((one) => shown.includes(one));
    const all = wanted.map((family) => ({ family, rules: rulesOfText(text, dump.name, family) }));
    const config = await this.config(dump, all);
    return all.map(({ family, rules }) => {
      for (const diagnostic of rules.diagnostics) this.diagnostics.push(diagnostic);
      const model = this.model(dump.node, { family, mode, config, facts });
      const { incomplete } = this;
      const inputs = { mode, snapshot, incomplete, config };
      return verifyFamily(model, rules, inputs, this.flags, facts);
    });
  }

  /**
   * The configuration of a node: with profile auto it follows the kube-proxy that wrote the dump.
   */
  private async config(
    { node }: NodeDump,
    all: readonly { readonly rules: NamedRules }[],
  ): Promise<Inputs['config']> {
    const followed = await followingWriter({ ...this.inputs, diagnostics: [] }, async () =>
      all.map(({ rules }) => rules),
    );
    for (const { message, ...said } of followed.diagnostics)
      this.diagnostics.push({ ...said, message: `Node ${node}: ${message}` });
    return followed.config;
  }

  private unknownNode({ node }: NodeDump): UsageError {
    const nodes = [...this.loaded.loaded.snapshot.nodes.keys()];
    const near = nearestName(node, nodes);
    return new UsageError(`the input has no Node ${JSON.stringify(node)}`, {
      hint: near === undefined ? 'call the file by the name of its Node' : `did you mean ${near}?`,
    });
  }

  private model(
    nodeName: string,
    {
      family,
      mode,
      config,
      facts: host,
    }: {
      readonly family: Family;
      readonly mode: BackendName;
      readonly config: Inputs['config'];
      readonly facts: Parameters<typeof verifyFamily>[4];
    },
  ): Model {
    const { zone } = this.flags;
    const settings = modelSettings({
      ...{ config, mode, nodeName },
      ...(host && { host }),
      ...(zone !== undefined && { zone }),
    });
    const model = buildModel(this.loaded.loaded.snapshot, settings, family);
    for (const diagnostic of model.diagnostics) this.diagnostics.push(diagnostic);
    for (const service of servicesInError(model.diagnostics)) this.incomplete.add(service);
    return model;
  }
}
