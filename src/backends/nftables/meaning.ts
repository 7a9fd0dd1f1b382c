/** What rules of nft mean, in the terms of both backends. */

import type { MapValue } from '../../netfilter/program.js';
import type { Action, KeyField, Rule, Statement } from '../../netfilter/rule.js';
import { foreignStatements } from './foreign.js';
import { isFamily, isProtocol } from './foreign-fields.js';
import { parseRule } from './syntax/rule.js';
import type {
  Draw,
  Field,
  InterfaceMatch,
  MarkChange,
  NftStatement,
  Reject,
} from './syntax/rule-types.js';

/**
 * The meaning of an `add rule …` line in our spelling. What is not understood may be a condition,
 * an action or both. Throws ParseError for any other line.
 */
export function meaningOf(line: string): Rule {
  const { table, statements, comment } = parseRule(line);
  return { statements: statements.flatMap((part) => ofStatement(part, table)), line, comment };
}

function ofStatement(part: NftStatement, table: string): readonly Statement[] {
  switch (part.kind) {
    case 'networks':
      return [{ kind: 'address', field: part.side, not: part.not, networks: part.networks }];
    case 'in-set':
      return [
        ...headersOf(part.fields, table),
        { kind: 'in-set', not: part.not, set: part.set, key: part.fields.map(keyField) },
      ];
    case 'interface':
      return [ofInterface(part)];
    case 'port':
      return [
        isProtocol(part.protocol),
        { kind: 'port', field: 'dport', not: false, from: part.port, to: part.port },
      ];
    case 'conntrack':
      return [{ kind: 'conntrack', not: false, states: part.words }];
    case 'fib':
      return [{ kind: 'address-type', field: part.side, not: part.not, types: [part.type] }];
    case 'set-mark':
      return [ofMarkChange(part)];
    case 'verdict-map':
      return [
        ...headersOf(part.fields, table),
        { kind: 'lookup', map: part.map, key: part.fields.map(keyField) },
      ];
    case 'random-verdict':
      return [drawn(part.choices, part.draw)];
    case 'random-dnat':
      return [
        drawn(
          part.targets.map((target) => ({ kind: 'dnat', ...target })),
          part.draw,
        ),
      ];
    case 'map-dnat':
      return [
        ...headersOf(part.fields, table),
        {
          ...{ kind: 'drawn-lookup', map: part.map, first: part.first, numbers: part.size },
          key: part.fields.map(keyField),
        },
      ];
    case 'masquerade':
      return [ofMasquerade(part)];
    case 'reject':
      return [ofReject(part, table)];
    case 'update':
      return [
        part.field.kind === 'address'
          ? {
              kind: 'remember',
              set: part.set,
              field: part.field.side,
              renews: part.operator === 'update',
            }
          : { kind: 'unknown-action', text: `update @${part.set}` },
      ];
    case 'counter':
      return [{ kind: 'count', name: part.name }];
    case 'unknown':
      return foreignStatements(part.text, table);
    default:
      return [part];
  }
}

/** What an element leads to, given as its text. */
export function mapValueOf(text: string): MapValue {
  const [, kind = '', chain = ''] = /^(jump|goto) (\S+)$/.exec(text) ?? [];
  if (kind === 'jump' || kind === 'goto') return { kind, chain };
  if (text === 'accept' || text === 'drop' || text === 'return') return { kind: text };
  return { kind: 'data', text };
}

/**
 * Which packets have the fields: in a table of both families those of one have no such address,
 * and the port of a protocol is in packets of that protocol alone.
 */
function headersOf(fields: readonly Field[], table: string): readonly Statement[] {
  return fields.flatMap((field): readonly Statement[] => {
    if (field.kind === 'address') return table.startsWith('inet ') ? [isFamily(field.ip)] : [];
    return field.kind === 'dport' && field.protocol !== undefined
      ? [isProtocol(field.protocol)]
      : [];
  });
}

function keyField(field: Field): KeyField {
  switch (field.kind) {
    case 'address':
      return field.side;
    case 'l4proto':
      return 'protocol';
    case 'dport':
      return 'dport';
  }
}

/** A `*` at the end matches any rest of the name. */
function ofInterface({ not, name }: InterfaceMatch): Statement {
  const prefix = name.endsWith('*');
  return { kind: 'interface', field: 'iif', not, name: prefix ? name.slice(0, -1) : name, prefix };
}

/** `and`, `or` and `xor` as (mark & ~mask) ^ value. */
function ofMarkChange({ operator, value }: MarkChange): Action {
  switch (operator) {
    case 'and':
      return { kind: 'set-mark', mask: ~value >>> 0, value: 0 };
    case 'or':
      return { kind: 'set-mark', mask: value, value };
    case 'xor':
      return { kind: 'set-mark', mask: 0, value };
  }
}

type Choose = Extract<Action, { readonly kind: 'choose' }>;

/** Where a number has no choice, the rule ends. */
function drawn(choices: Choose['choices'], draw: Draw | undefined): Choose {
  if (draw === undefined) return { kind: 'choose', choices };
  const { numbers, first, size } = draw;
  const isDrawn = (number = -1): boolean => first <= number && number < first + size;
  return {
    kind: 'choose',
    choices: choices.filter((_, i) => isDrawn(numbers[i])),
    numbers: size,
  };
}

/**
 * The kernel takes `random` and `fully-random` alike since Linux 5.0; `persistent` is about which
 * address is taken, and masquerading has one.
 */
function ofMasquerade({ flags, ports }: Masquerade): Action {
  const range = ports === '' ? {} : { ports };
  return flags.every((flag) => MASQUERADE_FLAGS.has(flag))
    ? { kind: 'masquerade', fullyRandom: flags.some((flag) => flag !== 'persistent'), ...range }
    : { kind: 'unknown-action', text: `masquerade ${flags.join(',')}` };
}

type Masquerade = Extract<NftStatement, { readonly kind: 'masquerade' }>;

const MASQUERADE_FLAGS: ReadonlySet<string> = new Set(['random', 'fully-random', 'persistent']);

function ofReject({ with: answer }: Reject, table: string): Action {
  const standard = table.startsWith('ip6 ') ? 'icmpv6 port-unreachable' : 'icmp port-unreachable';
  return { kind: 'reject', with: answer === '' ? standard : answer };
}
