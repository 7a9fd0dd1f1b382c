/**
 * Shapes of rules in JSON: which keys they have, and where. In a large listing nearly all rules
 * have one of a few shapes, and whether a rule has keys that are not known depends on its shape
 * alone.
 */

import { unknownStatementKeys } from './json-keys.js';
import { type JsonObject, listOf, objectOf, onlyEntry } from './json-values.js';

/** The chain that a rule is in. */
export interface RulePlace {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

const RULE = ['family', 'table', 'chain', 'handle', 'index', 'expr', 'comment'];

/** The keys of a rule itself that no version of nft prints that is known. */
export function unknownRuleKeys(rule: JsonObject): readonly string[] {
  return Object.keys(rule).filter((key) => !RULE.includes(key));
}

/** So many are tried one after the other. */
const MOST = 32;
/** Longer patterns are of lists whose items differ. */
const LONGEST = 10_000;

/** Finds rules that need not be read before somebody asks for them. */
export class RuleShapes {
  private readonly shapes = new Map<string, RegExp>();

  /**
   * The place of the rule that starts there, which is like one that was read: a valid JSON object,
   * in which all keys are known. `undefined` for any other text.
   */
  placeOf(text: string, start: number): RulePlace | undefined {
    for (const shape of this.shapes.values()) {
      shape.lastIndex = start;
      const { family, table, chain } = shape.exec(text)?.groups ?? {};
      if (family !== undefined && table !== undefined && chain !== undefined)
        return { family, table, chain };
    }
    return undefined;
  }

  /** Notes the shape of a rule, where nothing in it has to be reported. */
  learn(rule: JsonObject): void {
    const statements = listOf(rule.expr) ?? [];
    const isKnown =
      unknownRuleKeys(rule).length === 0 &&
      unknownStatementKeys(statements).length === 0 &&
      statements.every((value) => onlyEntry(value).kind !== 'xt');
    if (!isKnown || this.shapes.size >= MOST) return;
    const pattern = patternOf({ rule }, '');
    if (pattern.length <= LONGEST) this.shapes.set(pattern, new RegExp(pattern, 'y'));
  }
}

const BLANKS = '[ \\t\\r\\n]*';

/** Fields of a rule that are its place, which must not be empty. */
const PLACE: ReadonlySet<string> = new Set(['rule.family', 'rule.table', 'rule.chain']);

/** All JSON that differs from a value in strings, in numbers, and in how often items repeat. */
function patternOf(value: unknown, path: string): string {
  if (typeof value === 'string') return stringPattern(path);
  if (typeof value === 'number') return '-?(?:0|[1-9][0-9]*)';
  const list = listOf(value);
  if (list !== undefined)
    return `\\[${joined(repeated(list.map((one) => patternOf(one, `${path}[]`))))}\\]`;
  const object = objectOf(value);
  if (object === undefined) return String(value);
  const fields = Object.entries(object).map(([key, content]) => {
    const inside = patternOf(content, path === '' ? key : `${path}.${key}`);
    return `${literal(JSON.stringify(key))}${BLANKS}:${BLANKS}${inside}`;
  });
  return `\\{${joined(fields)}\\}`;
}

/** A string without escapes. */
function stringPattern(path: string): string {
  if (!PLACE.has(path)) return '"[^"\\\\\\x00-\\x1f]*"';
  return `"(?<${path.slice('rule.'.length)}>[^"\\\\\\x00-\\x1f]+)"`;
}

function joined(parts: readonly string[]): string {
  return `${BLANKS}${parts.join(`${BLANKS},${BLANKS}`)}${BLANKS}`;
}

/** Items in a row that are alike as one, which may repeat. */
function repeated(items: readonly string[]): readonly string[] {
  return items.flatMap((item, i) => {
    if (item === items[i - 1]) return [];
    return item === items[i + 1] ? [`${item}(?:${BLANKS},${BLANKS}${item})*`] : [item];
  });
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
