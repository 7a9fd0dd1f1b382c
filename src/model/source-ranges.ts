/** Who may use the load balancer addresses of a Service. */

import { type Diagnostic, showValue } from '../diagnostics.js';
import { type Cidr, cidrFamily, isZeroCidr, parseCidr } from '../net/cidr.js';
import type { Family } from '../net/ip.js';
import { objectRef, type Service } from '../snapshot/types.js';

/** What stands for "nobody" in a list of source ranges, where an empty list means everybody. */
const NOBODY: Readonly<Record<Family, Cidr>> = {
  IPv4: '0.0.0.0/32' as Cidr,
  IPv6: '::/128' as Cidr,
};

/**
 * Source ranges of this family; a range of everything lifts the restriction, as in kube-proxy.
 * Blanks around a range are cut. Where ranges are given and none can be read, nobody gets in:
 * kube-proxy lets everybody in, which is what the owner meant to prevent.
 */
export function sourceRanges(
  service: Service,
  family: Family,
  diagnostics: Diagnostic[],
): readonly Cidr[] {
  const texts = service.spec.loadBalancerSourceRanges ?? [];
  const ranges = new Set<Cidr>();
  let readable = 0;
  for (const [i, text] of texts.entries()) {
    const cidr = parseCidr(text.trim());
    if (cidr === undefined) {
      diagnostics.push({
        code: 'invalid-address',
        severity: 'warning',
        message: 'not a network in CIDR notation: ignored',
        object: objectRef(service),
        field: `spec.loadBalancerSourceRanges[${i}]`,
        value: showValue(text),
      });
      continue;
    }
    readable++;
    if (cidrFamily(cidr) === family) ranges.add(cidr);
  }
  if (texts.length > 0 && readable === 0) {
    diagnostics.push({
      code: 'load-balancer-closed',
      severity: 'warning',
      message: 'none of the source ranges can be read: load balancer addresses let nobody in',
      object: objectRef(service),
      field: 'spec.loadBalancerSourceRanges',
    });
    return [NOBODY[family]];
  }
  const all = [...ranges];
  return all.some(isZeroCidr) ? [] : all;
}
