/** One port of a Service on a node: addresses, clients, endpoints and chains, for people. */

import { CLIENTS, type ServiceAddress } from '../../explain/clients.js';
import type { Decision } from '../../explain/expected.js';
import type { ExplainedFamily, ExplainedPort } from '../../explain/service.js';
import { isUsed, shareOf } from '../../explain/shares.js';
import {
  ADDRESS_KINDS,
  addressWhere,
  decisionText,
  nodeText,
  reasonText,
} from '../../explain/words.js';
import { servedOnLoopback } from '../../model/loopback.js';
import type { EndpointVerdict } from '../../model/verdicts.js';
import { LOOPBACK_IP } from '../../net/ip.js';
import { fractionText } from '../../netfilter/fraction.js';
import type { ServicePortChains } from '../chain-names.js';
import type { Explanation } from './explain-json.js';
import { cutTable } from './table.js';

/** The port of one family, with an empty line before it; with `verbose` every endpoint. */
export function portLines(
  explanation: Explanation,
  family: ExplainedFamily,
  explained: ExplainedPort,
  verbose: boolean,
): readonly string[] {
  const { port } = explained;
  const name = port.portName === '' ? '' : `${port.portName} `;
  const chains = explanation.chains.get(family.context.family)?.get(port.origin) ?? [];
  return [
    '',
    `port ${name}${port.port}/${port.protocol}, ${family.context.family}, on ${nodeText(family.context)}`,
    ...addressLines(explained, family),
    ...endpointLines(explanation, family, explained, verbose),
    ...chains.flatMap(chainLines),
  ];
}

/** Addresses that treat all clients alike, together. */
interface AddressGroup {
  readonly addresses: readonly ServiceAddress[];
  readonly clients: ServiceAddress['clients'];
}

function groupsOf({ addresses }: ExplainedPort): readonly AddressGroup[] {
  const groups = new Map<
    string,
    { addresses: ServiceAddress[]; clients: ServiceAddress['clients'] }
  >();
  for (const address of addresses) {
    const key = JSON.stringify(address.clients);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { addresses: [address], clients: address.clients });
    else known.addresses.push(address);
  }
  return [...groups.values()];
}

function addressLines(explained: ExplainedPort, family: ExplainedFamily): readonly string[] {
  const groups = groupsOf(explained);
  if (groups.length === 0) return ['  no address: other Services have those that it claims'];
  return groups.flatMap(({ addresses, clients }) => [
    ...addresses.map((address) => `  ${addressText(address, explained, family)}`),
    ...CLIENTS.map(
      (client) => `    ${client.padEnd(8)} ${decisionText(clients[client], explained)}`,
    ),
  ]);
}

function addressText(
  address: ServiceAddress,
  { port }: ExplainedPort,
  { context }: ExplainedFamily,
): string {
  const { kind, sources } = address;
  const isServed = kind === 'node-port' && servedOnLoopback({ context, ports: [port] }).length > 0;
  const loopback = LOOPBACK_IP[context.family];
  const served = isServed ? `; kube-proxy and vipc agent listen on ${loopback}` : '';
  const guard = sources.length === 0 ? '' : `, from ${sources.join(', ')} only`;
  return `${ADDRESS_KINDS[kind]} ${addressWhere(address, context)}${guard}${served}`;
}

function endpointLines(
  { pods }: Explanation,
  { context }: ExplainedFamily,
  explained: ExplainedPort,
  verbose: boolean,
): readonly string[] {
  const { endpoints } = explained.verdicts;
  const used = endpoints.filter(isUsed);
  const unused = endpoints.filter((verdict) => !isUsed(verdict));
  const groups = columnsOf(explained);
  const isSplit = groups.length > 1;
  const titles = [
    'endpoint',
    ...groups.flatMap(({ addresses }) =>
      CLIENTS.map((client) =>
        isSplit ? `${client} at ${ADDRESS_KINDS[addresses[0]?.kind ?? 'cluster-ip']}` : client,
      ),
    ),
    'on',
  ];
  const row = (verdict: EndpointVerdict): readonly string[] => [
    verdict.endpoint.target,
    ...groups.flatMap(({ clients }) =>
      CLIENTS.map((client) => shareText(verdict, clients[client], explained)),
    ),
    placeText(verdict.endpoint, pods),
  ];
  const unusedRows = unused.map((verdict) => [
    verdict.endpoint.target,
    reasonText(verdict, explained, context),
    placeText(verdict.endpoint, pods),
  ]);
  return [
    ...(used.length === 0 ? [] : cutTable([titles, ...used.map(row)], '  ', verbose)),
    ...(unused.length === 0 ? [] : ['  not used:', ...cutTable(unusedRows, '    ', verbose)]),
  ];
}

/** Groups of addresses that give some client other endpoints, whether masqueraded or not. */
function columnsOf(explained: ExplainedPort): readonly AddressGroup[] {
  const seen = new Set<string>();
  return groupsOf(explained).filter(({ clients }) => {
    const key = CLIENTS.map((client) => {
      const decision = clients[client];
      return decision.kind === 'pool' ? decision.pool : '';
    }).join(' ');
    return !seen.has(key) && seen.add(key);
  });
}

function shareText(verdict: EndpointVerdict, decision: Decision, explained: ExplainedPort): string {
  const share = shareOf(verdict, decision, explained);
  return share.numerator === 0n ? '-' : fractionText(share);
}

function placeText(
  { ip, nodeName }: EndpointVerdict['endpoint'],
  pods: Explanation['pods'],
): string {
  const pod = pods.get(ip);
  return [nodeName, ...(pod === undefined ? [] : [`Pod ${pod}`])].filter(Boolean).join(', ');
}

function chainLines({ mode, command, chains }: ServicePortChains): readonly string[] {
  return [
    `  mode ${mode}: ${command}`,
    ...(chains.length === 0 ? [] : [`    ${chains.join(', ')}`]),
  ];
}
