/**
 * Finds chains that are declared, and rules of one chain, that stand together in a dump, without
 * reading them: a large dump has 400,000 rules, and most questions are about a few of its chains.
 */

import { type Lines, type LongText, linesOf } from '../../long-text.js';
import { UNUSED } from './dump.js';
import { BEGINNING_OF_ONE, type TextChains } from './text-chains.js';

/** Goes through one text once, from its start to its end. */
export class RuleRuns {
  /** The whole. */
  readonly whole: LongText;
  /** The part that offsets are of, and where it starts in the whole. */
  private text = '';
  private start = 0;

  constructor(whole: LongText) {
    this.whole = whole;
  }

  /** Goes on with the next part, which begins with a line. */
  goOn({ text, start }: Lines): void {
    this.text = text;
    this.start = start;
  }

  /**
   * Adds the user chains that are declared from here on, or the rules from here on that are of one
   * chain, which is declared and has none yet, or those right before. A rule that goes on in the
   * next line is left out, and so is a chain of which something was counted. Returns where they
   * end; where they start if there is nothing to add.
   */
  from(start: number, chains: TextChains): number {
    const { text } = this;
    if (text.charCodeAt(start) === COLON) return this.declared(start, chains);
    if (!text.startsWith('-A ', start)) return start;
    const name = start + '-A '.length;
    const blank = text.indexOf(' ', name);
    const number = blank > name ? chains.open(text, name, blank, this.start + start) : -1;
    if (number < 0) return start;
    const end = endOf(RULES, text, start);
    if (end > start) chains.place(number, this.start + start, this.start + end);
    return end;
  }

  private declared(start: number, chains: TextChains): number {
    const { text } = this;
    const ofOne = endOf(DECLARED_OF_ONE, text, start);
    const end = ofOne > start ? ofOne : endOf(DECLARED, text, start);
    const declared = { text, start, end, before: 1, behind: UNUSED.length + 1 };
    if (end > start) chains.declare(declared, ofOne > start);
    return end;
  }

  /** Where an offset of the part stands in the whole. */
  placeOf(offset: number): number {
    return this.start + offset;
  }

  /** How many lines end before a place in the whole. */
  linesBefore(place: number): number {
    let count = 0;
    for (const { text, start } of linesOf(this.whole)) {
      if (start >= place) break;
      for (
        let at = text.indexOf('\n');
        at >= 0 && start + at < place;
        at = text.indexOf('\n', at + 1)
      )
        count++;
    }
    return count;
  }
}

const COLON = 58;

/** The end of what a pattern matches there; the same offset if it does not. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}

/** Lines that declare chains of which nothing was counted: those of one Service or endpoint. */
const NAME = '[^ \\n"]';
const DECLARED_OF_ONE = new RegExp(`(?::${BEGINNING_OF_ONE}${NAME}* - \\[0:0\\]\\n)+`, 'y');
/** And any others. */
const DECLARED = new RegExp(`(?::(?!${BEGINNING_OF_ONE})${NAME}+ - \\[0:0\\]\\n)+`, 'y');

/** What stands in quotes and ends in the same line; only a few times in one that is passed. */
const QUOTED = '"[^"\\\\\\n]*(?:\\\\[^\\n][^"\\\\\\n]*)*"';
const REST = `[^"\\n]*(?:${QUOTED}[^"\\n]*){0,8}\\n`;

/** Lines of one chain. */
const RULES = new RegExp(`-A ([^ \\n"]+) ${REST}(?:-A \\1 ${REST})*`, 'y');
