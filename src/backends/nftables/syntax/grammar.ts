/** The grammar of rules: which words begin a statement, and how each statement is printed. */

import * as matches from './matches.js';
import type { Rule, Statement } from './rule-types.js';
import * as targets from './targets.js';
import type { Words } from './words.js';

type Reader = (words: Words, family: string) => Statement | undefined;

/** By first word: what reads the words behind it. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ip', (words) => matches.readAddress(words, 'ip')],
  ['ip6', (words) => matches.readAddress(words, 'ip6')],
  ['th', matches.readPort],
  ['meta', matches.readMeta],
  ['mark', matches.readMark],
  ['iifname', matches.readInterface],
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
  readonly [K in Statement['kind']]: (
    statement: Extract<Statement, { readonly kind: K }>,
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
  'set-mark': matches.printMarkChange,
  'verdict-map': matches.printVerdictMap,
  'random-verdict': targets.printRandomVerdict,
  dnat: targets.printDnat,
  'random-dnat': targets.printRandomDnat,
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
export function readStatement(words: Words, family: string): Statement | undefined {
  const first = words.next();
  const read = READERS.get(first);
  return read === undefined ? targets.readVerdictAfter(first, words) : read(words, family);
}

/** The rule as one line, spelled as in our templates. */
export function printRule(rule: Rule): string {
  const words = [`add rule ${rule.table} ${rule.chain}`, ...rule.statements.map(printStatement)];
  if (rule.comment !== '') words.push(`comment "${rule.comment}"`);
  return words.join(' ');
}

function printStatement<K extends Statement['kind']>(
  statement: Extract<Statement, { readonly kind: K }>,
): string {
  const print: (statement: Extract<Statement, { readonly kind: K }>) => string =
    PRINTERS[statement.kind as K];
  return print(statement);
}
