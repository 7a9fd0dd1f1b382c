/**
 * Spells how a node tells traffic of its own pods: the only match that comes to the templates
 * ready-made.
 */

import type { LocalDetector } from '../../../../model/types.js';
import { type Cidr, cidrParts } from '../../../../net/cidr.js';
import { inetNtop } from '../../../../net/ip.js';

/** No condition on the source: everybody. */
export const EVERYBODY: DetectorWords['negated'] = { notFrom: '', notIn: '' };

/** A network as iptables prints it. */
export function networkText(cidr: Cidr): string {
  const { ip, bits } = cidrParts(cidr);
  return `${inetNtop(ip)}/${bits}`;
}

/** The words that a rule needs to tell traffic of local pods from everybody else's. */
export interface DetectorWords {
  readonly known: boolean;
  /** Matches traffic of local pods; `''` where nothing is known of it. */
  readonly words: string;
  /** Matches everybody else's; iptables-save prints `-s` before `-d` and `-i` after it. */
  readonly negated: { readonly notFrom: string; readonly notIn: string };
}

/** The words for a detector, as iptables-save spells them. */
export function detectorWords(detector: LocalDetector): DetectorWords {
  switch (detector.kind) {
    case 'none':
      return { known: false, words: '', negated: EVERYBODY };
    case 'source':
      return {
        known: true,
        words: `-s ${networkText(detector.cidr)}`,
        negated: { notFrom: `! -s ${networkText(detector.cidr)}`, notIn: '' },
      };
    case 'interface':
      return interfaceWords(detector.name);
    case 'interface-prefix':
      return interfaceWords(`${detector.prefix}+`);
  }
}

function interfaceWords(pattern: string): DetectorWords {
  return {
    known: true,
    words: `-i ${pattern}`,
    negated: { notFrom: '', notIn: `! -i ${pattern}` },
  };
}
