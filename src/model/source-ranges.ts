/** Who may use the load balancer addresses of a Service. */

import { type Diagnostic, showValue } from '../diagnostics.js';
import { type Cidr, cidrFamily, isZeroCidr, parseCidr } from '../net/cidr.js';
import { type Family, mayBeOfFamily } from '../net/ip.js';
import { objectRef, type Service } from '../snapshot/types.js';
import type { ServiceContext } from './types.js';

/** A range that matches no client. An empty list of ranges would match every client. */
const NO_CLIENT: Readonly<Record<Family, Cidr>> = {
  IPv4: '0.0.0.0/32' as Cidr,
  IPv6: '::/128' as Cidr,
};

/**
 * Source ranges of this family; a range of all addresses lifts the restriction, as in kube-proxy
 * from 1.34 on. Blanks around a range are ignored. If no range is valid, or none of this family
 * beside one that may have been meant to be of it, no client is allowed; kube-proxy would allow
 * every client, which the owner meant to prevent.
 */
export function sourceRanges(
  service: Service,
  { family, policy }: Pick<ServiceContext, 'family' | 'policy'>,
  diagnostics: Diagnostic[],
): readonly Cidr[] {
  const texts = service.spec.loadBalancerSourceRanges ?? [];
  const ranges = new Set<Cidr>();
  let readable = 0;
  let isMeant = false;
  for (const [i, text] of texts.entries()) {
    const cidr = parseCidr(text.trim());
    if (cidr === undefined) {
      isMeant ||= mayBeOfFamily(family, text);
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
  if (texts.length > 0 && (readable === 0 || (isMeant && ranges.size === 0))) {
    const which = readable === 0 ? '' : ` of ${family}`;
    diagnostics.push({
      code: 'load-balancer-closed',
      severity: 'warning',
      message: `none of the source ranges${which} can be read: load balancer addresses${which} accept no client`,
      object: objectRef(service),
      field: 'spec.loadBalancerSourceRanges',
    });
    return [NO_CLIENT[family]];
  }
  const all = [...ranges];
  return policy.zeroRange === 'open' && all.some(isZeroCidr) ? [] : all;
}
