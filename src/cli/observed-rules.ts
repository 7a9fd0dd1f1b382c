/** What the rules of a dump or of this machine's kernel do about one Service. */

import { BACKENDS } from '../backends/index.js';
import { type NamedRules, rulesThatWereRead } from '../backends/named-rules.js';
import { askedOf, type Known } from '../behaviour/question.js';
import { Tracer } from '../behaviour/tracer.js';
import type { Diagnostic } from '../diagnostics.js';
import { answer, type Check } from '../explain/checks.js';
import type { Client } from '../explain/clients.js';
import { packetCheck } from '../explain/rule-checks.js';
import type { ExplainedPort, ExplainedService } from '../explain/service.js';
import type { Host } from '../host/host.js';
import type { Model, ServicePort } from '../model/types.js';
import { type Ip, inetNtop, joinHostPort } from '../net/ip.js';
import { layoutOf } from '../pipeline.js';
import { type BackendName, serviceOf } from '../ruleset/types.js';
import { shellWord } from '../shell-word.js';
import type { LoadedSnapshot } from '../snapshot/load.js';
import {
  type Against,
  type AgainstAll,
  againstFiles,
  againstKernel,
  besideKept,
} from './against.js';
import { type ChainOptions, rulesetOf } from './chain-names.js';
import { type Compared, type ComparisonFlags, compare, type DiffResult } from './comparison.js';
import type { InputFlags } from './input-flags.js';
import { keptServices } from './kept-services.js';
import { inputFlagsText } from './proposed-flags.js';
import { type DumpFile, KERNEL, type RuleFlags, rulesOfKernel } from './rule-sources.js';
import { totalText } from './views/diff.js';

/** The rules that are looked at, and how the command line names the objects. */
export interface ObservedFlags
  extends ComparisonFlags,
    Omit<RuleFlags, 'rules'>,
    Omit<InputFlags, 'family'> {
  readonly rules: string;
}

/** A Service on a node, and everything that it was made from. */
export interface ObservedService {
  readonly explained: ExplainedService;
  readonly loaded: LoadedSnapshot;
  readonly models: readonly Model[];
  readonly options: ChainOptions;
}

export interface Observed {
  readonly checks: readonly Check[];
  readonly differences: DiffResult;
  readonly diagnostics: readonly Diagnostic[];
}

/** The rules of a mode that those of a Service are compared with: a dump, else this kernel. */
export async function comparedRules(
  mode: BackendName,
  dump: DumpFile | undefined,
  { iptables }: Pick<ObservedFlags, 'iptables'>,
  host: Host,
): Promise<AgainstAll> {
  return dump === undefined
    ? againstKernel(host, BACKENDS[mode].kernel, iptables === undefined ? {} : { iptables })
    : againstFiles(dump.path, [dump], BACKENDS[mode], {});
}

/** Compares the rules of the Service, and follows a packet to each of its ClusterIPs. */
export async function observe(
  service: ObservedService,
  there: AgainstAll,
  flags: ObservedFlags,
  host: Host,
): Promise<Observed> {
  const differences = differencesOf(service, there.sides, flags);
  const checks: Check[] = [...comparisonChecks(service, differences, flags)];
  for (const { family, name, rules: read } of there.sides) {
    const ports = service.explained.families.find(({ context }) => context.family === family);
    if (ports === undefined) continue;
    const rules =
      flags.rules === KERNEL
        ? await rulesOfKernel(host, family, flags.iptables)
        : rulesThatWereRead(read, service.options.mode, name, family);
    for (const port of ports.ports) {
      const check = packetCheckOf(port, rules, service, flags);
      if (check !== undefined) checks.push(check);
    }
  }
  return { checks, differences, diagnostics: there.diagnostics };
}

/** The rules of the Service, and those of all others, which stay as they are. */
function differencesOf(
  { explained: { name }, loaded, models, options }: ObservedService,
  sides: readonly Against[],
  flags: ObservedFlags,
): DiffResult {
  const { mode } = options;
  const { snapshot, incomplete } = loaded;
  const kept = keptServices(
    { services: [name], filename: [], prune: true },
    snapshot.services,
    incomplete,
  );
  const { layout } = layoutOf(options);
  const compiled = models.map((model) => {
    const ports = model.ports.filter(({ service }) => service === name);
    const entries = model.entries.filter((entry) => entry.name === name);
    const ruleset = rulesetOf(name, model, options);
    return { model: { ...model, ports, entries }, layout, ruleset, diagnostics: [] };
  });
  // What is of other Services alone stays: to compare it with itself would be most of the work.
  const lighter = sides.map((side) => {
    const one = compiled.find(({ ruleset }) => ruleset.family === side.family);
    const rules = one && side.rules.withoutChainsOf?.(kept, one.ruleset);
    return rules === undefined ? side : { ...side, rules };
  });
  const nothing = { settings: [], flows: [], diagnostics: [] };
  const comparedWith = (all: readonly Against[]): readonly Compared[] =>
    // One by one: the families may be in different variants of iptables.
    besideKept({ compiled, kept }, all).flatMap(
      (family) => compare({ mode, kept, snapshot }, [family], nothing, flags).compared,
    );
  const found = comparedWith(lighter);
  const compared = found.some(deletesChains) ? comparedWith(sides) : found;
  return {
    different: compared.some(isDifferent),
    ...{
      compared,
      incomplete: [],
      missing: [],
      host: [],
      flows: [],
      comments: false,
      verbose: flags.verbose,
    },
  };
}

/** Whether it may be of interest what leads to chains, other Services among it. */
function deletesChains({ summary, shared }: Compared): boolean {
  const { services, leftovers, pinned } = summary;
  const isDeleted = services.some(({ chains }) => chains.some(({ action }) => action === 'delete'));
  return isDeleted || leftovers.length + pinned.length > 0 || shared !== undefined;
}

function isDifferent({ summary, shared }: Compared): boolean {
  return summary.services.length > 0 || shared !== undefined;
}

function comparisonChecks(
  { explained: { name }, options }: ObservedService,
  { different, compared }: DiffResult,
  flags: ObservedFlags,
): readonly Check[] {
  if (compared.length === 0) return [];
  const names = [...new Set(compared.map(({ against }) => against))].join(' and ');
  if (!different) return [answer('rules', 'ok', `${names}: the rules of the Service are right`)];
  const isOwn = compared.some(({ summary }) =>
    summary.services.some(({ origin }) => serviceOf(origin) === name),
  );
  const what = isOwn
    ? `the rules of the Service differ (${totalText(compared)})`
    : `the rules of the Service are right, those of the node differ (${totalText(compared)})`;
  const { nodeName, mode } = options;
  const objects = inputFlagsText({
    ...flags,
    // What is followed already.
    hostnameOverride: undefined,
    nodeName: nodeName === '' ? undefined : nodeName,
    mode: mode === 'nftables' ? mode : flags.mode,
  });
  const next = proposed(flags, `diff ${shellWord(name)}${objects}`, '--against');
  return [answer('rules', isOwn ? 'problem' : 'warning', `${names}: ${what}`, next)];
}

/** A command about the same rules; `option` is what names a dump there. */
function proposed({ rules, iptables }: ObservedFlags, command: string, option: string): string {
  if (rules !== KERNEL) return `vipc ${command} ${option} ${shellWord(rules)}`;
  return `sudo vipc ${command}${iptables === undefined ? '' : ` --iptables ${iptables}`}`;
}

/** The packet of a pod to the ClusterIP; without a network of pods that of a client outside. */
function packetCheckOf(
  explained: ExplainedPort,
  rules: NamedRules,
  { loaded, models, options }: ObservedService,
  flags: ObservedFlags,
): Check | undefined {
  const address = explained.addresses.find(({ kind }) => kind === 'cluster-ip');
  if (address === undefined || address.ip === '') return undefined;
  const { ip } = address;
  const known: Known = { host: options.host, models, nodes: loaded.snapshot.nodes };
  const to = targetText(explained.port, ip);
  for (const client of ['pod', 'outside'] satisfies Client[]) {
    const asked = askedOf({ from: client, to }, known);
    if ('fault' in asked) continue;
    const found = new Tracer(rules, asked.machine, 'kernel').trace(asked.packet);
    if ('fault' in found) continue;
    const source = inetNtop(asked.packet.source);
    const next = proposed(flags, `trace --from ${source} --to ${shellWord(to)} -v`, '--rules');
    return packetCheck({ explained, address, client, found }, next);
  }
  return undefined;
}

function targetText({ port, protocol }: ServicePort, ip: Ip): string {
  const suffix = protocol === 'TCP' ? '' : `/${protocol.toLowerCase()}`;
  return `${joinHostPort(inetNtop(ip), port)}${suffix}`;
}
