/** Other values for a field of a rule: near ones, and those of other rules. */

import { type Ip, ipFromBigInt, ipToBigInt, parseIp } from '../../../src/net/ip.js';
import type { Random } from './random.js';

/** Another address or network: the next one, a wider or narrower one, or that of another rule. */
export function otherNetwork(text: string, all: readonly string[], random: Random): string {
  const [ip = '', length] = text.split('/');
  const width = ip.includes(':') ? 128 : 32;
  const kind = random.below(length === undefined || Number(length) === 0 ? 2 : 3);
  if (kind === 0) return random.of(all) ?? text;
  if (kind === 1) return moved(ip, length === undefined ? width : Number(length), random, length);
  const bits = Number(length) === width || random.below(2) === 0 ? -1 : 1;
  return `${alignedTo(ip, Number(length) + bits)}/${Number(length) + bits}`;
}

function moved(ip: string, bits: number, random: Random, length: string | undefined): string {
  const width = ip.includes(':') ? 128 : 32;
  const step = 1n << BigInt(width - bits);
  const by = random.below(2) === 0 ? step : -step;
  const next = BigInt.asUintN(width, ipToBigInt((parseIp(ip) ?? '') as Ip) + by);
  const text = ipFromBigInt(next, width === 128 ? 'IPv6' : 'IPv4');
  return length === undefined ? text : `${text}/${length}`;
}

function alignedTo(ip: string, bits: number): string {
  const width = ip.includes(':') ? 128 : 32;
  const size = 1n << BigInt(width - bits);
  const first = (ipToBigInt((parseIp(ip) ?? '') as Ip) / size) * size;
  return ipFromBigInt(first, width === 128 ? 'IPv6' : 'IPv4');
}

/** Another port: the next ones, or that of another rule. */
export function otherPort(text: string, all: readonly string[], random: Random): string {
  const number = Number(text);
  const near = [number - 1, number + 1].filter((port) => port > 0 && port < 65536).map(String);
  return random.of([...near, ...near, ...all]) ?? text;
}

/** Another mark: one bit more, less or elsewhere. */
export function otherMark(text: string, random: Random): string {
  const value = Number(text);
  const bit = random.of([0x1, 0x2000, 0x4000, 0x8000, 0x80000000]) ?? 1;
  const changed = random.below(2) === 0 ? value ^ bit : bit;
  return `0x${(changed >>> 0).toString(16)}`;
}

/** Another number of seconds. */
export function otherSeconds(text: string, random: Random): string {
  return String(Math.max(1, Number(text) + (random.of([-1, 1, 60, -60, 86400]) ?? 1)));
}

/** Another of some words. */
export function otherWord(text: string, words: readonly string[], random: Random): string {
  return random.of(words.filter((word) => word !== text)) ?? text;
}

/** A list of words with one more or one less. */
export function otherList(text: string, words: readonly string[], random: Random): string {
  const now = text.split(',');
  const word = random.of(words) ?? '';
  const without = now.filter((known) => known !== word);
  return without.length < now.length && without.length > 0
    ? without.join()
    : [...without, word].join();
}
