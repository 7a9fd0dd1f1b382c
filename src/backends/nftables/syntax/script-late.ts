/** Commands of a script whose rules and elements are read when somebody asks for them. */

import { getOrInsert } from '../../../grouping.js';
import type { DumpReader } from './dump-reader.js';
import type { LateElements, LateLine } from './open-unit.js';
import { elementsIn, ruleLine } from './script-contents.js';
import { type Element, type NearElement, PLAIN_CHAIN } from './units.js';
import { PLAIN_FIELDS } from './values.js';
import { Words } from './words.js';

/**
 * Carries out a line that adds a chain without properties, a rule or elements, and has neither a
 * second command nor a comment of the script. Returns whether it is one: others must be read.
 */
export function readLater(line: string, reader: DumpReader): boolean {
  const [, kind, family = '', table = '', name = '', body] = ADDED.exec(line) ?? [];
  switch (kind) {
    case 'chain':
      if (body !== undefined) return false;
      reader.addUnit(family, table, { name, declaration: PLAIN_CHAIN, comment: '' });
      return true;
    case 'rule':
      reader.addRule(family, table, name, new WrittenRule(line));
      return true;
    case 'element': {
      if (body === undefined || !BLOCK.test(body)) return false;
      const types = reader.keyTypes(family, table, name);
      reader.addLater(family, table, name, new WrittenElements(line, types));
      return true;
    }
    default:
      return false;
  }
}

/** A line that adds a rule. */
class WrittenRule implements LateLine {
  private readonly line: string;

  constructor(line: string) {
    this.line = line;
  }

  read(): string {
    const [, , family = '', table = '', name = ''] = ADDED.exec(this.line) ?? [];
    return ruleLine(`${family} ${table}`, name, wordsBehindName(this.line));
  }
}

/** A line that adds elements. */
class WrittenElements implements LateElements {
  readonly size = 1;
  private readonly line: string;
  private readonly types: readonly string[];

  constructor(line: string, types: readonly string[]) {
    this.line = line;
    this.types = types;
  }

  read(): readonly Element[] {
    const [, key, value] = this.plain() ?? [];
    return key !== undefined && value === undefined
      ? [{ key, comment: '', value: '' }]
      : elementsIn(wordsBehindName(this.line), this.types);
  }

  near(address: string): readonly NearElement[] | undefined {
    if (this.plain() === undefined) return undefined;
    if (!this.line.includes(address)) return [];
    return this.read().map((element) => ({ ...element, position: 0 }));
  }

  /** The key and the value of one element that is plain. */
  private plain(): RegExpExecArray | undefined {
    return plainElement(this.types.join()).exec(this.line) ?? undefined;
  }
}

const patterns = new Map<string, RegExp>();

/** A line with one element of these types and nothing but its key, and its value if it has one. */
function plainElement(types: string): RegExp {
  return getOrInsert(patterns, types, () => {
    const fields = types.split(',').map((type) => FIELDS.get(type) ?? '(?!)');
    return new RegExp(`^[^{]* \\{ (${fields.join(' \\. ')})(?: : ([^,]*))? \\}$`);
  });
}

const FIELDS: ReadonlyMap<string, string> = new Map(Object.entries(PLAIN_FIELDS));

/** The table, the name and what stands behind it. */
const ADDED = new RegExp(
  '^add (chain|rule|element) (WORD) (WORD) (WORD)( [^;#]*)?$'.replaceAll('WORD', '[^\\s{},;"#]+'),
);

/** Elements, and nothing behind them. */
const BLOCK = /^ \{[^{}"]*\}$/;

function wordsBehindName(line: string): Words {
  const words = Words.ofLine(line);
  // `add rule`, the family and the name of the table, and that of the chain.
  for (let i = 0; i < 5; i++) words.next();
  return words;
}
