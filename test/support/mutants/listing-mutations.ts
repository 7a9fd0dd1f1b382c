/** Changes of listings of nft, one object a line. */

import { isList, type Json, jsonText, kindOf, partsOf, replaced } from './listing.js';
import { type Mutation, type Mutations, wholeRules } from './mutation.js';
import type { Random } from './random.js';
import {
  otherList,
  otherMark,
  otherNetwork,
  otherPort,
  otherSeconds,
  otherWord,
} from './values.js';

const RULE = /^\{"rule": \{"family": "\w+", "table": "[^"]+", "chain": "([^"]+)"/;
const SET = /^\{"(?:set|map)": .*?"name": "([^"]+)".*?"type": (.*?), "handle"/;
/** Where verdicts stand: in rules, in elements of maps, in maps that stand in a rule. */
const VERDICT = /^(?:rule\/expr\/\d+|map\/elem\/\d+\/1|rule\/expr\/.*\/set\/\d+\/1)$/;
const ELEMENT = /^(?:set|map)\/elem\/\d+$/;
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f:]*(?:\d+\.[\d.]+)?)$/;
const STATES = ['new', 'established', 'related', 'invalid', 'untracked'];
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'];
const PRIORITIES = [-300, -200, -199, -110, -100, -99, 0, 99, 100, 101];
const ENDINGS = ['accept', 'drop', 'return'];

type Change<T> = (value: T, random: Random, others: readonly T[]) => Json | undefined;

/** A part of some objects becomes another, or none. */
function part(path: RegExp, fits: (value: Json) => boolean, change: Change<Json>): Mutation {
  return (lines, random) => {
    const sites = partsOf(lines, path, fits);
    const site = random.of(sites);
    if (site === undefined) return undefined;
    const others = sites.map(({ value }) => value);
    return replaced(lines, site, change(site.value, random, others));
  };
}

function text(path: RegExp, words: RegExp, change: Change<string>): Mutation {
  const fits = (value: Json): boolean => typeof value === 'string' && words.test(value);
  return part(path, fits, change as Change<Json>);
}

function number(path: RegExp, change: Change<number>): Mutation {
  return part(path, (value) => typeof value === 'number', change as Change<Json>);
}

function object(path: RegExp, fits: (text: string) => boolean, change: Change<Json>): Mutation {
  const isOne = (value: Json): boolean => typeof value === 'object' && fits(jsonText(value));
  return part(path, isOne, change);
}

function deleted(path: RegExp): Mutation {
  return part(path, anything, () => undefined);
}

function anything(): boolean {
  return true;
}

function near(value: number, random: Random): number {
  return Math.max(0, value + (random.below(2) === 0 ? 1 : -1));
}

/** `10.0.0.0/8`; `undefined`: the value is no network. */
function networkText(value: Json): string | undefined {
  if (typeof value === 'string') return ADDRESS.test(value) ? value : undefined;
  if (kindOf(value) !== 'prefix') return undefined;
  const { prefix } = value as { readonly prefix: { readonly addr: string; readonly len: number } };
  return `${prefix.addr}/${prefix.len}`;
}

function networks(path: RegExp): Mutation {
  const isNetwork = (value: Json): boolean => networkText(value) !== undefined;
  return part(path, isNetwork, (value, random, values) => {
    const own = networkText(value) ?? '';
    const others = values.flatMap((other) => networkText(other) ?? []);
    const alike = others.filter((other) => other.includes('/') === own.includes('/'));
    const [addr = '', length] = otherNetwork(own, alike, random).split('/');
    return length === undefined ? addr : { prefix: { addr, len: Number(length) } };
  });
}

function statements(change: (list: readonly Json[], random: Random) => Json): Mutation {
  const isLong = (value: Json): boolean => isList(value) && value.length > 1;
  return part(/^rule\/expr$/, isLong, (value, random) => change(value as readonly Json[], random));
}

export const LISTING_MUTATIONS: Mutations = {
  ...wholeRules(RULE),
  'network of a rule': networks(/^rule\/expr\/.*(?<!prefix\/addr)$/),
  'address of an element': networks(/^(?:set|map)\/elem\/.*(?<!prefix\/addr)$/),
  'length of a prefix': number(/prefix\/len$/, near),
  'delete a statement': deleted(/^rule\/expr\/\d+$/),
  'delete an element': deleted(ELEMENT),
  'delete a member': deleted(/^rule\/expr\/.*\/set\/\d+$/),
  'repeat a statement': statements((list, random) => [
    list[random.below(list.length)] ?? '',
    ...list,
  ]),
  'swap statements': statements((list, random) => {
    const i = random.below(list.length - 1);
    return list.with(i, list[i + 1] ?? '').with(i + 1, list[i] ?? '');
  }),
  'element of another set': (lines, random) => {
    const site = random.of(partsOf(lines, ELEMENT, anything));
    if (site === undefined) return undefined;
    const typeOf = (line: string): string | undefined => SET.exec(line)?.[2];
    const type = typeOf(lines[site.line] ?? '');
    const to = random.of([...lines.keys()].filter((i) => typeOf(lines[i] ?? '') === type));
    if (to === undefined || to === site.line) return undefined;
    const [kind = ''] = /(?:set|map)/.exec(lines[to] ?? '') ?? [];
    const whole = (JSON.parse(lines[to] ?? '') as Record<string, { elem?: readonly Json[] }>)[kind];
    const longer = { [kind]: { ...whole, elem: [...(whole?.elem ?? []), site.value] } };
    return replaced(lines, site, undefined).with(to, jsonText(longer as Json));
  },
  port: number(/(?:concat\/\d+|dnat\/port|match\/right)$/, (value, random, others) =>
    Number(otherPort(String(value), others.map(String), random)),
  ),
  protocol: text(/(?:elem|right|concat)/, /^(?:tcp|udp|sctp)$/, (word, random) =>
    otherWord(word, ['tcp', 'udp', 'sctp'], random),
  ),
  side: text(/(?:payload\/field|fib\/flags\/\d+)$/, /^[sd]addr$/, (word) =>
    word === 'saddr' ? 'daddr' : 'saddr',
  ),
  // The bits of a status are not those of one word.
  operator: object(
    /match$/,
    (match) => !match.includes('"status"'),
    (match) => {
      const { op, ...others } = match as { readonly op: string };
      return { op: op === '!=' ? '==' : '!=', ...others };
    },
  ),
  states: part(/match\/right$/, areStates, (value, random) => {
    const words = otherList([value].flat().join(), STATES, random).split(',');
    return words.length === 1 ? (words[0] ?? '') : words;
  }),
  interface: text(
    /match\/right$/,
    /^(?:eth|lo|cni|veth|cali|flannel|pod)[\w.*-]*$/,
    (word, random) => {
      const bare = word.replace(/\*$/, '');
      return otherWord(word, [`${bare}x`, bare, `${bare}*`, 'eth0'], random);
    },
  ),
  verdict: object(
    VERDICT,
    (verdict) => /^\{"(?:accept|drop|return|jump|goto|reject)"/.test(verdict),
    (verdict, random) => ({
      [otherWord(kindOf(verdict), ENDINGS, random)]: null,
    }),
  ),
  'jump or goto': object(
    VERDICT,
    (verdict) => /^\{"(?:jump|goto)"/.test(verdict),
    (verdict) => {
      const [target = null] = Object.values(verdict ?? {}) as Json[];
      return { [kindOf(verdict) === 'jump' ? 'goto' : 'jump']: target };
    },
  ),
  target: (lines, random) => {
    const chains = lines.flatMap((line) => /^\{"chain": .*"name": "([^"]+)"/.exec(line)?.[1] ?? []);
    const change = (word: string): string => otherWord(word, chains, random);
    return text(/(?:jump|goto)\/target$/, /./, change)(lines, random);
  },
  answer: part(/^rule\/expr\/\d+\/reject$/, anything, (_, random) =>
    random.below(2) === 0
      ? { type: 'icmpx', expr: 'host-unreachable' }
      : { type: 'icmpx', expr: 'admin-prohibited' },
  ),
  'set that is asked': (lines, random) => {
    const types = new Map(
      lines.flatMap((line) => {
        const [, name = '', type] = SET.exec(line) ?? [];
        return type === undefined ? [] : [[`@${name}`, `${type} ${line.startsWith('{"map"')}`]];
      }),
    );
    const change = (word: string): string => {
      const alike = [...types.keys()].filter((name) => types.get(name) === types.get(word));
      return otherWord(word, alike, random);
    };
    return text(/(?:match\/right|vmap\/data|set\/set)$/, /^@/, change)(lines, random);
  },
  'numbers of a draw': number(/numgen\/(?:mod|offset)$/, near),
  'number of an endpoint': number(/data\/set\/\d+\/0$/, near),
  endpoint: part(
    /^rule\/expr\/\d+\/dnat$/,
    anything,
    (dnat, random, all) => random.of(all) ?? dnat,
  ),
  'choice of ports': deleted(/masquerade\/flags$/),
  mark: number(/[|&^]\/1$/, (value, random) => Number(otherMark(String(value), random))),
  'operator of a mark': object(/mangle\/value$/, anything, (value, random) => {
    const [operands = null] = Object.values(value ?? {}) as Json[];
    return { [otherWord(kindOf(value), ['|', '&', '^'], random)]: operands };
  }),
  'whole mark': object(/mangle\/value$/, anything, () => 0x4000),
  'time of a set': number(/set\/timeout$/, (value, random) =>
    Number(otherSeconds(String(value), random)),
  ),
  hook: text(/^chain\/hook$/, /./, (word, random) => otherWord(word, HOOKS, random)),
  type: text(/^chain\/type$/, /./, (word) => (word === 'nat' ? 'filter' : 'nat')),
  priority: number(/^chain\/prio$/, (_, random) => random.of(PRIORITIES)),
  'priority by a little': number(
    /^chain\/prio$/,
    (value, random) => value + (random.below(2) === 0 ? 1 : -1),
  ),
  policy: text(/^chain\/policy$/, /./, () => 'drop'),
  'delete a hook': object(
    /^chain$/,
    (chain) => chain.includes('"hook"'),
    (chain) => {
      const { family, table, name, handle } = chain as { readonly [key: string]: Json };
      return { family, table, name, handle } as Json;
    },
  ),
};

function areStates(value: Json): boolean {
  return [value].flat().every((word) => STATES.includes(word as string));
}
