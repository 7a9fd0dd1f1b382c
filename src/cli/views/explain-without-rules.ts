/** What Services do that no rule is about: DNS names them, and clients connect without a proxy. */

import { isInDns } from '../../dns/records.js';
import type { ExplainedService } from '../../explain/service.js';
import { endpointPortKey } from '../../model/endpoints.js';
import { parseIp } from '../../net/ip.js';
import { isHeadless } from '../../snapshot/rules.js';
import type { EndpointSlice, EndpointSpec } from '../../snapshot/types.js';
import type { Explanation } from './explain-json.js';
import { cutTable } from './table.js';

/** With an empty line before them; none where rules are about the Service. */
export function withoutRulesLines(
  explained: ExplainedService,
  pods: Explanation['pods'],
  verbose: boolean,
): readonly string[] {
  const { spec } = explained.service;
  if (spec.type === 'ExternalName')
    return [
      '',
      `DNS answers with the name ${spec.externalName ?? ''}, and clients connect to a port of its addresses:`,
      'ports of the Service are none there, and in TLS and HTTP they still ask for the Service',
    ];
  return isHeadless(explained.service) ? headlessLines(explained, pods, verbose) : [];
}

function headlessLines(
  { service, slices }: ExplainedService,
  pods: Explanation['pods'],
  verbose: boolean,
): readonly string[] {
  const all = slices
    .filter(({ addressType }) => addressType !== 'FQDN')
    .flatMap((slice) => slice.endpoints.map((endpoint) => ({ slice, endpoint })));
  const rowsOf = (ready: boolean): string[][] =>
    all
      .filter(({ endpoint }) => isInDns(endpoint) === ready)
      .flatMap(({ slice, endpoint }) => rows(slice, endpoint, pods));
  const [ready, others] = [rowsOf(true), rowsOf(false)];
  return [
    '',
    ready.length === 0
      ? 'DNS answers with no address: no endpoint is ready'
      : 'DNS answers with the addresses of ready endpoints, and clients connect to a port there:',
    ...cutTable(ready, '  ', verbose),
    ...(others.length === 0 ? [] : ['  not in DNS, because they are not ready:']),
    ...cutTable(others, '    ', verbose),
    ...(service.spec.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) => {
      const targets = targetsOf(slices, endpointPortKey({ name, protocol }));
      return targets.length === 0 || targets.includes(port)
        ? []
        : [`no rule translates port ${port}/${protocol}: connect to ${targets.join(' or ')}`];
    }),
  ];
}

function rows(
  { ports }: EndpointSlice,
  { addresses, nodeName }: EndpointSpec,
  pods: Explanation['pods'],
): string[][] {
  const numbers = (ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);
  return addresses.map((address) => {
    const ip = parseIp(address);
    const pod = ip === undefined ? undefined : pods.get(ip);
    const where = [nodeName ?? '', pod === undefined ? '' : `Pod ${pod}`].filter(Boolean);
    return [address, numbers.join(', '), where.join(', ')];
  });
}

/** The ports that slices have for one of the Service, by its key. */
function targetsOf(slices: readonly EndpointSlice[], key: string): readonly number[] {
  const found = slices.flatMap(({ ports }) =>
    (ports ?? []).filter((port) => endpointPortKey(port) === key),
  );
  return [...new Set(found.flatMap(({ port }) => port ?? []))];
}
