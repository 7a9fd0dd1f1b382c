/**
 * One rule line and its meaning. `trace` and `verify` look inside lines through this file only;
 * everything else compares them as text.
 */

import { ParseError } from '../../../errors.js';
import type { Family } from '../../../net/ip.js';
import { knowsMatch, matchArity, printMatch, readMatch } from './matches.js';
import { optionName } from './options.js';
import type { Condition, Match, Network, Rule } from './rule-types.js';
import { printTarget, readTarget, targetArity } from './targets.js';
import { parseNetwork, protocolName } from './values.js';
import { isPlain, type RawWord, splitWords, unquote } from './words.js';

export type * from './rule-types.js';

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

/** A line cut into parts that are not understood yet. */
interface Draft {
  readonly header: Map<HeaderOption, Condition<string>>;
  readonly matches: { readonly name: string; readonly words: RawWord[] }[];
  fragment: RawWord[];
  target:
    | { readonly flag: '-j' | '-g'; readonly name: string; readonly words: RawWord[] }
    | undefined;
}

/**
 * The meaning of an `-A CHAIN …` line, in whatever order and spelling iptables accepts it: as
 * iptables-save prints it, with or without counters, and as kube-proxy writes it for
 * iptables-restore. `family` gives the defaults that the two tools have different (the mask of
 * `recent`, the kind of `REJECT`). What is not known is kept as `unknown`, never dropped or
 * guessed. Throws {@link ParseError} for a line that no iptables would accept.
 */
export function parseRule(line: string, family: Family = 'IPv4'): Rule {
  const all = splitWords(line);
  const [command, chain, ...words] = all[0]?.startsWith('[') ? all.slice(1) : all;
  if ((command !== '-A' && command !== '--append') || chain === undefined) {
    throw new ParseError(`a rule starts with -A CHAIN, this is: ${line.slice(0, 80)}`, 0);
  }
  const draft = cut(words);
  const { target } = draft;
  const fragment: Match[] =
    draft.fragment.length === 0 ? [] : [{ kind: 'unknown', name: '-f', words: draft.fragment }];
  return {
    chain,
    ...header(draft),
    matches: [
      ...fragment,
      ...draft.matches.map((match) => readMatch(match.name, match.words, family)),
    ],
    target:
      target === undefined
        ? { kind: 'none' }
        : readTarget(target.flag, target.name, target.words, family),
  };
}

/**
 * The line that iptables-save 1.8.9 prints for the rule, single-spaced (iptables-save itself
 * leaves two blanks after `--nfacct-name`), without counters.
 */
export function printRule(rule: Rule): string {
  const parts = [
    `-A ${rule.chain}`,
    printCondition('-s', rule.source && { not: rule.source.not, value: rule.source.value.text }),
    printCondition(
      '-d',
      rule.destination && { not: rule.destination.not, value: rule.destination.value.text },
    ),
    printCondition('-i', rule.inInterface),
    printCondition('-o', rule.outInterface),
    printCondition('-p', rule.protocol),
    ...rule.matches.map(printMatch),
    printTarget(rule.target),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Whether every part of the rule is understood: the schema of the lines that vipc writes. */
export function isKnown(rule: Rule): boolean {
  const networks = [rule.source, rule.destination];
  return (
    networks.every((network) => network === undefined || network.value.cidr !== undefined) &&
    rule.matches.every((match) => match.kind !== 'unknown') &&
    rule.target.kind !== 'unknown'
  );
}

function cut(words: readonly RawWord[]): Draft {
  const draft: Draft = { header: new Map(), matches: [], fragment: [], target: undefined };
  let current: RawWord[] | undefined;
  for (let i = 0; i < words.length; i++) {
    const not = words[i] === '!';
    if (not) i++;
    const word = words[i];
    if (word === undefined) throw new ParseError('the line ends after "!"', 0);
    const bang = not ? ['!'] : [];
    const option = isAmbiguous(draft, current, word) ? undefined : HEADER.get(word);
    if (option !== undefined) {
      draft.header.set(option, { not, value: plainValue(words, i++) });
    } else if (word === '-m' || word === '--match') {
      current = [];
      draft.matches.push({ name: valueAfter(words, i++), words: current });
    } else if (word === '-j' || word === '--jump' || word === '-g' || word === '--goto') {
      if (draft.target !== undefined) throw new ParseError('two targets in one rule', 0);
      current = [];
      const flag = word === '-j' || word === '--jump' ? '-j' : '-g';
      draft.target = { flag, name: valueAfter(words, i++), words: current };
    } else if (word === '-f' || word === '--fragment') {
      draft.fragment = [...bang, '-f'];
    } else {
      current = owner(draft, current, word);
      current.push(...bang, word);
      if (arityIn(draft, current, word) === 1) current.push(valueAfter(words, i++));
    }
  }
  return draft;
}

/** `--proto` is short for --protocol, unless the match before it has an option of that name (`policy`). */
function isAmbiguous(
  draft: Draft,
  current: readonly RawWord[] | undefined,
  word: RawWord,
): boolean {
  const match = draft.matches.find((candidate) => candidate.words === current);
  return word === '--proto' && match !== undefined && !knowsMatch(match.name);
}

function valueAfter(words: readonly RawWord[], i: number): RawWord {
  const value = words[i + 1];
  if (value === undefined) throw new ParseError(`${words[i]} needs a value`, 0);
  return value;
}

/** Addresses, interfaces and protocols: iptables-save never quotes them, so nothing in them may need it. */
function plainValue(words: readonly RawWord[], i: number): string {
  const value = unquote(valueAfter(words, i));
  if (!isPlain(value))
    throw new ParseError(
      `${words[i]} ${JSON.stringify(value)} is no address, interface or protocol`,
      0,
    );
  return value;
}

/** How many values the option takes, where the part that owns it is one we know. */
function arityIn(draft: Draft, owned: readonly RawWord[], word: RawWord): 0 | 1 | undefined {
  if (draft.target?.words === owned) return targetArity(draft.target.name, word);
  const match = draft.matches.find((candidate) => candidate.words === owned);
  return match === undefined ? undefined : matchArity(match.name, optionName(word));
}

/**
 * The part of the line that a word belongs to: usually the match or target named last, but
 * `-m tcp … -m comment --comment x --dport 80` means the port of tcp, and without any `-m tcp`
 * iptables loads it there, by the name of the protocol.
 */
function owner(draft: Draft, current: RawWord[] | undefined, word: RawWord): RawWord[] {
  if (current !== undefined && !(PORT_OPTIONS.has(optionName(word)) && isNotPorts(draft, current)))
    return current;
  const protocol = protocolName(draft.header.get('-p')?.value ?? '');
  if (protocol === '') throw new ParseError(`${word} belongs to no match or target`, 0);
  const match = draft.matches.findLast((candidate) => candidate.name === protocol);
  if (match !== undefined) return match.words;
  const words: RawWord[] = [];
  draft.matches.push({ name: protocol, words });
  return words;
}

function isNotPorts(draft: Draft, current: readonly RawWord[]): boolean {
  if (draft.target?.words === current) return true;
  const match = draft.matches.find((candidate) => candidate.words === current);
  return (
    match !== undefined && knowsMatch(match.name) && matchArity(match.name, '--dport') === undefined
  );
}

type Header = Pick<Rule, 'source' | 'destination' | 'inInterface' | 'outInterface' | 'protocol'>;

/** The header fields; conditions that everything meets are left out, as iptables-save does. */
function header(draft: Draft): Header {
  const source = network(draft.header.get('-s'));
  const destination = network(draft.header.get('-d'));
  const inInterface = unlessAny(draft.header.get('-i'), ['+']);
  const outInterface = unlessAny(draft.header.get('-o'), ['+']);
  const protocol = unlessAny(draft.header.get('-p'), ['all', '0']);
  return {
    ...(source && { source }),
    ...(destination && { destination }),
    ...(inInterface && { inInterface }),
    ...(outInterface && { outInterface }),
    ...(protocol && { protocol: { not: protocol.not, value: protocolName(protocol.value) } }),
  };
}

function unlessAny(
  condition: Condition<string> | undefined,
  any: readonly string[],
): Condition<string> | undefined {
  return condition === undefined || (!condition.not && any.includes(condition.value))
    ? undefined
    : condition;
}

function network(condition: Condition<string> | undefined): Condition<Network> | undefined {
  if (condition === undefined) return undefined;
  const value = parseNetwork(condition.value);
  return !condition.not && value.cidr?.endsWith('/0') === true
    ? undefined
    : { not: condition.not, value };
}

function printCondition(option: string, condition: Condition<string> | undefined): string {
  return condition === undefined ? '' : `${condition.not ? '! ' : ''}${option} ${condition.value}`;
}
