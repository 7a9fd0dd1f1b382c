/** Prints the parts of a rule in the one spelling that our templates have. */

import { joinHostPort } from '../../../net/ip.js';
import type { Field, MarkMatch, Rule, Statement, Verdict } from './rule-types.js';
import { networkText } from './values.js';

/** The rule as one line of our templates. */
export function printRule(rule: Rule): string {
  const words = [`add rule ${rule.table} ${rule.chain}`, ...rule.statements.map(printStatement)];
  if (rule.comment !== '') words.push(`comment "${rule.comment}"`);
  return words.join(' ');
}

/** The words of a statement. */
function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'networks':
      return `${statement.ip} ${statement.side} ${not(statement)}${listed(statement.networks.map(networkText))}`;
    case 'in-set':
      return `${printFields(statement.fields)} ${not(statement)}@${statement.set}`;
    case 'interface':
      return `iifname ${not(statement)}"${statement.name}"`;
    case 'conntrack':
      return `ct ${statement.key} ${statement.words.join(',')}`;
    case 'fib':
      return `fib ${statement.side} type ${not(statement)}${statement.type}`;
    case 'mark':
      return printMark(statement);
    case 'protocol':
      return `meta l4proto ${not(statement)}${statement.protocol}`;
    case 'set-mark':
      return `mark set mark ${statement.operator} ${hex(statement.value)}`;
    case 'reject':
      return statement.with === '' ? 'reject' : `reject with ${statement.with}`;
    case 'verdict-map':
      return `${printFields(statement.fields)} vmap @${statement.map}`;
    case 'random-verdict':
      return `numgen random mod ${statement.choices.length} vmap ${choices(statement.choices.map(printVerdict))}`;
    case 'dnat':
      return `dnat to ${joinHostPort(statement.ip, statement.port)}`;
    case 'random-dnat':
      return `dnat ${statement.ip} addr . port to numgen random mod ${statement.targets.length} map ${choices(statement.targets.map(({ ip, port }) => `${ip} . ${port}`))}`;
    case 'masquerade':
      return ['masquerade', statement.flags.join(',')].filter((word) => word !== '').join(' ');
    case 'update':
      return `${statement.operator} @${statement.set} { ${printField(statement.field)} }`;
    case 'counter':
      return 'counter';
    case 'unknown':
      return statement.text;
    default:
      return printVerdict(statement);
  }
}

/** The words of a verdict. */
export function printVerdict(verdict: Verdict): string {
  return verdict.kind === 'jump' || verdict.kind === 'goto'
    ? `${verdict.kind} ${verdict.chain}`
    : verdict.kind;
}

function printFields(fields: readonly Field[]): string {
  return fields.map(printField).join(' . ');
}

function printField(field: Field): string {
  switch (field.kind) {
    case 'address':
      return `${field.ip} ${field.side}`;
    case 'l4proto':
      return 'meta l4proto';
    case 'dport':
      return 'th dport';
  }
}

function printMark(match: MarkMatch): string {
  const value = match.value === 0 ? '0' : hex(match.value);
  return `mark and ${hex(match.mask)} ${match.not ? '!=' : '=='} ${value}`;
}

function not(statement: { readonly not: boolean }): string {
  return statement.not ? '!= ' : '';
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? words.join('') : `{ ${words.join(', ')} }`;
}

function choices(words: readonly string[]): string {
  return `{ ${words.map((word, i) => `${i} : ${word}`).join(', ')} }`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
