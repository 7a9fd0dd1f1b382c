/**
 * Reads a script for `nft -f`, one command a line, and keeps what its commands leave in the kernel.
 */

import type { DumpReader } from './dump-reader.js';
import { typesOfExpressions } from './key-types.js';
import { elementsIn, ruleLine, splitAt, unquoted } from './script-contents.js';
import type { BaseChainHook, ChainDeclaration, Declaration, SetDeclaration } from './units.js';
import { priorityNumber } from './values.js';
import { Words } from './words.js';

/** Where a command works. */
interface Place {
  readonly family: string;
  readonly table: string;
}

/** A chain and what it is declared with. */
export interface DeclaredChain {
  readonly name: string;
  readonly declaration: ChainDeclaration;
  readonly comment: string;
}

/** The chain that a line makes; `undefined` for any other line. */
export function declaredChainOf(line: string): DeclaredChain | undefined {
  if (!line.startsWith('add chain ')) return undefined;
  const words = Words.ofLine(line);
  // `add chain`, and the table's family and name.
  for (let i = 0; i < 4; i++) words.next();
  const name = words.next();
  const { list, comment } = properties(words);
  return { name, declaration: declaredChain(list), comment };
}

/** Whether a line makes a chain that hooks in. */
export function makesBaseChain(line: string): boolean {
  // Nearly all chains of a large table have no such word, and need no parsing.
  return line.includes(' hook ') && declaredChainOf(line)?.declaration.hook !== undefined;
}

/** What a command does with the words behind its table. */
type Command = (place: Place, words: Words, reader: DumpReader) => void;

const SYNONYMS: Readonly<Record<string, string>> = { create: 'add', destroy: 'delete' };

/** By verb and kind of object. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['flush ruleset', (_place, _words, reader) => reader.removeAll()],
  ['add table', (place, words, reader) => readTable(place, words, reader)],
  ['delete table', ({ family, table }, _, reader) => reader.removeTable(family, table)],
  ['add rule', (place, words, reader) => readRule(false, place, words, reader)],
  ['insert rule', (place, words, reader) => readRule(true, place, words, reader)],
  ['add element', (place, words, reader) => readElements(true, place, words, reader)],
  ['delete element', (place, words, reader) => readElements(false, place, words, reader)],
  ...(['chain', 'set', 'map', 'counter'] as const).flatMap((kind): readonly [string, Command][] => [
    [`add ${kind}`, (place, words, reader) => readDeclaration(kind, place, words, reader)],
    [
      `delete ${kind}`,
      ({ family, table }, words, reader) =>
        void reader.removeUnit(family, table, kind, words.next()),
    ],
    [
      `flush ${kind}`,
      ({ family, table }, words, reader) => reader.flush(family, table, kind, words.next()),
    ],
  ]),
]);

/** Carries out one line. An empty line and a comment mean nothing. */
export function readCommand(line: string, reader: DumpReader): void {
  const words = Words.ofLine(line);
  if (words.done) return;
  const verb = words.next();
  const kind = words.next();
  const command = COMMANDS.get(`${SYNONYMS[verb] ?? verb} ${kind}`);
  const place = { family: words.next(), table: words.next() };
  // A semicolon would begin a second command; in a declaration it ends a property.
  if (command === undefined || (kind === 'rule' && words.has(';'))) refuse(line, reader);
  command(place, words, reader);
  if (!words.done) refuse(line, reader);
}

function refuse(line: string, reader: DumpReader): never {
  return reader.fail(`no command that is understood: ${line.slice(0, 80)}`, hintFor(line));
}

function hintFor(line: string): string {
  if (LISTING.test(line))
    return 'this is a listing as text: "nft -j list ruleset" prints what vipc reads';
  if (SAVED.test(line)) return 'this is the output of iptables-save: give --mode iptables';
  return '"nft -j list ruleset" prints what vipc reads; of scripts it reads one command a line';
}

/** A table as iptables-save begins it. */
const SAVED = /^\s*\*(?:raw|mangle|nat|filter|security)\s*$/;

/** A line of `nft list ruleset` without `-j`. */
const LISTING = /^\s*(?:table \S+ \S+|(?:chain|set|map) \S+) \{/;

function readTable({ family, table }: Place, words: Words, reader: DumpReader): void {
  const { list, comment } = properties(words);
  const flags = list.filter(([word]) => word === 'flags').flatMap(([, ...found]) => found);
  reader.addTable(family, table, { comment, flags: flags.filter((word) => word !== ',') });
}

function readRule(first: boolean, place: Place, words: Words, reader: DumpReader): void {
  const chain = words.next();
  const { family, table } = place;
  reader.addRule(family, table, chain, ruleLine(`${family} ${table}`, chain, words), first);
}

/** The properties in `{ a ; b ; }`, each as its words, the comment apart. */
function properties(words: Words): {
  readonly list: readonly (readonly string[])[];
  readonly comment: string;
} {
  const all = words.takeBlock(';');
  const comment = all.find(([word]) => word === 'comment')?.[1] ?? '';
  return { list: all.filter(([word]) => word !== 'comment'), comment: unquoted(comment) };
}

type DeclaredKind = 'chain' | 'set' | 'map' | 'counter';

function readDeclaration(
  kind: DeclaredKind,
  { family, table }: Place,
  words: Words,
  reader: DumpReader,
): void {
  const name = words.next();
  const { list, comment } = properties(words);
  reader.addUnit(family, table, { name, declaration: declared(kind, name, list), comment });
}

function declared(kind: DeclaredKind, name: string, list: Properties): Declaration {
  if (kind === 'chain') return declaredChain(list);
  if (kind !== 'counter') return declaredSet(kind, name, list);
  // What it has counted is no part of it.
  return { kind: 'object', type: kind, others: texts(list.filter(([word]) => word !== 'packets')) };
}

/** Properties, each as its words. */
type Properties = readonly (readonly string[])[];

function texts(properties: Properties): readonly string[] {
  return properties.map((words) => words.join(' '));
}

function declaredChain(list: Properties): ChainDeclaration {
  const policy = list.find(([word]) => word === 'policy')?.[1] ?? 'accept';
  const [first = [], ...others] = list.filter(([word]) => word !== 'policy');
  const hook = hookOf(first, policy);
  return hook === undefined
    ? { kind: 'chain', hook, others: texts(list) }
    : { kind: 'chain', hook, others: texts(others) };
}

/** `type filter hook input priority 0`. */
function hookOf(
  [type, value, hook, at, priority, ...number]: readonly string[],
  policy: string,
): BaseChainHook | undefined {
  const found = priorityNumber(number);
  const known = type === 'type' && hook === 'hook' && priority === 'priority';
  return !known || value === undefined || at === undefined || found === undefined
    ? undefined
    : { type: value, hook: at, priority: found, policy };
}

function declaredSet(kind: 'set' | 'map', name: string, list: Properties): SetDeclaration {
  const of = (property: string): readonly string[] =>
    list.find(([word]) => word === property)?.slice(1) ?? [];
  const { types, data } = typesIn(of('type')) ?? expressionTypesIn(name, of('typeof')) ?? NO_TYPES;
  const known = ['type', 'flags', 'timeout', 'size', ...(types.length > 0 ? ['typeof'] : [])];
  return {
    kind,
    types,
    data,
    flags: of('flags').filter((word) => word !== ','),
    timeout: seconds(of('timeout').join('')),
    size: Number(of('size')[0] ?? 0),
    others: texts(list.filter(([word = '']) => !known.includes(word))),
  };
}

type Types = Pick<SetDeclaration, 'types' | 'data'>;

const NO_TYPES: Types = { types: [], data: '' };

/** Behind `type`. */
function typesIn(words: readonly string[]): Types | undefined {
  if (words.length === 0) return undefined;
  const [types, data] = splitAt(words, ':');
  return { types: types.filter((word) => word !== '.'), data: data.join(' ') };
}

/** Behind `typeof`; `undefined` where an expression is not known. */
function expressionTypesIn(set: string, words: readonly string[]): Types | undefined {
  const [key, value] = splitAt(words, ':');
  const types = typesOfExpressions(set, key.join(' '));
  const data = value.length === 0 ? [] : typesOfExpressions(set, value.join(' '));
  return types === undefined || data === undefined ? undefined : { types, data: data.join(' . ') };
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** The whole seconds in `1d2h3m4s5ms`, as nft's JSON has them. */
function seconds(text: string): number {
  const sum = [...text.matchAll(/(\d+)(ms|[dhms]?)/g)].reduce(
    (total, [, number, unit = '']) => total + Number(number) * (UNITS[unit] ?? 1),
    0,
  );
  return Math.floor(sum);
}

function readElements(adds: boolean, place: Place, words: Words, reader: DumpReader): void {
  const { family, table } = place;
  const set = words.next();
  for (const element of elementsIn(words, reader.keyTypes(family, table, set))) {
    if (adds) reader.addElement(family, table, set, element);
    else reader.removeElement(family, table, set, element.key);
  }
}
