/** The grammar of what a rule does: how each action is read and printed. */

import { familyOf, type Ip, joinHostPort, parseIp } from '../../../net/ip.js';
import { printField, printFields, readField } from './matches.js';
import { rejectName } from './numbers.js';
import type {
  Counter,
  DnatTarget,
  Draw,
  Field,
  IpWord,
  MapDnat,
  NftStatement,
  NftVerdict,
  RandomDnat,
  RandomVerdict,
  Reject,
  SetUpdate,
} from './rule-types.js';
import { addressOf, uint32 } from './values.js';
import { readList, type Words } from './words.js';

/** The verdict that begins with this word. */
export function readVerdictAfter(first: string, words: Words): NftVerdict | undefined {
  if (first === 'drop' || first === 'accept' || first === 'return') return { kind: first };
  if (first !== 'jump' && first !== 'goto') return undefined;
  const chain = words.next();
  return chain === '' ? undefined : { kind: first, chain };
}

/** The verdict of an element of a map. */
export function readVerdict(words: Words): NftVerdict | undefined {
  return readVerdictAfter(words.next(), words);
}

/** The words of a verdict. */
export function printVerdict(verdict: NftVerdict): string {
  return verdict.kind === 'jump' || verdict.kind === 'goto'
    ? `${verdict.kind} ${verdict.chain}`
    : verdict.kind;
}

/** Behind `numgen`. */
export function readRandomVerdict(words: Words): NftStatement | undefined {
  const choices = readChoices(words, 'vmap', readVerdict);
  return choices === undefined ? undefined : { kind: 'random-verdict', ...choices };
}

/** The words of a draw among verdicts. */
export function printRandomVerdict({ choices, draw }: RandomVerdict): string {
  return printChoices('vmap', choices.map(printVerdict), draw);
}

/** What is drawn from, in the order of the numbers. */
interface Choices<T> {
  readonly choices: readonly T[];
  readonly draw?: Draw;
}

/** `random mod 2 map { 0 : a, 1 : b }`. */
function readChoices<T extends object>(
  words: Words,
  word: 'map' | 'vmap',
  read: (words: Words) => T | undefined,
): Choices<T> | undefined {
  const range = readRange(words);
  if (range === undefined || !words.take(word) || !words.take('{')) return undefined;
  const found = new Map<number, T>();
  do {
    const number = uint32(words.next());
    const choice = words.take(':') ? read(words) : undefined;
    if (number === undefined || choice === undefined || found.has(number)) return undefined;
    found.set(number, choice);
  } while (words.take(','));
  return words.take('}') ? inOrder(found, range) : undefined;
}

type DrawRange = Pick<Draw, 'first' | 'size'>;

/** `random mod 2 offset 1`: the numbers 1 and 2. */
function readRange(words: Words): DrawRange | undefined {
  if (!words.take('random') || !words.take('mod')) return undefined;
  const size = uint32(words.next());
  const first = words.take('offset') ? uint32(words.next()) : 0;
  return size === undefined || size === 0 || first === undefined ? undefined : { first, size };
}

function printRange({ first, size }: DrawRange): string {
  return `numgen random mod ${size}${first === 0 ? '' : ` offset ${first}`}`;
}

function inOrder<T extends object>(
  found: ReadonlyMap<number, T>,
  { first, size }: DrawRange,
): Choices<T> {
  const numbers = [...found.keys()].sort((a, b) => a - b);
  const choices = numbers.flatMap((number) => found.get(number) ?? []);
  const isWhole = first === 0 && numbers.length === size && numbers.at(-1) === size - 1;
  return isWhole ? { choices } : { choices, draw: { numbers, first, size } };
}

function printChoices(word: 'map' | 'vmap', choices: readonly string[], draw?: Draw): string {
  const numbered = choices.map((choice, i) => `${draw?.numbers[i] ?? i} : ${choice}`);
  const range = draw ?? { first: 0, size: choices.length };
  return `${printRange(range)} ${word} { ${numbered.join(', ')} }`;
}

/**
 * Behind `dnat`: to one endpoint, or to one of several by chance. nft 0.9.8 leaves out `addr .
 * port` in front of any map, newer ones in front of a named one.
 */
export function readDnat(words: Words): NftStatement | undefined {
  if (words.take('to')) return readDnatTarget(words.next());
  const ip = words.next();
  if (ip !== 'ip' && ip !== 'ip6') return undefined;
  for (const word of words.take('addr') ? ['.', 'port', 'to'] : ['to'])
    if (!words.take(word)) return undefined;
  return words.take('numgen') ? readRandomDnat(words, ip) : readMapDnat(words, ip);
}

function readRandomDnat(words: Words, ip: IpWord): RandomDnat | undefined {
  const found = readChoices(words, 'map', (rest) => {
    const address = addressOf(rest.next(), ip);
    const port = rest.take('.') ? uint32(rest.next()) : undefined;
    return target(address, port);
  });
  if (found === undefined) return undefined;
  const { choices: targets, ...draw } = found;
  return { kind: 'random-dnat', ip, targets, ...draw };
}

/** `ip daddr . meta l4proto . tcp dport . numgen random mod 2 map @endpoints-tcp`. */
function readMapDnat(words: Words, ip: IpWord): MapDnat | undefined {
  const fields: Field[] = [];
  while (!words.take('numgen')) {
    const field = readField(words);
    if (field === undefined || !words.take('.')) return undefined;
    fields.push(field);
  }
  const range = readRange(words);
  const map = words.take('map') ? words.takeName() : undefined;
  return fields.length === 0 || range === undefined || map === undefined
    ? undefined
    : { kind: 'map-dnat', ip, fields, ...range, map };
}

/** The words of a translation to what a map holds. */
export function printMapDnat({ ip, fields, map, ...range }: MapDnat): string {
  const key = `${printFields(fields)} . ${printRange(range)}`;
  return `dnat ${ip} addr . port to ${key} map @${map}`;
}

/** An address and a port as an endpoint, where they are one. */
function target(ip: Ip | undefined, port: number | undefined): DnatTarget | undefined {
  return ip === undefined || port === undefined || port > 65535 ? undefined : { ip, port };
}

function readDnatTarget(text: string): NftStatement | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text);
  const [, six, four = '', port = ''] = match ?? [];
  const ip = parseIp(six ?? four);
  const known = ip !== undefined && (familyOf(ip) === 'IPv6') === (six !== undefined);
  const found = target(known ? ip : undefined, uint32(port));
  return found === undefined ? undefined : { kind: 'dnat', ...found };
}

/** The words of a translation to one endpoint. */
export function printDnat({ ip, port }: DnatTarget): string {
  return `dnat to ${joinHostPort(ip, port)}`;
}

/** The words of a draw among endpoints. */
export function printRandomDnat({ ip, targets, draw }: RandomDnat): string {
  const choices = targets.map((found) => `${found.ip} . ${found.port}`);
  return `dnat ${ip} addr . port to ${printChoices('map', choices, draw)}`;
}

/** Behind `masquerade`. */
export function readMasquerade(words: Words): NftStatement | undefined {
  const ports = words.take('to') ? PORTS.exec(words.next())?.[1] : '';
  const word = words.peek();
  const flagged = word === 'random' || word === 'fully-random' || word === 'persistent';
  return ports === undefined
    ? undefined
    : { kind: 'masquerade', ports, flags: flagged ? readList(words) : [] };
}

const PORTS = /^:(\d{1,5}(?:-\d{1,5})?)$/;

/** The words of a masquerade. */
export function printMasquerade({
  ports,
  flags,
}: Pick<Extract<NftStatement, { readonly kind: 'masquerade' }>, 'ports' | 'flags'>): string {
  const to = ports === '' ? '' : ` to :${ports}`;
  return `masquerade${to}${flags.length === 0 ? '' : ` ${flags.join(',')}`}`;
}

/** Behind `reject`, in a table of a family. */
export function readReject(words: Words, family: string): NftStatement {
  if (!words.take('with')) return { kind: 'reject', with: '' };
  const first = words.next();
  if (first !== 'tcp') words.take('type');
  const answer = `${first} ${rejectName(first, words.next())}`;
  return { kind: 'reject', with: DEFAULT_REJECT[family] === answer ? '' : answer };
}

/** What nft leaves out or prints, by version. */
const DEFAULT_REJECT: Readonly<Record<string, string>> = {
  ip: 'icmp port-unreachable',
  ip6: 'icmpv6 port-unreachable',
  inet: 'icmpx port-unreachable',
};

/** The words of a rejection. */
export function printReject({ with: answer }: Reject): string {
  return answer === '' ? 'reject' : `reject with ${answer}`;
}

/** Behind `update` or `add`. */
export function readUpdate(words: Words, operator: 'update' | 'add'): NftStatement | undefined {
  const set = words.takeName();
  const field = words.take('{') ? readField(words) : undefined;
  return set === undefined || field === undefined || !words.take('}')
    ? undefined
    : { kind: 'update', operator, set, field };
}

/** The words of an update of a set. */
export function printUpdate({ operator, set, field }: SetUpdate): string {
  return `${operator} @${set} { ${printField(field)} }`;
}

/** Behind `counter`. */
export function readCounter(words: Words): NftStatement | undefined {
  if (words.take('name')) {
    const name = words.next().replace(/^"(.*)"$/, '$1');
    return /^[^\s{},;"]+$/.test(name) ? { kind: 'counter', name } : undefined;
  }
  if (!words.take('packets')) return { kind: 'counter', name: '' };
  words.next();
  return words.take('bytes') && /^\d+$/.test(words.next())
    ? { kind: 'counter', name: '' }
    : undefined;
}

/** The words of a counter. */
export function printCounter({ name }: Counter): string {
  return name === '' ? 'counter' : `counter name "${name}"`;
}
