/**
 * Sends Kubernetes Events about this node and its Services, in the background and without retries.
 */

import type { Diagnostic, ObjectRef } from '../../diagnostics.js';
import type { DriftFinding, DriftReport } from '../../drift/types.js';
import { messageOf } from '../../errors.js';
import { systemClock } from '../../host/clock.js';
import type { Family } from '../../net/ip.js';
import { serviceOf } from '../../ruleset/types.js';
import type { AgentObserver, SyncReport } from '../observer.js';
import { type EventFacts, eventRequest } from './event-object.js';

export interface EventsOptions {
  /** Creates an object at the API server; rejects where it is refused. */
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  readonly nodeName: string;
  /** Called with a warning for each Event that was refused. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
  /** Nanoseconds of the epoch; the clock of this machine where absent. */
  readonly now?: () => bigint;
}

export interface Events {
  /** Sends an Event for each report; a server that cannot start arrives as a diagnostic. */
  readonly observer: AgentObserver;
  /** Sends the Event that the agent starts. */
  readonly starting: () => void;
}

/**
 * Events that kube-proxy sends too have its controller name, reasons and actions, because alerts
 * match them. All others name vipc.
 */
const LIKE_KUBE_PROXY = 'kube-proxy';
const OURS = 'vipc';

/** kube-proxy's Events by the code of the diagnostic that stands for them here. */
const SERVERS: Readonly<Record<string, Pick<EventFacts, 'reason' | 'action'>>> = {
  'health-check-port-taken': { reason: 'FailedToStartServiceHealthcheck', action: 'Listen' },
  'health-port-taken': { reason: 'FailedToStartProxierHealthcheck', action: 'StartKubeProxy' },
  'metrics-port-taken': { reason: 'FailedToStartMetricServer', action: 'StartKubeProxy' },
};

/** How many findings an Event names. */
const MOST_FINDINGS = 5;

/** Sends the Events of an agent. */
export function openEvents(options: EventsOptions): Events {
  const { nodeName } = options;
  const node: ObjectRef = { kind: 'Node', namespace: '', name: nodeName };
  const outbox = new Outbox(options);
  const drifted = new Map<Family, Drifted>();
  const refused = new Map<Family, ReadonlyMap<string, string>>();
  return {
    starting: () =>
      outbox.send({
        ...{ reason: 'Starting', action: 'StartKubeProxy', note: '', type: 'Normal' },
        ...{ regarding: node, controller: LIKE_KUBE_PROXY },
      }),
    observer: {
      noticed: (diagnostics) => {
        for (const { code, message, object } of diagnostics) {
          const known = Object.hasOwn(SERVERS, code) ? SERVERS[code] : undefined;
          if (known === undefined) continue;
          const note = `node ${nodeName}: ${message}`;
          const regarding = object ?? node;
          outbox.send({ ...known, note, type: 'Warning', regarding, controller: LIKE_KUBE_PROXY });
        }
      },
      drift: (report) => {
        if (report.count > 0 && report.repair)
          drifted.set(report.family, addDrift(drifted.get(report.family), report));
      },
      synced: (report) => {
        const found = drifted.get(report.family);
        drifted.delete(report.family);
        if (found !== undefined) outbox.send(driftRepaired(node, report.family, found));
        const before = refused.get(report.family) ?? new Map();
        const now = refusedServices(report);
        refused.set(report.family, now);
        for (const [service, reason] of now)
          if (before.get(service) !== reason)
            outbox.send(serviceRefused(nodeName, report.family, service, reason));
      },
    },
  };
}

interface Drifted {
  readonly count: number;
  readonly findings: readonly DriftFinding[];
}

function addDrift(before: Drifted | undefined, { count, findings }: DriftReport): Drifted {
  return {
    count: (before?.count ?? 0) + count,
    findings: [...(before?.findings ?? []), ...findings].slice(0, MOST_FINDINGS),
  };
}

function driftRepaired(node: ObjectRef, family: Family, { count, findings }: Drifted): EventFacts {
  const named = findings.map(({ kind, table, chain, origin }) =>
    [kind, table, chain, ...(origin === '' ? [] : [`(${origin})`])].filter(Boolean).join(' '),
  );
  const rest = count > named.length ? ', and more' : '';
  return {
    ...{ reason: 'RulesRepaired', action: 'RepairRules', type: 'Warning', regarding: node },
    note: `another program changed the ${family} rules of node ${node.name}; repaired: ${named.join(', ')}${rest} (${count} in all)`,
    controller: OURS,
  };
}

/** Why the kernel refuses the rules of each Service. */
function refusedServices({ result }: SyncReport): ReadonlyMap<string, string> {
  return new Map(result.refused.map(({ origin, reason }) => [serviceOf(origin), reason]));
}

function serviceRefused(
  nodeName: string,
  family: Family,
  service: string,
  reason: string,
): EventFacts {
  const [namespace = '', name = ''] = service.split('/', 2);
  return {
    ...{ reason: 'RulesRefused', action: 'SyncRules', type: 'Warning', controller: OURS },
    regarding: { kind: 'Service', namespace, name },
    note: `node ${nodeName} keeps the ${family} rules that it had, because its kernel refuses the new ones: ${reason}`,
  };
}

/** Events that may be sent at once; then one a minute. Those beyond are dropped. */
const BURST = 25;
const REFILL = 60_000_000_000n;

/** Sends one Event at a time, each once. */
class Outbox {
  readonly #options: EventsOptions;
  readonly #now: () => bigint;
  #allowed = BURST;
  #refilled: bigint | undefined;
  #last = 0n;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#now = options.now ?? clock;
  }

  send(facts: EventFacts): void {
    const now = this.#now();
    if (!this.#take(now)) return;
    // The time is part of the name, so no two Events may have the same.
    this.#last = now > this.#last ? now : this.#last + 1n;
    const { path, body } = eventRequest(facts, this.#options.nodeName, this.#last);
    this.#sending = this.#sending.then(() => this.#post(facts.reason, path, body));
  }

  async #post(reason: string, path: string, body: object): Promise<void> {
    try {
      await this.#options.post(path, body);
    } catch (error) {
      const why = messageOf(error);
      const message = `the Event ${reason} was refused, and is not sent again: ${why}`;
      this.#options.noticed([{ code: 'event-refused', severity: 'warning', message }]);
    }
  }

  #take(now: bigint): boolean {
    const since = this.#refilled ?? now;
    // The clock was set back: start a new window.
    const minutes = now < since ? 0n : (now - since) / REFILL;
    this.#refilled = now < since ? now : since + minutes * REFILL;
    this.#allowed = Math.min(BURST, this.#allowed + Number(minutes));
    if (this.#allowed === 0) return false;
    this.#allowed--;
    return true;
  }
}

/** Nanoseconds, of which the last six digits are chance, so that two nodes seldom make one name. */
function clock(): bigint {
  return BigInt(systemClock.wall()) * 1_000_000n + BigInt(Math.floor(systemClock.random() * 1e6));
}
