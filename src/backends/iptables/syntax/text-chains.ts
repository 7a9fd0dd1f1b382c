/**
 * The chains of one table by name. Of those whose rules stand together in a text only the place is
 * kept: a large dump has 110,000, and most questions are about a few.
 */

import type { LongText } from '../../long-text.js';
import type { Counter } from './dump.js';
import { longer, type NamesInText, NameTable } from './name-table.js';
import { normaliseLine, trimmed } from './normalise.js';

/** A chain whose rules are read once, on first use. */
export interface TextChain {
  readonly policy: string;
  readonly rules: string[];
  readonly counter?: Counter;
  ruleCounters?: Counter[];
}

/** Every user chain of which no rule was read yet; saves 100,000 objects. */
export const EMPTY_CHAIN: TextChain = { policy: '-', rules: [] };

/** How the names of chains of one Service port or endpoint begin: nearly all that a dump has. */
export const BEGINNING_OF_ONE = 'KUBE-S(?:VC|EP)-';
const OF_ONE = new RegExp(`^${BEGINNING_OF_ONE}`);

/** A map of chains that makes those of a text on first use. */
export class TextChains implements ReadonlyMap<string, TextChain> {
  private readonly text: LongText;
  private names = new NameTable();
  private readonly removed = new Set<number>();
  /** Those whose names are of every node. */
  private ofEveryNode: number[] = [];
  /** Those that were made, or given, by the number of their name. */
  private readonly chains = new Map<number, TextChain>();
  /** Where the rules of all others start and end in the text; equal where a chain has none. */
  private starts: Int32Array = new Int32Array(64);
  private ends: Int32Array = new Int32Array(64);

  constructor(text: LongText) {
    this.text = text;
  }

  get size(): number {
    return this.names.size - this.removed.size;
  }

  has(name: string): boolean {
    return this.numberOf(name) >= 0;
  }

  get(name: string): TextChain | undefined {
    const number = this.numberOf(name);
    return number < 0 ? undefined : this.chainOf(number);
  }

  set(name: string, chain: TextChain): void {
    const { size } = this.names;
    const number = this.names.add(name);
    this.added(size, OF_ONE.test(name));
    this.removed.delete(number);
    this.chains.set(number, chain);
  }

  delete(name: string): void {
    const number = this.numberOf(name);
    if (number < 0) return;
    this.removed.add(number);
    this.chains.delete(number);
  }

  clear(): void {
    this.names = new NameTable();
    this.ofEveryNode = [];
    this.removed.clear();
    this.chains.clear();
  }

  /**
   * User chains without rules, whose names stand there; one that is there starts again. `areOfOne`:
   * whether their names are those of chains of one Service port or endpoint.
   */
  declare(declared: NamesInText, areOfOne: boolean): void {
    const { size } = this.names;
    this.names.addAll(declared, (number) => {
      this.removed.delete(number);
      this.chains.delete(number);
      this.starts[number] = 0;
      this.ends[number] = 0;
    });
    this.added(size, areOfOne);
  }

  /**
   * The number for {@link place} of the chain whose name stands there: it is declared, and has no
   * rules yet, or those right before an offset of the whole. -1 for any other.
   */
  open(text: string, start: number, end: number, offset: number): number {
    const number = this.names.find(text, start, end);
    if (number < 0 || this.removed.has(number) || this.chains.has(number)) return -1;
    const stop = this.ends[number] ?? 0;
    return stop === this.starts[number] || stop === offset ? number : -1;
  }

  /** Where rules of a chain stand in the text, all of them or those behind others. */
  place(number: number, start: number, end: number): void {
    if (this.ends[number] !== start || this.starts[number] === start) this.starts[number] = start;
    this.ends[number] = end;
  }

  *keys(): MapIterator<string> {
    for (let number = 0; number < this.names.size; number++)
      if (!this.removed.has(number)) yield this.names.nameOf(number);
  }

  /** The names that are of every node, as far as their beginnings tell. */
  *keysOfEveryNode(): Iterable<string> {
    for (const number of this.ofEveryNode)
      if (!this.removed.has(number)) yield this.names.nameOf(number);
  }

  *values(): MapIterator<TextChain> {
    for (const [, chain] of this) yield chain;
  }

  entries(): MapIterator<[string, TextChain]> {
    return this[Symbol.iterator]();
  }

  *[Symbol.iterator](): MapIterator<[string, TextChain]> {
    for (let number = 0; number < this.names.size; number++)
      if (!this.removed.has(number)) yield [this.names.nameOf(number), this.chainOf(number)];
  }

  forEach(callback: (chain: TextChain, name: string, map: this) => void): void {
    for (const [name, chain] of this) callback(chain, name, this);
  }

  private numberOf(name: string): number {
    const number = this.names.numberOf(name);
    return this.removed.has(number) ? -1 : number;
  }

  /** Names were added to so many. */
  private added(size: number, areOfOne: boolean): void {
    for (let number = size; !areOfOne && number < this.names.size; number++)
      this.ofEveryNode.push(number);
    while (this.names.size > this.starts.length) {
      this.starts = longer(this.starts);
      this.ends = longer(this.ends);
    }
  }

  /** Kept, as more rules may be added. */
  private chainOf(number: number): TextChain {
    const known = this.chains.get(number);
    if (known !== undefined) return known;
    const [start = 0, end = 0] = [this.starts[number], this.ends[number]];
    if (start === end) return EMPTY_CHAIN;
    const chain = new ChainInText(this.text, start, end);
    this.chains.set(number, chain);
    return chain;
  }
}

/** A user chain with the rules in a stretch of text. */
class ChainInText implements TextChain {
  readonly policy = '-';
  private readonly text: LongText;
  private readonly start: number;
  private readonly end: number;
  private lines: string[] | undefined;

  constructor(text: LongText, start: number, end: number) {
    this.text = text;
    this.start = start;
    this.end = end;
  }

  /** Kept, as more rules may be added. */
  get rules(): string[] {
    this.lines ??= linesIn(this.text, this.start, this.end);
    return this.lines;
  }

  passing(): readonly string[] {
    return this.lines ?? linesIn(this.text, this.start, this.end);
  }
}

/** The rules of a chain for one use: those that are found in a text are not kept. */
export function passingRules(chain: { readonly rules: readonly string[] }): readonly string[] {
  return chain instanceof ChainInText ? chain.passing() : chain.rules;
}

/** The names of the chains that are of every node, as far as their beginnings tell. */
export function namesOfEveryNode(chains: ReadonlyMap<string, unknown>): Iterable<string> {
  return chains instanceof TextChains ? chains.keysOfEveryNode() : chains.keys();
}

function linesIn(whole: LongText, start: number, end: number): string[] {
  const text = whole.slice(start, end);
  const lines: string[] = [];
  for (let from = 0; from < text.length; ) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 ? text.length : feed;
    lines.push(normaliseLine(trimmed(text.slice(from, to))));
    from = to + 1;
  }
  return lines;
}
