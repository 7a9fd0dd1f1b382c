/** One rule line as data: read from text and printed as iptables-save prints it. */

import { ParseError } from '../../../errors.js';
import type { Family } from '../../../net/ip.js';
import { cut, type Draft } from './draft.js';
import { printMatch, readMatch } from './matches.js';
import type { IptablesRule, Match, Negatable, Network } from './rule-types.js';
import { printTarget, readTarget } from './targets.js';
import { parseNetwork, protocolName } from './values.js';
import { splitWords } from './words.js';

export type * from './rule-types.js';

/**
 * The meaning of an `-A CHAIN …` line, in whatever order and spelling iptables accepts it: as
 * iptables-save prints it, with or without counters, and as kube-proxy writes it for
 * iptables-restore. `family` gives the defaults that the two tools have different (the mask of
 * `recent`, the kind of `REJECT`). What is not known is kept as `unknown`, never dropped or
 * guessed. Throws {@link ParseError} for a line that no iptables would accept.
 */
export function parseRule(line: string, family: Family = 'IPv4'): IptablesRule {
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
export function printRule(rule: IptablesRule): string {
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
export function isKnown(rule: IptablesRule): boolean {
  const networks = [rule.source, rule.destination];
  return (
    networks.every((network) => network === undefined || network.value.cidr !== undefined) &&
    rule.matches.every((match) => match.kind !== 'unknown') &&
    rule.target.kind !== 'unknown'
  );
}

type Header = Pick<
  IptablesRule,
  'source' | 'destination' | 'inInterface' | 'outInterface' | 'protocol'
>;

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
  condition: Negatable<string> | undefined,
  any: readonly string[],
): Negatable<string> | undefined {
  return condition === undefined || (!condition.not && any.includes(condition.value))
    ? undefined
    : condition;
}

function network(condition: Negatable<string> | undefined): Negatable<Network> | undefined {
  if (condition === undefined) return undefined;
  const value = parseNetwork(condition.value);
  return !condition.not && value.cidr?.endsWith('/0') === true
    ? undefined
    : { not: condition.not, value };
}

function printCondition(option: string, condition: Negatable<string> | undefined): string {
  return condition === undefined ? '' : `${condition.not ? '! ' : ''}${option} ${condition.value}`;
}
