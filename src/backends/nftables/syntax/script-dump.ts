/** Reads a script of commands for `nft -f`, one a line: ours, and those of kube-proxy. The result is what it leaves. */

import { chainLine, elementLine, setLine } from './declarations.js';
import type { DumpReader } from './dump-reader.js';
import { parseBody } from './rule.js';
import { printRule } from './rule-print.js';
import { canonicalWord, priorityNumber, protocolName } from './values.js';
import { Words } from './words.js';

/** Where a command works. */
interface Place {
  readonly family: string;
  readonly table: string;
}

/** Carries out one line. An empty line and a comment mean nothing. */
export function readCommand(line: string, reader: DumpReader): void {
  const words = new Words(line);
  if (words.done) return;
  const verb = words.next();
  const kind = words.next();
  const place = { family: words.next(), table: words.next() };
  if (!carryOut(verb, kind, place, words, reader) || !words.done) refuse(line, reader);
}

/** Whether this is a command that is understood; words may be left over. */
function carryOut(
  verb: string,
  kind: string,
  place: Place,
  words: Words,
  reader: DumpReader,
): boolean {
  const { family, table } = place;
  const adds = verb === 'add' || verb === 'create';
  const removes = verb === 'delete' || verb === 'destroy';
  if (kind === 'ruleset') {
    if (verb !== 'flush') return false;
    reader.removeAll();
  } else if (kind === 'rule') {
    if ((verb !== 'add' && verb !== 'insert') || words.has(';')) return false;
    readRule(verb === 'insert', place, words, reader);
  } else if (kind === 'table') {
    if (adds) readTable(place, words, reader);
    else if (removes) reader.removeTable(family, table);
    else return false;
  } else if (kind === 'element') {
    if (!adds && !removes) return false;
    readElements(adds, place, words, reader);
  } else if (kind === 'chain' || kind === 'set' || kind === 'map') {
    if (adds) readDeclaration(kind, place, words, reader);
    else if (removes) reader.removeUnit(family, table, kind, words.next());
    else if (verb === 'flush') reader.flush(family, table, kind, words.next());
    else return false;
  } else return false;
  return true;
}

function refuse(line: string, reader: DumpReader): never {
  return reader.fail(
    `no command that is understood: ${line.slice(0, 80)}`,
    'nft -j list ruleset prints what vipc reads; of scripts it reads one command a line',
  );
}

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
    const key = keyText(keyWords, types);
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

function keyText(words: readonly string[], types: readonly string[]): string {
  const parts = words.join(' ').split(' . ');
  return parts
    .map((part, i) => (types[i] === 'inet_proto' ? protocolName(part) : canonicalWord(part)))
    .join(' . ');
}
