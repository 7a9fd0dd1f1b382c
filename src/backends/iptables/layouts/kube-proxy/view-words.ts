/**
 * Prints the match for traffic of local pods: the only match that is not written in the templates.
 */

import type { LocalDetector } from '../../../../model/types.js';
import { networkText } from '../../syntax/values.js';

/** No condition on the source. */
export const EVERYBODY: DetectorWords['negated'] = { notFrom: '', notIn: '' };

/** The matches that detect traffic of local pods. */
export interface DetectorWords {
  /** Matches traffic of local pods; `''` where it cannot be detected. */
  readonly words: string;
  /** Matches other traffic; iptables-save prints `-s` before `-d` and `-i` after it. */
  readonly negated: { readonly notFrom: string; readonly notIn: string };
}

/** The words for a detector, as iptables-save spells them. */
export function detectorWords(detector: LocalDetector): DetectorWords {
  switch (detector.kind) {
    case 'none':
      return { words: '', negated: EVERYBODY };
    case 'source':
      return {
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
    words: `-i ${pattern}`,
    negated: { notFrom: '', notIn: `! -i ${pattern}` },
  };
}
