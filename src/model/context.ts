/**
 * Computes what all Services of a node share: its name and zone, its addresses, and how traffic of
 * its own pods is recognised.
 */

import { isLiberal } from '../config/liberal-conntrack.js';
import { type HostFacts, NFACCT_COUNTERS, type NfacctCounter } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import {
  type Cidr,
  cidrContains,
  cidrFamily,
  cidrParts,
  hostCidr,
  isZeroCidr,
  parseCidr,
} from '../net/cidr.js';
import {
  type Family,
  familyOf,
  type Ip,
  interfaceAddresses,
  isLoopback,
  isUnspecified,
  LOOPBACK_IP,
  parseIp,
} from '../net/ip.js';
import { type Node, objectRef, podCidrsOf, type Snapshot, ZONE_LABEL } from '../snapshot/types.js';
import { compareText } from './order.js';
import type { ModelSettings } from './settings.js';
import type { LocalDetector, NodeContext, NodePortAddresses } from './types.js';

/** The context of a family without {@link NodeContext.large}, which depends on the Services. */
export type BareContext = Omit<NodeContext, 'large'>;

/** The context for one family, with diagnostics. */
export function buildContext(
  snapshot: Snapshot,
  settings: ModelSettings,
  family: Family,
): { readonly context: BareContext; readonly diagnostics: Diagnostic[] } {
  const { config, backend, nodeName } = settings;
  const { nfacct, dropInvalid } = config.profile.iptables;
  const node = snapshot.nodes.get(nodeName);
  const diagnostics: Diagnostic[] = [];
  const knownIp = primaryIps(node, config.bindAddress).get(family);
  const { addresses, loopback } = nodePorts(settings, node, family, knownIp, diagnostics);
  const loopbackListed = listsLoopback(backend.nodePortAddresses, family);
  const loopbackServed = backend.checksLoopback && loopbackListed;
  if (loopbackServed && !settings.servesLoopback) diagnostics.push(loopbackUnserved(family));
  const context: BareContext = {
    family,
    nodeName,
    zone: node?.metadata.labels?.[ZONE_LABEL] ?? settings.zone ?? '',
    nodeIp: knownIp ?? LOOPBACK_IP[family],
    localDetector: localDetector(settings, node, family, diagnostics),
    nodePortAddresses: addresses,
    localhostNodePorts: backend.localhostNodePorts && loopback,
    loopbackListed,
    loopbackServed,
    masqueradeAll: backend.masqueradeAll,
    masqueradeMark: 2 ** backend.masqueradeBit,
    serviceCidrs: backend.readsServiceCidrs ? serviceCidrs(snapshot, family) : [],
    tcpBeLiberal: isLiberal(config, settings.host) && dropInvalid === 'unless-liberal',
    nfacct: nfacct ? nfacctCounters(settings.host?.nfacct ?? true) : [],
  };
  return { context, diagnostics };
}

function nfacctCounters(nfacct: HostFacts['nfacct']): readonly NfacctCounter[] {
  if (typeof nfacct === 'boolean') return nfacct ? NFACCT_COUNTERS : [];
  return NFACCT_COUNTERS.filter((counter) => nfacct.includes(counter));
}

/**
 * The node's primary address in each family that has one: the first InternalIP (else ExternalIP),
 * the first of the other family after it, and bindAddress over both (kube-proxy's detectNodeIPs).
 */
function primaryIps(node: Node | undefined, bindAddress: Ip): ReadonlyMap<Family, Ip> {
  const found = new Map<Family, Ip>();
  const listed = node?.status?.addresses ?? [];
  for (const type of ['InternalIP', 'ExternalIP']) {
    for (const { address } of listed.filter((entry) => entry.type === type)) {
      const ip = parseIp(address);
      if (ip !== undefined && !found.has(familyOf(ip))) found.set(familyOf(ip), ip);
    }
  }
  if (!isUnspecified(bindAddress)) found.set(familyOf(bindAddress), bindAddress);
  return found;
}

/**
 * Which addresses accept node ports, and whether 127.0.0.1 is meant to be among them.
 * kube-proxy takes a list without an entry of this family for "all addresses"; for `primary`
 * that would open every address just because the node's own is unknown, so there vipc opens none.
 */
function nodePorts(
  settings: ModelSettings,
  node: Node | undefined,
  family: Family,
  nodeIp: Ip | undefined,
  diagnostics: Diagnostic[],
): { readonly addresses: NodePortAddresses; readonly loopback: boolean } {
  const configured = settings.backend.nodePortAddresses;
  const primary = configured === 'primary' || configured === 'primary-or-all';
  if (primary && (nodeIp === undefined || isLoopback(nodeIp))) {
    diagnostics.push(primaryUnknown(settings.nodeName, family, configured === 'primary'));
    if (configured === 'primary') return { addresses: NO_ADDRESSES, loopback: false };
    return { addresses: { kind: 'all' }, loopback: family === 'IPv4' };
  }
  const entries = primary ? ['primary' as const] : configured;
  const own = entries.includes('primary');
  const networks = entries.flatMap((entry) => {
    if (entry === 'primary') return nodeIp === undefined ? [] : [hostCidr(nodeIp)];
    return cidrFamily(entry) === family ? [entry] : [];
  });
  const all = (networks.length === 0 && !own) || networks.some(isZeroCidr);
  const loopback = family === 'IPv4' && (all || networks.some(holdsLoopback));
  if (all) return { addresses: { kind: 'all' }, loopback };
  const usable = (ip: Ip): boolean =>
    !isLoopback(ip) || (loopback && settings.backend.localhostNodePorts);
  const ips = ownAddresses(settings, node).filter(
    (ip) => usable(ip) && networks.some((cidr) => cidrContains(cidr, ip)),
  );
  return { addresses: { kind: 'listed', ips: [...new Set(ips)].sort(compareText) }, loopback };
}

const NO_ADDRESSES: NodePortAddresses = { kind: 'listed', ips: [] };

function primaryUnknown(nodeName: string, family: Family, chosen: boolean): Diagnostic {
  const outcome = chosen
    ? `no ${family} node port is opened`
    : 'node ports answer on every address';
  const reason = chosen
    ? 'nodePortAddresses is "primary"'
    : 'node ports answer on the primary address by default';
  return {
    code: 'primary-node-ip-unknown',
    severity: 'warning',
    message: `${reason}, but the primary ${family} address of node ${JSON.stringify(nodeName)} is unknown: ${outcome}`,
    hint: 'add the Node object to the input, or set bindAddress or nodePortAddresses',
  };
}

/** kube-proxy listens there itself, in user space. */
function loopbackUnserved(family: Family): Diagnostic {
  return {
    code: 'loopback-node-ports-unserved',
    severity: 'warning',
    message: `nodePortAddresses names a loopback network of ${family}, on which kube-proxy itself serves TCP node ports: with the rules of vipc alone nothing listens there`,
    hint: 'run vipc agent, which serves them, or take an address of the node',
  };
}

/** kube-proxy's ContainsExplicitLoopback: 0.0.0.0/0 and ::/0 do not name loopback. */
function listsLoopback(
  listed: ModelSettings['backend']['nodePortAddresses'],
  family: Family,
): boolean {
  if (typeof listed === 'string') return false;
  return listed.some(
    (entry) =>
      entry !== 'primary' && cidrFamily(entry) === family && isLoopback(cidrParts(entry).ip),
  );
}

/** Whether an IPv4 network lies in 127.0.0.0/8 or holds 127.0.0.1. */
function holdsLoopback(cidr: Cidr): boolean {
  return isLoopback(cidrParts(cidr).ip) || cidrContains(cidr, LOOPBACK_IP.IPv4);
}

/**
 * The addresses of the machine: of its interfaces, or without host facts those of its Node object
 * and loopback.
 */
function ownAddresses(settings: ModelSettings, node: Node | undefined): readonly Ip[] {
  if (settings.host !== undefined) return interfaceAddresses(settings.host.interfaces);
  const ofNode = (node?.status?.addresses ?? []).flatMap(({ address }) => parseIp(address) ?? []);
  return [...ofNode, LOOPBACK_IP.IPv4, LOOPBACK_IP.IPv6];
}

/**
 * How this node recognises traffic of its own pods. A mode without a network of this family detects
 * nothing.
 */
function localDetector(
  settings: ModelSettings,
  node: Node | undefined,
  family: Family,
  diagnostics: Diagnostic[],
): LocalDetector {
  const { config } = settings;
  switch (config.detectLocalMode) {
    case 'ClusterCIDR':
      return sourceDetector(config.clusterCidrs, family);
    case 'NodeCIDR':
      return sourceDetector(podCidrs(node, diagnostics), family);
    case 'BridgeInterface':
      return { kind: 'interface', name: config.bridgeInterface };
    case 'InterfaceNamePrefix':
      return { kind: 'interface-prefix', prefix: config.interfaceNamePrefix };
  }
}

function sourceDetector(cidrs: readonly Cidr[], family: Family): LocalDetector {
  const cidr = cidrs.find((candidate) => cidrFamily(candidate) === family);
  return cidr === undefined ? { kind: 'none' } : { kind: 'source', cidr };
}

function podCidrs(node: Node | undefined, diagnostics: Diagnostic[]): readonly Cidr[] {
  if (node === undefined) {
    diagnostics.push({
      code: 'node-cidr-unknown',
      severity: 'warning',
      message:
        'detectLocalMode is NodeCIDR, but the Node object is not in the input: traffic of local pods is not recognised',
      hint: 'add the Node object to the input',
    });
    return [];
  }
  return podCidrsOf(node).flatMap((text, i) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr;
    diagnostics.push({
      code: 'invalid-address',
      severity: 'warning',
      message: 'not a network in CIDR notation: ignored',
      object: objectRef(node),
      field: `spec.podCIDRs[${i}]`,
      value: JSON.stringify(text),
    });
    return [];
  });
}

/**
 * All networks of ClusterIPs in this family (KEP-1880); an invalid one is left out, as the API
 * server takes none.
 */
function serviceCidrs(snapshot: Snapshot, family: Family): readonly Cidr[] {
  const texts = snapshot.serviceCidrs.flatMap((object) => object.spec?.cidrs ?? []);
  const cidrs = texts.flatMap((text) => parseCidr(text) ?? []);
  return [...new Set(cidrs.filter((cidr) => cidrFamily(cidr) === family))].sort(compareText);
}
