/** Words of rules that depend on the family or the node. */

import type { LocalDetector, NodeContext } from '../../../../model/types.js';
import type { Cidr } from '../../../../net/cidr.js';
import { mergeCidrs } from '../../../../net/cidr-set.js';
import type { Family } from '../../../../net/ip.js';
import type { ProfileNftables } from '../../../../profiles/types.js';
import { networkText } from '../../syntax/values.js';

export interface FamilyWords {
  /** The family of the table, and of `daddr` and `saddr`. */
  readonly ip: 'ip' | 'ip6';
  /** Type of an address in a set. */
  readonly addr: 'ipv4_addr' | 'ipv6_addr';
}

/** The words for a family. */
export function familyWords(family: Family): FamilyWords {
  return family === 'IPv6' ? { ip: 'ip6', addr: 'ipv6_addr' } : { ip: 'ip', addr: 'ipv4_addr' };
}

/** The masquerade mark as a number of nft. */
export function markText(context: NodeContext): string {
  return `0x${context.masqueradeMark.toString(16)}`;
}

/**
 * The match for traffic of local pods, or with `not` for other traffic; `''` where it cannot be
 * detected.
 */
export function matchLocal(
  detector: LocalDetector,
  family: Family,
  not: boolean,
  match: ProfileNftables['interfaceMatch'] = 'iifname',
): string {
  const operator = not ? '!= ' : '';
  switch (detector.kind) {
    case 'none':
      return '';
    case 'source':
      return `${familyWords(family).ip} saddr ${operator}${networkText(detector.cidr)}`;
    case 'interface':
      return `${match} ${operator}"${detector.name}"`;
    case 'interface-prefix':
      return `${match} ${operator}"${detector.prefix}*"`;
  }
}

/** Networks as nft lists them: merged, a single one bare, otherwise an anonymous set. */
export function networkSet(cidrs: readonly Cidr[]): string {
  const texts = mergeCidrs(cidrs).map(networkText);
  return texts.length === 1 ? texts.join('') : `{ ${texts.join(', ')} }`;
}

/** nft refuses a comment of more than 128 bytes. */
const LONGEST_COMMENT = 128;

/** The text as a comment that nft takes: cut, maybe with dots in place of what is missing. */
export function commentText(text: string, cut: ProfileNftables['longComment'] = 'dots'): string {
  if (text.length <= LONGEST_COMMENT) return text;
  const end = cut === 'dots' ? '...' : '';
  return `${text.slice(0, LONGEST_COMMENT - end.length)}${end}`;
}
