/**
 * Finds rules of one chain that stand together in a dump, without reading them: a large dump has
 * 400,000 rules, and most questions are about a few of its chains.
 */

import { type Counter, UNUSED } from './dump.js';
import { normaliseLine, trimmed } from './normalise.js';
import { hasOpenQuote } from './words.js';

/** A chain whose rules are read once, on first use. */
export interface TextChain {
  readonly policy: string;
  readonly rules: string[];
  readonly counter?: Counter;
}

/** Every user chain of which no rule was read yet; saves 100,000 objects. */
export const EMPTY_CHAIN: TextChain = { policy: '-', rules: [] };

/** A chain that a line declares, or rules of one chain that stand together. */
export interface Run {
  readonly name: string;
  /** With the rules. */
  readonly chain: TextChain;
  /** Offset behind them. */
  readonly end: number;
  readonly lines: number;
}

/** Goes through one text once, from its start to its end. */
export class RuleRuns {
  private readonly text: string;
  /** The first quote that was not passed yet. */
  private quote = -1;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * The user chain that is declared here, or the rules from here on that are of one chain, which is
   * declared and has none yet. A rule that goes on in the next line is left out, and so is a chain
   * of which something was counted.
   */
  from(start: number, chains: ReadonlyMap<string, TextChain> | undefined): Run | undefined {
    const { text } = this;
    if (chains === undefined) return undefined;
    if (text.charCodeAt(start) === COLON) return this.declared(start);
    if (!text.startsWith('-A ', start)) return undefined;
    const name = text.slice(start + 3, text.indexOf(' ', start + 3));
    const known = chains.get(name);
    if (known === undefined || known.rules.length > 0) return undefined;
    const { end, lines } = this.endOf(name, start);
    return lines === 0
      ? undefined
      : { name, end, lines, chain: new ChainInText(known, text, start, end) };
  }

  /** Where the rules of a chain end that stand from here on, behind the last line feed. */
  private endOf(name: string, start: number): { readonly end: number; readonly lines: number } {
    let [end, lines] = [start, 0];
    while (this.isRuleOf(name, end)) {
      const feed = this.text.indexOf('\n', end);
      const next = feed < 0 ? this.text.length : feed + 1;
      if (this.isOpen(end, next)) break;
      end = next;
      lines++;
    }
    return { end, lines };
  }

  private declared(start: number): Run | undefined {
    const { text } = this;
    const feed = text.indexOf('\n', start);
    const end = feed - UNUSED.length;
    const isPlain = text.startsWith(UNUSED, end) && text.indexOf(' ', start) === end;
    if (!isPlain || end === start + 1 || this.nextQuote(start) < end) return undefined;
    return { name: text.slice(start + 1, end), chain: EMPTY_CHAIN, end: feed + 1, lines: 1 };
  }

  private isRuleOf(name: string, at: number): boolean {
    const { text } = this;
    const behind = at + 3 + name.length;
    return (
      text.charCodeAt(behind) === BLANK &&
      text.startsWith(name, at + 3) &&
      text.startsWith('-A ', at)
    );
  }

  /** Whether a line ends inside quotes. */
  private isOpen(start: number, end: number): boolean {
    const first = this.nextQuote(start);
    if (first >= end) return false;
    const second = this.nextQuote(first + 1);
    const isPlain =
      second < end && this.text[second - 1] !== '\\' && this.nextQuote(second + 1) >= end;
    return !isPlain && hasOpenQuote(this.text.slice(start, end));
  }

  private nextQuote(from: number): number {
    if (this.quote < from) {
      const at = this.text.indexOf('"', from);
      this.quote = at < 0 ? this.text.length : at;
    }
    return this.quote;
  }
}

const BLANK = 32;
const COLON = 58;

/** The chain with the rules in a stretch of text. */
class ChainInText implements TextChain {
  readonly policy: string;
  readonly counter?: Counter;
  private readonly text: string;
  private readonly start: number;
  private readonly end: number;
  private lines: string[] | undefined;

  constructor(
    { policy, counter }: Omit<TextChain, 'rules'>,
    text: string,
    start: number,
    end: number,
  ) {
    this.policy = policy;
    if (counter !== undefined) this.counter = counter;
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
