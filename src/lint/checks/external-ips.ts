/** External IPs: whose addresses they are, and what becomes of the field. */

import { parseCidr } from '../../net/cidr.js';
import { cidrLookup } from '../../net/cidr-set.js';
import { type Ip, parseIp } from '../../net/ip.js';
import {
  type NamespacedName,
  namespacedName,
  podCidrsOf,
  type Service,
} from '../../snapshot/types.js';
import {
  clusterIpOwners,
  hostAddressOwners,
  nodeAddressOwners,
  serviceNetworks,
} from '../addresses.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const HIJACK = ['CVE-2020-8554', 'https://github.com/kubernetes/kubernetes/issues/97076'] as const;

const OVERLAP: LintRule = {
  code: 'external-ip-overlap',
  severity: 'error',
  title: 'An external IP is the address of another Service, Pod or machine',
  why: 'Every node sends what is addressed to an external IP to the endpoints of its Service, whoever has that address. Where it is the address of another Service, a node, a DNS server or a Pod, whoever may write Services intercepts the traffic to it.',
  remedy:
    'use an address that is routed to the nodes for this Service alone; --allow-external-ips allows addresses of nodes and of other machines',
  references: [HIJACK],
};

const NOT_ALLOWED: LintRule = {
  code: 'external-ip-not-allowed',
  severity: 'error',
  title: 'An external IP is not on the list of allowed ones',
  why: 'The list given with --allow-external-ips names the networks that belong to the cluster. Any other address is one that whoever wrote the Service has chosen, and every node intercepts the traffic to it.',
  remedy: 'use an address of the list, or add its network to the list',
  references: [HIJACK],
};

const DEPRECATED: LintRule = {
  code: 'external-ips-deprecated',
  severity: 'warning',
  title: 'spec.externalIPs is deprecated',
  why: 'Kubernetes 1.36 deprecates the field because of CVE-2020-8554. The feature gate AllowServiceExternalIPs is on by default in 1.36, is planned to be off by default in about 1.40, and to be removed in about 1.43. Without it kube-proxy writes no rule for the address.',
  remedy: 'use type LoadBalancer with a controller that assigns addresses, or the Gateway API',
  since: '1.36',
  until: '1.43',
  references: [kep(5707)],
};

const OFF: LintRule = {
  code: 'external-ips-off',
  severity: 'warning',
  title: 'External IPs have no rules on this node',
  why: 'The configuration of the node turns the feature gate AllowServiceExternalIPs off, so packets to the external IPs of a Service are not translated there.',
  remedy: 'remove spec.externalIPs, or turn the gate on where the field is needed',
  since: '1.36',
  references: [kep(5707)],
};

/** Whose an address is, in words, and whether the owner of the cluster may allow it. */
interface Owner {
  readonly words: string;
  readonly isService: boolean;
}

/** The owner of an address, unless it is the Service itself. */
type OwnerOf = (ip: Ip, service: NamespacedName) => Owner | undefined;

function ownersOf(input: LintInput): OwnerOf {
  const services = clusterIpOwners(input.snapshot);
  const machines = machineAddresses(input);
  const isServiceNetwork = cidrLookup(serviceNetworks(input));
  const isPodNetwork = cidrLookup(podNetworks(input));
  return (ip, own) => {
    const service = services.get(ip);
    if (service === own) return undefined;
    if (service !== undefined)
      return { words: `the cluster IP of Service ${service}`, isService: true };
    if (isServiceNetwork(ip)) return { words: 'in a network of cluster IPs', isService: true };
    const machine = machines.get(ip);
    if (machine !== undefined) return { words: machine, isService: false };
    return isPodNetwork(ip) ? { words: 'in a network of Pods', isService: false } : undefined;
  };
}

/** Addresses of machines, in words. */
function machineAddresses({ snapshot, host }: LintInput): ReadonlyMap<Ip, string> {
  const words = new Map<Ip, string>();
  for (const address of host?.nameservers ?? []) {
    const ip = parseIp(address);
    if (ip !== undefined) words.set(ip, `a name server of ${host?.nodeName}`);
  }
  for (const [ip, owner] of hostAddressOwners(host)) words.set(ip, owner);
  for (const [ip, owner] of nodeAddressOwners(snapshot)) words.set(ip, owner);
  return words;
}

function podNetworks({ snapshot, config }: LintInput): LintInput['config']['clusterCidrs'] {
  const texts = [...snapshot.nodes.values()].flatMap(podCidrsOf);
  return [...config.clusterCidrs, ...texts.flatMap((text) => parseCidr(text) ?? [])];
}

function checkService(
  service: Service,
  ownerOf: OwnerOf,
  isAllowed: ((ip: Ip) => boolean) | undefined,
): readonly LintFinding[] {
  return (service.spec.externalIPs ?? []).flatMap((text, i) => {
    const ip = parseIp(text);
    if (ip === undefined) return [];
    const place = inObject(service, `spec.externalIPs[${i}]`);
    const owner = ownerOf(ip, namespacedName(service.metadata));
    if (owner !== undefined && (owner.isService || isAllowed?.(ip) !== true))
      return [finding(OVERLAP, `external IP ${ip} is ${owner.words}`, place)];
    return isAllowed?.(ip) === false
      ? [finding(NOT_ALLOWED, `external IP ${ip} is not allowed`, place)]
      : [];
  });
}

/** What becomes of the field in this cluster, one finding a Service. */
function checkField(service: Service, isOn: boolean): LintFinding {
  return finding(
    isOn ? DEPRECATED : OFF,
    isOn
      ? 'is deprecated since Kubernetes 1.36, and kube-proxy of about 1.40 has no rules for it'
      : 'has no rules, because the feature gate AllowServiceExternalIPs is off',
    inObject(service, 'spec.externalIPs'),
  );
}

/** Checks of `spec.externalIPs`. */
export const EXTERNAL_IP_CHECKS: CheckGroup = {
  rules: [OVERLAP, NOT_ALLOWED, DEPRECATED, OFF],
  check: (input) => {
    const { snapshot, config, allowedExternalIps } = input;
    const using = [...snapshot.services.values()].filter(
      ({ spec }) => (spec.externalIPs ?? []).length > 0,
    );
    if (using.length === 0) return [];
    const ownerOf = ownersOf(input);
    const isAllowed = allowedExternalIps && cidrLookup(allowedExternalIps);
    return using.flatMap((service) => [
      ...checkService(service, ownerOf, isAllowed),
      checkField(service, config.allowServiceExternalIps),
    ]);
  },
};
