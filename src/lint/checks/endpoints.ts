/** Endpoints at addresses that no Service should lead to. */

import { type Ip, parseIp } from '../../net/ip.js';
import { specialIpProblem } from '../../snapshot/name-rules.js';
import { type EndpointSlice, endpointField, type NamespacedName } from '../../snapshot/types.js';
import { clusterIpOwners, hostAddressOwners, nodeAddressOwners } from '../addresses.js';
import type { CheckGroup } from '../input.js';
import { finding, inObject, type LintFinding, type LintRule } from '../rule.js';

const SPECIAL: LintRule = {
  code: 'endpoint-special-address',
  severity: 'error',
  title: 'An endpoint has a loopback, link-local or multicast address',
  why: 'An API server refuses such an endpoint today, but an older one may have stored it. Rules lead to the node itself, to the metadata service of a cloud (169.254.169.254), or nowhere.',
  remedy: 'remove the endpoint, or give it the address that the Pod has in the cluster',
  references: [
    ['CVE-2021-25740', 'https://github.com/kubernetes/kubernetes/issues/103675'],
    ['KEP-4858', 'https://kep.k8s.io/4858'],
  ],
};

const IS_SERVICE: LintRule = {
  code: 'endpoint-is-service',
  severity: 'error',
  title: 'An endpoint is the cluster IP of a Service',
  why: 'A connection is translated once. What is sent to a cluster IP as an endpoint is not translated again, so it reaches no endpoint.',
  remedy: 'name the endpoints of that Service, or use type ExternalName',
  references: [],
};

const ON_NODE: LintRule = {
  code: 'endpoint-on-node',
  severity: 'note',
  title: 'An endpoint is an address of a node',
  why: 'That is right for Pods with hostNetwork. Otherwise the Service reaches a program of the node itself. Its ports are shared with the node, and network policies mostly do not hold for them.',
  remedy: 'nothing where its Pod uses hostNetwork; otherwise give the address of the Pod',
  references: [],
};

/** The first entry of a slice that something holds for, and how many there are. */
interface Found {
  readonly index: number;
  readonly ip: Ip;
  readonly count: number;
}

function findIn(slice: EndpointSlice, test: (ip: Ip) => boolean): Found | undefined {
  let found: Found | undefined;
  for (const [index, { addresses }] of slice.endpoints.entries()) {
    const ip = parseIp(addresses[0] ?? '');
    if (ip === undefined || !test(ip)) continue;
    found = found === undefined ? { index, ip, count: 1 } : { ...found, count: found.count + 1 };
  }
  return found;
}

function about(slice: EndpointSlice, rule: LintRule, found: Found, words: string): LintFinding {
  const more = found.count > 1 ? `, and ${found.count - 1} more like it` : '';
  return finding(
    rule,
    `endpoint ${found.ip} ${words}${more}`,
    inObject(slice, `${endpointField(slice, found.index)}.addresses[0]`),
  );
}

function checkSlice(
  slice: EndpointSlice,
  services: ReadonlyMap<Ip, NamespacedName>,
  nodes: ReadonlyMap<Ip, string>,
): readonly LintFinding[] {
  if (slice.addressType === 'FQDN') return [];
  const special = findIn(slice, (ip) => specialIpProblem(ip) !== undefined);
  const service = findIn(slice, (ip) => services.has(ip));
  const node = findIn(slice, (ip) => nodes.has(ip));
  return [
    ...(special === undefined
      ? []
      : [about(slice, SPECIAL, special, specialIpProblem(special.ip) ?? '')]),
    ...(service === undefined
      ? []
      : [
          about(
            slice,
            IS_SERVICE,
            service,
            `is the cluster IP of Service ${services.get(service.ip)}`,
          ),
        ]),
    ...(node === undefined ? [] : [about(slice, ON_NODE, node, `is ${nodes.get(node.ip)}`)]),
  ];
}

/** The API server is an endpoint of its own, and its Pods mostly use the host network. */
const API_SERVER = 'default/kubernetes';
const NO_NODES: ReadonlyMap<Ip, string> = new Map();

/** Checks of the addresses of endpoints. */
export const ENDPOINT_CHECKS: CheckGroup = {
  rules: [SPECIAL, IS_SERVICE, ON_NODE],
  check: ({ snapshot, host }) => {
    const services = clusterIpOwners(snapshot);
    const nodes = new Map([...hostAddressOwners(host), ...nodeAddressOwners(snapshot)]);
    return [...snapshot.slices].flatMap(([name, slices]) =>
      slices.flatMap((slice) =>
        checkSlice(slice, services, name === API_SERVER ? NO_NODES : nodes),
      ),
    );
  },
};
