/**
 * What the API server refuses in a Node or a ServiceCIDR: `ValidateNode` and `ValidateServiceCIDR`
 * of Kubernetes 1.36, as far as vipc reads them.
 */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import { cidrFamily, parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { metadataProblems } from './metadata-rules.js';
import { INVALID_CIDR, INVALID_IP, qualifiedNameProblem, when } from './name-rules.js';
import type { Node, ServiceCidr } from './types.js';

type Spec = NonNullable<Node['spec']>;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/**
 * The problems of a Node. They are warnings: without its Node, every Service would lose what
 * depends on zones, Pod networks and node addresses.
 */
export function nodeProblems(node: Node, raw: unknown): readonly Problem[] {
  const { taints = [] } = node.spec ?? {};
  return [
    ...metadataProblems(node, raw),
    ...podNetworkProblems(node.spec ?? {}),
    ...taintProblems(taints),
    ...addressProblems(node),
  ];
}

/** The problems of a ServiceCIDR. */
export function serviceCidrProblems(object: ServiceCidr, raw: unknown): readonly Problem[] {
  const cidrs = object.spec?.cidrs ?? [];
  const path = ['spec', 'cidrs'];
  return [
    ...metadataProblems(object, raw),
    ...(cidrs.length === 0 ? [required(path, 'at least one CIDR required')] : []),
    ...networkProblems(path, cidrs, 'IP'),
  ];
}

/** podCIDR and the first of podCIDRs are one value. */
function podNetworkProblems({ podCIDR = '', podCIDRs = [] }: Spec): readonly Problem[] {
  const path = ['spec', 'podCIDRs'];
  if (podCIDRs.length === 0) {
    const isBad = podCIDR !== '' && parseCidr(podCIDR) === undefined;
    return isBad ? [invalid(['spec', 'podCIDR'], INVALID_CIDR, podCIDR)] : [];
  }
  const isSame = podCIDR === '' || podCIDR === podCIDRs[0];
  const message = 'must be the first of podCIDRs: an API server keeps it alone';
  return [
    ...(isSame ? [] : [invalid(['spec', 'podCIDR'], message, podCIDR)]),
    ...networkProblems(path, podCIDRs, 'CIDR'),
  ];
}

/** At most one network of each family. */
function networkProblems(
  path: FieldPath,
  texts: readonly string[],
  what: string,
): readonly Problem[] {
  const families = texts.flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr === undefined ? [] : [cidrFamily(cidr)];
  });
  const isRepeated = families.length > new Set(families).size;
  return [
    ...texts.flatMap((text, i) =>
      when(parseCidr(text) === undefined ? INVALID_CIDR : undefined, [...path, i], text),
    ),
    ...(isRepeated
      ? [invalid(path, `may specify no more than one ${what} for each IP family`)]
      : []),
  ];
}

function taintProblems(taints: NonNullable<Spec['taints']>): readonly Problem[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key = '', effect = '' }, i) => {
    const path = ['spec', 'taints', i];
    const id = `${key}:${effect}`;
    const isRepeated = seen.has(id);
    seen.add(id);
    return [
      ...when(qualifiedNameProblem(key), [...path, 'key'], key),
      ...(EFFECTS.includes(effect)
        ? []
        : [invalid([...path, 'effect'], `must be one of ${EFFECTS.join(', ')}`, effect)]),
      ...(isRepeated ? [invalid(path, 'taints must be unique by key and effect pair')] : []),
    ];
  });
}

function addressProblems({ status }: Node): readonly Problem[] {
  const seen = new Set<string>();
  return (status?.addresses ?? []).flatMap(({ type, address }, i) => {
    const path = ['status', 'addresses', i];
    const id = `${type} ${address}`;
    const isRepeated = seen.has(id);
    seen.add(id);
    const isIp = type === 'InternalIP' || type === 'ExternalIP';
    const words = isIp && parseIp(address) === undefined ? INVALID_IP : undefined;
    return [
      ...when(words, [...path, 'address'], address),
      ...(isRepeated ? [invalid(path, 'is given twice')] : []),
    ];
  });
}
