/** Everything that a report shows of one Service. */

import { type Check, labelText } from '../explain/checks.js';
import { CLIENTS, type ServiceAddress } from '../explain/clients.js';
import { type Decision, DROPPED, REFUSED } from '../explain/expected.js';
import type { ExplainedFamily, ExplainedPort, ExplainedService } from '../explain/service.js';
import { eachOf, isUsed, shareOf } from '../explain/shares.js';
import {
  ADDRESS_KINDS,
  addressWhere,
  decisionText,
  LEFT_OUT_WORDS,
  policyText,
  reasonText,
} from '../explain/words.js';
import type { PoolName } from '../model/routes.js';
import type { EndpointVerdict } from '../model/verdicts.js';
import { inetNtop, joinHostPort } from '../net/ip.js';
import { fractionText } from '../netfilter/fraction.js';
import { clusterIpsOf } from '../snapshot/types.js';
import { checkFinding, stateOf, worstFirst } from './findings.js';
import type { RulesByOrigin } from './rules.js';
import type {
  ReachedFrom,
  ReportAddress,
  ReportEndpoint,
  ReportFinding,
  ReportPort,
  ServiceDetail,
  ServiceRow,
} from './types.js';

/** What is known of a Service. */
export interface ReportedService {
  readonly explained: ExplainedService;
  readonly checks: readonly Check[];
  /** Of lint and verify, or of an agent. */
  readonly findings: readonly ReportFinding[];
  /** Names of Pods by their address. */
  readonly pods: ReadonlyMap<string, string>;
  /** By family. */
  readonly rules: ReadonlyMap<string, RulesByOrigin>;
  /** Whether verify found another behaviour at `cluster IP 10.96.0.1:80 shop/web:http TCP`. */
  readonly isRefuted: (frontend: string) => boolean;
}

/** The kinds of clients: what they are called, and who they are. */
export const CLIENT_WORDS: readonly (readonly [string, string])[] = [
  ['pod', 'pods of this node'],
  ['node', 'the node itself'],
  ['outside', 'everybody else'],
];

/** A Service as the page shows it: in its table, and alone. */
export interface ShownService {
  readonly row: ServiceRow;
  readonly detail: ServiceDetail;
}

/** The Service as the page shows it. */
export function shownService(reported: ReportedService): ShownService {
  const detail = serviceDetail(reported);
  return { row: serviceRow(reported, detail), detail };
}

function serviceDetail(reported: ReportedService): ServiceDetail {
  const { explained, checks, findings } = reported;
  const { name, service, families, leftOut } = explained;
  const { selector = {}, type = 'ClusterIP' } = service.spec;
  const asked = checks.map(checkFinding);
  const isFault = ({ state }: ReportFinding): boolean => state === 'problem' || state === 'warning';
  const all = worstFirst([...asked.filter(isFault), ...findings]);
  const first = families[0]?.ports[0]?.port;
  return {
    ...{ name, state: stateOf(all), type, findings: all },
    addresses: clusterIpsOf(service).map(inetNtop),
    selector: labelText(selector),
    answered: asked.filter((found) => !isFault(found)),
    policies: first === undefined ? [] : policyText(first, service),
    ports: families.flatMap((family) => family.ports.map((port) => portOf(reported, family, port))),
    leftOut: leftOut.map(({ slice, text, reason }) => [slice, text, LEFT_OUT_WORDS[reason]]),
  };
}

function serviceRow(
  { explained: { service, families } }: ReportedService,
  { name, state, type, addresses, findings }: ServiceDetail,
): ServiceRow {
  const [family] = families;
  const endpoints = new Map<string, boolean>();
  for (const { verdicts } of family?.ports ?? [])
    for (const verdict of verdicts.endpoints) {
      const { ip } = verdict.endpoint;
      endpoints.set(ip, endpoints.get(ip) === true || isUsed(verdict));
    }
  const used = [...endpoints.values()].filter((is) => is).length;
  const outside = (family?.ports ?? []).flatMap(({ port }) => [
    ...port.externalIps,
    ...port.loadBalancerIps,
  ]);
  return [
    name,
    state,
    type,
    [...new Set([...addresses, ...outside.map(inetNtop)])],
    (service.spec.ports ?? []).map(({ port, protocol = 'TCP', nodePort }) =>
      nodePort === undefined || nodePort === 0
        ? `${port}/${protocol}`
        : `${port}:${nodePort}/${protocol}`,
    ),
    used,
    endpoints.size,
    findings.filter((found) => found.state !== 'note').length,
  ];
}

/** loadBalancerSourceRanges decide before anything else does. */
const EXCLUDED: ReachedFrom = {
  ...{ verdict: 'dropped', pool: '', share: '', masquerade: false },
  words: 'dropped: it is in none of the source ranges',
};

function portOf(
  { rules, pods, isRefuted }: ReportedService,
  { context }: ExplainedFamily,
  explained: ExplainedPort,
): ReportPort {
  const { port, verdicts, addresses } = explained;
  const name = port.portName === '' ? '' : `${port.portName} `;
  const { origin } = port;
  return {
    title: `${name}${port.port}/${port.protocol}`,
    family: context.family,
    addresses: addresses.map(
      (address): ReportAddress => ({
        kind: ADDRESS_KINDS[address.kind],
        where: addressWhere(address, context),
        sources: address.sources,
        clients: CLIENTS.map((client) => reachedFrom(address.clients[client], explained)),
        ...(address.sources.length > 0 && { excluded: EXCLUDED }),
        refuted: isRefuted(`${frontendText(address)} ${origin}`),
      }),
    ),
    endpoints: verdicts.endpoints.map((verdict) => endpointOf(verdict, pods, explained, context)),
    rules: rules.get(context.family)?.(origin) ?? [],
  };
}

/** What verify calls the address. */
function frontendText({ kind, ip, port }: ServiceAddress): string {
  if (ip === '') return `node port ${port}`;
  const what = kind === 'load-balancer' ? 'load balancer IP' : ADDRESS_KINDS[kind];
  return `${what} ${joinHostPort(ip, port)}`;
}

function reachedFrom(decision: Decision, explained: ExplainedPort): ReachedFrom {
  const words = decisionText(decision, explained);
  if (decision.kind === 'outcome') {
    const { outcome } = decision;
    const verdict = outcome === DROPPED ? 'dropped' : outcome === REFUSED ? 'refused' : 'elsewhere';
    return { verdict, pool: '', share: '', masquerade: false, words };
  }
  const { pool, masquerade } = decision;
  const share = fractionText(eachOf(explained.port.pools[pool].length));
  return { verdict: 'answered', pool, share, masquerade, words };
}

function endpointOf(
  verdict: EndpointVerdict,
  pods: ReportedService['pods'],
  explained: ExplainedPort,
  context: ExplainedFamily['context'],
): ReportEndpoint {
  const { target, nodeName, ip } = verdict.endpoint;
  const pod = pods.get(ip);
  return {
    target,
    place: [nodeName, pod === undefined ? '' : `Pod ${pod}`].filter(Boolean).join(', '),
    cluster: shareIn('cluster', verdict, explained),
    local: shareIn('local', verdict, explained),
    unused: isUsed(verdict) ? '' : reasonText(verdict, explained, context),
  };
}

function shareIn(pool: PoolName, verdict: EndpointVerdict, explained: ExplainedPort): string {
  const share = shareOf(verdict, { kind: 'pool', pool, masquerade: false }, explained);
  return share.numerator === 0n ? '' : fractionText(share);
}
