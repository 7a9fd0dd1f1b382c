/** What a rule does, in words. */

import { type Ip, inetNtop, joinHostPort } from '../net/ip.js';
import { fraction, percentText } from '../netfilter/fraction.js';
import type { Action, AddressField, Condition, Rule, Statement } from '../netfilter/rule.js';

/** `to 10.96.0.10, udp, port 53: go on in KUBE-SVC-TCOU7JCQXEZGVUNU`. */
export function ruleWords({ statements }: Rule): string {
  const conditions: string[] = [];
  const actions: string[] = [];
  for (const statement of statements) {
    const text = conditionText(statement);
    if (text === undefined) actions.push(actionText(statement as Action));
    else conditions.push(text);
  }
  const done = actions.filter((text) => text !== '').join(', then ') || 'only count';
  const when = conditions.filter((text) => text !== '').join(', ');
  return when === '' ? done : `${when}: ${done}`;
}

/** `undefined`: the statement is no condition. */
function conditionText(statement: Statement): string | undefined {
  switch (statement.kind) {
    case 'address':
      return `${isNot(statement)}${DIRECTION[statement.field]} ${statement.networks.map(networkText).join(' or ')}`;
    case 'protocol':
      return `${isNot(statement)}${statement.protocols.join(' or ')}`;
    case 'port': {
      const { field, from, to } = statement;
      const name = field === 'dport' ? 'port' : 'source port';
      return `${isNot(statement)}${name} ${from === to ? from : `${from} to ${to}`}`;
    }
    case 'interface': {
      const { field, name, prefix } = statement;
      const way = field === 'iif' ? 'arriving on' : 'leaving by';
      return `${isNot(statement)}${way} ${name}${prefix ? '…' : ''}`;
    }
    case 'mark':
      return markText(statement, 'marked');
    case 'connection-mark':
      return markText(statement, 'connection marked');
    case 'tcp-flags': {
      const { among, set } = statement;
      return `flags ${isNot(statement)}${set.join(', ') || 'none'} of ${among.join(', ')}`;
    }
    case 'conntrack':
      return `connection ${isNot(statement)}${statement.states.join(' or ')}`;
    case 'address-type':
      return `${isNot(statement)}${DIRECTION[statement.field]} an address that is ${statement.types.join(' or ')}`;
    case 'in-set':
      return `${keyText(statement.key)} ${isNot(statement)}in set ${statement.set}`;
    case 'one-of':
      return `${keyText(statement.key)} ${isNot(statement)}one of ${statement.elements.join(', ')}`;
    case 'recent':
      return recentText(statement);
    case 'hairpin':
      return `source is ${isNot(statement)}the destination`;
    case 'socket':
      return `from a socket (${statement.text})`;
    case 'random': {
      const chance = fraction(BigInt(statement.numerator), 2n ** 31n);
      return `${isNot(statement)}with a chance of ${percentText(chance)}`;
    }
    case 'unknown-condition':
      return `not understood: ${statement.text}`;
    default:
      return undefined;
  }
}

const DIRECTION: Readonly<Record<AddressField, string>> = { saddr: 'from', daddr: 'to' };

function isNot({ not }: { readonly not: boolean }): string {
  return not ? 'not ' : '';
}

/** A network of one address is written as the address. */
function networkText(cidr: string): string {
  return cidr.replace(/^([\d.]+)\/32$|^(.*)\/128$/, '$1$2');
}

function markText(
  { not, value, mask }: Extract<Condition, { readonly kind: 'mark' | 'connection-mark' }>,
  what: string,
): string {
  const bits = value === mask ? '' : ` in the bits ${hexOf(mask)}`;
  return `${not ? 'not ' : ''}${what} ${hexOf(value)}${bits}`;
}

function recentText({ not, op, name, seconds }: Extract<Condition, { kind: 'recent' }>): string {
  if (op === 'set') return `put the client into list ${name}${not ? ', which ends the rule' : ''}`;
  const age = seconds === 0 ? '' : ` within ${seconds} s`;
  return `client ${not ? 'not ' : ''}seen${age} in list ${name}`;
}

function keyText(key: readonly string[]): string {
  return key.map((field) => FIELD_WORDS[field] ?? field).join(' and ');
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  ...{ saddr: 'source', daddr: 'destination', sport: 'source port', dport: 'port' },
  ...{ iif: 'incoming interface', oif: 'outgoing interface', state: 'state' },
};

/** `''`: it does nothing to the packet. */
function actionText(action: Action): string {
  switch (action.kind) {
    case 'accept':
      return 'accept';
    case 'drop':
      return 'drop';
    case 'return':
      return 'go back';
    case 'jump':
    case 'goto':
      return `go on in ${action.chain}`;
    case 'reject':
      return `refuse with ${action.with}`;
    case 'dnat':
      return `send to ${endpointText(action)}`;
    case 'redirect':
      return `send to the machine itself${action.port === 0 ? '' : `, port ${action.port}`}`;
    case 'masquerade':
      return `masquerade the source${action.ports === undefined ? '' : `, ports ${action.ports}`}`;
    case 'snat':
      return `make the source ${inetNtop(action.ip)}`;
    case 'set-mark':
      return action.value === 0
        ? `clear mark ${hexOf(action.mask)}`
        : `mark ${hexOf(action.value)}`;
    case 'write-mark':
      return `write the mark of the ${action.of}`;
    case 'untrack':
      return 'do not track';
    case 'choose': {
      const { choices, numbers = choices.length } = action;
      const ends = choices.map((one) =>
        one.kind === 'dnat' ? endpointText(one) : actionText(one),
      );
      return `one of ${numbers} at random: ${ends.join(', ')}`;
    }
    case 'lookup':
      return `look up ${keyText(action.key)} in map ${action.map}`;
    case 'branch':
      return `by ${keyText(action.key)}: ${action.cases.map(([element, verdict]) => `${element} ${actionText(verdict)}`).join('; ')}`;
    case 'drawn-lookup':
      return `draw one of ${action.numbers} endpoints by ${keyText(action.key)} from map ${action.map}`;
    case 'remember':
      return `put the client into set ${action.set}`;
    case 'count':
      return '';
    case 'unknown-action':
      return `not understood: ${action.text}`;
  }
}

function endpointText({ ip, port }: { readonly ip: Ip; readonly port: number }): string {
  return port === 0 ? inetNtop(ip) : joinHostPort(inetNtop(ip), port);
}

/** A number as rules and tools print marks. */
export function hexOf(value: number): string {
  return `0x${value.toString(16)}`;
}
