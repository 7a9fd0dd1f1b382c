/** Reads scripts of nft, one command a line, for the reference machine. */

import { numberOf, rangeOf } from './addresses.js';
import {
  type Action,
  type Asked,
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

/** An element of a set or map: its key as text, and what a map has for it. */
interface Element {
  readonly key: string;
  readonly action: Action | undefined;
}

interface NamedSet {
  readonly elements: Element[];
  readonly timeout: number;
}

/** The rules of a script. */
export function nftRuleset(text: string): Ruleset {
  const chains = new Map<string, Chain>();
  const sets = new Map<string, NamedSet>();
  for (const line of text.split('\n')) {
    const [, kind = '', family = '', table = '', rest = ''] =
      /^add (\w+) (\w+) (\S+) ?(.*)$/.exec(line) ?? [];
    const [, name = '', more = ''] = /^(\S+) ?(.*)$/.exec(rest) ?? [];
    const key = `${family} ${table} ${name}`;
    if (kind === 'chain') {
      const base = baseOf(more);
      chains.set(key, { table: `${family} ${table}`, name, base, rules: [] });
    } else if (kind === 'set' || kind === 'map')
      sets.set(key, { elements: [], timeout: timeoutOf(more) });
    else if (kind === 'element') sets.get(key)?.elements.push(...elementsOf(more));
    else if (kind === 'rule')
      chains.get(key)?.rules.push(new RuleReader(more, `${family} ${table}`, sets).parts());
  }
  return chains;
}

function baseOf(text: string): Base | undefined {
  const [, type, hook = '', priority = '', policy] =
    /type (\w+) hook (\w+) priority (-?\d+)(?: ;)?(?: policy (\w+))?/.exec(text) ?? [];
  if (type === undefined) return undefined;
  return {
    ...{ hook, priority: Number(priority), isNat: type === 'nat', drops: policy === 'drop' },
    isShared: false,
  };
}

function timeoutOf(text: string): number {
  return Number(/ timeout (\d+)s/.exec(text)?.[1] ?? 0);
}

function elementsOf(text: string): readonly Element[] {
  const inner = text.replace(/^\{ (.*) \}$/, '$1').replaceAll(/ ?comment "[^"]*"/g, '');
  return inner.split(', ').map((element) => {
    const [key = '', value] = element.split(' : ');
    return { key, action: value === undefined ? undefined : elementAction(value) };
  });
}

/** A verdict, or where a packet is sent: `10.0.0.1 . 80`. */
function elementAction(text: string): Action {
  const [, ip = '', port] = /^(\S+) \. (\d+)$/.exec(text) ?? [];
  return port === undefined
    ? verdictOf(text.split(' '))
    : { does: 'dnat', ip: numberOf(ip), port: Number(port) };
}

function verdictOf([first = '', second = '']: readonly string[]): Action {
  if (first === 'accept' || first === 'drop' || first === 'return') return { does: first };
  if (first === 'jump' || first === 'goto') return { does: first, chain: second };
  throw new Error(`the reference machine does not know the verdict ${first}`);
}

/** A part of the key of a set, compared with the text of an element. */
type KeyPart = (text: string) => Test;

class RuleReader {
  private readonly words: readonly string[];
  private readonly table: string;
  private readonly sets: ReadonlyMap<string, NamedSet>;
  private at = 0;

  constructor(text: string, table: string, sets: ReadonlyMap<string, NamedSet>) {
    this.words = text
      .replace(/ ?comment "[^"]*"$/, '')
      .split(' ')
      .filter((word) => word !== '');
    this.table = table;
    this.sets = sets;
  }

  parts(): readonly Part[] {
    const parts: Part[] = [];
    while (this.at < this.words.length) parts.push(this.part());
    return parts;
  }

  private next(): string {
    return this.words[this.at++] ?? '';
  }

  private take(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.words[this.at + i] === word)) return false;
    this.at += words.length;
    return true;
  }

  private part(): Part {
    if (this.take('mark', 'and')) return { test: this.mark(Number(this.next())) };
    if (this.take('mark', 'set', 'mark')) return { action: this.setMark() };
    if (this.take('mark', 'set'))
      return { action: { does: 'mark', and: 0, xor: Number(this.next()) } };
    if (this.take('mark')) return { test: this.firstBits() };
    if (this.take('ct', 'state') || this.take('ct', 'status'))
      return { test: this.compared((text) => tracked(text.split(','))) };
    if (this.take('iifname') || this.take('iif')) return { test: this.compared(interfaceIs) };
    if (this.take('fib')) return { test: this.fib() };
    if (this.take('numgen', 'random', 'mod')) return { action: this.draw('vmap', verdictOf) };
    if (this.take('dnat')) return { action: this.dnat() };
    if (this.take('masquerade'))
      return {
        action: { does: 'masquerade', how: this.take('fully-random') ? 'random' : 'plain' },
      };
    if (this.take('reject')) return { action: { does: 'reject', with: this.answer() } };
    if (this.take('update')) return { action: this.update() };
    if (this.take('counter')) {
      if (this.take('packets')) this.at += 3;
      return { action: { does: 'nothing' } };
    }
    const word = this.words[this.at] ?? '';
    if (['accept', 'drop', 'return', 'jump', 'goto'].includes(word))
      return { action: this.verdict() };
    return this.key();
  }

  private verdict(): Action {
    const first = this.next();
    return verdictOf(first === 'jump' || first === 'goto' ? [first, this.next()] : [first]);
  }

  private compared(test: (text: string) => Test): Test {
    const isNot = this.take('!=');
    const tests = this.values().map(test);
    const any: Test = (asked) => tests.some((one) => one(asked));
    return isNot ? not(any) : any;
  }

  private values(): readonly string[] {
    const text = this.next();
    if (text !== '{') return [text];
    const values: string[] = [];
    while (!this.take('}')) values.push(this.next().replace(/,$/, ''));
    return values;
  }

  private mark(mask: number): Test {
    const isNot = this.take('!=');
    if (!isNot) this.take('==');
    const value = Number(this.next());
    return ({ state }) => ((state.mark & mask) >>> 0 === value) !== isNot;
  }

  /** `!= 0x00000000/1`, as nft prints a mask of first bits. */
  private firstBits(): Test {
    const isNot = this.take('!=');
    const [value, bits = 32] = this.next().split('/').map(Number);
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    return ({ state }) => ((state.mark & mask) >>> 0 === value) !== isNot;
  }

  private setMark(): Action {
    const operator = this.next();
    const value = Number(this.next());
    if (operator === 'and') return { does: 'mark', and: value, xor: 0 };
    return { does: 'mark', and: operator === 'or' ? ~value : -1, xor: value };
  }

  private fib(): Test {
    const field = this.next() === 'saddr' ? 'saddr' : 'daddr';
    this.take('type');
    return this.compared(() => isLocal(field));
  }

  private dnat(): Action {
    if (this.take('to')) {
      const [, ip = '', to = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(this.next()) ?? [];
      return { does: 'dnat', ip: numberOf(ip), port: Number(to) };
    }
    while (!this.take('to')) this.next();
    if (!this.take('numgen')) return this.drawnLookup();
    this.take('random', 'mod');
    return this.draw('map', ([ip = '', , to = '']) => ({
      ...{ does: 'dnat', ip: numberOf(ip), port: Number(to) },
    }));
  }

  /** `ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints`. */
  private drawnLookup(): Action {
    const fields: KeyPart[] = [];
    while (!this.take('numgen', 'random', 'mod')) {
      fields.push(this.field());
      this.take('.');
    }
    const of = Number(this.next());
    const first = this.take('offset') ? Number(this.next()) : 0;
    this.take('map');
    const { elements } = this.set(this.next());
    const actions = Array.from({ length: of }, (_, i): Action => {
      const end = ` . ${first + i}`;
      let tests: readonly (readonly [Test, Action | undefined])[] | undefined;
      const find = (asked: Asked): Action | undefined => {
        tests ??= elements
          .filter(({ key }) => key.endsWith(end))
          .map(({ key, action }) => [all(key.slice(0, -end.length), fields), action] as const);
        return tests.find(([test]) => test(asked))?.[1];
      };
      return { does: 'look up', find };
    });
    return { does: 'draw', of, actions };
  }

  private draw(word: 'map' | 'vmap', read: (words: readonly string[]) => Action): Action {
    const of = Number(this.next());
    const first = this.take('offset') ? Number(this.next()) : 0;
    if (!this.take(word, '{')) throw new Error(`a draw without ${word}`);
    const actions = new Map<number, Action>();
    while (!this.take('}')) {
      const number = Number(this.next());
      this.take(':');
      const words: string[] = [];
      do words.push(this.next());
      while (!words.at(-1)?.endsWith(',') && this.words[this.at] !== '}');
      if (first <= number && number < first + of)
        actions.set(number, read(words.map((each) => each.replace(/,$/, ''))));
    }
    return { does: 'draw', of, actions: [...actions.values()] };
  }

  private answer(): string {
    if (!this.take('with')) return 'port-unreachable';
    const family = this.next();
    this.take('type');
    return family === 'tcp' ? `tcp-${this.next()}` : this.next();
  }

  private update(): Action {
    const list = `${this.table} ${this.next().slice(1)}`;
    if (!this.take('{', 'ip') && !this.take('{', 'ip6'))
      throw new Error('the reference machine remembers addresses only');
    const side = this.next();
    this.take('}');
    return side === 'saddr' ? { does: 'remember', list } : { does: 'nothing' };
  }

  /** One or more fields, and what they are compared with or looked up in. */
  private key(): Part {
    const fields = [this.field()];
    while (this.take('.')) fields.push(this.field());
    if (this.take('vmap')) return { action: { does: 'look up', find: this.lookup(fields) } };
    const isNot = this.take('!=');
    const [only] = fields;
    if (!this.words[this.at]?.startsWith('@') && only !== undefined) {
      const tests = this.values().map(only);
      const any: Test = (asked) => tests.some((one) => one(asked));
      return { test: isNot ? not(any) : any };
    }
    const test = this.member(fields, this.words[this.at - 1] === 'saddr');
    return { test: isNot ? not(test) : test };
  }

  private field(): KeyPart {
    if (this.take('meta', 'l4proto')) return isProtocol;
    if (this.take('th', 'dport')) return destinationPort;
    const protocol = ['tcp', 'udp', 'sctp'].find((each) => this.take(each, 'dport'));
    if (protocol !== undefined)
      return (text) => {
        const [isOfProtocol, isPort] = [isProtocol(protocol), destinationPort(text)];
        return (asked) => isOfProtocol(asked) && isPort(asked);
      };
    const [ip, side] = [this.next(), this.next()];
    if (!/^ip6?$/.test(ip) || (side !== 'saddr' && side !== 'daddr'))
      throw new Error(`the reference machine does not know ${this.words.join(' ')}`);
    return (text) => address(side, rangeOf(text));
  }

  private lookup(fields: readonly KeyPart[]): (asked: Asked) => Action | undefined {
    const found = this.set(this.next());
    let tests: readonly (readonly [Test, Action | undefined])[] | undefined;
    return (asked) => {
      tests ??= found.elements.map(({ key, action }) => [all(key, fields), action] as const);
      return tests.find(([test]) => test(asked))?.[1];
    };
  }

  private member(fields: readonly KeyPart[], isClient: boolean): Test {
    const name = this.next();
    const list = `${this.table} ${name.slice(1)}`;
    const found = this.set(name);
    const isYoung = asks('age', (age) => found.timeout === 0 || age < found.timeout);
    let tests: readonly Test[] | undefined;
    return (asked) => {
      if (isClient && asked.client.has(list)) return isYoung(asked);
      tests ??= found.elements.map(({ key }) => all(key, fields));
      return tests.some((test) => test(asked));
    };
  }

  private set(name: string): NamedSet {
    const found = this.sets.get(`${this.table} ${name.slice(1)}`);
    if (found === undefined) throw new Error(`there is no set ${name}`);
    return found;
  }
}

function isProtocol(text: string): Test {
  return asks('protocol', (word) => word === text);
}

/** A port, or a range of them. */
function destinationPort(text: string): Test {
  const [first = '', last = first] = text.split('-');
  return port('dport', (number) => Number(first) <= number && number <= Number(last));
}

function all(key: string, fields: readonly KeyPart[]): Test {
  const texts = key.split(' . ');
  const tests = fields.map((field, i) => field(texts[i] ?? ''));
  // Where a translated packet goes is known: asked first, it leaves open where it comes from.
  const backwards = tests.toReversed();
  return (asked) =>
    (asked.state.dnat === undefined ? tests : backwards).every((test) => test(asked));
}

/** An interface, or with `*` all whose names begin so. */
function interfaceIs(text: string): Test {
  const name = text.replaceAll('"', '');
  return asks('iif', (found) =>
    name.endsWith('*') ? found.startsWith(name.slice(0, -1)) : found === name,
  );
}
