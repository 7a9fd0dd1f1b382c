/**
 * Decides which of two Services gets an address, port and protocol that both claim. In kube-proxy
 * the order of a hash map decides. Here a cluster IP comes before a load balancer address, and that
 * before an external IP, so that no external IP takes over a cluster IP (CVE-2020-8554); otherwise
 * the first Service by name gets it.
 */

import type { Diagnostic } from '../diagnostics.js';
import { type Ip, joinHostPort } from '../net/ip.js';
import { type NamespacedName, objectRef, type Service } from '../snapshot/types.js';
import type {
  Claim,
  Model,
  Protocol,
  ServiceEntry,
  ServiceNames,
  ServicePort,
  Winners,
} from './types.js';

const RANK: Readonly<Record<Claim['kind'], number>> = {
  cluster: 0,
  loadbalancer: 1,
  external: 2,
  node: 3,
};

/** Everything the ports of one Service claim. */
export function claimsOf(ports: readonly ServicePort[]): readonly Claim[] {
  return ports.flatMap((port, index) => {
    const at = (ip: Ip): string => claimKey(ip, port.port, port.protocol);
    const claims: Claim[] =
      port.clusterIp === '' ? [] : [{ key: at(port.clusterIp), kind: 'cluster', port: index }];
    for (const ip of port.loadBalancerIps)
      claims.push({ key: at(ip), kind: 'loadbalancer', port: index });
    for (const ip of port.externalIps) claims.push({ key: at(ip), kind: 'external', port: index });
    if (port.nodePort !== 0)
      claims.push({ key: claimKey('', port.nodePort, port.protocol), kind: 'node', port: index });
    return claims;
  });
}

/** Whether two lists of claims are the same, so that winners need not be found again. */
export function sameClaims(a: readonly Claim[], b: readonly Claim[]): boolean {
  return (
    a.length === b.length &&
    a.every((claim, i) => claim.key === b[i]?.key && claim.kind === b[i]?.kind)
  );
}

/** The winner of every key that more than one Service claims; entries come in Service order. */
export function findWinners(entries: readonly Pick<ServiceEntry, 'name' | 'claims'>[]): Winners {
  const best = new Map<string, { readonly name: NamespacedName; readonly rank: number }>();
  const winners = new Map<string, NamespacedName>();
  for (const { name, claims } of entries) {
    for (const { key, kind } of claims) {
      const holder = best.get(key);
      if (holder === undefined || RANK[kind] < holder.rank)
        best.set(key, { name, rank: RANK[kind] });
      if (holder !== undefined && holder.name !== name)
        winners.set(key, best.get(key)?.name ?? name);
    }
  }
  return winners;
}

/** The ports of a Service without what it lost; the same array where it lost nothing. */
export function withoutLost(
  name: NamespacedName,
  entry: Pick<ServiceEntry, 'wanted' | 'claims'>,
  winners: Winners,
): readonly ServicePort[] {
  const lost = new Map<number, Set<string>>();
  for (const { port, kind, key } of lostClaims(name, entry.claims, winners)) {
    lost.set(port, (lost.get(port) ?? new Set()).add(`${kind} ${key}`));
  }
  if (lost.size === 0) return entry.wanted;
  return entry.wanted.map((port, index) => {
    const own = lost.get(index);
    if (own === undefined) return port;
    const keeps = (kind: Claim['kind'], ip: Ip): boolean =>
      !own.has(`${kind} ${claimKey(ip, port.port, port.protocol)}`);
    return {
      ...port,
      clusterIp: port.clusterIp !== '' && keeps('cluster', port.clusterIp) ? port.clusterIp : '',
      loadBalancerIps: port.loadBalancerIps.filter((ip) => keeps('loadbalancer', ip)),
      externalIps: port.externalIps.filter((ip) => keeps('external', ip)),
      nodePort: own.has(`node ${claimKey('', port.nodePort, port.protocol)}`) ? 0 : port.nodePort,
    };
  });
}

/** One warning for every claim that a Service lost. */
export function collisionDiagnostics(
  name: NamespacedName,
  entry: ServiceEntry,
  winners: Winners,
): readonly Diagnostic[] {
  return lostClaims(name, entry.claims, winners).map(({ key, kind }) => ({
    code: 'address-collision',
    severity: 'warning',
    message: `${LABEL[kind]} ${key.replace(/^node:/, '')} is also claimed by Service ${winners.get(key)}, which gets it`,
    object: objectRef(entry.service),
    hint: 'two Services cannot share an address, port and protocol: change one of them',
  }));
}

/**
 * The model without the addresses that Services of `kept` hold, given by key as in {@link Claim},
 * with a warning and this hint for each that another Service loses to them. Unlike two Services of
 * one input, these are not equal: an API server refuses an address that is taken too.
 */
export function withoutHeld(
  model: Model,
  holders: Winners,
  kept: ServiceNames,
  hint: string,
): { readonly model: Model; readonly diagnostics: readonly Diagnostic[] } {
  const winners = new Map([...model.winners, ...holders]);
  const diagnostics: Diagnostic[] = [];
  const entries = model.entries.map((entry) => {
    const { name, claims, service } = entry;
    const lost = kept.has(name) ? [] : lostClaims(name, claims, holders);
    if (lost.length === 0) return entry;
    for (const claim of lost) diagnostics.push(heldDiagnostic(claim, service, holders, hint));
    return { ...entry, ports: withoutLost(name, entry, winners) };
  });
  if (diagnostics.length === 0) return { model, diagnostics };
  const ports = entries.flatMap((entry) => entry.ports);
  return { model: { ...model, entries, ports, winners }, diagnostics };
}

function heldDiagnostic(
  { key, kind }: Claim,
  service: Service,
  holders: Winners,
  hint: string,
): Diagnostic {
  return {
    code: 'address-held',
    severity: 'warning',
    message: `${LABEL[kind]} ${key.replace(/^node:/, '')} stays with Service ${holders.get(key)}, whose rules are kept`,
    object: objectRef(service),
    hint,
  };
}

const LABEL: Readonly<Record<Claim['kind'], string>> = {
  cluster: 'cluster IP',
  loadbalancer: 'load balancer address',
  external: 'external IP',
  node: 'node port',
};

/** The key of an address, or of a node port with the address `''`, as in {@link Claim}. */
export function claimKey(ip: Ip | '', port: number, protocol: Protocol): string {
  return ip === '' ? `node:${port}/${protocol}` : `${joinHostPort(ip, port)}/${protocol}`;
}

function lostClaims(
  name: NamespacedName,
  claims: readonly Claim[],
  winners: Winners,
): readonly Claim[] {
  if (winners.size === 0) return [];
  return claims.filter(({ key }) => winners.has(key) && winners.get(key) !== name);
}
