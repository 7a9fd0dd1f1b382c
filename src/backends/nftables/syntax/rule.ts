/** Rules with their meaning: read from a line or from nft's JSON, and printed in one spelling. */

import { ParseError } from '../../../errors.js';
import { unknownText } from './json-values.js';
import { statementWords } from './json-words.js';
import * as matches from './matches.js';
import type { NftRule, NftStatement } from './rule-types.js';
import * as targets from './targets.js';
import { Words } from './words.js';

export type * from './rule-types.js';

/**
 * The rule that a line `add rule FAMILY TABLE CHAIN …` means. Throws {@link ParseError} for any
 * other line.
 */
export function parseRule(line: string): NftRule {
  const words = Words.ofLine(line);
  if (!words.take('add') || !words.take('rule')) throw new ParseError(`no rule: ${line}`, 0);
  const family = words.next();
  const table = `${family} ${words.next()}`;
  const chain = words.next();
  if (chain === '') throw new ParseError(`a rule without a chain: ${line}`, 0);
  return { table, chain, ...parseBody(words, family) };
}

/** What stands behind the chain: statements, then maybe a comment. */
export function parseBody(words: Words, family: string): Pick<NftRule, 'statements' | 'comment'> {
  const statements: NftStatement[] = [];
  while (!words.done) {
    const position = words.position;
    const comment = readComment(words);
    if (comment !== undefined) return { statements, comment };
    words.reset(position);
    const statement = readStatement(words, family);
    if (statement !== undefined) {
      statements.push(statement);
      continue;
    }
    words.reset(position);
    const json = words.takeJson();
    if (json !== undefined) {
      statements.push({ kind: 'unknown', text: json });
      continue;
    }
    // Where any other unknown statement ends is not known either: the rest is kept as it stands.
    const { rest, comment: last } = splitComment(words.takeRest(position));
    return { statements: [...statements, { kind: 'unknown', text: rest }], comment: last };
  }
  return { statements, comment: '' };
}

/**
 * The statement that a member of `expr` means in a table of a family; what is not understood is
 * kept as JSON.
 */
export function statementOfJson(value: unknown, family: string): NftStatement {
  const words = new Words(statementWords(value) ?? []);
  const statement = readStatement(words, family);
  return statement !== undefined && words.done
    ? statement
    : { kind: 'unknown', text: unknownText(value) };
}

/** `comment "…"` at the end of a line. */
function readComment(words: Words): string | undefined {
  if (!words.take('comment')) return undefined;
  const text = words.next();
  return words.done && text.startsWith('"') ? text.slice(1, -1) : undefined;
}

function splitComment(text: string): { readonly rest: string; readonly comment: string } {
  const match = /^(.*?) comment "([^"]*)"$/.exec(text);
  const [, rest = text, comment = ''] = match ?? [];
  return { rest, comment };
}

/** Whether everything in the rule is understood. */
export function isKnown(rule: NftRule): boolean {
  return rule.statements.every(({ kind }) => kind !== 'unknown');
}

type Reader = (words: Words, family: string) => NftStatement | undefined;

/** By first word: what reads the words behind it. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ip', (words) => matches.readAddress(words, 'ip')],
  ['ip6', (words) => matches.readAddress(words, 'ip6')],
  ['th', matches.readPort],
  ['meta', matches.readMeta],
  ['mark', matches.readMark],
  ['iifname', (words) => matches.readInterface(words, 'iifname')],
  ['iif', (words) => matches.readInterface(words, 'iif')],
  ['tcp', (words) => matches.readProtocolPort(words, 'tcp')],
  ['udp', (words) => matches.readProtocolPort(words, 'udp')],
  ['sctp', (words) => matches.readProtocolPort(words, 'sctp')],
  ['ct', matches.readConntrack],
  ['fib', matches.readFib],
  ['numgen', targets.readRandomVerdict],
  ['dnat', targets.readDnat],
  ['masquerade', targets.readMasquerade],
  ['reject', targets.readReject],
  ['update', (words) => targets.readUpdate(words, 'update')],
  ['add', (words) => targets.readUpdate(words, 'add')],
  ['counter', targets.readCounter],
]);

type Printers = {
  readonly [K in NftStatement['kind']]: (
    statement: Extract<NftStatement, { readonly kind: K }>,
  ) => string;
};

const PRINTERS: Printers = {
  networks: matches.printNetworks,
  'in-set': matches.printSet,
  interface: matches.printInterface,
  conntrack: matches.printConntrack,
  fib: matches.printFib,
  mark: matches.printMark,
  protocol: matches.printProtocol,
  port: matches.printProtocolPort,
  'set-mark': matches.printMarkChange,
  'verdict-map': matches.printVerdictMap,
  'random-verdict': targets.printRandomVerdict,
  dnat: targets.printDnat,
  'random-dnat': targets.printRandomDnat,
  'map-dnat': targets.printMapDnat,
  masquerade: targets.printMasquerade,
  reject: targets.printReject,
  update: targets.printUpdate,
  counter: targets.printCounter,
  jump: targets.printVerdict,
  goto: targets.printVerdict,
  drop: targets.printVerdict,
  accept: targets.printVerdict,
  return: targets.printVerdict,
  unknown: ({ text }) => text,
};

/**
 * The statement that begins at the next word, in a table of a family; `undefined` where it is not
 * understood, with some of its words taken.
 */
function readStatement(words: Words, family: string): NftStatement | undefined {
  const first = words.next();
  const read = READERS.get(first);
  return read === undefined ? targets.readVerdictAfter(first, words) : read(words, family);
}

/** The rule as one line, spelled as in our templates. */
export function printRule(rule: NftRule): string {
  const words = [`add rule ${rule.table} ${rule.chain}`, ...rule.statements.map(printStatement)];
  if (rule.comment !== '') words.push(`comment "${rule.comment}"`);
  return words.join(' ');
}

function printStatement<K extends NftStatement['kind']>(
  statement: Extract<NftStatement, { readonly kind: K }>,
): string {
  const print: (statement: Extract<NftStatement, { readonly kind: K }>) => string =
    PRINTERS[statement.kind as K];
  return print(statement);
}
