/**
 * An agent alone in a process that can collect its garbage: it follows a server elsewhere, over a
 * kernel in memory. It answers `wait SERVICE` when the rules of shop/SERVICE are loaded, `look
 * SERVICE` with what it then holds. Started with `--expose-gc`.
 */

import { getEventListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { runAgent } from '../../../src/agent/agent.js';
import { observers } from '../../../src/agent/observer.js';
import { createMetrics } from '../../../src/agent/serving/metrics.js';
import { ProxyHealth } from '../../../src/agent/serving/proxy-health.js';
import { clusterSource } from '../../../src/agent/sources/cluster-source.js';
import { connect } from '../../../src/cluster/connection.js';
import { openApi } from '../../../src/cluster/http-api.js';
import { DEFAULT_PROFILE } from '../../../src/profiles/profiles.js';
import { acceleratedApi, acceleratedClock } from '../cluster/accelerated-api.js';
import { FAMILIES, memoryIptables, NODE_NAME } from '../kernels/agent-kernels.js';
import { agentOptions } from './running-agent.js';

/** What it answers to `look`. */
export interface LeakReport {
  /** Bytes of objects after garbage collection; compiled code is not counted. */
  readonly heap: number;
  /** On the signal that ends the agent. */
  readonly listeners: number;
  /** Changes that the agent reported, and syncs. */
  readonly changed: number;
  readonly synced: number;
}

const [kubeconfig = '', leak = ''] = process.argv.slice(2);
const kernel = memoryIptables();
const { mode, host } = kernel;
const leaked: object[] = [];
/** Services that the kernel has rules for, by family. */
const applied = new Map<string, ReadonlySet<string>>();
let changed = 0;
let synced = 0;

process.on('warning', (warning) => {
  throw warning;
});

const api = openApi(await connect({ kubeconfig, environment: {} }), { userAgent: 'vipc/test' });
const clock = acceleratedClock(100);
const accelerated = acceleratedApi(api, { speed: 100, clock, asked: () => {} });
const metrics = createMetrics({
  ...{ mode, families: FAMILIES, host, version: 'test', allowServiceExternalIps: true },
  profile: DEFAULT_PROFILE,
});
const observer = observers([
  new ProxyHealth({ families: FAMILIES, syncPeriod: 30_000 }),
  metrics.observer,
  {
    changed: (changes) => {
      changed += changes.length;
      if (leak !== '') for (const { kind } of changes) leaked.push({ kind });
    },
    // What a real host would have forgotten.
    synced: ({ family, snapshot }) => {
      synced++;
      applied.set(family, new Set(snapshot.services.keys()));
      host.ran.splice(0);
    },
  },
]);
const ending = new AbortController();
const source = clusterSource(accelerated, NODE_NAME, { clock });
const running = runAgent({ ...agentOptions(kernel), source, observer }, ending.signal);

function heap(): number {
  for (let times = 0; times < 4; times++) globalThis.gc?.();
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !name.includes('code') && !name.includes('read_only'))
    .reduce((sum, { space_used_size: size }) => sum + size, 0);
}

async function looked(): Promise<LeakReport> {
  await metrics.text();
  const now = heap();
  // What was only waiting for its collection no longer listens.
  await pause(20);
  const listeners = getEventListeners(ending.signal, 'abort').length;
  return { heap: now, listeners, changed, synced };
}

for await (const line of createInterface(process.stdin)) {
  const [what = '', service = ''] = line.split(' ');
  while (!FAMILIES.every((family) => applied.get(family)?.has(`shop/${service}`))) await pause(5);
  process.stdout.write(`${what === 'look' ? JSON.stringify(await looked()) : 'there'}\n`);
}
ending.abort();
await running;
api.close();
