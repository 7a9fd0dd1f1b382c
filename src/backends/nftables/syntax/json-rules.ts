/** Rules in the JSON of nft. */

import type { DumpReader } from './dump-reader.js';
import { unknownStatementKeys } from './json-keys.js';
import { wordOf } from './json-listings.js';
import { type RulePlace, unknownRuleKeys } from './json-shapes.js';
import { commentOf, type JsonObject, listOf, onlyEntry, othersOf } from './json-values.js';
import { type NftStatement, printRule, statementOfJson } from './rule.js';

/** Keys of a rule that have to be reported. */
export interface RuleKeys {
  /** Of statements that are not understood. */
  readonly unread: readonly string[];
  /** Beside the statements. */
  readonly unknown: readonly string[];
}

/** Reads a rule into its chain. */
export function readRule(object: JsonObject, reader: DumpReader): RuleKeys {
  const place = placeOf(object, reader);
  const { family, table, chain } = place;
  const expressions = listOf(object.expr) ?? reader.fail(`a rule of chain ${chain} without expr`);
  if (expressions.some((value) => onlyEntry(value).kind === 'xt')) {
    reader.addUnreadable(family, table);
    return { unread: [], unknown: [] };
  }
  const { line, unknown } = lineOf(object, place);
  reader.addRule(family, table, chain, line);
  return { unread: unknown.flatMap(unknownStatementKeys), unknown: unknownRuleKeys(object) };
}

/** What a rule does is in its expressions: what a later nft says beside them is no difference. */
export function reportKeys({ unread, unknown }: RuleKeys, reader: DumpReader): void {
  reader.addUnreadKeys(unread);
  for (const key of unknown) reader.addUnknownKey(key);
}

/** The line of a rule that is like one that was read. */
export function ruleLineOf(object: JsonObject, reader: DumpReader): string {
  return lineOf(object, placeOf(object, reader)).line;
}

function placeOf(object: JsonObject, reader: DumpReader): RulePlace {
  return {
    family: wordOf(object, 'family', reader),
    table: wordOf(object, 'table', reader),
    chain: wordOf(object, 'chain', reader),
  };
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
