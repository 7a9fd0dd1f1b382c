/**
 * IP addresses as Kubernetes reads them and as Go's `net.IP` prints them.
 *
 * An address is kept as its canonical text: equal addresses are equal strings,
 * and the text is what kube-proxy hashes into chain names and writes in comments.
 */

/** An IP family, spelled as in `Service.spec.ipFamilies`. */
export type Family = 'IPv4' | 'IPv6';

declare const ipBrand: unique symbol;
/** Canonical text of one address: dotted decimal without leading zeros, or RFC 5952. */
export type Ip = string & { readonly [ipBrand]: true };

/** The family of a canonical address. */
export function familyOf(ip: Ip): Family {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/**
 * The canonical form of an address, or `undefined` if the text is not one.
 *
 * Accepts what stored Kubernetes objects may hold (`ParseIPSloppy` of k8s.io/utils/net):
 * IPv4 octets with leading zeros are decimal, never octal, and an IPv4-mapped IPv6
 * address (`::ffff:10.0.0.1`) is the IPv4 address, as in Go's `net.IP`. Zones are refused.
 */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const words = parseIpv6(text);
  if (words === undefined) return undefined;
  if (isMapped(words)) return ipv4Text(words) as Ip;
  return ipv6Text(words) as Ip;
}

/** Whether the text is an IPv4 address as {@link parseIp} returns it. */
export function isCanonicalIpv4(text: string): text is Ip {
  return CANONICAL_IPV4.test(text);
}

/** Whether the text is an IPv4 address written as an IPv6 one, such as `::ffff:10.0.0.1`. */
export function isIpv4Mapped(text: string): boolean {
  const words = text.includes(':') ? parseIpv6(text) : undefined;
  return words !== undefined && isMapped(words);
}

/**
 * The address as C's `inet_ntop`, and so iptables, prints it. It differs from Go only for
 * IPv4-compatible IPv6 addresses: Go prints `::a00:1`, iptables prints `::10.0.0.1`.
 */
export function inetNtop(ip: Ip): string {
  if (!ip.startsWith('::')) return ip;
  const words = wordsOf(ip);
  const compatible = words.slice(0, 6).every((word) => word === 0) && words[6] !== 0;
  return compatible ? `::${ipv4Text(words)}` : ip;
}

/** The address as a number: 32 bits for IPv4, 128 for IPv6. */
export function ipToBigInt(ip: Ip): bigint {
  if (familyOf(ip) === 'IPv4') return BigInt(ipv4ToNumber(ip));
  return wordsOf(ip).reduce((value, word) => (value << 16n) | BigInt(word), 0n);
}

const ZERO = '0'.charCodeAt(0);

/** The same of an IPv4 address. */
export function ipv4ToNumber(ip: Ip): number {
  let value = 0;
  let octet = 0;
  for (let i = 0; i < ip.length; i++) {
    const digit = ip.charCodeAt(i) - ZERO;
    if (digit >= 0) octet = octet * 10 + digit;
    else {
      value = value * 256 + octet;
      octet = 0;
    }
  }
  return value * 256 + octet;
}

/** The IPv4 address of a number: what {@link ipv4ToNumber} gives. */
export function ipv4FromNumber(value: number): Ip {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as Ip;
}

/**
 * The address that {@link ipToBigInt} gives this number for. Throws RangeError outside the family.
 */
export function ipFromBigInt(value: bigint, family: Family): Ip {
  if (value < 0n || value >> BigInt(addressBits(family)) !== 0n) {
    throw new RangeError(`${value} is not an ${family} address`);
  }
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.') as Ip;
  }
  const words = Array.from({ length: 8 }, (_, i) =>
    Number((value >> BigInt(112 - 16 * i)) & 0xffffn),
  );
  return ipv6Text(words) as Ip;
}

/** How many bits an address of the family has: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 'IPv4' ? 32 : 128;
}

/** The addresses of interfaces, whose texts have the length of their network: `192.0.2.10/24`. */
export function interfaceAddresses(
  interfaces: readonly { readonly addresses: readonly string[] }[],
): readonly Ip[] {
  return interfaces.flatMap(({ addresses }) =>
    addresses.flatMap((text) => parseIp(text.replace(/\/.*$/, '')) ?? []),
  );
}

/** The loopback address that every machine has. */
export const LOOPBACK_IP: Readonly<Record<Family, Ip>> = {
  IPv4: '127.0.0.1' as Ip,
  IPv6: '::1' as Ip,
};

/** Whether the address is in 127.0.0.0/8, or is ::1 (Go's `IP.IsLoopback`). */
export function isLoopback(ip: Ip): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

/** Whether the address is 0.0.0.0 or :: (Go's `IP.IsUnspecified`). */
export function isUnspecified(ip: Ip): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

/** `host:port` as Go's `net.JoinHostPort` writes it, with brackets around IPv6. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** An IPv4 address as {@link parseIp} returns it, as part of a pattern. */
export const IPV4_PATTERN: string = `${BYTE}(?:\\.${BYTE}){3}`;
const CANONICAL_IPV4 = new RegExp(`^${IPV4_PATTERN}$`);

function parseIpv4(text: string): Ip | undefined {
  if (CANONICAL_IPV4.test(text)) return text as Ip;
  if (!/^\d+(?:\.\d+){3}$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? (octets.join('.') as Ip) : undefined;
}

/** Eight 16-bit words, or undefined. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseWords(halves[0] ?? '', halves.length === 1);
  const tail = parseWords(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The words of one side of `::`; only the last side may end in a dotted quad. */
function parseWords(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const words: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const isQuad = last && i === parts.length - 1 && part.includes('.');
    const parsed = isQuad ? parseQuad(part) : parseWord(part);
    if (parsed === undefined) return undefined;
    words.push(...parsed);
  }
  return words.length > 8 ? undefined : words;
}

/** A dotted quad as two words. */
function parseQuad(text: string): readonly number[] | undefined {
  const quad = parseIpv4(text);
  if (quad === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** One hexadecimal word; leading zeros do not count. */
function parseWord(text: string): readonly number[] | undefined {
  const value = /^[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : -1;
  return value < 0 || value > 0xffff ? undefined : [value];
}

function wordsOf(ip: Ip): number[] {
  const words = parseIpv6(ip);
  if (words === undefined) throw new TypeError(`not a canonical IPv6 address: ${ip}`);
  return words;
}

function isMapped(words: readonly number[]): boolean {
  return words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
}

/** The last two words as a dotted quad. */
function ipv4Text(words: readonly number[]): string {
  const [high = 0, low = 0] = words.slice(6);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** RFC 5952: lower case, the first longest run of two or more zero words becomes `::`. */
function ipv6Text(words: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (words[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    if (end > i) i = end - 1;
  }
  const hex = words.map((word) => word.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Whether a text that is no address and no network may have been meant to be of this family. */
export function mayBeOfFamily(family: Family, text: string): boolean {
  if (text.includes(':')) return family === 'IPv6';
  return family === 'IPv4' || !text.includes('.');
}
