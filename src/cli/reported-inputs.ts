/** Collects the data of a report: each stage runs once, for all Services. */

import { behaviourOf } from '../backends/behaviour.js';
import { BACKENDS } from '../backends/index.js';
import { type NamedRules, rulesOfRuleset } from '../backends/named-rules.js';
import type { HostFacts } from '../config/types.js';
import { type Diagnostic, servicesInError } from '../diagnostics.js';
import { checksOf } from '../explain/all-checks.js';
import type { BrokenFrontend } from '../explain/counterexample.js';
import { podsByAddress } from '../explain/pods.js';
import { explainService } from '../explain/service.js';
import { nodeText } from '../explain/words.js';
import { asksForProxyProtocol } from '../lint/checks/load-balancers.js';
import { compareText } from '../model/order.js';
import type { Family } from '../net/ip.js';
import { type Compiled, compileSnapshot } from '../pipeline.js';
import { diagnosticFinding, findingsByService, worstFirst } from '../report/findings.js';
import type { ReportSummary } from '../report/page.js';
import { type RulesByOrigin, rulesByOrigin } from '../report/rules.js';
import {
  CLIENT_WORDS,
  type ReportedService,
  type ShownService,
  shownService,
} from '../report/service.js';
import { locate } from '../snapshot/locate.js';
import type { Snapshot } from '../snapshot/types.js';
import { FAMILIES, type LoadedInputs, loadInputs, unique } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import { lintLoaded } from './linted-inputs.js';
import type { Inputs } from './read-inputs.js';
import { refuseUnusable } from './usable-inputs.js';
import { verifyFamily } from './verified-family.js';
import { unverifiedNotes } from './verify-flags.js';
import { answerText, type Verified } from './views/verify.js';

/** The rules of a machine that are reported on, by family. */
export type ReportedRules = ReadonlyMap<Family, NamedRules>;

/** Flags that decide about a report. */
export interface ReportInputFlags extends Omit<InputFlags, 'family'> {
  /** The dump that the rules are of; absent: none, or those of a kernel. */
  readonly rules?: string;
}

/** What a report is made of. */
export interface ReportParts {
  readonly summary: Omit<ReportSummary, 'version' | 'made'>;
  /** In the order of their names; made one by one. */
  readonly services: Iterable<ShownService>;
  /** Of the input, for the command line. */
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** The most steps that a search for similar names may take. */
const MOST_SUGGESTING = 1_000_000;

/** Throws SnapshotError where the input has objects and none of them is about Services. */
export function reportParts(
  inputs: Inputs,
  flags: ReportInputFlags,
  rules: ReportedRules,
  facts: HostFacts | undefined,
): ReportParts {
  const read = loadInputs(inputs, flags, {
    ...{ host: facts, workloads: true },
    wantsAnnotation: asksForProxyProtocol,
  });
  const { loaded, options, selected } = read;
  const { snapshot } = loaded;
  const compiled = FAMILIES.dual.map((family) => compileSnapshot(snapshot, family, options));
  const diagnostics = unique([...read.diagnostics, ...compiled.flatMap((one) => one.diagnostics)]);
  const place = (some: readonly Diagnostic[]): readonly Diagnostic[] =>
    locate(some, loaded, inputs.sources);
  refuseUnusable({ snapshot, diagnostics, locate: place });
  const lint = lintLoaded(inputs, read, compiled, flags, [...rules.values()]);
  const verified = verifiedFamilies(inputs, flags, read, compiled, rules);
  const broken = verified.flatMap((one) => one.broken);
  const findings = findingsByService(lint.findings, broken, snapshot);
  const models = compiled.map(({ model }) => model);
  const shared: Omit<ReportedService, 'explained' | 'checks' | 'findings'> = {
    pods: podsByAddress(loaded.workloads),
    rules: new Map(compiled.map((one) => [one.model.context.family, rulesOfFamily(one, rules)])),
    isRefuted: refutedFrontends(broken),
  };
  const behaviour = behaviourOf(BACKENDS[inputs.mode], inputs.config.profile);
  const suggests = isSmall(snapshot, loaded.workloads.pods.length);
  const [first] = models;
  return {
    summary: {
      title: first === undefined ? '' : nodeText(first.context),
      facts: factsOf(inputs, verified),
      findings: worstFirst([
        ...(findings.get('') ?? []),
        ...unverifiedNotes(rules.size === 0 ? [] : loaded.incomplete).map((one) =>
          diagnosticFinding(one, 'verify'),
        ),
      ]),
      tables: [],
      clients: CLIENT_WORDS,
      rulesOf: [...new Set([...rules.values()].map(({ name }) => name))].join(', '),
    },
    services: shownServices([...selected.services.keys()].sort(compareText), (name) => {
      const explained = explainService(name, models, behaviour);
      if (explained === undefined) return undefined;
      const checks = checksOf({ explained, loaded, models, suggests });
      return { ...shared, explained, checks, findings: findings.get(name) ?? [] };
    }),
    diagnostics,
    locate: place,
  };
}

function* shownServices(
  names: readonly string[],
  reportedOf: (name: string) => ReportedService | undefined,
): Generator<ShownService> {
  for (const name of names) {
    const reported = reportedOf(name);
    if (reported !== undefined) yield shownService(reported);
  }
}

function isSmall({ services, slices }: Snapshot, pods: number): boolean {
  return services.size * (pods + slices.size) <= MOST_SUGGESTING;
}

function verifiedFamilies(
  { mode, config }: Inputs,
  flags: ReportInputFlags,
  { loaded, host }: LoadedInputs,
  compiled: readonly Compiled[],
  rules: ReportedRules,
): readonly Verified[] {
  const { snapshot } = loaded;
  const failed = servicesInError(compiled.flatMap(({ diagnostics }) => diagnostics));
  const incomplete = new Set([...loaded.incomplete, ...failed]);
  return compiled.flatMap(({ model }) => {
    const found = rules.get(model.context.family);
    if (found === undefined) return [];
    return [verifyFamily(model, found, { mode, snapshot, incomplete, config }, flags, host)];
  });
}

/** The rules that are looked at, or else those that were compiled. */
function rulesOfFamily({ model, ruleset }: Compiled, rules: ReportedRules): RulesByOrigin {
  const { program } = rules.get(model.context.family) ?? rulesOfRuleset(ruleset);
  return rulesByOrigin(program, new Set(model.ports.map(({ origin }) => origin)));
}

function refutedFrontends(broken: readonly BrokenFrontend[]): ReportedService['isRefuted'] {
  const names = new Set(
    broken
      .filter(({ finding: { kind } }) => kind !== 'changed')
      .map(({ finding: { traffic } }) => `${traffic.what} ${traffic.origin}`),
  );
  return (frontend) => names.has(frontend);
}

function factsOf(
  { mode, config, filename }: Inputs,
  verified: readonly Verified[],
): ReportSummary['facts'] {
  return [
    ['Mode', `${mode}, as kube-proxy ${config.profile.name}`],
    ['Objects', filename.join(', ')],
    ...verified.map((one): readonly [string, string] => [
      `Verified, ${one.family}`,
      `${one.against}: ${answerText(one)}`,
    ]),
  ];
}
