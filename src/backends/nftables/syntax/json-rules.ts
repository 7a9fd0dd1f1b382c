/** Rules and chains in the JSON of nft, at once or when somebody asks for them. */

import type { DumpReader } from './dump-reader.js';
import { unknownStatementKeys } from './json-keys.js';
import { type NftObjects, nftEntryOf, wordOf } from './json-listings.js';
import { type RulePlace, type RuleShapes, unknownRuleKeys } from './json-shapes.js';
import { commentOf, type JsonObject, listOf, onlyEntry, othersOf } from './json-values.js';
import type { LateLine } from './open-unit.js';
import { type NftStatement, printRule, statementOfJson } from './rule.js';
import { PLAIN_CHAIN } from './units.js';

/**
 * Reads a rule; with `shapes` one that is like an earlier one is only found, and read when somebody
 * asks for its line.
 */
export function readRule(
  objects: NftObjects,
  i: number,
  shapes: RuleShapes | undefined,
  reader: DumpReader,
): void {
  const known = shapes && objects.startOf && shapes.placeOf(objects.text, objects.startOf(i));
  if (known !== undefined) {
    const { family, table, chain } = known;
    reader.addRule(family, table, chain, new ListedRule(objects, i, reader));
    return;
  }
  const { object } = nftEntryOf(objects.at(i), reader);
  readWhole(object, reader);
  shapes?.learn(object);
}

/** A rule that is like one that was read. */
class ListedRule implements LateLine {
  private readonly objects: NftObjects;
  private readonly i: number;
  private readonly reader: DumpReader;

  constructor(objects: NftObjects, i: number, reader: DumpReader) {
    this.objects = objects;
    this.i = i;
    this.reader = reader;
  }

  read(): string {
    const { object } = nftEntryOf(this.objects.at(this.i), this.reader);
    return lineOf(object, placeOf(object, this.reader)).line;
  }
}

function placeOf(object: JsonObject, reader: DumpReader): RulePlace {
  return {
    family: wordOf(object, 'family', reader),
    table: wordOf(object, 'table', reader),
    chain: wordOf(object, 'chain', reader),
  };
}

function readWhole(object: JsonObject, reader: DumpReader): void {
  const { family, table, chain } = placeOf(object, reader);
  const expressions = listOf(object.expr) ?? reader.fail(`a rule of chain ${chain} without expr`);
  if (expressions.some((value) => onlyEntry(value).kind === 'xt')) {
    reader.addUnreadable(family, table);
    return;
  }
  const { line, unknown } = lineOf(object, { family, table, chain });
  for (const value of unknown) reader.addUnreadKeys(unknownStatementKeys(value));
  // What a rule does is in its expressions: what a later nft says beside them is no difference.
  for (const key of unknownRuleKeys(object)) reader.addUnknownKey(key);
  reader.addRule(family, table, chain, line);
}

interface ReadLine {
  readonly line: string;
  /** The statements that are not understood. */
  readonly unknown: readonly unknown[];
}

function lineOf(object: JsonObject, { family, table, chain }: RulePlace): ReadLine {
  const unknown: unknown[] = [];
  const statements = (listOf(object.expr) ?? []).map((value) => {
    const statement = statementOfJson(value, family);
    if (statement.kind === 'unknown') unknown.push(value);
    return statement;
  });
  const others = othersOf({ comment: object.comment ?? '' }, []).map(asUnknown);
  const line = printRule({
    table: `${family} ${table}`,
    chain,
    statements: [...statements, ...others],
    comment: commentOf(object),
  });
  return { line, unknown };
}

function asUnknown(text: string): NftStatement {
  return { kind: 'unknown', text };
}

/** Adds a chain that only rules lead to, without parsing it; returns whether it is one. */
export function addPlainChain(objects: NftObjects, i: number, reader: DumpReader): boolean {
  if (objects.startOf === undefined) return false;
  LISTED.lastIndex = objects.startOf(i);
  const [, family, table, name] = LISTED.exec(objects.text) ?? [];
  if (family === undefined || table === undefined || name === undefined) return false;
  reader.addUnit(family, table, { name, declaration: PLAIN_CHAIN, comment: '' });
  return true;
}

/** What nft prints of a chain without hook and comment, with any blanks. */
const LISTED = new RegExp(
  '{ "chain" : { "family" : (W) , "table" : (W) , "name" : (W) , "handle" : [1-9][0-9]* } }'
    .replaceAll(/[{}]/g, '\\$&')
    .replaceAll('(W)', '"([^"\\\\\\x00-\\x1f]+)"')
    .replaceAll(' ', '[ \\t\\r\\n]*'),
  'y',
);
