/** Networks in CIDR notation, with the host bits cut, as iptables prints them. */

import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  ipFromBigInt,
  ipToBigInt,
  isIpv4Mapped,
  parseIp,
} from './ip.js';

declare const cidrBrand: unique symbol;
/** Canonical text of a network, `10.0.0.0/8`: address canonical, host bits zero. */
export type Cidr = string & { readonly [cidrBrand]: true };

/**
 * The canonical form of a network, or `undefined` if the text is not one.
 * Accepts leading zeros like `ParseCIDRSloppy`; host bits are cut. IPv4-mapped IPv6
 * networks are refused: Go's answer for them (`1.2.3.0/120`) means nothing to iptables.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || isIpv4Mapped(text.slice(0, slash))) return undefined;
  const ip = parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (ip === undefined || !/^\d+$/.test(length)) return undefined;
  const family = familyOf(ip);
  const bits = Number(length);
  if (bits > addressBits(family)) return undefined;
  if (bits === addressBits(family)) return hostCidr(ip);
  const hostBits = BigInt(addressBits(family) - bits);
  return `${ipFromBigInt((ipToBigInt(ip) >> hostBits) << hostBits, family)}/${bits}` as Cidr;
}

/** All loopback addresses. */
export const LOOPBACK_CIDR: Readonly<Record<Family, Cidr>> = {
  IPv4: '127.0.0.0/8' as Cidr,
  IPv6: '::1/128' as Cidr,
};

/** The network that holds just this address. */
export function hostCidr(ip: Ip): Cidr {
  return `${ip}/${addressBits(familyOf(ip))}` as Cidr;
}

/** The family of a network. */
export function cidrFamily(cidr: Cidr): Family {
  return cidr.includes(':') ? 'IPv6' : 'IPv4';
}

/** First address and prefix length of a network. */
export function cidrParts(cidr: Cidr): { readonly ip: Ip; readonly bits: number } {
  const slash = cidr.indexOf('/');
  return { ip: cidr.slice(0, slash) as Ip, bits: Number(cidr.slice(slash + 1)) };
}

/** Whether the network holds the address; never across families. */
export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  if (cidrFamily(cidr) !== familyOf(ip)) return false;
  const network = cidrParts(cidr);
  const hostBits = BigInt(addressBits(familyOf(ip)) - network.bits);
  return ipToBigInt(ip) >> hostBits === ipToBigInt(network.ip) >> hostBits;
}

/** Whether the network is a whole address family (0.0.0.0/0 or ::/0). */
export function isZeroCidr(cidr: Cidr): boolean {
  return cidr.endsWith('/0');
}
