/**
 * The matches that vipc understands: each is read from its options and printed as iptables-save
 * prints it.
 */

import type { Family } from '../../../net/ip.js';
import { type Arity, type Option, readOptions } from './options.js';
import {
  CONNTRACK_STATES,
  type Match,
  type Negatable,
  type PortRange,
  type PortsMatch,
  type RecentMatch,
} from './rule-types.js';
import {
  hex,
  parseMark,
  parsePorts,
  parseProbability,
  parseUint32,
  portsText,
  probabilityText,
} from './values.js';
import { isPlain, quoteWord, type RawWord } from './words.js';

type Options = ReadonlyMap<string, Option>;

interface MatchReader {
  readonly arity: Arity;
  /** `undefined` where the options say something that {@link Match} cannot. */
  readonly read: (options: Options, family: Family) => Match | undefined;
}

const PORT_ARITY: Arity = { '--sport': 1, '--dport': 1 };

const READERS: ReadonlyMap<string, MatchReader> = new Map<string, MatchReader>([
  ['comment', { arity: { '--comment': 1 }, read: readComment }],
  ['conntrack', { arity: { '--ctstate': 1 }, read: readConntrack }],
  ['mark', { arity: { '--mark': 1 }, read: readMark }],
  ['addrtype', { arity: { '--src-type': 1, '--dst-type': 1 }, read: readAddressType }],
  ['tcp', { arity: PORT_ARITY, read: (options) => readPorts('tcp', options) }],
  ['udp', { arity: PORT_ARITY, read: (options) => readPorts('udp', options) }],
  ['sctp', { arity: PORT_ARITY, read: (options) => readPorts('sctp', options) }],
  ['nfacct', { arity: { '--nfacct-name': 1 }, read: readAccounting }],
  [
    'recent',
    {
      arity: {
        '--set': 0,
        '--rcheck': 0,
        '--update': 0,
        '--seconds': 1,
        '--reap': 0,
        '--name': 1,
        '--mask': 1,
        '--rsource': 0,
        '--rdest': 0,
      },
      read: readRecent,
    },
  ],
  ['bpf', { arity: { '--bytecode': 1 }, read: readProgram }],
  ['statistic', { arity: { '--mode': 1, '--probability': 1 }, read: readRandom }],
]);

/** How many values the option takes after `-m NAME`; `undefined` for an unknown match or option. */
export function matchArity(name: string, option: string): 0 | 1 | undefined {
  const arity = READERS.get(name)?.arity;
  return arity !== undefined && Object.hasOwn(arity, option) ? arity[option] : undefined;
}

/** Whether `-m NAME` is one of the matches of {@link Match}. */
export function knowsMatch(name: string): boolean {
  return READERS.has(name);
}

/** The match that the words after `-m NAME` mean; what is not understood is kept as `unknown`. */
export function readMatch(name: string, words: readonly RawWord[], family: Family): Match {
  const reader = READERS.get(name);
  const options = reader === undefined ? undefined : readOptions(words, reader.arity);
  const match = options === undefined ? undefined : reader?.read(options, family);
  return match ?? { kind: 'unknown', name, words: ['-m', name, ...words] };
}

/** The match as iptables-save prints it, from `-m` on, single-spaced. */
export function printMatch(match: Match): string {
  switch (match.kind) {
    case 'comment':
      return `-m comment --comment ${quoteWord(match.text)}`;
    case 'conntrack':
      return `-m conntrack ${condition('--ctstate', match.states)}`;
    case 'mark':
      return `-m mark ${match.not ? '! ' : ''}--mark ${hex(match.value)}${match.mask === 0xffffffff ? '' : `/${hex(match.mask)}`}`;
    case 'addrtype':
      return join(
        '-m addrtype',
        condition('--src-type', match.source),
        condition('--dst-type', match.destination),
      );
    case 'ports':
      return join(
        `-m ${match.protocol}`,
        port('--sport', match.source),
        port('--dport', match.destination),
      );
    case 'nfacct':
      return `-m nfacct --nfacct-name ${quoteWord(match.name)}`;
    case 'recent':
      return printRecent(match);
    case 'random':
      return `-m statistic --mode random ${match.not ? '! ' : ''}--probability ${probabilityText(match.numerator)}`;
    case 'bpf':
      return `-m bpf ${match.not ? '! ' : ''}--bytecode ${quoteWord(match.program)}`;
    case 'unknown':
      return match.words.join(' ');
  }
}

function readComment(options: Options): Match | undefined {
  const comment = options.get('--comment');
  return comment === undefined || comment.not
    ? undefined
    : { kind: 'comment', text: comment.value };
}

function readConntrack(options: Options): Match | undefined {
  const option = options.get('--ctstate');
  if (option === undefined) return undefined;
  const words = option.value.split(',');
  const states = CONNTRACK_STATES.filter((state) => words.includes(state));
  if (states.length !== words.length) return undefined;
  return { kind: 'conntrack', states: { not: option.not, value: states } };
}

function readMark(options: Options): Match | undefined {
  const option = options.get('--mark');
  const mark = option === undefined ? undefined : parseMark(option.value);
  return option === undefined || mark === undefined
    ? undefined
    : { kind: 'mark', not: option.not, ...mark };
}

function readAddressType(options: Options): Match | undefined {
  const source = types(options.get('--src-type'));
  const destination = types(options.get('--dst-type'));
  if (options.size === 0 || ![...options.values()].every((option) => isPlain(option.value)))
    return undefined;
  return { kind: 'addrtype', ...(source && { source }), ...(destination && { destination }) };
}

function types(option: Option | undefined): Negatable<readonly string[]> | undefined {
  return option === undefined ? undefined : { not: option.not, value: option.value.split(',') };
}

/**
 * A range of all ports says nothing and is not printed, as the kernel stores it for a bare `-m
 * tcp`.
 */
function readPorts(protocol: PortsMatch['protocol'], options: Options): Match | undefined {
  const ranges: { source?: Negatable<PortRange>; destination?: Negatable<PortRange> } = {};
  for (const { name, not, value } of options.values()) {
    const range = parsePorts(value);
    if (range === undefined) return undefined;
    if (!not && range.from === 0 && range.to === 65535) continue;
    ranges[name === '--sport' ? 'source' : 'destination'] = { not, value: range };
  }
  return { kind: 'ports', protocol, ...ranges };
}

function readAccounting(options: Options): Match | undefined {
  const name = options.get('--nfacct-name');
  return name === undefined || name.not ? undefined : { kind: 'nfacct', name: name.value };
}

function readRecent(options: Options, family: Family): Match | undefined {
  const actions = (['set', 'rcheck', 'update'] as const).filter((action) =>
    options.has(`--${action}`),
  );
  const [action] = actions;
  const seconds = parseUint32(options.get('--seconds')?.value ?? '0');
  const name = options.get('--name')?.value ?? 'DEFAULT';
  const mask = options.get('--mask')?.value ?? ALL_BITS[family];
  const negated = [...options].flatMap(([option, { not }]) => (not ? option : []));
  const isUnread = negated.some((option) => option !== `--${action}`);
  const twoSides = options.has('--rsource') && options.has('--rdest');
  if (action === undefined || actions.length > 1 || seconds === undefined) return undefined;
  if (isUnread || twoSides || !isPlain(name) || !isPlain(mask)) return undefined;
  return {
    kind: 'recent',
    action,
    not: negated.length > 0,
    seconds,
    reap: options.has('--reap'),
    name,
    mask,
    side: options.has('--rdest') ? 'destination' : 'source',
  };
}

const ALL_BITS: Readonly<Record<Family, string>> = {
  IPv4: '255.255.255.255',
  IPv6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
};

function printRecent(match: RecentMatch): string {
  return join(
    `-m recent ${match.not ? '! ' : ''}--${match.action}`,
    match.seconds === 0 ? '' : `--seconds ${match.seconds}`,
    match.reap ? '--reap' : '',
    `--name ${match.name} --mask ${match.mask}`,
    match.side === 'source' ? '--rsource' : '--rdest',
  );
}

function readRandom(options: Options): Match | undefined {
  const mode = options.get('--mode');
  const chance = options.get('--probability');
  if (mode?.value !== 'random' || mode.not || chance === undefined) return undefined;
  const numerator = parseProbability(chance.value);
  return numerator === undefined ? undefined : { kind: 'random', not: chance.not, numerator };
}

function readProgram(options: Options): Match | undefined {
  const program = options.get('--bytecode');
  return program === undefined
    ? undefined
    : { kind: 'bpf', not: program.not, program: program.value };
}

function condition(option: string, value: Negatable<readonly string[]> | undefined): string {
  return value === undefined ? '' : `${value.not ? '! ' : ''}${option} ${value.value.join(',')}`;
}

function port(option: string, value: Negatable<PortRange> | undefined): string {
  return value === undefined ? '' : `${value.not ? '! ' : ''}${option} ${portsText(value.value)}`;
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
