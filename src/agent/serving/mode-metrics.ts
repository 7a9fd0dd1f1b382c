/** kube-proxy's metrics that only one mode has. */

import { Counter, Gauge } from 'prom-client';
import type { MetricText, ModeMetrics } from '../../backends/backend.js';
import type { LoadInput } from '../../backends/transaction.js';
import { goodOutput, type Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import { type Fragment, fragmentsOf } from '../../ruleset/types.js';
import type { AgentObserver } from '../observer.js';
import type { MetricContext } from './metric-context.js';

/** Registers the metrics of a mode and returns the observer that updates them. */
export function modeMetrics(metrics: ModeMetrics, context: MetricContext): AgentObserver {
  const all = failureCounter(context, metrics.failures);
  const partial = metrics.partialFailures && failureCounter(context, metrics.partialFailures);
  const written = metrics.rules && writtenRules(metrics.rules, context);
  if (metrics.rules !== undefined) ownedRules(metrics.rules, context);
  packetCounters(metrics.packets, context);
  return {
    synced: ({ family, result }) => written?.(family, result.sent),
    failed: ({ family, kind }) => {
      all.inc({ ip_family: family });
      if (kind === 'partial') partial?.inc({ ip_family: family });
    },
  };
}

type RuleMetrics = NonNullable<ModeMetrics['rules']>;

function failureCounter({ registry }: MetricContext, text: MetricText): Counter {
  return new Counter({ ...text, labelNames: ['ip_family'], registers: [registry] });
}

function tableGauge(
  { registry }: MetricContext,
  text: MetricText,
  collect?: (gauge: Gauge) => void,
): Gauge {
  return new Gauge({
    ...text,
    labelNames: ['ip_family', 'table'],
    registers: [registry],
    collect() {
      collect?.(this);
    },
  });
}

/** Counted at once: the input may be as long as all rules together, and is not kept for this. */
function writtenRules(
  { last, tables, count }: RuleMetrics,
  context: MetricContext,
): (family: Family, sent: readonly LoadInput[]) => void {
  const gauge = tableGauge(context, last);
  return (ip_family, sent) => {
    const counts = sumOf(sent.flat().map(({ text }) => count(text)));
    for (const table of tables) gauge.set({ ip_family, table }, counts.get(table) ?? 0);
  };
}

function sumOf(all: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const counts of all)
    for (const [table, count] of counts) sum.set(table, (sum.get(table) ?? 0) + count);
  return sum;
}

/** Each fragment is counted once, so that a scrape costs a walk along a list. */
function ownedRules({ total, tables, count }: RuleMetrics, context: MetricContext): void {
  const known = new WeakMap<Fragment, ReadonlyMap<string, number>>();
  const countsOf = (fragment: Fragment): ReadonlyMap<string, number> => {
    const before = known.get(fragment);
    if (before !== undefined) return before;
    const counts = count(fragment.text);
    known.set(fragment, counts);
    return counts;
  };
  tableGauge(context, total, (gauge) => {
    for (const [ip_family, { ruleset }] of context.last) {
      const counts = sumOf(fragmentsOf(ruleset).map(countsOf));
      for (const table of tables) gauge.set({ ip_family, table }, counts.get(table) ?? 0);
    }
  });
}

/** Packet counters, read from the kernel by each scrape; 0 where it counts nothing. */
function packetCounters(packets: ModeMetrics['packets'], { registry, host }: MetricContext): void {
  let reading: Promise<ReadonlyMap<string, number>> | undefined;
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    try {
      return await packetCounts(host);
    } finally {
      reading = undefined;
    }
  };
  for (const { name, help, object } of packets) {
    let last = 0;
    new Counter({
      ...{ name, help, registers: [registry] },
      async collect() {
        reading ??= read();
        last = (await reading).get(object) ?? last;
        this.reset();
        this.inc(last);
      },
    });
  }
}

/** Milliseconds that a scrape waits for the tool. */
const NFACCT_TIMEOUT = 2000;

/**
 * Packets by nfacct object: lines of `{ pkts = 00000000000000000004, bytes = 00000000000000000336 }
 * = name;`.
 */
async function packetCounts(host: Host): Promise<ReadonlyMap<string, number>> {
  const result = await host.run({ command: 'nfacct', args: ['list'], timeout: NFACCT_TIMEOUT });
  const lines = (goodOutput(result) ?? '').matchAll(/\{ pkts = (\d+),[^}]*\} = (\w+);/g);
  return new Map([...lines].map(([, packets, name = '']) => [name, Number(packets)]));
}
