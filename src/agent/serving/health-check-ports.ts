/**
 * The health check node ports: one server per Service that load balancers ask whether this node has
 * endpoints for it.
 */

import type { ListenAddress } from '../../config/agent-config.js';
import { type Diagnostic, serviceRef } from '../../diagnostics.js';
import { endpointsOfEntry } from '../../model/endpoints.js';
import { entryOf } from '../../model/entries.js';
import type {
  Model,
  NamespacedName,
  NodeContext,
  ServiceContext,
  ServiceEntry,
} from '../../model/types.js';
import { type Family, type Ip, parseIp } from '../../net/ip.js';
import type { AgentObserver, SyncReport } from '../observer.js';
import { type Answerer, answering, type HttpResponse, jsonAnswer, NOT_FOUND } from './answer.js';
import { type Connections, keepPort } from './port.js';
import type { ProxyHealth } from './proxy-health.js';

/** One open port. */
interface OpenPort {
  readonly close: () => void;
  readonly closed: Promise<void>;
}

type Noticed = (diagnostics: readonly Diagnostic[]) => void;

/** What new ports need while the servers run. */
interface Running {
  readonly noticed: Noticed;
  readonly connections: Connections;
}

export interface HealthCheckPortOptions {
  readonly health: ProxyHealth;
  /** Milliseconds between two attempts to open a port; 5 seconds if absent. */
  readonly retry?: number | undefined;
}

/**
 * Opens, moves and closes ports after each sync. Each family listens on its own, on the addresses
 * that accept node ports: all, or those that are listed. A port in use is tried until it is free.
 */
export class HealthCheckPorts implements AgentObserver {
  readonly #options: HealthCheckPortOptions;
  readonly #services = new Map<Family, ReadonlyMap<number, HealthCheckedService>>();
  /** Of each family, by address and port. */
  readonly #wanted = new Map<Family, ReadonlyMap<string, ListenAddress>>();
  readonly #open = new Map<string, OpenPort>();
  #running: Running | undefined;

  constructor(options: HealthCheckPortOptions) {
    this.#options = options;
  }

  synced({ family, model }: Pick<SyncReport, 'family' | 'model'>): void {
    const services = healthCheckedServices(model);
    const addresses = healthCheckIps(model.context).flatMap((ip) =>
      [...services.keys()].map((port): [string, ListenAddress] => [`${ip} ${port}`, { ip, port }]),
    );
    this.#services.set(family, services);
    this.#wanted.set(family, new Map(addresses));
    this.#settle();
  }

  /** Opens ports until the signal. Resolves when all are closed. */
  async run(noticed: Noticed, connections: Connections, signal: AbortSignal): Promise<void> {
    this.#running = { noticed, connections };
    this.#settle();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#running = undefined;
    const all = [...this.#open.values()];
    for (const port of all) port.close();
    await Promise.all(all.map(({ closed }) => closed));
  }

  #settle(): void {
    const running = this.#running;
    if (running === undefined) return;
    const wanted = new Map([...this.#wanted.values()].flatMap((addresses) => [...addresses]));
    for (const [key, { close }] of this.#open) {
      if (wanted.has(key)) continue;
      close();
      this.#open.delete(key);
    }
    for (const [family, addresses] of this.#wanted)
      for (const [key, address] of addresses)
        if (!this.#open.has(key)) this.#open.set(key, this.#opening(family, address, running));
  }

  #opening(family: Family, address: ListenAddress, { noticed, connections }: Running): OpenPort {
    const { retry } = this.#options;
    const controller = new AbortController();
    const named = (): string => this.#services.get(family)?.get(address.port)?.service ?? '';
    const closed = keepPort(
      {
        ...{ address, ipv6Only: true, hardFail: false, retry, connections },
        listener: answering(this.#answerer(family, address.port)),
        failed: ({ message }) => noticed([portTaken(named(), message)]),
        opened: (_, failures) => {
          if (failures > 0) noticed([portOpen(named(), address.port)]);
        },
      },
      controller.signal,
    );
    return { close: () => controller.abort(), closed };
  }

  /**
   * The Service of the port is looked up for each answer, so that the port stays open when it moves
   * from one Service to another.
   */
  #answerer(family: Family, port: number): Answerer {
    return () => {
      const found = this.#services.get(family)?.get(port);
      return found === undefined ? NOT_FOUND : healthCheck(found, this.#options.health);
    };
  }
}

/**
 * 200 only where an endpoint is on this node and the rules are up to date. As in kube-proxy, a Node
 * that is being deleted changes nothing.
 */
function healthCheck(
  { service, localEndpoints }: HealthCheckedService,
  health: ProxyHealth,
): HttpResponse {
  const { healthy } = health.state();
  const { namespace, name } = serviceRef(service);
  const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: healthy };
  return jsonAnswer(
    JSON.stringify(body, undefined, '\t'),
    healthy && localEndpoints > 0 ? 200 : 503,
    {
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    },
  );
}

function portTaken(service: string, reason: string): Diagnostic {
  return {
    code: 'health-check-port-taken',
    severity: 'warning',
    message: `the health check node port cannot be opened: ${reason}`,
    object: serviceRef(service),
    field: 'spec.healthCheckNodePort',
    hint: 'it is tried again every 5 seconds; load balancers get no answer until then',
  };
}

function portOpen(service: string, port: number): Diagnostic {
  return {
    code: 'health-check-port-open',
    severity: 'note',
    message: `the health check node port ${port} is open now`,
    object: serviceRef(service),
  };
}

/** One Service of type LoadBalancer with external traffic policy Local. */
export interface HealthCheckedService {
  readonly service: NamespacedName;
  /**
   * Addresses on this node that are ready, each once whatever the number of its ports. Those that
   * terminate do not count.
   */
  readonly localEndpoints: number;
}

/** By port. Of two Services that want one port the first in order has it. */
export function healthCheckedServices({
  serviceContext,
  ports,
  entries,
}: Model): ReadonlyMap<number, HealthCheckedService> {
  const found = new Map<number, HealthCheckedService>();
  for (const { healthCheckNodePort, service } of ports) {
    if (healthCheckNodePort === 0 || found.has(healthCheckNodePort)) continue;
    const localEndpoints = localReady(entryOf(entries, service), serviceContext);
    found.set(healthCheckNodePort, { service, localEndpoints });
  }
  return found;
}

/**
 * From the slices, because the pools of a port without any external address hold no local
 * endpoints.
 */
function localReady(entry: ServiceEntry | undefined, context: ServiceContext): number {
  const ips = new Set<Ip>();
  for (const endpoints of endpointsOfEntry(entry, context).values())
    for (const { ip, ready, local } of endpoints) if (ready && local) ips.add(ip);
  return ips.size;
}

/**
 * The addresses of one family that the ports are opened on: those that accept node ports. Where
 * that is every address, the unspecified one; where it is none, kube-proxy does not answer either.
 */
export function healthCheckIps({ family, nodePortAddresses }: NodeContext): readonly Ip[] {
  if (nodePortAddresses.kind === 'listed') return nodePortAddresses.ips;
  const any = parseIp(family === 'IPv6' ? '::' : '0.0.0.0');
  return any === undefined ? [] : [any];
}
