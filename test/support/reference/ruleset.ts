/** Rules as the reference machine runs them. */

import { isWithin } from './addresses.js';
import type { Field, Packet, Question } from './packet.js';

/** What was done to a packet so far. */
export interface State {
  readonly mark: number;
  /** Whether the kernel has looked for the connection of the packet yet. */
  readonly isTracked: boolean;
  /** Where it is sent instead. */
  readonly dnat: { readonly ip: bigint; readonly port: number } | undefined;
  /** `plain` or `random`: how the port of a masqueraded packet is chosen. */
  readonly masquerade: 'plain' | 'random' | undefined;
  /** Affinity lists that its client was put on. */
  readonly lists: readonly string[];
  /** Built-in chains of iptables that a rule ended by ACCEPT. */
  readonly accepted: readonly string[];
}

/** What a rule can match. */
export interface Asked {
  readonly packet: Packet;
  readonly state: State;
  /** Affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  readonly isOwn: (ip: bigint) => boolean;
}

export type Test = (asked: Asked) => boolean;

/** What a rule does. */
export type Action =
  | { readonly does: 'accept' | 'drop' | 'return' | 'nothing' }
  | { readonly does: 'jump' | 'goto'; readonly chain: string }
  | { readonly does: 'reject'; readonly with: string }
  | { readonly does: 'dnat'; readonly ip: bigint; readonly port: number }
  | { readonly does: 'masquerade'; readonly how: 'plain' | 'random' }
  /** mark = (mark & and) ^ xor */
  | { readonly does: 'mark'; readonly and: number; readonly xor: number }
  | { readonly does: 'remember'; readonly list: string }
  /** Draws one of `of` numbers; those without an action do nothing. */
  | { readonly does: 'draw'; readonly of: number; readonly actions: readonly Action[] }
  /** Does what the first element says that the packet meets. */
  | { readonly does: 'look up'; readonly find: (asked: Asked) => Action | undefined };

export type Part =
  | { readonly test: Test }
  | { readonly chance: number }
  | { readonly action: Action };

export interface Base {
  readonly hook: string;
  readonly priority: number;
  readonly isNat: boolean;
  readonly drops: boolean;
  /** Whether others have rules in the chain, too, so that it matters where a rule ends it. */
  readonly isShared: boolean;
}

export interface Chain {
  readonly table: string;
  readonly name: string;
  readonly base: Base | undefined;
  readonly rules: (readonly Part[])[];
}

/** By `table chain`. */
export type Ruleset = ReadonlyMap<string, Chain>;

/** A field of the packet is as asked for. */
export function asks<F extends Field>(field: F, question: Question<F>): Test {
  return ({ packet }) => packet.is(field, question);
}

/** A packet's address after translation is the one given. */
export function address(field: 'saddr' | 'daddr', question: Question<'saddr' | 'daddr'>): Test {
  const holds = typeof question === 'function' ? question : (ip: bigint) => isWithin(ip, question);
  return ({ packet, state }) =>
    field === 'daddr' && state.dnat !== undefined
      ? holds(state.dnat.ip)
      : packet.is(field, question);
}

/** A packet's port after translation is the one given. */
export function port(field: 'sport' | 'dport', holds: (port: number) => boolean): Test {
  return ({ packet, state }) =>
    field === 'dport' && state.dnat !== undefined
      ? holds(state.dnat.port)
      : packet.is(field, holds);
}

/** The source or destination is an address of the machine. */
export function isLocal(field: 'saddr' | 'daddr'): Test {
  return (asked) => address(field, asked.isOwn)(asked);
}

/**
 * Any of the states and statuses of the tracked connection, in lower case. A connection that exists
 * may have been translated, also by others: `established+dnat`.
 */
export function tracked(words: readonly string[]): Test {
  const isSo = asks('state', (found) => found.split('+').some((word) => words.includes(word)));
  return (asked) =>
    (asked.state.isTracked ? isSo(asked) : words.includes('invalid')) ||
    (words.includes('dnat') && asked.state.dnat !== undefined);
}

export function not(test: Test): Test {
  return (asked) => !test(asked);
}
