/** Reads dumps of iptables-save for the reference machine, which refuses what it does not know. */

import { numberOf, rangeOf } from './addresses.js';
import {
  type Action,
  address,
  asks,
  type Base,
  type Chain,
  isLocal,
  not,
  type Part,
  port,
  type Ruleset,
  type Test,
  tracked,
} from './ruleset.js';

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  nat: -100,
  filter: 0,
};
const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** The rules of a dump. */
export function iptablesRuleset(text: string): Ruleset {
  const chains = new Map<string, Chain>();
  let table = '';
  const chainOf = (name: string, policy: string): Chain => {
    const key = `${table} ${name}`;
    const known = chains.get(key);
    if (known !== undefined) return known;
    const base = BUILT_IN.includes(name) ? baseOf(table, name, policy) : undefined;
    const made: Chain = { table, name, base, rules: [] };
    chains.set(key, made);
    return made;
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, name, policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined) chainOf(name, policy);
    const [, rule] = /^(?:\[\d+:\d+\] )?-A (.*)$/.exec(line) ?? [];
    if (rule === undefined) continue;
    const [chain = '', ...words] = wordsOf(rule);
    chainOf(chain, '').rules.push(partsOf(words, table));
  }
  return chains;
}

function baseOf(table: string, name: string, policy: string): Base {
  const hook = name.toLowerCase();
  const isSource = hook === 'postrouting' || hook === 'input';
  const priority = table === 'nat' && isSource ? 100 : (PRIORITIES[table] ?? 0);
  return { hook, priority, isNat: table === 'nat', drops: policy === 'DROP', isShared: true };
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
}

/** Reads the words of a rule from the left. */
class Words {
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  get isAtEnd(): boolean {
    return this.at >= this.words.length;
  }

  next(): string {
    return this.words[this.at++] ?? '';
  }

  /** Whether the next word is this one, which is read then. */
  take(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }
}

function partsOf(list: readonly string[], table: string): readonly Part[] {
  const words = new Words(list);
  const parts: Part[] = [];
  while (!words.isAtEnd) {
    const isNot = words.take('!');
    const option = words.next();
    if (option === '-j' || option === '-g') parts.push({ action: targetOf(words, option, table) });
    else for (const part of matchOf(words, option)) parts.push(negated(part, isNot));
  }
  return parts;
}

function negated(part: Part, isNot: boolean): Part {
  if (!isNot) return part;
  if ('test' in part) return { test: not(part.test) };
  if ('chance' in part) return { chance: 1 - part.chance };
  throw new Error('a target has no opposite');
}

function matchOf(words: Words, option: string): readonly Part[] {
  switch (option) {
    case '-m':
      return words.next() === 'recent' ? recent(words) : [];
    case '--comment':
    case '--nfacct-name':
    case '--mode':
      words.next();
      return [];
    case '--probability':
      return [{ chance: Math.round(Number(words.next()) * 2 ** 31) / 2 ** 31 }];
    default:
      return [{ test: testOf(words, option) }];
  }
}

function testOf(words: Words, option: string): Test {
  const isNot = words.take('!');
  const test = positive(option, words.next());
  return isNot ? not(test) : test;
}

function positive(option: string, value: string): Test {
  switch (option) {
    case '-s':
    case '-d':
      return address(option === '-s' ? 'saddr' : 'daddr', rangeOf(value));
    case '-i':
    case '-o':
      return asks(option === '-i' ? 'iif' : 'oif', named(value));
    case '-p':
      return asks('protocol', (word) => word === value);
    case '--dport':
    case '--sport': {
      const [first = '', last = first] = value.split(':');
      return port(
        option === '--dport' ? 'dport' : 'sport',
        (number) => Number(first) <= number && number <= Number(last || 65535),
      );
    }
    case '--ctstate':
      return tracked(value.toLowerCase().split(','));
    case '--mark': {
      const [bits, mask = 0xffffffff] = value.split('/').map(Number);
      return ({ state }) => (state.mark & mask) >>> 0 === bits;
    }
    case '--src-type':
    case '--dst-type':
      if (value === 'LOCAL') return isLocal(option === '--src-type' ? 'saddr' : 'daddr');
  }
  throw new Error(`the reference machine does not know ${option} ${value}`);
}

/** An interface, or with `+` all whose names begin so. */
function named(text: string): (name: string) => boolean {
  const [, start] = /^(.*)\+$/.exec(text) ?? [];
  return (name) => (start === undefined ? name === text : name.startsWith(start));
}

function recent(words: Words): readonly Part[] {
  let [list, action, seconds, side] = ['DEFAULT', '', 0, 'saddr'];
  for (;;) {
    if (words.take('--name')) list = words.next();
    else if (words.take('--seconds')) seconds = Number(words.next());
    else if (words.take('--mask')) words.next();
    else if (words.take('--reap')) continue;
    else if (words.take('--rsource')) side = 'saddr';
    else if (words.take('--rdest')) side = 'daddr';
    else if (words.take('--set')) action = 'set';
    else if (words.take('--rcheck')) action = 'rcheck';
    else if (words.take('--update')) action = 'update';
    else break;
  }
  const name = side === 'saddr' ? list : `${list} by destination`;
  const isYoung = asks('age', (age) => seconds === 0 || age < seconds);
  const isOn: Test = (asked) => asked.client.has(name) && isYoung(asked);
  const remember: Part = { action: { does: 'remember', list: name } };
  if (action === 'set') return [remember];
  return action === 'update' ? [{ test: isOn }, remember] : [{ test: isOn }];
}

function targetOf(words: Words, option: string, table: string): Action {
  const name = words.next();
  switch (name) {
    case 'ACCEPT':
      return { does: 'accept' };
    case 'DROP':
      return { does: 'drop' };
    case 'RETURN':
      return { does: 'return' };
    case 'REJECT': {
      const answer = words.take('--reject-with') ? words.next() : 'icmp-port-unreachable';
      return { does: 'reject', with: answer.replace(/^icmp6?-/, '') };
    }
    case 'MASQUERADE':
      return { does: 'masquerade', how: words.take('--random-fully') ? 'random' : 'plain' };
    case 'DNAT': {
      words.take('--to-destination');
      const [, ip = '', to = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(words.next()) ?? [];
      return { does: 'dnat', ip: numberOf(ip), port: Number(to) };
    }
    case 'MARK':
      return markOf(words);
    default:
      if (/^[A-Z]+$/.test(name) && table === '') throw new Error(`unknown target ${name}`);
      return { does: option === '-j' ? 'jump' : 'goto', chain: name };
  }
}

/** `--set-xmark`: zeroes the bits of the mask, then XORs; `--set-mark`: OR instead of XOR. */
function markOf(words: Words): Action {
  const option = words.next();
  const [value = 0, mask = 0xffffffff] = words.next().split('/').map(Number);
  if (option === '--or-mark') return { does: 'mark', and: ~value, xor: value };
  return { does: 'mark', and: option === '--set-mark' ? ~(mask | value) : ~mask, xor: value };
}
