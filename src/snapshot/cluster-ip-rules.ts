/**
 * `ValidateServiceClusterIPsRelatedFields` of Kubernetes 1.36, and what the API server checks
 * before it allocates cluster IPs.
 */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import { type Family, familyOf, parseIp } from '../net/ip.js';
import { INVALID_IP } from './name-rules.js';
import type { Service } from './types.js';

/** The problems of clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy. */
export function clusterIpProblems(spec: Service['spec']): readonly Problem[] {
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (spec.type === 'ExternalName') return [];
  const twice = ipFamilies.length === 2 && ipFamilies[0] === ipFamilies[1];
  const isSingle = ipFamilyPolicy === 'SingleStack';
  const single = (what: string): Problem =>
    invalid(
      ['spec', 'ipFamilyPolicy'],
      `must be RequireDualStack or PreferDualStack when multiple ${what} are specified`,
      ipFamilyPolicy,
    );
  return [
    ...syncProblems(clusterIP, clusterIPs),
    ...(twice ? [invalid(['spec', 'ipFamilies', 1], 'is given twice', ipFamilies[1])] : []),
    ...(isSingle && clusterIPs.length > 1 ? [single('cluster IPs')] : []),
    ...(isSingle && ipFamilies.length > 1 ? [single('IP families')] : []),
    ...addressProblems(clusterIP, clusterIPs, ipFamilies),
  ];
}

/** clusterIP and the first of clusterIPs are one value. */
function syncProblems(clusterIP: string, clusterIPs: readonly string[]): readonly Problem[] {
  if (clusterIPs.length === 0) return [];
  const path = ['spec', 'clusterIPs'];
  if (clusterIP === '') return [invalid(path, 'must be empty when `clusterIP` is not specified')];
  return clusterIPs[0] === clusterIP ? [] : [invalid(path, 'first value must match `clusterIP`')];
}

function addressProblems(
  clusterIP: string,
  clusterIPs: readonly string[],
  ipFamilies: readonly Family[],
): readonly Problem[] {
  if (clusterIP === '') return [];
  const isListed = clusterIPs.length > 0;
  const texts = isListed ? clusterIPs : [clusterIP];
  const path = ['spec', 'clusterIPs'];
  const pathOf = (i: number): FieldPath => (isListed ? [...path, i] : ['spec', 'clusterIP']);
  if (texts[0] === 'None') {
    const message = "'None' must be the first and only value";
    return texts.length > 1 ? [invalid(path, message)] : [];
  }
  const tooMany = texts.length > 2 ? [invalid(path, 'may only hold up to 2 values')] : [];
  const ips = texts.flatMap((text) => parseIp(text) ?? []);
  if (ips.length < texts.length) {
    const bad = texts.flatMap((text, i) =>
      parseIp(text) === undefined ? [invalid(pathOf(i), INVALID_IP, text)] : [],
    );
    return [...tooMany, ...bad];
  }
  const families = ips.map(familyOf);
  const isRepeated = families.length > 1 && new Set(families).size === 1;
  return [
    ...tooMany,
    ...(isRepeated ? [invalid(path, 'may specify no more than one IP for each IP family')] : []),
    ...families.flatMap((family, i) => {
      const wanted = ipFamilies[i];
      if (wanted === undefined || family === wanted) return [];
      const message = `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``;
      return [invalid(pathOf(i), message, texts[i])];
    }),
  ];
}
