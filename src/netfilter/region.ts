/** Sets of packets: for each field the values that it may have. */

import { type Cidr, cidrParts, LOOPBACK_CIDR } from '../net/cidr.js';
import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  ipFromBigInt,
  ipToBigInt,
} from '../net/ip.js';
import { type Intervals, type Point, sameIntervals, union } from './intervals.js';

/**
 * The fields of packets, as they are sent: `state` is that of the tracked connection (`new`), `age`
 * how many seconds ago the client was seen by session affinity.
 */
export const FIELDS = [
  'saddr',
  'daddr',
  'protocol',
  'sport',
  'dport',
  'iif',
  'oif',
  'state',
  'age',
] as const;
export type FieldName = (typeof FIELDS)[number];

/** The packets whose every field is in its set. */
export type Region = Readonly<Record<FieldName, Intervals>>;

/** After every name. */
const LAST_WORD = '\u{10ffff}';
const PORTS: Intervals = [0, 65536];
const WORDS: Intervals = ['', LAST_WORD];
/** Longer than any affinity. */
const AGES: Intervals = [0, 2 ** 32];

/** Every packet of a family. */
export function everything(family: Family): Region {
  const addresses = allAddresses(family);
  return {
    saddr: addresses,
    daddr: addresses,
    protocol: WORDS,
    sport: PORTS,
    dport: PORTS,
    iif: WORDS,
    oif: WORDS,
    state: WORDS,
    age: AGES,
  };
}

/** Every address of a family. */
export function allAddresses(family: Family): Intervals {
  return family === 'IPv4' ? [0, 2 ** 32] : [0n, 1n << 128n];
}

/** 127.0.0.0/8 or ::1. */
export function loopback(family: Family): Intervals {
  return network(LOOPBACK_CIDR[family]);
}

/** The addresses of groups, in the family of a region. */
export function multicast({ saddr }: Region): Intervals {
  return typeof saddr[0] === 'bigint' ? MULTICAST_V6 : MULTICAST_V4;
}

const MULTICAST_V4: Intervals = [0xe0_00_00_00, 0xf0_00_00_00];
const MULTICAST_V6: Intervals = [0xffn << 120n, 1n << 128n];

/**
 * The region with other values of one field. Written out field by field, which takes V8 half the
 * time of spreading it: a proof makes millions.
 */
export function withField(region: Region, field: FieldName, set: Intervals): Region {
  return {
    saddr: field === 'saddr' ? set : region.saddr,
    daddr: field === 'daddr' ? set : region.daddr,
    protocol: field === 'protocol' ? set : region.protocol,
    sport: field === 'sport' ? set : region.sport,
    dport: field === 'dport' ? set : region.dport,
    iif: field === 'iif' ? set : region.iif,
    oif: field === 'oif' ? set : region.oif,
    state: field === 'state' ? set : region.state,
    age: field === 'age' ? set : region.age,
  };
}

/** The set of one word; mostly one list for each, so that equal sets are found equal at once. */
export function word(text: string): Intervals {
  const known = WORD_SETS.get(text);
  if (known !== undefined) return known;
  const set: Intervals = [text, `${text}\0`];
  if (WORD_SETS.size < MOST_WORD_SETS) WORD_SETS.set(text, set);
  return set;
}

const WORD_SETS = new Map<string, Intervals>();
/** More than rules and machines of use have protocols, states and interfaces. */
const MOST_WORD_SETS = 1000;

/** The words of a list. */
export function words(texts: readonly string[]): Intervals {
  const [first, ...others] = texts;
  return first !== undefined && others.length === 0 ? word(first) : union(texts.map(word));
}

/** Every word that begins so. */
export function prefixed(text: string): Intervals {
  return [text, `${text}${LAST_WORD}`];
}

/** The numbers from one to another, both included. */
export function numbers(from: number, to: number): Intervals {
  return [from, to + 1];
}

/** The point of an address: a number in IPv4, a bigint in IPv6. */
export function addressPoint(ip: Ip): Point {
  if (familyOf(ip) === 'IPv6') return ipToBigInt(ip);
  let [point, octet] = [0, 0];
  for (let i = 0; i < ip.length; i++) {
    const digit = ip.charCodeAt(i) - 48;
    if (digit >= 0) octet = octet * 10 + digit;
    else [point, octet] = [point * 256 + octet, 0];
  }
  return point * 256 + octet;
}

/** The one address. */
export function address(ip: Ip): Intervals {
  return singlePoint(addressPoint(ip));
}

/** The addresses of a network. */
export function network(cidr: Cidr): Intervals {
  const { ip, bits } = cidrParts(cidr);
  const family = familyOf(ip);
  const hostBits = addressBits(family) - bits;
  const point = addressPoint(ip);
  return typeof point === 'bigint'
    ? [point, point + (1n << BigInt(hostBits))]
    : [point, Number(point) + 2 ** hostBits];
}

/** The addresses of any of the networks. */
export function networks(cidrs: readonly Cidr[]): Intervals {
  const [first, ...others] = cidrs;
  return first !== undefined && others.length === 0 ? network(first) : union(cidrs.map(network));
}

/** The set of one number. */
export function singlePoint(point: Point): Intervals {
  return typeof point === 'bigint' ? [point, point + 1n] : [point, Number(point) + 1];
}

/** The address of a point. */
export function addressAt(point: Point): Ip {
  return typeof point === 'bigint'
    ? ipFromBigInt(point, 'IPv6')
    : ipFromBigInt(BigInt(point), 'IPv4');
}

/**
 * Whether both hold the same packets. Compared field by field, which takes a fraction of the time.
 */
export function sameRegion(a: Region, b: Region): boolean {
  return (
    a === b ||
    (sameIntervals(a.saddr, b.saddr) &&
      sameIntervals(a.daddr, b.daddr) &&
      sameIntervals(a.protocol, b.protocol) &&
      sameIntervals(a.sport, b.sport) &&
      sameIntervals(a.dport, b.dport) &&
      sameIntervals(a.iif, b.iif) &&
      sameIntervals(a.oif, b.oif) &&
      sameIntervals(a.state, b.state) &&
      sameIntervals(a.age, b.age))
  );
}

/** The only point of a set of numbers; `undefined` where there are more. */
export function onlyPoint(set: Intervals): Point | undefined {
  const from = set[0];
  const to = set[1];
  if (set.length !== 2 || from === undefined || to === undefined) return undefined;
  if (typeof from === 'string') return to === `${from}\0` ? from : undefined;
  const next = typeof from === 'bigint' ? from + 1n : from + 1;
  return next === to ? from : undefined;
}
