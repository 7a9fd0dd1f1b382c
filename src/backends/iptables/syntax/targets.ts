/**
 * The targets that vipc understands: each is read from its options and printed as iptables-save
 * prints it.
 */

import type { Family } from '../../../net/ip.js';
import { type Arity, type Option, readOptions } from './options.js';
import type { Target } from './rule-types.js';
import { hex, parseMark, parseUint32 } from './values.js';
import { isPlain, type RawWord } from './words.js';

type Options = ReadonlyMap<string, Option>;

interface TargetReader {
  readonly arity: Arity;
  readonly read: (options: Options, family: Family) => Target | undefined;
}

const READERS: ReadonlyMap<string, TargetReader> = new Map<string, TargetReader>([
  ['ACCEPT', { arity: {}, read: () => ({ kind: 'verdict', verdict: 'ACCEPT' }) }],
  ['DROP', { arity: {}, read: () => ({ kind: 'verdict', verdict: 'DROP' }) }],
  ['RETURN', { arity: {}, read: () => ({ kind: 'verdict', verdict: 'RETURN' }) }],
  ['REJECT', { arity: { '--reject-with': 1 }, read: readReject }],
  ['DNAT', { arity: { '--to-destination': 1 }, read: readDnat }],
  [
    'MARK',
    {
      arity: {
        '--set-xmark': 1,
        '--set-mark': 1,
        '--or-mark': 1,
        '--and-mark': 1,
        '--xor-mark': 1,
      },
      read: readMark,
    },
  ],
  ['MASQUERADE', { arity: { '--random-fully': 0 }, read: readMasquerade }],
]);

/**
 * Names after `-j` that are extensions of iptables, not chains, beside the ones above. iptables
 * looks for an extension first, so a chain of such a name cannot be jumped to.
 */
const EXTENSIONS: ReadonlySet<string> = new Set(
  (
    'AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG ' +
    'NETMAP NFLOG NFQUEUE NOTRACK QUEUE RATEEST REDIRECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS ' +
    'TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG'
  ).split(' '),
);

/**
 * How many values the option takes after `-j NAME`; `undefined` for an unknown target or option.
 */
export function targetArity(name: string, option: string): 0 | 1 | undefined {
  const arity = READERS.get(name)?.arity;
  return arity !== undefined && Object.hasOwn(arity, option) ? arity[option] : undefined;
}

/**
 * The target that `-j NAME` or `-g NAME` and the words after it mean; what is not understood is
 * kept as `unknown`.
 */
export function readTarget(
  flag: '-j' | '-g',
  name: string,
  words: readonly RawWord[],
  family: Family,
): Target {
  const unknown: Target = { kind: 'unknown', name, words: [flag, name, ...words] };
  const reader = flag === '-j' ? READERS.get(name) : undefined;
  if (reader !== undefined) {
    const options = readOptions(words, reader.arity);
    return (options === undefined ? undefined : reader.read(options, family)) ?? unknown;
  }
  if (words.length > 0 || (flag === '-j' && EXTENSIONS.has(name))) return unknown;
  return { kind: flag === '-j' ? 'jump' : 'goto', chain: name };
}

/** The target as iptables-save prints it, from `-j` or `-g` on; `''` for a rule without one. */
export function printTarget(target: Target): string {
  switch (target.kind) {
    case 'none':
      return '';
    case 'verdict':
      return `-j ${target.verdict}`;
    case 'jump':
      return `-j ${target.chain}`;
    case 'goto':
      return `-g ${target.chain}`;
    case 'reject':
      return `-j REJECT --reject-with ${target.with}`;
    case 'dnat':
      return `-j DNAT --to-destination ${target.to}`;
    case 'mark':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'masquerade':
      return target.randomFully ? '-j MASQUERADE --random-fully' : '-j MASQUERADE';
    case 'unknown':
      return target.words.join(' ');
  }
}

/** iptables-save always says the kind of refusal, also the default one. */
function readReject(options: Options, family: Family): Target | undefined {
  const option = options.get('--reject-with');
  if (option !== undefined && (option.not || !isPlain(option.value))) return undefined;
  return {
    kind: 'reject',
    with: option?.value ?? (family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'),
  };
}

function readDnat(options: Options): Target | undefined {
  const option = options.get('--to-destination');
  return option === undefined || option.not || !isPlain(option.value)
    ? undefined
    : { kind: 'dnat', to: option.value };
}

/** All five spellings are one operation, which the kernel stores as value and mask. */
function readMark(options: Options): Target | undefined {
  const [option, ...more] = options.values();
  if (option === undefined || more.length > 0 || option.not) return undefined;
  if (option.name === '--set-xmark' || option.name === '--set-mark') {
    const mark = parseMark(option.value);
    if (mark === undefined || option.name === '--set-xmark')
      return mark && { kind: 'mark', ...mark };
    return { kind: 'mark', value: mark.value, mask: (mark.value | mark.mask) >>> 0 };
  }
  const bits = parseUint32(option.value);
  if (bits === undefined) return undefined;
  if (option.name === '--or-mark') return { kind: 'mark', value: bits, mask: bits };
  if (option.name === '--xor-mark') return { kind: 'mark', value: bits, mask: 0 };
  return { kind: 'mark', value: 0, mask: ~bits >>> 0 };
}

function readMasquerade(options: Options): Target | undefined {
  const option = options.get('--random-fully');
  return option?.not === true
    ? undefined
    : { kind: 'masquerade', randomFully: option !== undefined };
}
