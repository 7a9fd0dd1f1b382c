/** Why a rule does not match a packet, in words. */

import type { AddressField, Rule, Statement } from '../netfilter/rule.js';
import { hexOf } from './rule-words.js';

/** The first condition of a rule that does not hold, which stands at a position among its parts. */
export function reasonOf({ statements }: Rule, position: number): string {
  const statement = statements[position];
  return statement === undefined ? '' : failureOf(statement);
}

function failureOf(statement: Statement): string {
  switch (statement.kind) {
    case 'address':
      return `${END[statement.field]} is ${isNot(statement)}in ${statement.networks.join(', ')}`;
    case 'protocol':
      return `protocol is ${isNot(statement)}${statement.protocols.join(', ')}`;
    case 'port': {
      const { field, from, to } = statement;
      const ports = from === to ? `${from}` : `${from} to ${to}`;
      const name = field === 'dport' ? 'destination port' : 'source port';
      return `${name} is ${isNot(statement)}${ports}`;
    }
    case 'interface': {
      const { field, name, prefix } = statement;
      const which = field === 'iif' ? 'incoming interface' : 'outgoing interface';
      return `${which} is ${isNot(statement)}${name}${prefix ? '…' : ''}`;
    }
    case 'mark': {
      const { value, mask } = statement;
      return `mark is ${isNot(statement)}${hexOf(value)} in the bits ${hexOf(mask)}`;
    }
    case 'connection-mark': {
      const { value, mask } = statement;
      return `mark of the connection is ${isNot(statement)}${hexOf(value)} in the bits ${hexOf(mask)}`;
    }
    case 'tcp-flags': {
      const { among, set } = statement;
      const flags = `${set.join(', ') || 'none'} of ${among.join(', ')}`;
      return `flags are ${isNot(statement)}${flags}`;
    }
    case 'one-of':
      return `${statement.key.join(' . ')} is ${isNot(statement)}one of ${statement.elements.join(', ')}`;
    case 'conntrack':
      return `connection is ${isNot(statement)}${statement.states.join(', ')}`;
    case 'address-type':
      return `${END[statement.field]} is ${isNot(statement)}${statement.types.join(', ')}`;
    case 'in-set':
      return `${statement.not ? '' : 'not '}in set ${statement.set}`;
    case 'recent':
      if (statement.op === 'set') return 'the rule puts the client into a list and ends';
      return `client is ${isNot(statement)}in the list ${statement.name}`;
    case 'hairpin':
      return `source is ${isNot(statement)}the destination`;
    case 'socket':
      return 'the packet arrives: no socket of the machine sends it';
    case 'branch':
      return 'the map of the rule has no such element';
    case 'lookup':
    case 'drawn-lookup':
      return `map ${statement.map} has no such element`;
    case 'random':
      return 'chance is 0';
    default:
      return `not met: ${statement.kind}`;
  }
}

const END: Readonly<Record<AddressField, string>> = { saddr: 'source', daddr: 'destination' };

/** A condition that is negated fails because it would hold otherwise. */
function isNot({ not }: { readonly not: boolean }): string {
  return not ? '' : 'not ';
}
