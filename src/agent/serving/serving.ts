/**
 * The servers of an agent: health, metrics, the health check node ports of Services, and node ports
 * on loopback addresses.
 */

import { behaviourOf } from '../../backends/behaviour.js';
import { BACKENDS } from '../../backends/index.js';
import type { AgentConfig, ListenAddress } from '../../config/agent-config.js';
import type { ProxyConfig } from '../../config/types.js';
import type { Diagnostic } from '../../diagnostics.js';
import { type Clock, systemClock, type Timers } from '../../host/clock.js';
import type { Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { BackendName } from '../../ruleset/types.js';
import { connectionLimit, loopbackLimits } from '../descriptors.js';
import { LoopbackListeners } from '../loopback/listeners.js';
import { type AgentObserver, observers } from '../observer.js';
import { type Answerer, answering } from './answer.js';
import { HealthCheckPorts } from './health-check-ports.js';
import { healthServer } from './health-server.js';
import { createMetrics } from './metrics.js';
import { metricsServer } from './metrics-server.js';
import { NodeReport } from './node-report.js';
import { Connections, keepPort } from './port.js';
import { ProxyHealth } from './proxy-health.js';
import type { RestClientMetrics } from './rest-client-metrics.js';

export interface ServingOptions {
  readonly config: AgentConfig;
  readonly mode: BackendName;
  readonly families: readonly Family[];
  /** Asked for its packet counters at each scrape. */
  readonly host: Host;
  /** For `/configz`: the whole configuration with its defaults. */
  readonly configz: object;
  /** For `/flagz`: flags with their texts. */
  readonly flags: Readonly<Record<string, string>>;
  readonly version: string;
  readonly profile: ProxyConfig['profile'];
  readonly allowServiceExternalIps: boolean;
  /** Absent where objects come from no API server. */
  readonly requests?: RestClientMetrics | undefined;
  readonly clock?: (Clock & Timers) | undefined;
}

/** The servers of one agent. Metrics count from the start, answers come while it runs. */
export interface Serving {
  /** Must receive every event of the agent. */
  readonly observer: AgentObserver;
  readonly health: ProxyHealth;
  /**
   * Opens all ports and keeps them open. Fulfilled when all are closed, after the signal. Rejects
   * with ListenError, all closed too, where a port is taken and `bindAddressHardFail` is set; else
   * the port is tried again, and `noticed` is called.
   */
  readonly run: (
    noticed: (diagnostics: readonly Diagnostic[]) => void,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** Health, metrics, health check node ports and node ports on loopback addresses of one agent. */
export function createServing(options: ServingOptions): Serving {
  const { config, mode, families, profile, clock = systemClock } = options;
  const { syncPeriod } = config.periods[mode];
  const behaviour = behaviourOf(BACKENDS[mode], profile);
  const health = new ProxyHealth({ families, clock, syncPeriod });
  const loopback = new LoopbackListeners({ retry: syncPeriod, clock });
  const metrics = createMetrics({
    ...{ ...options, clock },
    loopback: behaviour.refusesLoopbackNodePorts ? loopback : undefined,
  });
  const checks = new HealthCheckPorts({ health });
  const report = new NodeReport({ ...options, clock });
  const servers: readonly Server[] = [
    {
      name: 'health',
      address: config.healthzBindAddress,
      answerer: healthServer({ health, clock, answered: metrics.answered }),
    },
    {
      name: 'metrics',
      address: config.metricsBindAddress,
      answerer: metricsServer({ ...options, clock, report, metrics: metrics.text }),
    },
  ];
  return {
    observer: observers([health, metrics.observer, checks, loopback, report.observer]),
    health,
    run: async (noticed, signal) => {
      const limits = await options.host.readFile('/proc/self/limits');
      const limit = connectionLimit(limits);
      if (config.enableProfiling) noticed([NO_PROFILES]);
      const keep = (ending: AbortSignal): readonly Promise<void>[] => [
        ...servers.map((server) =>
          keepServer(
            { ...server, connections: new Connections(limit) },
            config.bindAddressHardFail,
            noticed,
            ending,
          ),
        ),
        checks.run(noticed, new Connections(limit), ending),
        loopback.run(noticed, loopbackLimits(limits), ending),
      ];
      await together(keep, signal);
    },
  };
}

interface Server {
  readonly name: 'health' | 'metrics';
  readonly address: ListenAddress | undefined;
  readonly answerer: Answerer;
}

const NO_PROFILES: Diagnostic = {
  code: 'profiling-unsupported',
  severity: 'note',
  message: 'enableProfiling is set, and there are no profiles of Go to serve: /debug/pprof/ is 404',
};

async function keepServer(
  { name, address, answerer, connections }: Server & { readonly connections: Connections },
  hardFail: boolean,
  noticed: (diagnostics: readonly Diagnostic[]) => void,
  signal: AbortSignal,
): Promise<void> {
  if (address === undefined) return;
  await keepPort(
    {
      ...{ address, hardFail, connections, listener: answering(answerer) },
      failed: ({ message }) =>
        noticed([
          {
            code: `${name}-port-taken`,
            severity: 'warning',
            message: `the ${name} server cannot start: ${message}`,
            hint: 'it is tried again every 5 seconds; with bindAddressHardFail the agent ends instead',
          },
        ]),
      opened: (port, failures) => {
        if (failures === 0) return;
        const message = `the ${name} server listens on port ${port} now`;
        noticed([{ code: `${name}-port-open`, severity: 'note', message }]);
      },
    },
    signal,
  );
}

/**
 * Runs all until the signal, or until one of them fails: then the others end too, and its error is
 * the result.
 */
async function together(
  start: (signal: AbortSignal) => readonly Promise<void>[],
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    const all = start(ending.signal);
    for (const one of all) one.catch(end);
    const ended = await Promise.allSettled(all);
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
