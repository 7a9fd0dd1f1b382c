/**
 * Finds rules of one chain that stand together in a dump, without reading them: a large dump has
 * 400,000 rules, and most questions are about a few of its chains.
 */

import type { Lines, LongText } from '../../long-text.js';
import { UNUSED } from './dump.js';
import type { TextChains } from './text-chains.js';
import { hasOpenQuote } from './words.js';

/** Goes through one text once, from its start to its end. */
export class RuleRuns {
  /** The whole. */
  readonly whole: LongText;
  /** How many {@link from} passed the last time. */
  lines = 0;
  /** The part that offsets are of, and where it starts in the whole. */
  private text = '';
  private start = 0;
  /** The first quote of the part that was not passed yet. */
  private quote = -1;

  constructor(whole: LongText) {
    this.whole = whole;
  }

  /** Goes on with the next part, which begins with a line. */
  goOn({ text, start }: Lines): void {
    this.text = text;
    this.start = start;
    this.quote = -1;
  }

  /**
   * Adds the user chain that is declared here, or the rules from here on that are of one chain,
   * which is declared and has none yet, or those right before. A rule that goes on in the next line
   * is left out, and so is a chain of which something was counted. Returns where they end; where
   * they start if there is nothing to add.
   */
  from(start: number, chains: TextChains): number {
    const { text } = this;
    if (text.charCodeAt(start) === COLON) return this.declared(start, chains);
    if (!text.startsWith('-A ', start)) return start;
    const behind = text.indexOf(' ', start + 3) + 1;
    const number = chains.open(text, start + 3, behind - 1, this.start + start);
    if (number < 0) return start;
    const end = this.endOf(text.slice(start, behind), start);
    if (end > start) chains.place(number, this.start + start, this.start + end);
    return end;
  }

  /** Where the rules end that stand from here on and begin so, behind the last line feed. */
  private endOf(beginning: string, start: number): number {
    let end = start;
    this.lines = 0;
    while (this.text.startsWith(beginning, end)) {
      const feed = this.text.indexOf('\n', end);
      const next = feed < 0 ? this.text.length : feed + 1;
      if (this.isOpen(end, next)) break;
      end = next;
      this.lines++;
    }
    return end;
  }

  private declared(start: number, chains: TextChains): number {
    const { text } = this;
    const feed = text.indexOf('\n', start);
    const end = feed - UNUSED.length;
    const isPlain = text.startsWith(UNUSED, end) && text.indexOf(' ', start) === end;
    if (!isPlain || end === start + 1 || this.nextQuote(start) < end) return start;
    chains.declare(text, start + 1, end);
    this.lines = 1;
    return feed + 1;
  }

  /** Whether a line ends inside quotes. */
  private isOpen(start: number, end: number): boolean {
    const first = this.nextQuote(start);
    if (first >= end) return false;
    const second = this.nextQuote(first + 1);
    const isPlain =
      second < end && this.text[second - 1] !== '\\' && this.nextQuote(second + 1) >= end;
    if (isPlain || !hasOpenQuote(this.text.slice(start, end))) return false;
    // The line was not passed.
    this.quote = first;
    return true;
  }

  private nextQuote(from: number): number {
    if (this.quote < from) {
      const at = this.text.indexOf('"', from);
      this.quote = at < 0 ? this.text.length : at;
    }
    return this.quote;
  }
}

const COLON = 58;
