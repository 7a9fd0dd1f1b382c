/** The page about a node: its Services as the last syncs have them, and what its agent did. */

import { behaviourOf } from '../../backends/behaviour.js';
import { BACKENDS } from '../../backends/index.js';
import { rulesOfRuleset } from '../../backends/named-rules.js';
import type { ProxyConfig } from '../../config/types.js';
import { checksOf } from '../../explain/all-checks.js';
import { explainService } from '../../explain/service.js';
import { nodeText } from '../../explain/words.js';
import type { Clock } from '../../host/clock.js';
import { inTurns } from '../../host/turn.js';
import type { ModeBehaviour } from '../../model/behaviour.js';
import { entryOf } from '../../model/entries.js';
import { compareText } from '../../model/order.js';
import type { ServiceEntry } from '../../model/types.js';
import type { Family } from '../../net/ip.js';
import { diagnosticFinding, type FindingsByService } from '../../report/findings.js';
import { safeJson, servedPage } from '../../report/page.js';
import { rulesByOrigin } from '../../report/rules.js';
import { CLIENT_WORDS, type ShownService, shownService } from '../../report/service.js';
import type { ReportFinding } from '../../report/types.js';
import { type BackendName, type Ruleset, serviceOf } from '../../ruleset/types.js';
import type { NamespacedName } from '../../snapshot/types.js';
import { NO_WORKLOADS } from '../../snapshot/workloads.js';
import type { Steps } from '../../steps.js';
import { type AgentObserver, observers, type SyncReport } from '../observer.js';
import { timestamp } from './answer.js';
import { Recent } from './recent.js';

export interface NodeReportOptions {
  readonly mode: BackendName;
  readonly profile: ProxyConfig['profile'];
  readonly version: string;
  readonly clock: Clock;
}

/** Milliseconds of work on a page before others have their turn. */
const TURN = 5;

/** What the last sync of a family had. */
type Synced = Pick<SyncReport, 'snapshot' | 'model' | 'ruleset' | 'diagnostics'>;

/** A row of the table, and all that it was made of. */
interface KeptRow {
  readonly entries: readonly (ServiceEntry | undefined)[];
  /** The states of its findings. */
  readonly states: string;
  readonly json: string;
}

/** Makes the page in short turns, and of rows that it made before only those that changed. */
export class NodeReport {
  readonly observer: AgentObserver;
  readonly #options: NodeReportOptions;
  readonly #behaviour: ModeBehaviour;
  readonly #recent: Recent;
  readonly #synced = new Map<Family, Synced>();
  #rows: ReadonlyMap<NamespacedName, KeptRow> = new Map();

  constructor(options: NodeReportOptions) {
    this.#options = options;
    this.#behaviour = behaviourOf(BACKENDS[options.mode], options.profile);
    this.#recent = new Recent(options.clock);
    this.observer = observers([
      this.#recent.observer,
      {
        synced: ({ family, snapshot, model, ruleset, diagnostics }) => {
          this.#synced.set(family, { snapshot, model, ruleset, diagnostics });
        },
      },
    ]);
  }

  /** The page, which asks for one Service after the other. */
  async page(): Promise<string> {
    const { mode, profile, version, clock } = this.#options;
    const synced = [...this.#synced.values()];
    const rows = await this.#rowsOf(synced);
    const [first] = synced;
    return servedPage(
      {
        ...{ version, made: timestamp(clock.wall()), clients: CLIENT_WORDS, rulesOf: '' },
        title: first === undefined ? 'vipc agent' : nodeText(first.model.context),
        facts: [['Mode', `${mode}, as kube-proxy ${profile.name}`]],
        findings: [...this.#recent.findings, ...generalFindings(synced)],
        tables: this.#recent.tables,
      },
      rows,
    );
  }

  async #rowsOf(synced: readonly Synced[]): Promise<readonly string[]> {
    this.#rows = await inTurns(this.#rowsInSteps(synced), TURN, this.#options.clock);
    return [...this.#rows.values()].map(({ json }) => json);
  }

  *#rowsInSteps(synced: readonly Synced[]): Steps<ReadonlyMap<NamespacedName, KeptRow>> {
    const names = [...(synced[0]?.snapshot.services.keys() ?? [])].sort(compareText);
    const rows = new Map<NamespacedName, KeptRow>();
    const byService = this.#findings(synced);
    for (const name of names) {
      const row = this.#rowOf(name, synced, byService);
      if (row !== undefined) rows.set(name, row);
      yield;
    }
    return rows;
  }

  #rowOf(
    name: NamespacedName,
    synced: readonly Synced[],
    byService: FindingsByService,
  ): KeptRow | undefined {
    const known = this.#rows.get(name);
    const entries = synced.map(({ model }) => entryOf(model.entries, name));
    const findings = byService.get(name) ?? [];
    const states = findings.map(({ state }) => state).join(' ');
    const isSame =
      known?.states === states &&
      known.entries.length === entries.length &&
      known.entries.every((entry, i) => entry === entries[i]);
    if (known !== undefined && isSame) return known;
    const shown = this.#shown(name, synced, findings, new Map());
    return shown && { entries, states, json: safeJson(shown.row) };
  }

  /** Everything about one Service, as JSON; `undefined`: there is none of that name. */
  service(name: NamespacedName): string | undefined {
    const synced = [...this.#synced.values()];
    const rules = new Map(
      synced.map(({ model, ruleset }) => {
        const own = rulesetOfService(ruleset, name);
        const origins = new Set(own.ports.map(({ origin }) => origin));
        const { program } = rulesOfRuleset(own);
        return [model.context.family, rulesByOrigin(program, origins)];
      }),
    );
    const findings = this.#findings(synced).get(name) ?? [];
    const shown = this.#shown(name, synced, findings, rules);
    return shown && safeJson(shown.detail);
  }

  /** What the agent has to say about Services. */
  #findings(synced: readonly Synced[]): FindingsByService {
    const found = new Map(this.#recent.findingsByService);
    for (const { diagnostics } of synced)
      for (const diagnostic of diagnostics) {
        const { object } = diagnostic;
        if (object?.kind !== 'Service') continue;
        const name = `${object.namespace}/${object.name}`;
        found.set(name, [...(found.get(name) ?? []), diagnosticFinding(diagnostic, 'agent')]);
      }
    return found;
  }

  #shown(
    name: NamespacedName,
    synced: readonly Synced[],
    findings: readonly ReportFinding[],
    rules: Parameters<typeof shownService>[0]['rules'],
  ): ShownService | undefined {
    const [first] = synced;
    const models = synced.map(({ model }) => model);
    const explained = explainService(name, models, this.#behaviour);
    if (first === undefined || explained === undefined) return undefined;
    const loaded = { snapshot: first.snapshot, workloads: NO_WORKLOADS };
    const checks = checksOf({ explained, loaded, models, suggests: false });
    return shownService({
      ...{ explained, checks, findings, rules },
      pods: NO_PODS,
      isRefuted: () => false,
    });
  }
}

const NO_PODS: ReadonlyMap<string, string> = new Map();

/** The rules of one Service beside those of the node. */
function rulesetOfService(ruleset: Ruleset, name: NamespacedName): Ruleset {
  return { ...ruleset, ports: ruleset.ports.filter(({ origin }) => serviceOf(origin) === name) };
}

function generalFindings(synced: readonly Synced[]): readonly ReportFinding[] {
  return synced
    .flatMap(({ diagnostics }) => diagnostics)
    .filter(({ object }) => object?.kind !== 'Service')
    .map((diagnostic) => diagnosticFinding(diagnostic, 'agent'));
}
