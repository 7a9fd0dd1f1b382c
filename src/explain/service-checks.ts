/** Checks of the Service itself: its name, whether it has rules, and its addresses. */

import { dnsName } from '../dns/records.js';
import { entryOf } from '../model/entries.js';
import { isOthers } from '../model/left-to-others.js';
import type { Model } from '../model/types.js';
import { nearestName } from '../nearest-name.js';
import { cidrContains } from '../net/cidr.js';
import { familyOf } from '../net/ip.js';
import { shellWord } from '../shell-word.js';
import { namespaceOf } from '../snapshot/objects.js';
import {
  clusterIpsOf,
  HEADLESS_LABEL,
  type NamespacedName,
  SERVICE_PROXY_NAME_LABEL,
  type Service,
  type Snapshot,
} from '../snapshot/types.js';
import { answer, type Check, type CheckInput, counted, listed } from './checks.js';
import { oncePer } from './once-per.js';

/** The checks of a Service that is not in the input: which one was meant. */
export function missingChecks(name: NamespacedName, { services }: Snapshot): readonly Check[] {
  const [namespace = '', service = ''] = name.split('/');
  const elsewhere = [...services.keys()].filter((other) => other.endsWith(`/${service}`));
  const near =
    nearestName(service, inNamespace(services, namespace)) ??
    nearestName(name, [...services.keys()]);
  const meant = near === undefined || near.includes('/') ? near : `${namespace}/${near}`;
  const hint =
    elsewhere.length > 0
      ? `; ${listed(elsewhere)} exists, whose name from other namespaces is ${dnsName(elsewhere[0] ?? '').split('.svc')[0]}`
      : meant === undefined
        ? ''
        : `; did you mean ${meant}?`;
  const next = `kubectl get services -n ${shellWord(namespace)}`;
  return [
    answer('service', 'problem', `no Service ${name} in the input${hint}`, next),
    answer('dns', 'problem', `DNS has no name ${dnsName(name)} (NXDOMAIN)`),
  ];
}

function inNamespace(services: Snapshot['services'], namespace: string): readonly string[] {
  const start = `${namespace}/`;
  return [...services.keys()]
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length));
}

/** The checks of a Service that is there. */
export function serviceChecks(input: CheckInput): readonly Check[] {
  const { explained } = input;
  const reason = reasonForNoRules(input);
  return [
    answer('service', 'ok', `Service ${explained.name}`),
    dnsCheck(input),
    reason === undefined
      ? answer('handled', 'ok', 'it has a ClusterIP, and no label gives it to another proxy')
      : answer('handled', reason.state, reason.message),
    ...(reason === undefined ? addressChecks(input) : []),
  ];
}

/** Why a Service has no rules by design; `undefined` where it has some. */
export function reasonForNoRules({
  explained: { service },
  models,
}: Pick<CheckInput, 'explained' | 'models'>): Pick<Check, 'state' | 'message'> | undefined {
  const { metadata, spec } = service;
  const proxy = metadata.labels?.[SERVICE_PROXY_NAME_LABEL];
  if (spec.type === 'ExternalName')
    return { state: 'ok', message: 'no rules: an ExternalName is an alias in DNS' };
  if (proxy !== undefined)
    return {
      state: 'warning',
      message: `no rules: its label ${SERVICE_PROXY_NAME_LABEL} gives it to the proxy ${JSON.stringify(proxy)}`,
    };
  const policy = models[0]?.serviceContext.policy;
  if (policy !== undefined && isOthers(metadata, policy, SERVICE_PROXY_NAME_LABEL))
    return {
      state: 'warning',
      message: `no rules: kube-proxy up to 1.35 leaves Services with the label ${HEADLESS_LABEL} to others`,
    };
  if (spec.clusterIP === 'None')
    return {
      state: 'ok',
      message: 'no rules: it is headless, and DNS answers with the addresses of its endpoints',
    };
  return (spec.clusterIP ?? '') === ''
    ? { state: 'problem', message: 'no rules: it has no ClusterIP' }
    : undefined;
}

/** Services of DNS servers. */
interface DnsServers {
  readonly servers: readonly NamespacedName[];
  /** Those of them that have no endpoint. */
  readonly silent: readonly NamespacedName[];
}

const dnsServers = oncePer((models: readonly Model[]): DnsServers => {
  const servers = [...(models[0]?.objects.services ?? [])]
    .filter(([, { metadata }]) => metadata.labels?.['k8s-app'] === 'kube-dns')
    .map(([server]) => server);
  const silent = servers.filter((server) =>
    models.every((model) => {
      const ports = entryOf(model.entries, server)?.ports ?? [];
      return ports.every(({ pools }) => pools.reachable.length === 0);
    }),
  );
  return { servers, silent };
});

function dnsCheck({ explained: { name }, models }: CheckInput): Check {
  const { servers, silent } = dnsServers(models);
  const [first = ''] = silent;
  if (silent.length > 0 && silent.length === servers.length)
    return answer(
      'dns',
      'problem',
      `DNS itself has no endpoint: Service ${first}`,
      `kubectl get pods -n ${shellWord(namespaceOf(first))} -l k8s-app=kube-dns`,
    );
  return answer(
    'dns',
    servers.length === 0 ? 'unknown' : 'ok',
    `its name is ${dnsName(name)}${servers.length === 0 ? '; the input has no Service of a DNS server' : ''}`,
    servers.length === 0 ? 'kubectl get services -n kube-system -l k8s-app=kube-dns' : '',
  );
}

function addressChecks(input: CheckInput): readonly Check[] {
  const { families, service } = input.explained;
  const lost = families.flatMap(({ ports }) => ports.flatMap((port) => [...port.lost]));
  const found: readonly Check[] = [
    ...lost.map(([address, winner]) =>
      answer(
        'addresses',
        'problem',
        `${address.replace('node:', 'node port ')} is also claimed by Service ${winner}, which gets it`,
        `vipc explain -n ${winner.replace('/', ' ')} -f FILE`,
      ),
    ),
    ...outsideChecks(input),
    ...balancerChecks(service),
    ...disabledChecks(input),
  ];
  if (found.length > 0) return found;
  const count = families.reduce(
    (sum, { ports }) => sum + ports.reduce((n, { addresses }) => n + addresses.length, 0),
    0,
  );
  return [
    answer(
      'addresses',
      'ok',
      `${counted(count, 'address and port', 'addresses and ports')}, no other Service claims one`,
    ),
  ];
}

function outsideChecks({ explained: { service }, models }: CheckInput): readonly Check[] {
  return clusterIpsOf(service)
    .filter((ip) => {
      const cidrs = models.flatMap(({ context }) =>
        context.family === familyOf(ip) ? context.serviceCidrs : [],
      );
      return cidrs.length > 0 && !cidrs.some((cidr) => cidrContains(cidr, ip));
    })
    .map((ip) =>
      answer(
        'addresses',
        'warning',
        `ClusterIP ${ip} is in no ServiceCIDR`,
        'kubectl get servicecidrs',
      ),
    );
}

function balancerChecks({ spec, status }: Service): readonly Check[] {
  if (spec.type !== 'LoadBalancer') return [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length === 0)
    return [
      answer(
        'addresses',
        'warning',
        'it is of type LoadBalancer, but has no address of one yet',
        'kubectl get events --field-selector involvedObject.kind=Service',
      ),
    ];
  return ingress
    .filter(({ ipMode }) => ipMode === 'Proxy')
    .map(({ ip = '' }) =>
      answer('addresses', 'ok', `${ip} is left to the load balancer itself (ipMode Proxy)`),
    );
}

/** External IPs that no port answers on, because they are switched off. */
function disabledChecks({ explained: { service }, models }: CheckInput): readonly Check[] {
  const isOff = models.some(({ serviceContext }) => !serviceContext.allowExternalIps);
  const { externalIPs = [] } = service.spec;
  if (!isOff || externalIPs.length === 0) return [];
  const message = `external IPs are switched off (feature gate AllowServiceExternalIPs): ${listed(externalIPs)}`;
  return [answer('addresses', 'problem', message)];
}
