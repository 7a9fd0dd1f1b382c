/** Words of a rule line, and values inside them in their canonical form, for {@link ./canon.ts}. */

import { Address4, Address6 } from 'ip-address';

/** Words with quotes taken off and escapes resolved. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quoted && c === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i];
    else if (c === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && (c === ' ' || c === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** `VALUE/MASK` as numbers; a missing mask is all ones. */
export function valueAndMask(text: string): [bigint, bigint] {
  const [value = '', mask = '0xffffffff'] = text.split('/');
  return [BigInt(value), BigInt(mask)];
}

/** `0xVALUE/0xMASK`, 32 bits each. */
export function pair(value: bigint, mask: bigint): string {
  return `0x${BigInt.asUintN(32, value).toString(16)}/0x${BigInt.asUintN(32, mask).toString(16)}`;
}

/**
 * Eleven decimals of the nearest multiple of 2^-31; an exact tie goes to the even digit, as in C.
 */
export function canonicalProbability(text: string): string {
  const scaled = BigInt(Math.floor(Number(text) * 2 ** 31 + 0.5)) * 10n ** 11n;
  const [whole, rest] = [scaled / 2n ** 31n, scaled % 2n ** 31n];
  const up = rest > 2n ** 30n || (rest === 2n ** 30n && whole % 2n === 1n) ? 1n : 0n;
  return (whole + up)
    .toString()
    .padStart(12, '0')
    .replace(/(\d{11})$/, '.$1');
}

const networks = new Map<string, string>();

/** Address or network to network with its prefix length, host bits cut. */
export function canonicalNetwork(text: string): string {
  const known = networks.get(text);
  if (known !== undefined) return known;
  const address = text.includes(':') ? new Address6(text) : new Address4(text);
  const network = `${address.startAddress().correctForm()}/${address.subnetMask}`;
  networks.set(text, network);
  return network;
}
