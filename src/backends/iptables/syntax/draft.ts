/**
 * Cuts the words of a rule line into header options, matches and a target, before any is
 * understood.
 */

import { ParseError } from '../../../errors.js';
import { knowsMatch, matchArity } from './matches.js';
import { optionName } from './options.js';
import type { Negatable } from './rule-types.js';
import { targetArity } from './targets.js';
import { protocolName } from './values.js';
import { isPlain, type RawWord, unquote } from './words.js';

type HeaderOption = '-s' | '-d' | '-i' | '-o' | '-p';

const HEADER: ReadonlyMap<string, HeaderOption> = new Map<string, HeaderOption>([
  ['-s', '-s'],
  ['--source', '-s'],
  ['--src', '-s'],
  ['-d', '-d'],
  ['--destination', '-d'],
  ['--dst', '-d'],
  ['-i', '-i'],
  ['--in-interface', '-i'],
  ['-o', '-o'],
  ['--out-interface', '-o'],
  ['-p', '-p'],
  ['--protocol', '-p'],
  ['--proto', '-p'],
]);

const PORT_OPTIONS: ReadonlySet<string> = new Set(['--sport', '--dport']);

/** A match or a target, with the words of its options. */
interface Part {
  readonly name: string;
  readonly words: RawWord[];
}

/** A line cut into parts that are not understood yet. */
export interface Draft {
  readonly header: Map<HeaderOption, Negatable<string>>;
  readonly matches: Part[];
  fragment: RawWord[];
  target: (Part & { readonly flag: '-j' | '-g' }) | undefined;
}

/** The words of a line while they are cut; `at` is the next one. */
interface Cursor {
  readonly words: readonly RawWord[];
  at: number;
  /** The match or target named last. */
  current: Part | undefined;
  /** The last match of each name. */
  readonly matches: Map<string, Part>;
}

/**
 * Cuts the words behind `-A CHAIN`. Throws {@link ParseError} for words that no iptables would
 * accept.
 */
export function cut(words: readonly RawWord[]): Draft {
  const draft: Draft = { header: new Map(), matches: [], fragment: [], target: undefined };
  const cursor: Cursor = { words, at: 0, current: undefined, matches: new Map() };
  while (cursor.at < words.length) takePart(draft, cursor);
  return draft;
}

/** Takes one option with its values, and the `!` in front of it. */
function takePart(draft: Draft, cursor: Cursor): void {
  const { words } = cursor;
  const not = words[cursor.at] === '!';
  if (not) cursor.at++;
  const word = words[cursor.at++];
  if (word === undefined) throw new ParseError('the line ends after "!"', 0);
  const option = isAmbiguous(draft, cursor.current, word) ? undefined : HEADER.get(word);
  if (option !== undefined) {
    draft.header.set(option, { not, value: plainValue(words, cursor.at++ - 1) });
    return;
  }
  switch (PARTS.get(word)) {
    case 'match':
      cursor.current = addMatch(draft, cursor, valueAfter(words, cursor.at++ - 1));
      break;
    case '-j':
    case '-g':
      startTarget(draft, cursor, PARTS.get(word) === '-g' ? '-g' : '-j');
      break;
    case 'fragment':
      draft.fragment = not ? ['!', '-f'] : ['-f'];
      break;
    case undefined:
      takeOwned(draft, cursor, word, not);
  }
}

/** What begins another part of a rule. */
const PARTS: ReadonlyMap<string, 'match' | '-j' | '-g' | 'fragment'> = new Map([
  ['-m', 'match'],
  ['--match', 'match'],
  ['-j', '-j'],
  ['--jump', '-j'],
  ['-g', '-g'],
  ['--goto', '-g'],
  ['-f', 'fragment'],
  ['--fragment', 'fragment'],
]);

function startTarget(draft: Draft, cursor: Cursor, flag: '-j' | '-g'): void {
  if (draft.target !== undefined) throw new ParseError('two targets in one rule', 0);
  const name = valueAfter(cursor.words, cursor.at++ - 1);
  draft.target = { flag, name, words: [] };
  cursor.current = draft.target;
}

function addMatch(draft: Draft, { matches }: Cursor, name: string): Part {
  const match = { name, words: [] };
  draft.matches.push(match);
  matches.set(name, match);
  return match;
}

/** Takes an option of a match or target, with its value. */
function takeOwned(draft: Draft, cursor: Cursor, option: RawWord, not: boolean): void {
  const part = owner(draft, cursor, option);
  cursor.current = part;
  if (not) part.words.push('!');
  part.words.push(option);
  const arity =
    part === draft.target
      ? targetArity(part.name, option)
      : matchArity(part.name, optionName(option));
  if (arity === 1) part.words.push(valueAfter(cursor.words, cursor.at++ - 1));
}

/**
 * `--proto` is short for --protocol, unless the match before it has an option of that name
 * (`policy`).
 */
function isAmbiguous(draft: Draft, current: Part | undefined, word: RawWord): boolean {
  const isMatch = current !== undefined && current !== draft.target;
  return word === '--proto' && isMatch && !knowsMatch(current.name);
}

function valueAfter(words: readonly RawWord[], i: number): RawWord {
  const value = words[i + 1];
  if (value === undefined) throw new ParseError(`${words[i]} needs a value`, 0);
  return value;
}

/**
 * Addresses, interfaces and protocols: iptables-save never quotes them, so nothing in them may need
 * it.
 */
function plainValue(words: readonly RawWord[], i: number): string {
  const value = unquote(valueAfter(words, i));
  if (!isPlain(value))
    throw new ParseError(
      `${words[i]} ${JSON.stringify(value)} is not an address, interface or protocol`,
      0,
    );
  return value;
}

/**
 * The part of the line that a word belongs to: usually the match or target named last, but
 * `-m tcp … -m comment --comment x --dport 80` means the port of tcp, and without any `-m tcp`
 * iptables loads it there, by the name of the protocol.
 */
function owner(draft: Draft, cursor: Cursor, word: RawWord): Part {
  const { current } = cursor;
  const isElsewhere = PORT_OPTIONS.has(optionName(word)) && !hasPorts(draft, current);
  if (current !== undefined && !isElsewhere) return current;
  const protocol = protocolName(draft.header.get('-p')?.value ?? '');
  if (protocol === '') throw new ParseError(`${word} belongs to no match or target`, 0);
  return cursor.matches.get(protocol) ?? addMatch(draft, cursor, protocol);
}

/** Whether a port may be an option of the part. */
function hasPorts(draft: Draft, current: Part | undefined): boolean {
  if (current === undefined || current === draft.target) return false;
  return !knowsMatch(current.name) || matchArity(current.name, '--dport') !== undefined;
}
