/** What rule lines of iptables mean, in the terms of both backends. */

import { type Cidr, parseCidr } from '../../net/cidr.js';
import type { Action, Condition, Rule, Statement } from '../../netfilter/rule.js';
import { destinationTranslation } from './destination.js';
import { foreignConditions } from './foreign-matches.js';
import { foreignAction } from './foreign-targets.js';
import { hairpinFamily } from './hairpin.js';
import { withoutComment } from './syntax/line-text.js';
import { printMatch } from './syntax/matches.js';
import { parseRule } from './syntax/rule.js';
import type { IptablesRule, Match, Negatable, Network, Target } from './syntax/rule-types.js';

/**
 * The meaning of an `-A CHAIN …` line as iptables-save prints it. What is not understood is an
 * unknown condition or action. Throws ParseError for a line that no iptables would print.
 */
export function meaningOf(line: string): Rule {
  const rule = parseRule(line);
  const comments = rule.matches.flatMap((match) => (match.kind === 'comment' ? [match.text] : []));
  return {
    statements: [...header(rule), ...rule.matches.flatMap(ofMatch), ...ofTarget(rule.target)],
    line,
    comment: comments.join(' '),
  };
}

/**
 * Reads the statements of many rules of one kernel. Those that differ in their chain, comment,
 * addresses, target chain or destination alone are parsed once; nearly all rules of Services do.
 */
export function cachedStatements(): (line: string) => readonly Statement[] {
  const known = new Map<string, readonly Statement[]>();
  return (line) => {
    const text = withoutComment(line);
    const end = text.lastIndexOf(' ') + 1;
    const addresses = addressesOf(text);
    const words = text.slice(addresses.end, end);
    const action = lastAction(words, text.slice(end));
    if (action === undefined) return meaningOf(text).statements;
    let conditions = known.get(words);
    if (conditions === undefined) {
      conditions = meaningOf(`-A X ${text.slice(addresses.end)}`).statements.slice(0, -1);
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(words, conditions);
    }
    return [...addresses.conditions, ...conditions, action];
  };
}

/** More forms of rules than a kernel of ours has. */
const MOST_KNOWN = 1024;

/** The addresses that a rule begins with, and where its other words begin. */
function addressesOf(line: string): {
  readonly conditions: readonly Statement[];
  readonly end: number;
} {
  const conditions: Statement[] = [];
  let end = line.indexOf(' ', 3) + 1;
  for (const { option, field } of ADDRESS_OPTIONS) {
    const not = line.startsWith('! ', end);
    const start = end + (not ? 2 : 0);
    if (!line.startsWith(option, start)) continue;
    const blank = line.indexOf(' ', start + option.length);
    const cidr = parseCidr(line.slice(start + option.length, blank));
    if (blank < 0 || cidr === undefined) break;
    conditions.push({ kind: 'address', field, not, networks: [cidr] });
    end = blank + 1;
  }
  return { conditions, end };
}

/** In the order of iptables-save. */
const ADDRESS_OPTIONS = [
  { option: '-s ', field: 'saddr' },
  { option: '-d ', field: 'daddr' },
] as const;

/** What the last word of a rule says; `undefined` where that depends on the whole rule. */
function lastAction(words: string, last: string): Action | undefined {
  if (!PLAIN.test(last)) return undefined;
  if (words.endsWith('-j DNAT --to-destination ')) return destinationTranslation(last);
  const jumps = words === '-j ' || words.endsWith(' -j ');
  return jumps && last.startsWith('KUBE-') ? { kind: 'jump', chain: last } : undefined;
}

/** A word that stands in a rule without quotes. */
const PLAIN = /^[\w.:[\]-]+$/;

function header(rule: IptablesRule): readonly Condition[] {
  const { source, destination, inInterface, outInterface, protocol } = rule;
  return [
    ...address('saddr', source),
    ...address('daddr', destination),
    ...networkInterface('iif', inInterface),
    ...networkInterface('oif', outInterface),
    ...(protocol === undefined
      ? []
      : [{ kind: 'protocol', not: protocol.not, protocols: [protocol.value] } as const]),
  ];
}

function address(
  field: 'saddr' | 'daddr',
  condition: Negatable<Network> | undefined,
): readonly Condition[] {
  if (condition === undefined) return [];
  const { not, value } = condition;
  const networks: readonly Cidr[] | undefined = value.cidr && [value.cidr];
  return [
    networks === undefined
      ? { kind: 'unknown-condition', text: `${field} ${value.text}`, not }
      : { kind: 'address', field, not, networks },
  ];
}

function networkInterface(
  field: 'iif' | 'oif',
  condition: Negatable<string> | undefined,
): readonly Condition[] {
  if (condition === undefined) return [];
  const { not, value } = condition;
  const prefix = value.endsWith('+');
  return [{ kind: 'interface', field, not, name: prefix ? value.slice(0, -1) : value, prefix }];
}

function ofMatch(match: Match): readonly Statement[] {
  switch (match.kind) {
    case 'comment':
      return [];
    case 'conntrack': {
      const { not, value } = match.states;
      return [{ kind: 'conntrack', not, states: value.map((state) => state.toLowerCase()) }];
    }
    case 'mark':
      return [match];
    case 'addrtype':
      return [...addressType('saddr', match.source), ...addressType('daddr', match.destination)];
    case 'ports':
      return [...port('sport', match.source), ...port('dport', match.destination)];
    case 'nfacct':
      return [{ kind: 'count', name: match.name }];
    case 'recent':
      return ofRecent(match);
    case 'random':
      return [match];
    case 'bpf':
      return [ofProgram(match)];
    case 'unknown':
      return foreignConditions(match);
  }
}

function addressType(
  field: 'saddr' | 'daddr',
  condition: Negatable<readonly string[]> | undefined,
): readonly Condition[] {
  if (condition === undefined) return [];
  const { not, value } = condition;
  return [{ kind: 'address-type', field, not, types: value.map((type) => type.toLowerCase()) }];
}

function port(
  field: 'sport' | 'dport',
  condition: Negatable<{ readonly from: number; readonly to: number }> | undefined,
): readonly Condition[] {
  if (condition === undefined) return [];
  return [{ kind: 'port', field, not: condition.not, ...condition.value }];
}

/** Who is on a list that remembers networks instead of clients is not known. */
function ofRecent(match: Extract<Match, { kind: 'recent' }>): readonly Condition[] {
  const { action, not, name, seconds, side, mask } = match;
  if (mask !== '255.255.255.255' && !/^(?:ffff:){7}ffff$/.test(mask))
    return action === 'set' && !not
      ? []
      : [{ kind: 'unknown-condition', text: printMatch(match), eachChain: true }];
  const op = action === 'rcheck' ? 'check' : action;
  const field = side === 'source' ? 'saddr' : 'daddr';
  return [{ kind: 'recent', not, op, name, seconds, field }];
}

/** Of all programs one for each family is known. */
function ofProgram({ not, program }: Extract<Match, { kind: 'bpf' }>): Condition {
  const family = hairpinFamily(program);
  return family === undefined
    ? { kind: 'unknown-condition', text: `bpf program ${program}`, not }
    : { kind: 'hairpin', not, family };
}

function ofTarget(target: Target): readonly Statement[] {
  switch (target.kind) {
    case 'none':
      return [];
    case 'verdict':
      return [{ kind: VERDICTS[target.verdict] }];
    case 'jump':
    case 'goto':
    case 'reject':
      return [target];
    case 'dnat':
      return [destinationTranslation(target.to)];
    case 'mark':
      return [{ kind: 'set-mark', value: target.value, mask: target.mask }];
    case 'masquerade':
      return [{ kind: 'masquerade', fullyRandom: target.randomFully }];
    case 'unknown':
      return [foreignAction(target)];
  }
}

const VERDICTS = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return' } as const;
