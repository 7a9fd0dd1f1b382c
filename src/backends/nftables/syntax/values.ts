/**
 * Brings the values that nft prints in several ways into one: addresses, networks, protocols,
 * priorities.
 */

import { type Cidr, cidrParts, hostCidr, parseCidr } from '../../../net/cidr.js';
import { mergeCidrs, networksBetween } from '../../../net/cidr-set.js';
import {
  addressBits,
  familyOf,
  IPV4_PATTERN,
  type Ip,
  isCanonicalIpv4,
  parseIp,
} from '../../../net/ip.js';
import type { IpWord } from './rule-types.js';

/** Numbers in place of names, as on a host without `/etc/protocols`. */
const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['132', 'sctp'],
  ['1', 'icmp'],
  ['58', 'ipv6-icmp'],
]);

/** The name of a protocol that is given by name or number. */
export function protocolName(text: string): string {
  return PROTOCOLS.get(text) ?? text;
}

/**
 * An address of the family, or `undefined`. An IPv4-mapped address is no address of either: nft
 * keeps it apart.
 */
export function addressOf(text: string, ip: IpWord): Ip | undefined {
  if (text.includes(':') !== (ip === 'ip6')) return undefined;
  const address = parseIp(text);
  return address !== undefined && (familyOf(address) === 'IPv6') === (ip === 'ip6')
    ? address
    : undefined;
}

/**
 * Words of nft for networks of one family (addresses, `a/b`, `a-b`) as the fewest networks;
 * `undefined` for other words.
 */
export function networksOfWords(words: readonly string[], ip: IpWord): readonly Cidr[] | undefined {
  const networks: Cidr[] = [];
  for (const word of words) {
    const found = networkWord(word, ip);
    if (found === undefined) return undefined;
    for (const network of found) networks.push(network);
  }
  return networks.length === 0 ? undefined : mergeCidrs(networks);
}

function networkWord(word: string, ip: IpWord): readonly Cidr[] | undefined {
  const [first = '', last] = word.split('-');
  if (last !== undefined) {
    const [from, to] = [addressOf(first, ip), addressOf(last, ip)];
    return from === undefined || to === undefined ? undefined : networksBetween(from, to);
  }
  const [address = ''] = word.split('/');
  if (addressOf(address, ip) === undefined) return undefined;
  const cidr = parseCidr(word);
  if (cidr !== undefined) return [cidr];
  const single = addressOf(word, ip);
  return single === undefined ? undefined : [hostCidr(single)];
}

/** A network as nft lists it: one address without its prefix length. */
export function networkText(cidr: Cidr): string {
  const { ip, bits } = cidrParts(cidr);
  return bits === addressBits(familyOf(ip)) ? ip : cidr;
}

/** An address, or the address of a network, in canonical text; any other word as it is. */
export function canonicalWord(word: string): string {
  if (!/[.:]/.test(word)) return word;
  const [address = '', bits] = word.split('/');
  const known = addressOf(address, address.includes(':') ? 'ip6' : 'ip');
  if (known === undefined) return word;
  return bits === undefined ? known : `${known}/${bits}`;
}

/**
 * The words of an element's key in one spelling; `types` are those of its set, as far as they are
 * known.
 */
export function elementKeyText(words: readonly string[], types: readonly string[]): string {
  let field = 0;
  const spelled = words.map((word) => {
    if (word === '.') field++;
    else if (types[field] === 'inet_proto') return protocolName(word);
    else if (word.includes('-')) return word.split('-').map(canonicalWord).join('-');
    return canonicalWord(word);
  });
  return spelled.join(' ');
}

/**
 * The text of a key that is written as {@link elementKeyText} spells it: names of protocols,
 * addresses, and numbers where no number stands for a protocol. `undefined`: it may not be.
 */
export function plainKeyText(
  values: readonly unknown[],
  types: readonly string[],
): string | undefined {
  let text = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const isPlain =
      typeof value === 'string'
        ? /^[a-z]+$/.test(value) || isCanonicalIpv4(value)
        : typeof value === 'number' && types[i] !== 'inet_proto';
    if (!isPlain) return undefined;
    text += i === 0 ? value : ` . ${value}`;
  }
  return text;
}

/** By type, patterns of fields that stand in keys as they are. */
export const PLAIN_FIELDS: Readonly<Record<'ipv4_addr' | 'inet_proto' | 'inet_service', string>> = {
  ipv4_addr: IPV4_PATTERN,
  inet_proto: '(?:tcp|udp|sctp)',
  inet_service: '(?:0|[1-9][0-9]{0,4})',
};

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

/** The number that `-110`, `filter` or `dstnat - 10` stands for; `undefined` for other words. */
export function priorityNumber(words: readonly string[]): number | undefined {
  const match = /^(?:(-?\d+)|([a-z]+)(?: ?([+-]) ?(\d+))?)$/.exec(words.join(' '));
  if (match === null) return undefined;
  const [, number, name = '', sign = '+', offset = '0'] = match;
  if (number !== undefined) return Number(number);
  const base = Object.hasOwn(PRIORITIES, name) ? PRIORITIES[name] : undefined;
  return base === undefined ? undefined : base + Number(`${sign}${offset}`);
}

/** An unsigned number of 32 bits, decimal or hexadecimal. */
export function uint32(text: string): number | undefined {
  if (!/^(?:0x[0-9a-fA-F]{1,16}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffffffff ? value : undefined;
}
