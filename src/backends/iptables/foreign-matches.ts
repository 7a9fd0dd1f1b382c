/** What matches mean that no rule of ours has (iptables-extensions(8)). */

import { networksBetween } from '../../net/cidr-set.js';
import { parseIp } from '../../net/ip.js';
import type { AddressField, Condition } from '../../netfilter/rule.js';
import { type ForeignOption, type ForeignOptions, foreignOptions } from './foreign-options.js';
import type { UnknownMatch } from './syntax/rule-types.js';
import { parseMark, parsePorts } from './syntax/values.js';

/** The conditions of a match; those that are not understood hold or not. */
export function foreignConditions({ name, words }: UnknownMatch): readonly Condition[] {
  const reader = READERS.get(name);
  const options = reader && foreignOptions(words.slice(2), reader.options);
  return (options && reader?.read(options)) ?? [unknown(name, words)];
}

/** What depends on packets before: the same words in another chain are another question. */
const COUNTING: ReadonlySet<string> = new Set(
  'connbytes connlimit hashlimit limit quota rateest statistic'.split(' '),
);

function unknown(name: string, words: readonly string[]): Condition {
  return COUNTING.has(name)
    ? { kind: 'unknown-condition', text: words.join(' '), eachChain: true }
    : { kind: 'unknown-condition', text: words.join(' ') };
}

interface Reader {
  readonly options: readonly string[];
  /** `undefined`: not understood. */
  readonly read: (options: ForeignOptions) => readonly Condition[] | undefined;
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['state', { options: ['state'], read: (options) => each(options, stateCondition) }],
  ['connmark', { options: ['mark'], read: (options) => each(options, markCondition) }],
  ['multiport', { options: ['sports', 'dports'], read: (options) => each(options, portCondition) }],
  [
    'iprange',
    { options: ['src-range', 'dst-range'], read: (options) => each(options, rangeCondition) },
  ],
  ['set', { options: ['match-set'], read: (options) => each(options, setCondition) }],
  [
    'owner',
    { options: ['uid-owner', 'gid-owner', 'socket-exists', 'suppl-groups'], read: ofSocket },
  ],
  ['tcp', { options: ['sport', 'dport', 'tcp-flags'], read: (options) => each(options, ofTcp) }],
]);

/** One condition an option; `undefined` where one is not understood, or there is none. */
function each(
  options: ForeignOptions,
  read: (option: ForeignOption, name: string) => Condition | undefined,
): readonly Condition[] | undefined {
  const found = [...options].map(([name, option]) => read(option, name));
  const known = found.filter((condition) => condition !== undefined);
  return known.length === 0 || known.length < found.length ? undefined : known;
}

function stateCondition({ not, values: [states = ''] }: ForeignOption): Condition {
  return { kind: 'conntrack', not, states: states.toLowerCase().split(',') };
}

function markCondition({ not, values: [text = ''] }: ForeignOption): Condition | undefined {
  const mark = parseMark(text);
  return mark && { kind: 'connection-mark', not, ...mark };
}

function portCondition(
  { not, values: [text = ''] }: ForeignOption,
  name: string,
): Condition | undefined {
  const ranges = text.split(',').map(parsePorts);
  if (ranges.includes(undefined)) return undefined;
  const elements = ranges.map((range) => `${range?.from}-${range?.to}`);
  return { kind: 'one-of', not, key: [name === 'sports' ? 'sport' : 'dport'], elements };
}

function rangeCondition(
  { not, values: [text = ''] }: ForeignOption,
  name: string,
): Condition | undefined {
  const [first = '', last = first, ...more] = text.split('-');
  const [from, to] = [parseIp(first), parseIp(last)];
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  const field: AddressField = name === 'src-range' ? 'saddr' : 'daddr';
  return { kind: 'address', field, not, networks: networksBetween(from, to) };
}

/** A dump does not show what an ipset holds. */
function setCondition({ not, values: [set = '', sides = ''] }: ForeignOption): Condition {
  return { kind: 'unknown-condition', text: `in ipset ${set} by ${sides}`, not };
}

/** A packet without a socket matches where every option is negated (xt_owner.c). */
function ofSocket(options: ForeignOptions): readonly Condition[] {
  const all = [...options];
  const words = all.map(([name, { not, values }]) =>
    [...(not ? ['!'] : []), `--${name}`, ...values].join(' '),
  );
  const without = all.every(([, { not }]) => not);
  return [{ kind: 'socket', without, text: ['owner', ...words].join(' ') }];
}

function ofTcp(option: ForeignOption, name: string): Condition | undefined {
  const { not, values } = option;
  if (name !== 'tcp-flags') {
    const range = parsePorts(values[0] ?? '');
    return range && { kind: 'port', field: name === 'sport' ? 'sport' : 'dport', not, ...range };
  }
  const [among, set] = values.map(flagsOf);
  return among && set && { kind: 'tcp-flags', not, among, set };
}

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  NONE: [],
  ALL: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'],
};

function flagsOf(text: string): readonly string[] {
  return FLAGS[text] ?? text.toLowerCase().split(',');
}
