/**
 * The grammar of conditions, and of changes of the mark, which begin like one: how each is read and
 * printed.
 */

import { addressTypeName, conntrackName } from './numbers.js';
import type {
  ConntrackMatch,
  FibMatch,
  Field,
  InterfaceMatch,
  IpWord,
  MarkChange,
  MarkMatch,
  NetworksMatch,
  NftStatement,
  PortMatch,
  PortProtocol,
  ProtocolMatch,
  SetMatch,
  Side,
  VerdictMap,
} from './rule-types.js';
import { networksOfWords, networkText, protocolName, uint32 } from './values.js';
import { readList, type Words } from './words.js';

const OPERATORS: Readonly<Record<string, 'and' | 'or' | 'xor'>> = {
  and: 'and',
  '&': 'and',
  or: 'or',
  '|': 'or',
  xor: 'xor',
  '^': 'xor',
};

/**
 * Behind `ip` or `ip6`: an address, or a key that begins with one. `undefined` where it is not
 * understood.
 */
export function readAddress(words: Words, ip: IpWord): NftStatement | undefined {
  const side = sideOf(words.next());
  if (side === undefined) return undefined;
  if (beginsKey(words)) return readKey(words, { kind: 'address', ip, side });
  const negated = words.takeNot();
  const set = words.takeName();
  if (set !== undefined) {
    return { kind: 'in-set', fields: [{ kind: 'address', ip, side }], not: negated, set };
  }
  const networks = networksOfWords(words.takeMembers(), ip);
  return networks === undefined
    ? undefined
    : { kind: 'networks', ip, side, not: negated, networks };
}

/** The words of a comparison with networks. */
export function printNetworks(match: NetworksMatch): string {
  return `${match.ip} ${match.side} ${not(match)}${oneOrSet(match.networks.map(networkText))}`;
}

function oneOrSet(texts: readonly string[]): string {
  return texts.length === 1 ? texts.join('') : `{ ${texts.join(', ')} }`;
}

function sideOf(word: string): Side | undefined {
  return word === 'saddr' || word === 'daddr' ? word : undefined;
}

function beginsKey(words: Words): boolean {
  return words.peek() === '.' || words.peek() === 'vmap';
}

/** What follows the first field of a key: more fields, then a set or a map. */
function readKey(words: Words, first: Field): NftStatement | undefined {
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
  const negated = words.takeNot();
  const set = words.takeName();
  return set === undefined ? undefined : { kind: 'in-set', fields, not: negated, set };
}

/** The words of a lookup in a set. */
export function printSet(match: SetMatch): string {
  return `${printFields(match.fields)} ${not(match)}@${match.set}`;
}

/** The words of a lookup in a verdict map. */
export function printVerdictMap({ fields, map }: VerdictMap): string {
  return `${printFields(fields)} vmap @${map}`;
}

/** The words of a key. */
export function printFields(fields: readonly Field[]): string {
  return fields.map(printField).join(' . ');
}

/** A field of a packet. */
export function readField(words: Words): Field | undefined {
  const first = words.next();
  const second = words.next();
  if (first === 'meta' && second === 'l4proto') return { kind: 'l4proto' };
  if (second === 'dport') return PORTS.get(first);
  const side = sideOf(second);
  return (first === 'ip' || first === 'ip6') && side !== undefined
    ? { kind: 'address', ip: first, side }
    : undefined;
}

/** By the word before `dport`. */
const PORTS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['th', { kind: 'dport' }],
  ['tcp', { kind: 'dport', protocol: 'tcp' }],
  ['udp', { kind: 'dport', protocol: 'udp' }],
  ['sctp', { kind: 'dport', protocol: 'sctp' }],
]);

/** The words of a field. */
export function printField(field: Field): string {
  switch (field.kind) {
    case 'address':
      return `${field.ip} ${field.side}`;
    case 'l4proto':
      return 'meta l4proto';
    case 'dport':
      return `${field.protocol ?? 'th'} dport`;
  }
}

/** Behind `tcp`, `udp` or `sctp`: one destination port. */
export function readProtocolPort(words: Words, protocol: PortProtocol): NftStatement | undefined {
  if (!words.take('dport') || words.takeNot()) return undefined;
  const port = uint32(words.next());
  return port === undefined || port > 65535 ? undefined : { kind: 'port', protocol, port };
}

/** The words of a comparison of the destination port. */
export function printProtocolPort({ protocol, port }: PortMatch): string {
  return `${protocol} dport ${port}`;
}

/** Behind `th`: a key that begins with the port. */
export function readPort(words: Words): NftStatement | undefined {
  return words.take('dport') ? readKey(words, { kind: 'dport' }) : undefined;
}

/** Behind `meta`. `undefined` where it is not understood. */
export function readMeta(words: Words): NftStatement | undefined {
  const key = words.next();
  if (key === 'mark') return readMark(words);
  if (key === 'iifname' || key === 'iif') return readInterface(words, key);
  if (key !== 'l4proto') return undefined;
  if (beginsKey(words)) return readKey(words, { kind: 'l4proto' });
  const negated = words.takeNot();
  const protocols = words.takeMembers();
  return protocols.every((protocol) => /^[a-z0-9-]+$/.test(protocol))
    ? { kind: 'protocol', not: negated, protocols: protocols.map(protocolName) }
    : undefined;
}

/** The words of a comparison of the protocol. */
export function printProtocol(match: ProtocolMatch): string {
  return `meta l4proto ${not(match)}${oneOrSet(match.protocols)}`;
}

/** Behind `mark`: `and 0x4000 != 0`, or `set mark or 0x4000`. */
export function readMark(words: Words): NftStatement | undefined {
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

/** The words of a test of the mark. */
export function printMark(match: MarkMatch): string {
  const value = match.value === 0 ? '0' : hex(match.value);
  return `mark and ${hex(match.mask)} ${match.not ? '!=' : '=='} ${value}`;
}

/** The words of a change of the mark. */
export function printMarkChange({ operator, value }: MarkChange): string {
  return `mark set mark ${operator} ${hex(value)}`;
}

/** Behind `iifname` or `iif`. `undefined` where it is not understood. */
export function readInterface(words: Words, by: InterfaceMatch['by']): NftStatement | undefined {
  const negated = words.takeNot();
  const name = words.next().replace(/^"(.*)"$/, '$1');
  return /^[^\s{}@"]{1,16}$/.test(name) ? { kind: 'interface', by, not: negated, name } : undefined;
}

/** The words of a comparison of the interface. */
export function printInterface(match: InterfaceMatch): string {
  return `${match.by} ${not(match)}"${match.name}"`;
}

/** Behind `ct`. `undefined` where it is not understood. */
export function readConntrack(words: Words): ConntrackMatch | undefined {
  const key = words.next();
  if (key !== 'state' && key !== 'status') return undefined;
  const found = readList(words).map((word) => conntrackName(key, word));
  return found.every((word) => /^[a-z-]+$/.test(word))
    ? { kind: 'conntrack', key, words: found }
    : undefined;
}

/** The words of a test of the connection. */
export function printConntrack(match: ConntrackMatch): string {
  return `ct ${match.key} ${match.words.join(',')}`;
}

/** Behind `fib`. `undefined` where it is not understood. */
export function readFib(words: Words): FibMatch | undefined {
  const side = sideOf(words.next());
  if (side === undefined || !words.take('type')) return undefined;
  const negated = words.takeNot();
  const type = addressTypeName(words.next());
  return /^[a-z]+$/.test(type) ? { kind: 'fib', side, not: negated, type } : undefined;
}

/** The words of a test of an address's type. */
export function printFib(match: FibMatch): string {
  return `fib ${match.side} type ${not(match)}${match.type}`;
}

function not(statement: { readonly not: boolean }): string {
  return statement.not ? '!= ' : '';
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
