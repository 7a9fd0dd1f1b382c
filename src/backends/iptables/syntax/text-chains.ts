/**
 * The chains of one table by name. Of those whose rules stand together in a text only the place is
 * kept: a large dump has 110,000, and most questions are about a few.
 */

import type { Counter } from './dump.js';
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

/** A map of chains that makes those of a text on first use. */
export class TextChains implements ReadonlyMap<string, TextChain> {
  private readonly text: string;
  /** A chain, or the number of its place. */
  private readonly known = new Map<string, TextChain | number>();
  /** Where the rules of each place start and end; equal where it has none. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(text: string) {
    this.text = text;
  }

  get size(): number {
    return this.known.size;
  }

  has(name: string): boolean {
    return this.known.has(name);
  }

  get(name: string): TextChain | undefined {
    const found = this.known.get(name);
    return typeof found === 'number' ? this.made(name, found) : found;
  }

  set(name: string, chain: TextChain): void {
    this.known.set(name, chain);
  }

  delete(name: string): void {
    this.known.delete(name);
  }

  clear(): void {
    this.known.clear();
  }

  /** A user chain without rules; one of that name starts again. */
  declare(name: string): void {
    this.known.set(name, this.starts.length);
    this.starts.push(0);
    this.ends.push(0);
  }

  /** The place of a chain that is declared and has no rules yet, for {@link place}. */
  bare(name: string): number | undefined {
    const found = this.known.get(name);
    const isBare = typeof found === 'number' && this.starts[found] === this.ends[found];
    return isBare ? found : undefined;
  }

  /** Where the rules of a chain stand in the text. */
  place(number: number, start: number, end: number): void {
    this.starts[number] = start;
    this.ends[number] = end;
  }

  keys(): MapIterator<string> {
    return this.known.keys();
  }

  *values(): MapIterator<TextChain> {
    for (const [, chain] of this) yield chain;
  }

  entries(): MapIterator<[string, TextChain]> {
    return this[Symbol.iterator]();
  }

  *[Symbol.iterator](): MapIterator<[string, TextChain]> {
    for (const [name, found] of this.known)
      yield [name, typeof found === 'number' ? this.made(name, found) : found];
  }

  forEach(callback: (chain: TextChain, name: string, map: this) => void): void {
    for (const [name, chain] of this) callback(chain, name, this);
  }

  /** Kept, as more rules may be added. */
  private made(name: string, number: number): TextChain {
    const [start = 0, end = 0] = [this.starts[number], this.ends[number]];
    if (start === end) return EMPTY_CHAIN;
    const chain = new ChainInText(this.text, start, end);
    this.known.set(name, chain);
    return chain;
  }
}

/** A user chain with the rules in a stretch of text. */
class ChainInText implements TextChain {
  readonly policy = '-';
  private readonly text: string;
  private readonly start: number;
  private readonly end: number;
  private lines: string[] | undefined;

  constructor(text: string, start: number, end: number) {
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

function linesIn(text: string, start: number, end: number): string[] {
  const lines: string[] = [];
  for (let from = start; from < end; ) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 ? end : feed;
    lines.push(normaliseLine(trimmed(text.slice(from, to))));
    from = to + 1;
  }
  return lines;
}
