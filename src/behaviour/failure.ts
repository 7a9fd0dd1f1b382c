/** The message of an expectation that fails. */

import { ALL, sameFraction } from '../netfilter/fraction.js';
import { printable } from '../printable.js';
import { type Expectation, type Judgement, judge } from './expectation.js';
import { boundsText, type PacketOutcome, type TracedPacket } from './traced-packet.js';

/** A failed expectation. */
export interface Failure {
  /** What was expected and what happens instead; behind an empty line the rules that decide. */
  readonly message: string;
  readonly compared?: Judgement['compared'];
}

/**
 * Why the expectation is not met, or negated not; `undefined` where it is as expected. What is not
 * known is a failure of both. Throws UsageError for an endpoint or a share that is not valid.
 */
export function failureOf(
  found: TracedPacket,
  expected: Expectation,
  negated = false,
): Failure | undefined {
  const { holds, wanted, compared } = judge(found, expected, negated);
  const isKnown = found.unknown.length === 0;
  if (holds && isKnown) return undefined;
  const outcome = isKnown
    ? `it ${verdictsText(found.outcomes)}`
    : `it is not known what becomes of it: ${found.unknown.join('; ')}`;
  const sentence = `expected ${found.packet} ${negated ? 'not ' : ''}to ${wanted}, but ${outcome}`;
  const message = `${printable(sentence)}\n\n${shortened(found.text)}`;
  return negated || !isKnown || compared === undefined ? { message } : { message, compared };
}

/** More are no help to a reader. */
const MOST_OUTCOMES = 8;

/** `reaches 10.244.1.7:53 (1/2) and is dropped (1/2)`. */
function verdictsText(outcomes: readonly PacketOutcome[]): string {
  const texts = outcomes.slice(0, MOST_OUTCOMES).map((outcome) => {
    const share = sameFraction(outcome.least, ALL) ? '' : ` (${boundsText(outcome)})`;
    return `${verdictText(outcome)}${share}`;
  });
  const more = outcomes.length - MOST_OUTCOMES;
  return more > 0 ? `${texts.join(', ')} and ${more} more` : texts.join(', ');
}

function verdictText({ verdict, endpoint, masquerade, refusedWith }: PacketOutcome): string {
  switch (verdict) {
    case 'reached':
      return `reaches ${endpoint}${masquerade ? ' masqueraded' : ''}`;
    case 'refused':
      return `is refused with ${refusedWith}`;
    case 'masqueraded':
      return 'is masqueraded and keeps its destination';
    case 'dropped':
    case 'untouched':
      return `is ${verdict}`;
    case 'unknown':
      return 'may do anything';
  }
}

/** Lines of rules in a message. */
const MOST_LINES = 60;

function shortened(text: string): string {
  const lines = text.trimEnd().split('\n');
  const more = lines.length - MOST_LINES;
  if (more <= 1) return lines.join('\n');
  return [...lines.slice(0, MOST_LINES), `… and ${more} lines more`].join('\n');
}
