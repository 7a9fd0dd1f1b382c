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

/** A rule that was found, and where it ends. */
export interface FoundRule extends RulePlace {
  readonly end: number;
}

/** All rules that are alike, and in which group of the pattern each part of their place is. */
interface Shape {
  readonly pattern: RegExp;
  readonly family: number;
  readonly table: number;
  readonly chain: number;
}

/** So many are tried one after the other. */
const MOST = 32;
/** Longer patterns are of lists whose items differ. */
const LONGEST = 10_000;

/** Finds rules that need not be read before somebody asks for them. */
export class RuleShapes {
  private readonly shapes = new Map<string, Shape>();

  /**
   * The rule that starts there, which is like one that was read: a valid JSON object, in which all
   * keys are known. `undefined` for any other text.
   */
  find(text: string, start: number): FoundRule | undefined {
    for (const { pattern, family, table, chain } of this.shapes.values()) {
      pattern.lastIndex = start;
      const found = pattern.exec(text);
      if (found === null) continue;
      return {
        ...{ family: found[family] ?? '', table: found[table] ?? '', chain: found[chain] ?? '' },
        end: pattern.lastIndex,
      };
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
    const source = patternOf({ rule }, '');
    if (source.length > LONGEST) return;
    const groups = Object.keys(rule).filter((key) => PLACE.has(`rule.${key}`));
    const groupOf = (key: string): number => groups.indexOf(key) + 1;
    this.shapes.set(source, {
      ...{ pattern: new RegExp(source, 'y'), family: groupOf('family') },
      ...{ table: groupOf('table'), chain: groupOf('chain') },
    });
  }
}

export const BLANKS = '[ \\t\\r\\n]*';

/** Fields of a rule that are its place, which must not be empty. */
const PLACE: ReadonlySet<string> = new Set(['rule.family', 'rule.table', 'rule.chain']);

/** All JSON that differs from a value in strings, in numbers, and in how often items repeat. */
export function patternOf(value: unknown, path = ''): string {
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
  const char = '[^"\\\\\\x00-\\x1f]';
  return PLACE.has(path) ? `"(${char}+)"` : `"${char}*"`;
}

function joined(parts: readonly string[]): string {
  if (parts.length === 0) return BLANKS;
  return `${BLANKS}${parts.join(`${BLANKS},${BLANKS}`)}${BLANKS}`;
}

/**
 * Items that are all alike as one, which may repeat. No more than that: with several such runs in
 * a list a text that does not match could be divided among them in very many ways.
 */
function repeated(items: readonly string[]): readonly string[] {
  const [item = ''] = items;
  return items.length > 1 && items.every((other) => other === item)
    ? [`${item}(?:${BLANKS},${BLANKS}${item})*`]
    : items;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
