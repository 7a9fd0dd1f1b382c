/**
 * The values inside rule lines — protocols, networks, marks, probabilities — read and printed as
 * iptables does.
 */

import { type Cidr, cidrParts, parseCidr } from '../../../net/cidr.js';
import { addressBits, familyOf, inetNtop, ipToBigInt, parseIp } from '../../../net/ip.js';
import { chanceNumerator, oneInNumerator } from '../../../netfilter/shares.js';
import type { Network, PortRange } from './rule-types.js';

/**
 * The protocols that iptables prints by a name of its own; all others depend on the version and on
 * the host's /etc/protocols, and stay as they are. 1.8.7 without /etc/protocols prints the numbers.
 */
const PROTOCOL_NAMES: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['33', 'dccp'],
  ['50', 'esp'],
  ['51', 'ah'],
  ['58', 'ipv6-icmp'],
  ['132', 'sctp'],
  ['135', 'mobility-header'],
  ['136', 'udplite'],
  ['icmpv6', 'ipv6-icmp'],
  ['ipv6-mh', 'mobility-header'],
]);

/**
 * The name that iptables prints for a protocol name or number; the text itself where it has none.
 */
export function protocolName(text: string): string {
  const lower = text.toLowerCase();
  return PROTOCOL_NAMES.get(lower) ?? lower;
}

/** An unsigned 32-bit number as `strtoul` reads it (decimal, 0x…, 0…), or `undefined`. */
export function parseUint32(text: string): number | undefined {
  if (!/^(?:0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= 0xffffffff ? value : undefined;
}

/** `VALUE` or `VALUE/MASK`; the mask is all ones where it is left out. */
export function parseMark(
  text: string,
): { readonly value: number; readonly mask: number } | undefined {
  const [head = '', tail = '0xffffffff', ...rest] = text.split('/');
  const value = parseUint32(head);
  const mask = parseUint32(tail);
  return value === undefined || mask === undefined || rest.length > 0 ? undefined : { value, mask };
}

/** `0x4000`: lower case, no leading zeros. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A port or `from:to`; an open end is 0 or 65535. Service names are not resolved: `undefined`. */
export function parsePorts(text: string): PortRange | undefined {
  const parts = /^(\d*)(:?)(\d*)$/.exec(text);
  if (parts === null || text === '') return undefined;
  const [, low = '', colon = '', high = ''] = parts;
  const from = low === '' ? 0 : Number(low);
  const to = colon === '' ? from : high === '' ? 65535 : Number(high);
  return from <= to && to <= 65535 ? { from, to } : undefined;
}

/** `80`, or `1024:65535`. */
export function portsText(ports: PortRange): string {
  return ports.from === ports.to ? `${ports.from}` : `${ports.from}:${ports.to}`;
}

/** The kernel's 31-bit numerator for a probability as text, or `undefined` outside 0 to 1. */
export function parseProbability(text: string): number | undefined {
  const value = /^\d+(?:\.\d*)?$/.test(text) ? Number(text) : Number.NaN;
  return value <= 1 ? Math.round(value * 0x80000000) : undefined;
}

/**
 * A numerator as iptables-save prints it: 11 decimals of numerator / 2^31. Exact ties go to the
 * even digit, as C's printf has it; `toFixed` would round them up.
 */
export function probabilityText(numerator: number): string {
  const scaled = BigInt(numerator) * 10n ** 11n;
  const quotient = scaled >> 31n;
  const twiceRest = (scaled & 0x7fffffffn) * 2n;
  const up = twiceRest > 0x80000000n || (twiceRest === 0x80000000n && quotient % 2n === 1n);
  const digits = (up ? quotient + 1n : quotient).toString().padStart(12, '0');
  return `${digits.slice(0, -11)}.${digits.slice(-11)}`;
}

/**
 * The text that iptables-save prints for kube-proxy's probability 1/n: kube-proxy writes ten
 * decimals, the kernel keeps 31 bits, iptables-save prints eleven decimals.
 */
export function oneIn(n: number): string {
  const known = TEXTS[n];
  if (known !== undefined) return known;
  const text = probabilityText(oneInNumerator(n));
  TEXTS[n] = text;
  return text;
}

const TEXTS: string[] = [];

/** The text that iptables-save prints for a chance of so many in so many. */
export function chanceText(part: number, whole: number): string {
  return whole % part === 0 ? oneIn(whole / part) : probabilityText(chanceNumerator(part, whole));
}

/**
 * A network as iptables prints it: always with a prefix length, host bits cut. Text that is no
 * address with a contiguous mask (a mask with gaps, a host name) stays as it is, without `cidr`.
 */
export function parseNetwork(text: string): Network {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const ip = parseIp(address);
  if (ip === undefined) return { text };
  const bits = slash < 0 ? addressBits(familyOf(ip)) : prefixLength(text.slice(slash + 1));
  const cidr = bits === undefined ? undefined : parseCidr(`${address}/${bits}`);
  return cidr === undefined ? { text } : { text: networkText(cidr), cidr };
}

/** A network as iptables prints it. */
export function networkText(cidr: Cidr): string {
  const { ip, bits } = cidrParts(cidr);
  return `${inetNtop(ip)}/${bits}`;
}

/** The prefix length of `24` or of `255.255.255.0`; `undefined` for a mask with gaps. */
function prefixLength(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const mask = parseIp(text);
  if (mask === undefined) return undefined;
  const bits = ipToBigInt(mask)
    .toString(2)
    .padStart(addressBits(familyOf(mask)), '0');
  const length = bits.indexOf('0');
  if (length < 0) return bits.length;
  return bits.includes('1', length) ? undefined : length;
}
