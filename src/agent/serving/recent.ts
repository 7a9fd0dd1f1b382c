/** What an agent did last, for the page about its node. */

import type { DriftFinding } from '../../drift/types.js';
import { messageOf } from '../../errors.js';
import { addTo } from '../../grouping.js';
import type { Clock } from '../../host/clock.js';
import type { Family } from '../../net/ip.js';
import { NOTHING_MORE } from '../../report/findings.js';
import type { ReportFinding, ReportTable } from '../../report/types.js';
import { serviceOf } from '../../ruleset/types.js';
import type { NamespacedName } from '../../snapshot/types.js';
import type { AgentObserver, SyncReport } from '../observer.js';
import { timestamp } from './answer.js';

/** Syncs and checks that are remembered. */
const MOST_SHOWN = 10;

type Refused = SyncReport['result']['refused'][number];

/** The last syncs, the last checks for drift, and the Services whose rules were refused. */
export class Recent {
  readonly observer: AgentObserver;
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #syncs: (readonly string[])[] = [];
  readonly #checks: (readonly string[])[] = [];
  readonly #refused = new Map<Family, readonly Refused[]>();
  /** Families whose last sync failed, with the reason. */
  readonly #failed = new Map<Family, string>();

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock;
    this.observer = {
      synced: ({ family, kind, seconds, result }) => {
        this.#failed.delete(family);
        this.#refused.set(family, result.refused);
        const { changes, leftovers } = result.plan;
        const changed = changes.length + leftovers.length;
        const what = changed === 0 ? 'nothing differed' : `changed: ${changed}`;
        this.#add(this.#syncs, [family, kind, secondsText(seconds), what]);
      },
      failed: ({ family, kind, seconds, error, retryAfter }) => {
        const reason = messageOf(error);
        this.#failed.set(family, reason);
        const what = `failed: ${reason}; again in ${secondsText(retryAfter / 1000)}`;
        this.#add(this.#syncs, [family, kind, secondsText(seconds), what]);
      },
      drift: ({ family, check, seconds, findings, count, repair }) => {
        const [first] = findings;
        const found =
          first === undefined
            ? 'nothing'
            : `${count}: ${driftText(first)}${count > 1 ? ', …' : ''}; ${repair ? 'repaired by a sync' : 'reported only'}`;
        this.#add(this.#checks, [family, check, secondsText(seconds), found]);
      },
      driftFailed: ({ family, check, error }) =>
        this.#add(this.#checks, [family, check, '', `failed: ${messageOf(error)}`]),
    };
  }

  #add(rows: (readonly string[])[], row: readonly string[]): void {
    rows.unshift([timestamp(this.#clock.wall()), ...row]);
    rows.length = Math.min(rows.length, MOST_SHOWN);
  }

  /** For the page, the last first. */
  get tables(): readonly ReportTable[] {
    const refused = [...this.#refused].flatMap(([family, some]) =>
      some.map(({ origin, reason, line, file }) => [origin, family, reason, line, file]),
    );
    return [
      {
        title: 'Last syncs',
        columns: ['When', 'Family', 'Kind', 'Took', 'Chains'],
        rows: this.#syncs,
        none: 'None yet: the agent waits for its input.',
      },
      {
        title: 'Drift',
        columns: ['When', 'Family', 'Check', 'Took', 'Found'],
        rows: this.#checks,
        none: 'Not looked for yet.',
      },
      {
        title: 'Set aside',
        columns: ['Service port', 'Family', 'The kernel says', 'Rule', 'Kept in'],
        rows: refused,
        none: 'No Service: the kernel took the rules of all.',
      },
    ];
  }

  /** Families that are not in sync. */
  get findings(): readonly ReportFinding[] {
    return [...this.#failed].map(([family, reason]) =>
      problem(`the last sync of ${family} failed: ${reason}`),
    );
  }

  /** Those of Services whose rules were refused. */
  get findingsByService(): ReadonlyMap<NamespacedName, readonly ReportFinding[]> {
    const found = new Map<NamespacedName, ReportFinding[]>();
    for (const [family, some] of this.#refused)
      for (const { origin, reason } of some) {
        const text = `${origin} keeps its old ${family} rules: the kernel refused the new ones: ${reason}`;
        addTo(found, serviceOf(origin), problem(text));
      }
    return found;
  }
}

function problem(text: string): ReportFinding {
  return { ...NOTHING_MORE, state: 'problem', source: 'agent', text };
}

function driftText({ kind, table, chain, line }: DriftFinding): string {
  return line === '' ? `${kind} ${[table, chain].filter(Boolean).join(' ')}` : `${table} ${line}`;
}

/** `12 ms`, `1.5 s`. */
function secondsText(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Number(seconds.toFixed(1))} s`;
}
