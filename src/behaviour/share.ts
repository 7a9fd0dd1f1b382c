/** Shares and endpoints as people write them in tests. */

import { UsageError } from '../errors.js';
import { inetNtop, joinHostPort, parseIp } from '../net/ip.js';
import { ALL, compareFractions, type Fraction, fraction } from '../netfilter/fraction.js';

/** An exact part of all packets: `1/3`, `0.25`, `1`. */
export type Share = string | number;

const SHARE = /^(?:(?<numerator>\d{1,18})(?:\/(?<denominator>\d{1,18}))?|0?\.(?<digits>\d{1,18}))$/;

/** The fraction. Throws UsageError for any other text, and for more than 1. */
export function parseShare(share: Share): Fraction {
  const { numerator, denominator = '1', digits } = SHARE.exec(String(share))?.groups ?? {};
  const [part, whole] =
    digits === undefined
      ? [BigInt(numerator ?? -1), BigInt(denominator)]
      : [BigInt(digits), 10n ** BigInt(digits.length)];
  const value = whole > 0n && part >= 0n ? fraction(part, whole) : undefined;
  if (value !== undefined && compareFractions(value, ALL) <= 0) return value;
  throw new UsageError(`${JSON.stringify(share)} is not a share`, {
    hint: 'write a fraction such as 1/3, or 1 for all',
  });
}

const ENDPOINT = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<four>[0-9.]+)):(?<port>\d{1,5})$/;

/** An endpoint in the canonical spelling of its address. Throws UsageError for any other text. */
export function endpointText(text: string): string {
  const { six, four, port } = ENDPOINT.exec(text)?.groups ?? {};
  const ip = parseIp(six ?? four ?? '');
  if (ip !== undefined && Number(port) <= 65535) return joinHostPort(inetNtop(ip), Number(port));
  throw new UsageError(`${JSON.stringify(text)} is not an endpoint`, {
    hint: 'write ADDRESS:PORT, and an IPv6 address in brackets',
  });
}
