/**
 * Finds rules of one chain that stand together in a dump, without reading them: a large dump has
 * 400,000 rules, and most questions are about a few of its chains.
 */

import { UNUSED } from './dump.js';
import type { TextChains } from './text-chains.js';
import { hasOpenQuote } from './words.js';

/** Goes through one text once, from its start to its end. */
export class RuleRuns {
  readonly text: string;
  /** How many {@link from} passed the last time. */
  lines = 0;
  /** The first quote that was not passed yet. */
  private quote = -1;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Adds the user chain that is declared here, or the rules from here on that are of one chain,
   * which is declared and has none yet. A rule that goes on in the next line is left out, and so is
   * a chain of which something was counted. Returns where they end; where they start if there is
   * nothing to add.
   */
  from(start: number, chains: TextChains): number {
    const { text } = this;
    if (text.charCodeAt(start) === COLON) return this.declared(start, chains);
    if (!text.startsWith('-A ', start)) return start;
    const name = text.slice(start + 3, text.indexOf(' ', start + 3));
    const bare = chains.bare(name);
    if (bare === undefined) return start;
    const end = this.endOf(name, start);
    if (end > start) chains.place(bare, start, end);
    return end;
  }

  /** Where the rules of a chain end that stand from here on, behind the last line feed. */
  private endOf(name: string, start: number): number {
    let end = start;
    this.lines = 0;
    while (this.isRuleOf(name, end)) {
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
    chains.declare(text.slice(start + 1, end));
    this.lines = 1;
    return feed + 1;
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
