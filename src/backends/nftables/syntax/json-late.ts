/** Listings of nft whose rules and elements are read when somebody asks for them. */

import { ParseError } from '../../../errors.js';
import { finish } from '../../../steps.js';
import { type Dump, DumpReader } from './dump-reader.js';
import { type Reading, readEntry, typesOf } from './json-dump.js';
import { plainItems } from './json-items.js';
import { bracketsEnd, nftEntryOf, parsed, readListing } from './json-listings.js';
import { type RuleKeys, readRule, reportKeys, ruleLineOf } from './json-rules.js';
import { BLANKS, RuleShapes } from './json-shapes.js';
import { contentOf, objectOf } from './json-values.js';
import type { LateLine } from './open-unit.js';
import { PLAIN_CHAIN } from './units.js';

/**
 * What a listing says, read in one pass. `undefined` for what is no single listing with each rule
 * behind its chain, and where anything is wrong with it: to be read as a whole, which says what.
 */
export function lateListing(text: string, name: string | undefined): Dump | undefined {
  const listing = new LateListing(text, new DumpReader(name));
  try {
    return listing.read();
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

class LateListing {
  private readonly text: string;
  private readonly reader: DumpReader;
  private readonly shapes = new RuleShapes();
  private readonly reading: Reading = { tables: new Set(), late: true };
  /** To be reported behind those of other objects. */
  private readonly keys: RuleKeys[] = [];

  constructor(text: string, reader: DumpReader) {
    this.text = text;
    this.reader = reader;
  }

  read(): Dump | undefined {
    if (!readListing(this.text, (start) => this.take(start))) return undefined;
    for (const keys of this.keys) reportKeys(keys, this.reader);
    return this.reader.finish(true);
  }

  /** Reads the object that starts here, and returns where it ends; -1: it cannot be read. */
  private take(start: number): number {
    const end = this.plainChain(start) ?? this.likeRule(start) ?? this.largeSet(start);
    return end ?? this.other(start);
  }

  /** A chain that only rules lead to. */
  private plainChain(start: number): number | undefined {
    LISTED.lastIndex = start;
    const [, family, table, name] = LISTED.exec(this.text) ?? [];
    if (family === undefined || table === undefined || name === undefined) return undefined;
    this.reader.addUnit(family, table, { name, declaration: PLAIN_CHAIN, comment: '' });
    return LISTED.lastIndex;
  }

  /** A rule that is like one that was read. */
  private likeRule(start: number): number | undefined {
    const found = this.shapes.find(this.text, start);
    if (found === undefined) return undefined;
    const { family, table, chain, end } = found;
    this.reader.addRule(family, table, chain, new ListedRule(this.text, start, end, this.reader));
    return end;
  }

  /** A set or map whose elements are its last property, and all plain. */
  private largeSet(start: number): number | undefined {
    ELEMENTS.lastIndex = start;
    const [head, kind] = ELEMENTS.exec(this.text) ?? [];
    if (head === undefined || (kind !== 'set' && kind !== 'map')) return undefined;
    const first = ELEMENTS.lastIndex;
    const object = objectOf(contentOf(parsed(`${head}]}}`), kind));
    const types = object && typesOf(String(object.name), object.type);
    if (object === undefined || types === undefined || !Array.isArray(object.elem))
      return undefined;
    const items = plainItems(this.text, first, types, kind === 'map');
    if (items === undefined) return undefined;
    CLOSED.lastIndex = items.end;
    if (!CLOSED.test(this.text)) return undefined;
    finish(readEntry({ kind, object }, { ...this.reading, items }, this.reader));
    return CLOSED.lastIndex;
  }

  private other(start: number): number {
    const end = bracketsEnd(this.text, start);
    const value = parsed(this.text.slice(start, end));
    if (value === undefined) return -1;
    const entry = nftEntryOf(value, this.reader);
    if (entry.kind === 'rule') {
      this.keys.push(readRule(entry.object, this.reader));
      this.shapes.learn(entry.object);
    } else finish(readEntry(entry, this.reading, this.reader));
    return end;
  }
}

/** A rule that is like one that was read. */
class ListedRule implements LateLine {
  private readonly text: string;
  private readonly start: number;
  private readonly end: number;
  private readonly reader: DumpReader;

  constructor(text: string, start: number, end: number, reader: DumpReader) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.reader = reader;
  }

  read(): string {
    const value = parsed(this.text.slice(this.start, this.end));
    return ruleLineOf(nftEntryOf(value, this.reader).object, this.reader);
  }
}

/** What nft prints of a chain without hook and comment, with any blanks. */
const LISTED = new RegExp(
  '{ "chain" : { "family" : (W) , "table" : (W) , "name" : (W) , "handle" : [1-9][0-9]* } }'
    .replaceAll(/[{}]/g, '\\$&')
    .replaceAll('(W)', '"([^"\\\\\\x00-\\x1f]+)"')
    .replaceAll(' ', BLANKS),
  'y',
);

/** A set or map up to its first element; what is in between is parsed. */
const ELEMENTS = new RegExp(
  `\\{${BLANKS}"(set|map)"${BLANKS}:[^]{1,1000}?"elem"${BLANKS}:${BLANKS}\\[${BLANKS}(?!\\])`,
  'y',
);
/** The end of the list of elements, of the set and of the object. */
const CLOSED = new RegExp(['', '\\]', '\\}', '\\}'].join(BLANKS), 'y');
