/** What a Service does on a node, and why, for scripts. */

import { dnsName } from '../../dns/records.js';
import { type Check, QUESTIONS } from '../../explain/checks.js';
import { CLIENTS, type ServiceAddress } from '../../explain/clients.js';
import { type Decision, DROPPED, REFUSED } from '../../explain/expected.js';
import type { ExplainedFamily, ExplainedPort, ExplainedService } from '../../explain/service.js';
import { eachOf } from '../../explain/shares.js';
import type { EndpointVerdict } from '../../model/verdicts.js';
import { inetNtop } from '../../net/ip.js';
import { fractionText } from '../../netfilter/fraction.js';
import type { NamespacedName } from '../../snapshot/types.js';
import type { ServicePortChains } from '../chain-names.js';
import type { DiffResult } from '../comparison.js';
import { familiesContent } from './diff-json.js';

/** Everything there is to say about a Service. */
export interface Explanation {
  readonly name: NamespacedName;
  /** `undefined`: there is no such Service. */
  readonly explained: ExplainedService | undefined;
  readonly checks: readonly Check[];
  /** Names of Pods by their address. */
  readonly pods: ReadonlyMap<string, string>;
  /** By family, and then by Service port. */
  readonly chains: ReadonlyMap<string, ReadonlyMap<string, readonly ServicePortChains[]>>;
  /** What rules of a dump or a kernel have of it; `undefined`: none were looked at. */
  readonly differences: DiffResult | undefined;
}

/**
 * `{"service", "found", "dns", "checks", "families", "leftOut", "differences"}`. Shares are exact:
 * `"1/3"`.
 */
export function explanationContent(explanation: Explanation): object {
  const { name, explained, checks, differences } = explanation;
  return {
    service: name,
    found: explained !== undefined,
    ...(explained && { dns: dnsJson(explained) }),
    checks: checks.map((check) => ({ ...check, question: QUESTIONS[check.check] })),
    families: (explained?.families ?? []).map((family) => familyJson(explanation, family)),
    leftOut: explained?.leftOut ?? [],
    ...(differences && { differences: familiesContent(differences) }),
  };
}

/** The name in DNS, and the one that DNS answers with for an ExternalName, else `''`. */
function dnsJson({ name, service: { spec } }: ExplainedService): object {
  const alias = spec.type === 'ExternalName' ? (spec.externalName ?? '') : '';
  return { name: dnsName(name), alias };
}

function familyJson(explanation: Explanation, { context, ports }: ExplainedFamily): object {
  const { family, nodeName, zone } = context;
  return {
    family,
    node: nodeName,
    zone,
    ports: ports.map((port) => portJson(explanation, port, context)),
  };
}

function portJson(
  { chains, pods }: Explanation,
  explained: ExplainedPort,
  { family }: ExplainedFamily['context'],
): object {
  const { port, verdicts, lost, addresses } = explained;
  const { nodeHints, zoneHints, topology } = verdicts.selection;
  return {
    name: port.portName,
    protocol: port.protocol,
    port: port.port,
    internalTrafficPolicy: port.internalPolicyLocal ? 'Local' : 'Cluster',
    externalTrafficPolicy: port.externalPolicyLocal ? 'Local' : 'Cluster',
    affinitySeconds: port.affinitySeconds,
    healthCheckNodePort: port.healthCheckNodePort,
    hints: { node: nodeHints, zone: zoneHints, honoured: topology },
    addresses: addresses.map((address) => addressJson(address, explained)),
    lost: [...lost].map(([address, service]) => ({ address, service })),
    endpoints: verdicts.endpoints.map((verdict) => endpointJson(verdict, pods)),
    chains: chains.get(family)?.get(port.origin) ?? [],
  };
}

function addressJson(
  { kind, ip, port, sources, clients }: ServiceAddress,
  explained: ExplainedPort,
): object {
  return {
    kind,
    ip: ip === '' ? '' : inetNtop(ip),
    port,
    sources,
    clients: Object.fromEntries(
      CLIENTS.map((client) => [client, decisionJson(clients[client], explained)]),
    ),
  };
}

/** With its share of each endpoint of the pool. */
function decisionJson(decision: Decision, { port }: ExplainedPort): object {
  if (decision.kind === 'outcome') {
    const outcome =
      decision.outcome === DROPPED ? 'drop' : decision.outcome === REFUSED ? 'reject' : 'untouched';
    return { outcome, pool: '', share: '0', masquerade: false };
  }
  const { pool, masquerade } = decision;
  return {
    outcome: 'endpoint',
    pool,
    share: fractionText(eachOf(port.pools[pool].length)),
    masquerade,
  };
}

function endpointJson(
  { endpoint, slice, cluster, local }: EndpointVerdict,
  pods: Explanation['pods'],
): object {
  const { target, nodeName, zone, ready, serving, terminating, zoneHints, nodeHints } = endpoint;
  return {
    ...{ endpoint: target, slice, node: nodeName, zone, pod: pods.get(endpoint.ip) ?? '' },
    ...{ ready, serving, terminating, zoneHints, nodeHints, cluster, local },
  };
}
