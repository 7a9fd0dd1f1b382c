/** client-go's metrics of work queues, for the queue of syncs that each family has. */

import { Counter, Gauge, Histogram } from 'prom-client';
import type { Family } from '../../net/ip.js';
import type { AgentObserver } from '../observer.js';
import type { MetricContext } from './metric-context.js';

/** Seconds. */
const BUCKETS = Array.from({ length: 10 }, (_, power) => 10 ** (power - 8));

/** What waits and what runs, by the monotonic clock. */
interface Queue {
  queuedAt: number | undefined;
  startedAt: number | undefined;
}

/**
 * A queue holds one item at most, as several requests become one sync. kube-proxy registers these
 * metrics and has no queue with a name; other components of Kubernetes do.
 */
export function workqueueMetrics({ registry, clock, families }: MetricContext): AgentObserver {
  const queues = new Map<string, Queue>();
  const common = { labelNames: ['name'], registers: [registry] };
  const named = (name: string, help: string) => ({
    ...common,
    name: `workqueue_${name}`,
    help: `[ALPHA] ${help}`,
  });
  const adds = new Counter(named('adds_total', 'Total number of adds handled by workqueue'));
  const retries = new Counter(
    named('retries_total', 'Total number of retries handled by workqueue'),
  );
  const waited = new Histogram({
    ...named(
      'queue_duration_seconds',
      'How long in seconds an item stays in workqueue before being requested.',
    ),
    buckets: BUCKETS,
  });
  const worked = new Histogram({
    ...named(
      'work_duration_seconds',
      'How long in seconds processing an item from workqueue takes.',
    ),
    buckets: BUCKETS,
  });
  const gauge = (name: string, help: string, value: (queue: Queue) => number) =>
    new Gauge({
      ...named(name, help),
      collect() {
        for (const [queue, state] of queues) this.set({ name: queue }, value(state));
      },
    });
  const running = ({ startedAt }: Queue): number =>
    startedAt === undefined ? 0 : (clock.now() - startedAt) / 1000;
  gauge('depth', 'Current depth of workqueue', ({ queuedAt }) => (queuedAt === undefined ? 0 : 1));
  gauge(
    'unfinished_work_seconds',
    "How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
    running,
  );
  gauge(
    'longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    running,
  );
  const queueOf = (family: Family): { readonly name: string; readonly queue: Queue } => {
    const name = `sync_proxy_rules_${family.toLowerCase()}`;
    const queue = queues.get(name) ?? { queuedAt: undefined, startedAt: undefined };
    queues.set(name, queue);
    return { name, queue };
  };
  const add = (family: Family): void => {
    const { name, queue } = queueOf(family);
    if (queue.queuedAt !== undefined) return;
    queue.queuedAt = clock.now();
    adds.inc({ name });
  };
  const ended = (family: Family): void => {
    const { name, queue } = queueOf(family);
    if (queue.startedAt !== undefined)
      worked.observe({ name }, (clock.now() - queue.startedAt) / 1000);
    queue.startedAt = undefined;
  };
  for (const family of families) {
    const { name } = queueOf(family);
    adds.inc({ name }, 0);
    retries.inc({ name }, 0);
  }
  return {
    queued: (some) => {
      for (const family of some) add(family);
    },
    started: (family) => {
      // A repair or a retry is in no queue before it is due.
      add(family);
      const { name, queue } = queueOf(family);
      const now = clock.now();
      waited.observe({ name }, (now - (queue.queuedAt ?? now)) / 1000);
      queue.queuedAt = undefined;
      queue.startedAt = now;
    },
    synced: ({ family }) => ended(family),
    failed: ({ family }) => {
      ended(family);
      retries.inc({ name: queueOf(family).name });
    },
  };
}
