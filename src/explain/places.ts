/** Reads the source and destination of a packet: addresses, or roles and names of a model. */

import type { Model, ServicePort } from '../model/types.js';
import { nearestName } from '../nearest-name.js';
import { type Cidr, cidrContains, cidrParts } from '../net/cidr.js';
import { type Family, familyOf, type Ip, ipFromBigInt, ipToBigInt, parseIp } from '../net/ip.js';
import { addressOfName, type NamedDestination } from './dns-names.js';
import {
  checkedTarget,
  type Fault,
  noProtocol,
  type Pods,
  PROTOCOLS,
  podNamed,
  podTarget,
  type TraceDestination,
} from './targets.js';

export type { Fault, Pods } from './targets.js';

/** A sender. */
export interface TraceSource {
  readonly ip: Ip;
  /** Whether the machine itself sends. */
  readonly here: boolean;
}

/** The words that `--from` takes besides an address. */
export const ROLES = 'pod, pod:NAMESPACE/NAME, node, outside or endpoint';

/** From the blocks for documentation (RFC 5737, RFC 3849), which no machine has. */
const OUTSIDE: Readonly<Record<Family, Ip>> = {
  IPv4: '192.0.2.1' as Ip,
  IPv6: '2001:db8::1' as Ip,
};

/**
 * The sender that a text names: an address, or with a model `pod` (of this node), `node` (this
 * node itself), `outside` (no address of the cluster) or `endpoint` (the first one of the
 * destination).
 */
export function sourceOf(
  text: string,
  family: Family,
  model: Model | undefined,
  destination: TraceDestination,
  pods: Pods = new Map(),
): TraceSource | Fault {
  const ip = parseIp(text);
  if (ip !== undefined) return { ip, here: false };
  if (text.startsWith('pod:')) {
    const found = podNamed(text.slice(4), pods, family);
    return 'fault' in found ? found : { ip: found.ip, here: false };
  }
  if (text === 'outside') return { ip: OUTSIDE[family], here: false };
  if (!['pod', 'node', 'endpoint'].includes(text))
    return {
      fault: `${JSON.stringify(text)} is not a sender`,
      hint: `write an address, ${ROLES}`,
    };
  if (model === undefined)
    return {
      fault: `the address of ${JSON.stringify(text)} is not known without objects`,
      hint: 'give objects with -f, or an address with --from',
    };
  if (text === 'node') return { ip: model.context.nodeIp, here: true };
  const found = text === 'pod' ? podOf(model) : endpointOf(model, destination);
  if (found !== undefined) return { ip: found, here: false };
  return text === 'pod'
    ? {
        fault: 'no pod of this node is known',
        hint: 'name a node of the input with --node-name, or a Pod with --from pod:NAMESPACE/NAME',
      }
    : { fault: 'the destination has no endpoint', hint: 'give an address with --from' };
}

/** A pod of this node: an address of its network that is no endpoint, else a local endpoint. */
function podOf({ context, ports }: Model): Ip | undefined {
  const { localDetector } = context;
  const taken = new Set(ports.flatMap(({ pools }) => pools.reachable.map(({ ip }) => ip)));
  if (localDetector.kind === 'source') return freeAddress(localDetector.cidr, taken);
  return ports.flatMap(({ pools }) => pools.reachable).find(({ local }) => local)?.ip;
}

function freeAddress(cidr: Cidr, taken: ReadonlySet<Ip>): Ip | undefined {
  const { ip } = cidrParts(cidr);
  const first = ipToBigInt(ip);
  for (let i = 1n; i <= BigInt(taken.size) + 1n; i++) {
    const candidate = ipFromBigInt(first + i, familyOf(ip));
    if (!cidrContains(cidr, candidate)) return undefined;
    if (!taken.has(candidate)) return candidate;
  }
  return undefined;
}

function endpointOf({ ports }: Model, { ip, port, protocol }: TraceDestination): Ip | undefined {
  const found = ports.find(
    (candidate) =>
      candidate.protocol.toLowerCase() === protocol &&
      ((candidate.port === port && addressesOf(candidate).includes(ip)) ||
        candidate.nodePort === port),
  );
  return (found?.pools.cluster[0] ?? found?.pools.reachable[0])?.ip;
}

function addressesOf({ clusterIp, externalIps, loadBalancerIps }: ServicePort): readonly string[] {
  return [clusterIp, ...externalIps, ...loadBalancerIps];
}

/** `10.96.0.10:53/udp`, `[fd00::1]:80`. */
const ADDRESS =
  /^(?:\[(?<six>[^\]]+)\]|(?<four>[0-9.]+)):(?<port>\d{1,5})(?:\/(?<protocol>[a-z]+))?$/;
/**
 * `svc/web:80`, `svc/shop/web:http`, `web.shop:80`, `web.shop.svc.cluster.local:80`, and
 * `db-0.db.shop.svc:5432` for an endpoint.
 */
const NAME =
  /^(?:(?:svc|services?)\/(?:(?<space>[a-z0-9-]+)\/)?(?<name>[a-z0-9-]+)|(?:(?<pod>[a-z0-9-]+)\.(?=[a-z0-9-]+\.[a-z0-9-]+\.svc[.:]))?(?<host>[a-z0-9-]+)\.(?<in>[a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?\.?):(?<port>[a-z0-9-]+)(?:\/(?<protocol>[a-z]+))?$/;

/** The destination that a text names; names of Services need a model. */
export function traceDestination(
  text: string,
  models: readonly Model[],
  pods: Pods = new Map(),
): TraceDestination | Fault {
  const literal = ADDRESS.exec(text)?.groups;
  if (literal !== undefined)
    return (
      checkedTarget(parseIp(literal.six ?? literal.four ?? ''), literal.port, literal.protocol) ??
      malformed(text)
    );
  if (text.startsWith('pod:')) return podTarget(text, pods) ?? malformed(text);
  const named = NAME.exec(text)?.groups;
  if (named === undefined) return malformed(text);
  if (named.protocol !== undefined && !PROTOCOLS.includes(named.protocol))
    return noProtocol(named.protocol);
  const service = `${named.space ?? named.in ?? 'default'}/${named.name ?? named.host}`;
  const { pod: hostname, port = '', protocol } = named;
  return clusterTarget({ service, hostname, port, protocol }, models);
}

function malformed(text: string): Fault {
  const meant = meantDestinations(text).find((one) => ADDRESS.test(one) || NAME.test(one));
  const wrong = `${JSON.stringify(text)} is not a destination`;
  if (meant !== undefined) return { fault: wrong, hint: `did you mean ${meant}?` };
  return {
    fault: wrong,
    hint: 'write ADDRESS:PORT, svc/NAME:PORT or NAME.NAMESPACE[.svc]:PORT, with /udp or /sctp for another protocol than tcp',
  };
}

/** What a text may mean: a name as kubectl has it, this machine, or something without a port. */
function meantDestinations(text: string): readonly string[] {
  const here = text.replace(/^localhost(?=:|$)/, '127.0.0.1');
  if (here !== text) return [here, ...meantDestinations(here)];
  const address = text.includes(':') ? `[${text}]` : text;
  if (parseIp(text) !== undefined) return [`${address}:80`];
  return [`svc/${text}`, `${text}:80`, `svc/${text}:80`];
}

function clusterTarget(
  asked: NamedDestination,
  models: readonly Model[],
): TraceDestination | Fault {
  const { service, hostname, port, protocol } = asked;
  if (models.length === 0)
    return {
      fault: `the address of ${service} is not known without objects`,
      hint: 'give the objects with -f, or an address with --to',
    };
  if (hostname !== undefined) return addressOfName(asked, models) ?? noService(service, models);
  const ports = models.flatMap((model) => model.ports.filter((p) => p.service === service));
  const found = ports.find(
    (p) =>
      (p.portName === port || String(p.port) === port) &&
      (protocol === undefined || p.protocol.toLowerCase() === protocol),
  );
  if (found !== undefined && found.clusterIp !== '')
    return { ip: found.clusterIp, port: found.port, protocol: found.protocol.toLowerCase() };
  const known = [...new Set(ports.map(portText))].join(', ');
  return known === ''
    ? (addressOfName(asked, models) ?? noService(service, models))
    : {
        fault: `Service ${service} has no port ${port}${protocol === undefined ? '' : `/${protocol}`}`,
        hint: `it has ${known}`,
      };
}

function noService(service: string, models: readonly Model[]): Fault {
  const names = models.flatMap(({ objects }) => [...objects.services.keys()]);
  const near = nearestName(service, names);
  return {
    fault: `no Service ${service} with a ClusterIP in the input`,
    hint:
      near === undefined
        ? 'a Service is written as svc/NAMESPACE/NAME:PORT'
        : `did you mean svc/${near}?`,
  };
}

/** `80 (http)`, `53/udp (dns)`. */
function portText({ port, portName, protocol }: ServicePort): string {
  const word = protocol === 'TCP' ? '' : `/${protocol.toLowerCase()}`;
  return `${port}${word}${portName === '' ? '' : ` (${portName})`}`;
}
