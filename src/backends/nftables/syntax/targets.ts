/** Reads the parts of a rule from the words of nft: what is done here, conditions in {@link ./matches.ts}. */

import { familyOf, type Ip, parseIp } from '../../../net/ip.js';
import {
  readAddress,
  readConntrack,
  readFib,
  readField,
  readInterface,
  readList,
  readMark,
  readMeta,
} from './matches.js';
import type { Statement, Target, Verdict } from './rule-types.js';
import { addressOf, uint32 } from './values.js';
import type { Words } from './words.js';

/** The statement that begins at the next word; `undefined`, with nothing of it taken for sure, where it is not understood. */
export function readStatement(words: Words): Statement | undefined {
  const first = words.next();
  switch (first) {
    case 'ip':
    case 'ip6':
      return readAddress(words, first);
    case 'meta':
      return readMeta(words);
    case 'mark':
      return readMark(words);
    case 'iifname':
      return readInterface(words);
    case 'ct':
      return readConntrack(words);
    case 'fib':
      return readFib(words);
    case 'numgen':
      return readRandomVerdict(words);
    case 'dnat':
      return readDnat(words);
    case 'masquerade':
      return { kind: 'masquerade', flags: isFlag(words.peek()) ? readList(words) : [] };
    case 'reject':
      return { kind: 'reject', with: words.take('with') ? readRejectWords(words) : '' };
    case 'update':
    case 'add':
      return readUpdate(words, first);
    case 'counter':
      return readCounter(words);
    default:
      return verdictOf(first, words);
  }
}

/** A verdict from its first word on. */
function verdictOf(first: string, words: Words): Verdict | undefined {
  if (first === 'drop' || first === 'accept' || first === 'return') return { kind: first };
  if (first !== 'jump' && first !== 'goto') return undefined;
  const chain = words.next();
  return chain === '' ? undefined : { kind: first, chain };
}

/** The verdict of an element of a map. */
function readVerdict(words: Words): Verdict | undefined {
  return verdictOf(words.next(), words);
}

/** Behind `numgen`. */
function readRandomVerdict(words: Words): Statement | undefined {
  const choices = readChoices(words, 'vmap', readVerdict);
  return choices === undefined ? undefined : { kind: 'random-verdict', choices };
}

/** `random mod 2 map { 0 : a, 1 : b }` with a choice for every number: only then each is as likely. */
function readChoices<T>(
  words: Words,
  word: 'map' | 'vmap',
  read: (words: Words) => T | undefined,
): readonly T[] | undefined {
  if (!words.take('random') || !words.take('mod')) return undefined;
  const size = uint32(words.next());
  if (!words.take(word) || !words.take('{') || size === undefined) return undefined;
  const found = new Map<number, T>();
  do {
    const number = uint32(words.next());
    const choice = words.take(':') ? read(words) : undefined;
    if (number === undefined || choice === undefined || found.has(number)) return undefined;
    found.set(number, choice);
  } while (words.take(','));
  return words.take('}') ? inOrder(found, size) : undefined;
}

/** The choices for 0 to `size` - 1, or `undefined` where one is missing or there is another. */
export function inOrder<T>(found: ReadonlyMap<number, T>, size: number): readonly T[] | undefined {
  if (found.size !== size || size === 0) return undefined;
  const choices: T[] = [];
  for (let i = 0; i < size; i++) {
    const choice = found.get(i);
    if (choice === undefined) return undefined;
    choices.push(choice);
  }
  return choices;
}

function readDnat(words: Words): Statement | undefined {
  if (words.take('to')) return readDnatTarget(words.next());
  const ip = words.next();
  if (ip !== 'ip' && ip !== 'ip6') return undefined;
  for (const word of words.take('addr') ? ['.', 'port', 'to', 'numgen'] : ['to', 'numgen'])
    if (!words.take(word)) return undefined;
  const targets = readChoices(words, 'map', (rest) => {
    const address = addressOf(rest.next(), ip);
    const port = rest.take('.') ? uint32(rest.next()) : undefined;
    return target(address, port);
  });
  return targets === undefined ? undefined : { kind: 'random-dnat', ip, targets };
}

/** An address and a port as an endpoint, where they are one. */
export function target(ip: Ip | undefined, port: number | undefined): Target | undefined {
  return ip === undefined || port === undefined || port > 65535 ? undefined : { ip, port };
}

function readDnatTarget(text: string): Statement | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text);
  const [, six, four = '', port = ''] = match ?? [];
  const ip = parseIp(six ?? four);
  const known = ip !== undefined && (familyOf(ip) === 'IPv6') === (six !== undefined);
  const found = target(known ? ip : undefined, uint32(port));
  return found === undefined ? undefined : { kind: 'dnat', ...found };
}

function readUpdate(words: Words, operator: 'update' | 'add'): Statement | undefined {
  const set = words.takeName();
  const field = words.take('{') ? readField(words) : undefined;
  return set === undefined || field === undefined || !words.take('}')
    ? undefined
    : { kind: 'update', operator, set, field };
}

function readCounter(words: Words): Statement | undefined {
  if (!words.take('packets')) return { kind: 'counter' };
  words.next();
  return words.take('bytes') && /^\d+$/.test(words.next()) ? { kind: 'counter' } : undefined;
}

/** Behind `with`. The words for the default are none. */
function readRejectWords(words: Words): string {
  const first = words.next();
  if (first === 'tcp') return `tcp ${words.next()}`;
  words.take('type');
  return `${first} ${words.next()}`;
}

function isFlag(word: string): boolean {
  return word === 'random' || word === 'fully-random' || word === 'persistent';
}
