/** Reads the conditions of a rule from the words of nft, and the changes of the mark, which begin like one. */

import type { ConntrackMatch, FibMatch, Field, IpWord, Side, Statement } from './rule-types.js';
import { networksOf, protocolName, uint32 } from './values.js';
import type { Words } from './words.js';

const OPERATORS: Readonly<Record<string, 'and' | 'or' | 'xor'>> = {
  and: 'and',
  '&': 'and',
  or: 'or',
  '|': 'or',
  xor: 'xor',
  '^': 'xor',
};

/** Behind `ip` or `ip6`: a comparison of an address, or the key of a set or a map. `undefined` where it is not understood. */
export function readAddress(words: Words, ip: IpWord): Statement | undefined {
  const side = sideOf(words.next());
  if (side === undefined) return undefined;
  if (words.peek() === '.' || words.peek() === 'vmap')
    return readKey(words, { kind: 'address', ip, side });
  const not = words.takeNot();
  const set = words.takeName();
  if (set !== undefined) {
    return { kind: 'in-set', fields: [{ kind: 'address', ip, side }], not, set };
  }
  const networks = networksOf(words.takeMembers(), ip);
  return networks === undefined ? undefined : { kind: 'networks', ip, side, not, networks };
}

function sideOf(word: string): Side | undefined {
  return word === 'saddr' || word === 'daddr' ? word : undefined;
}

/** What follows the first field of a key: more fields, then a set or a map. */
function readKey(words: Words, first: Field): Statement | undefined {
  const fields = [first];
  while (words.take('.')) {
    const field = readField(words);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  if (words.take('vmap')) {
    const map = words.takeName();
    return map === undefined ? undefined : { kind: 'verdict-map', fields, map };
  }
  const not = words.takeNot();
  const set = words.takeName();
  return set === undefined ? undefined : { kind: 'in-set', fields, not, set };
}

/** A field of a packet. */
export function readField(words: Words): Field | undefined {
  const first = words.next();
  const second = words.next();
  if (first === 'meta' && second === 'l4proto') return { kind: 'l4proto' };
  if (first === 'th' && second === 'dport') return { kind: 'dport' };
  const side = sideOf(second);
  return (first === 'ip' || first === 'ip6') && side !== undefined
    ? { kind: 'address', ip: first, side }
    : undefined;
}

/** Behind `meta`. `undefined` where it is not understood. */
export function readMeta(words: Words): Statement | undefined {
  const key = words.next();
  if (key === 'mark') return readMark(words);
  if (key === 'iifname') return readInterface(words);
  if (key !== 'l4proto') return undefined;
  if (words.peek() === '.' || words.peek() === 'vmap') return readKey(words, { kind: 'l4proto' });
  const not = words.takeNot();
  const protocol = words.next();
  return /^[a-z0-9-]+$/.test(protocol)
    ? { kind: 'protocol', not, protocol: protocolName(protocol) }
    : undefined;
}

/** Behind `mark`: `and 0x4000 != 0`, or `set mark or 0x4000`. */
export function readMark(words: Words): Statement | undefined {
  if (words.take('set')) {
    words.take('meta');
    if (!words.take('mark')) return undefined;
    const operator = OPERATORS[words.next()];
    const value = uint32(words.next());
    return operator === undefined || value === undefined
      ? undefined
      : { kind: 'set-mark', operator, value };
  }
  if (OPERATORS[words.next()] !== 'and') return undefined;
  const mask = uint32(words.next());
  const comparison = words.next();
  const value = uint32(comparison === '!=' || comparison === '==' ? words.next() : comparison);
  return mask === undefined || value === undefined
    ? undefined
    : { kind: 'mark', mask, not: comparison === '!=', value };
}

/** Behind `iifname`. `undefined` where it is not understood. */
export function readInterface(words: Words): Statement | undefined {
  const not = words.takeNot();
  const name = words.next().replace(/^"(.*)"$/, '$1');
  return /^[^\s{}@"]{1,16}$/.test(name) ? { kind: 'interface', not, name } : undefined;
}

/** Behind `ct`. `undefined` where it is not understood. */
export function readConntrack(words: Words): ConntrackMatch | undefined {
  const key = words.next();
  const found = readList(words);
  return (key === 'state' || key === 'status') && found.every((word) => /^[a-z-]+$/.test(word))
    ? { kind: 'conntrack', key, words: found }
    : undefined;
}

/** Behind `fib`. `undefined` where it is not understood. */
export function readFib(words: Words): FibMatch | undefined {
  const side = sideOf(words.next());
  if (side === undefined || !words.take('type')) return undefined;
  const not = words.takeNot();
  const type = words.next();
  return /^[a-z]+$/.test(type) ? { kind: 'fib', side, not, type } : undefined;
}

/** The words of `a,b`, or one word. */
export function readList(words: Words): readonly string[] {
  const found = [words.next()];
  while (words.take(',')) found.push(words.next());
  return found;
}
