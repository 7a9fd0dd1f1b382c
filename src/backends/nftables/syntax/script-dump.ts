/** Reads a script of commands for `nft -f`, one a line: ours, and those of kube-proxy. The result is what it leaves. */

import { chainLine, elementLine, setLine } from './declarations.js';
import type { DumpReader } from './dump-reader.js';
import { parseBody, printRule } from './rule.js';
import { canonicalWord, elementKeyText, priorityNumber } from './values.js';
import { Words } from './words.js';

/** Where a command works. */
interface Place {
  readonly family: string;
  readonly table: string;
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
  ...(['chain', 'set', 'map'] as const).flatMap((kind): readonly [string, Command][] => [
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
  return reader.fail(
    `no command that is understood: ${line.slice(0, 80)}`,
    LISTING.test(line)
      ? 'this is a listing as text: "nft -j list ruleset" prints what vipc reads'
      : '"nft -j list ruleset" prints what vipc reads; of scripts it reads one command a line',
  );
}

/** A line of `nft list ruleset` without `-j`. */
const LISTING = /^\s*(?:table \S+ \S+|(?:chain|set|map) \S+) \{/;

function readTable({ family, table }: Place, words: Words, reader: DumpReader): void {
  const { list, comment } = properties(words);
  const flags = list.filter(([word]) => word === 'flags').flatMap(([, ...found]) => found);
  reader.addTable(family, table, { comment, flags: flags.filter((word) => word !== ',') });
}

function readRule(
  first: boolean,
  { family, table }: Place,
  words: Words,
  reader: DumpReader,
): void {
  const chain = words.next();
  const line = printRule({ table: `${family} ${table}`, chain, ...parseBody(words, family) });
  reader.addRule(family, table, chain, line, first);
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

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}

function readDeclaration(
  kind: 'chain' | 'set' | 'map',
  { family, table }: Place,
  words: Words,
  reader: DumpReader,
): void {
  const name = words.next();
  const { list, comment } = properties(words);
  const place = `${family} ${table}`;
  const declaration =
    kind === 'chain' ? declaredChain(place, name, list) : declaredSet(kind, place, name, list);
  reader.addUnit(family, table, { kind, name, declaration, comment });
}

function declaredChain(table: string, name: string, list: readonly (readonly string[])[]): string {
  const policy = list.find(([word]) => word === 'policy')?.[1] ?? 'accept';
  const others = list.filter(([word]) => word !== 'policy');
  const [type, value, hook, at, priority, ...number] = others[0] ?? [];
  const found = priorityNumber(number);
  const known = type === 'type' && hook === 'hook' && priority === 'priority';
  if (!known || value === undefined || at === undefined || found === undefined)
    return chainLine(
      table,
      name,
      undefined,
      list.map((words) => words.join(' ')),
    );
  const base = { type: value, hook: at, priority: found, policy };
  return chainLine(
    table,
    name,
    base,
    others.slice(1).map((words) => words.join(' ')),
  );
}

function declaredSet(
  kind: 'set' | 'map',
  table: string,
  name: string,
  list: readonly (readonly string[])[],
): string {
  const of = (property: string): readonly string[] =>
    list.find(([word]) => word === property)?.slice(1) ?? [];
  const known = ['type', 'flags', 'timeout', 'size'];
  const [types, data] = split(of('type'), ':');
  const parts = types.filter((word) => word !== '.');
  return setLine(table, name, {
    kind,
    types: parts,
    data: data.join(' '),
    flags: of('flags').filter((word) => word !== ','),
    timeout: seconds(of('timeout').join('')),
    size: Number(of('size')[0] ?? 0),
    others: list.filter(([word = '']) => !known.includes(word)).map((words) => words.join(' ')),
  });
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** The seconds in `1d2h3m4s`. */
function seconds(text: string): number {
  return [...text.matchAll(/(\d+)([dhms]?)/g)].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 1),
    0,
  );
}

function split(
  words: readonly string[],
  at: string,
): readonly [before: readonly string[], after: readonly string[]] {
  const index = words.indexOf(at);
  return index < 0 ? [words, []] : [words.slice(0, index), words.slice(index + 1)];
}

function readElements(adds: boolean, place: Place, words: Words, reader: DumpReader): void {
  const { family, table } = place;
  const set = words.next();
  const types = typesOf(reader.declarationOf(family, table, set));
  for (const item of words.takeBlock(',')) {
    const [left, value] = split(item, ':');
    const [keyWords, comment] = split(left, 'comment');
    const key = elementKeyText(keyWords, types);
    if (!adds) reader.removeElement(family, table, set, key);
    else {
      const element = {
        key,
        comment: unquoted(comment.join(' ')),
        value: value.map(canonicalWord).join(' '),
      };
      reader.addElement(family, table, set, key, elementLine(`${family} ${table}`, set, element));
    }
  }
}

/** The types in the declaration of a set or a map. */
function typesOf(declaration: string): readonly string[] {
  return /\{ type ([^:;]+?) [:;]/.exec(declaration)?.[1]?.split(' . ') ?? [];
}
