/** Node ports that programs of the node use too. */

import type { HostFacts, ListeningPort } from '../../config/types.js';
import { servedOnLoopback } from '../../model/loopback.js';
import type { Model } from '../../model/types.js';
import { LOOPBACK_IP } from '../../net/ip.js';
import type { NamespacedName, Service, Snapshot } from '../../snapshot/types.js';
import type { CheckGroup } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const EPHEMERAL: LintRule = {
  code: 'node-port-ephemeral',
  severity: 'warning',
  title: 'A node port is in the range of ephemeral ports',
  why: 'The kernel gives the ports of net.ipv4.ip_local_port_range to programs that ask for no particular one, and nothing reserves a node port on the node. Where a program gets it, its clients are sent to the endpoints of the Service, and a health check port that is in use cannot be opened: failures that come and go.',
  remedy:
    'add the node ports to net.ipv4.ip_local_reserved_ports, or choose another range for one of the two',
  references: [
    ['kernel.org, ip-sysctl', 'https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html'],
    ['kubernetes pull request 111697', 'https://github.com/kubernetes/kubernetes/pull/111697'],
  ],
};

const LISTENING: LintRule = {
  code: 'node-port-listening',
  severity: 'error',
  title: 'A program listens on a node port',
  why: 'Rules translate packets before they reach a program, so clients of the program are sent to the endpoints of the Service.',
  remedy: 'move the program or the node port to another port',
  references: [],
};

const HEALTH: LintRule = {
  code: 'health-port-collision',
  severity: 'error',
  title: 'A health check port is a node port of another Service',
  why: 'kube-proxy answers health checks of load balancers at healthCheckNodePort on every node. Of two Services with one such port the second cannot open it, and where it is a node port of another Service that one gets the requests; the load balancer then sees the wrong health of the node.',
  remedy: 'remove one of the two numbers, so that the API server assigns another',
  references: [kep(3458)],
};

/** Ports from one to another. */
type PortRange = readonly [first: number, last: number];

/** Whether a port is one that the kernel gives to connections. */
function ephemeralTest({ sysctls = {} }: HostFacts): (port: number) => boolean {
  const [first = 1, last = 0] = (sysctls['net.ipv4.ip_local_port_range'] ?? '')
    .split(' ')
    .map(Number);
  const reserved = portRanges(sysctls['net.ipv4.ip_local_reserved_ports'] ?? '');
  return (port) =>
    port >= first && port <= last && !reserved.some(([from, to]) => port >= from && port <= to);
}

/** `30000-32767,8080` as the kernel prints it: at most as many as there are ports. */
function portRanges(text: string): readonly PortRange[] {
  return text.split(',').flatMap((part): readonly PortRange[] => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    return first === '' ? [] : [[Number(first), Number(last)]];
  });
}

/** A port that a Service takes on every node, and the field that says so. */
interface NodePort {
  readonly port: number;
  readonly protocol: string;
  readonly field: string;
}

function nodePortsOf({ spec }: Service): readonly NodePort[] {
  return (spec.ports ?? []).flatMap(({ nodePort = 0, protocol = 'TCP' }, i) =>
    nodePort === 0 ? [] : [{ port: nodePort, protocol, field: `spec.ports[${i}].nodePort` }],
  );
}

/** The port of health checks, on which the proxy itself listens. */
function healthPortOf({ spec }: Service): readonly NodePort[] {
  const { healthCheckNodePort: port = 0 } = spec;
  return port === 0 ? [] : [{ port, protocol: 'TCP', field: 'spec.healthCheckNodePort' }];
}

function ephemeral(
  service: Service,
  isEphemeral: (port: number) => boolean,
): readonly LintFinding[] {
  return [...nodePortsOf(service), ...healthPortOf(service)]
    .filter(({ port }) => isEphemeral(port))
    .map(({ port, field }) =>
      finding(
        EPHEMERAL,
        `node port ${port} is one that the kernel gives to connections (ip_local_port_range)`,
        inObject(service, field),
      ),
    );
}

function listening(
  service: Service,
  programs: ReadonlyMap<string, ListeningPort>,
  nodeName: string,
): readonly LintFinding[] {
  return nodePortsOf(service).flatMap(({ port, protocol, field }) => {
    const program = programs.get(`${protocol} ${port}`);
    if (program === undefined) return [];
    const message = `a program of ${nodeName} listens on node port ${port}/${protocol} (${program.address})`;
    return [finding(LISTENING, message, inObject(service, field))];
  });
}

/** Health check ports that a Service before it, or a node port of any, has taken. */
function healthPorts(services: Snapshot['services']): readonly LintFinding[] {
  const takers = new Map<number, NamespacedName>();
  for (const [name, service] of services)
    for (const { port, protocol } of nodePortsOf(service))
      if (protocol === 'TCP') takers.set(port, name);
  return [...services].flatMap(([name, service]) =>
    healthPortOf(service).flatMap(({ port, field }) => {
      const taker = takers.get(port);
      if (taker === undefined) takers.set(port, name);
      if (taker === undefined || taker === name) return [];
      const message = `health check port ${port} is one of Service ${taker} too`;
      return [finding(HEALTH, message, inObject(service, field))];
    }),
  );
}

/** `ADDRESS PORT` of the node ports on which kube-proxy itself listens over TCP (KEP-6032). */
function proxyPorts(models: readonly Model[]): ReadonlySet<string> {
  return new Set(
    models.flatMap((model) =>
      servedOnLoopback(model).map(
        ({ nodePort }) => `${LOOPBACK_IP[model.context.family]} ${nodePort}`,
      ),
    ),
  );
}

/** Checks of node ports, against each other and against a machine. */
export const NODE_PORT_CHECKS: CheckGroup = {
  rules: [EPHEMERAL, LISTENING, HEALTH],
  check: ({ snapshot, models, host }) => {
    const health = healthPorts(snapshot.services);
    if (host === undefined) return health;
    const isEphemeral = ephemeralTest(host);
    const own = proxyPorts(models);
    const programs = new Map(
      (host.listening ?? [])
        .filter(
          ({ protocol, address, port }) => protocol !== 'TCP' || !own.has(`${address} ${port}`),
        )
        .map((one) => [`${one.protocol} ${one.port}`, one]),
    );
    const ofMachine = [...snapshot.services.values()].flatMap((service) => [
      ...ephemeral(service, isEphemeral),
      ...listening(service, programs, host.nodeName),
    ]);
    return [...health, ...ofMachine];
  },
};
