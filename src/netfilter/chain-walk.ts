/** Input and result types of a walk through a chain. */

import type { Family, Ip } from '../net/ip.js';
import type { CompiledAction, CompiledRule, CompiledTest, Compiler } from './compiled-rules.js';
import type { Ended, Flow } from './flow.js';
import type { Fraction } from './fraction.js';
import type { Intervals } from './intervals.js';
import type { Chain, Program } from './program.js';
import type { Rule } from './rule.js';
import type { Usage } from './usage.js';

/** What rules depend on besides the packet: the machine and the client. */
export interface Surroundings {
  readonly program: Program;
  readonly compiler: Compiler;
  readonly family: Family;
  /** The first address of each interface, as far as they are known. */
  readonly interfaces: ReadonlyMap<string, Ip>;
  /** The addresses of the machine. */
  readonly local: Intervals;
  /** Addresses that are surely not its own. */
  readonly remote: Intervals;
  /** Addresses that are surely not its own where rules translate to them. */
  readonly remoteTargets: Intervals;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  /** Records what packets match. */
  readonly usage: Usage | undefined;
  /** The chance that a numerator of 2^31 stands for. */
  readonly chanceOf: (numerator: number) => Fraction;
}

/** A rule that packets met. */
export interface Visit {
  readonly chain: Chain;
  readonly rule: Rule;
  /** Position of the statement that was not met; `undefined`: all were. */
  readonly failed: number | undefined;
}

export interface ChainWalk {
  /** Parts that no rule ended. */
  readonly back: readonly Flow[];
  readonly ended: readonly Ended[];
}

/** Options of a walk. */
export interface WalkOptions {
  /** Called for every rule that is met. */
  readonly visit?: (visit: Visit) => void;
  /** Called for every rule that reads or writes the mark, with the bits. */
  readonly marks?: (chain: Chain, rule: Rule, bits: number) => void;
  /** Records what packets match. */
  readonly usage?: Usage;
  /** Whether flows record the rules that they matched. Default: true. */
  readonly paths?: boolean;
}

/** Where the parts of a flow go from one rule. */
export interface Outlets {
  /** To the next rule. */
  readonly next: Flow[];
  /** Back to the chain before. */
  readonly returned: Flow[];
  readonly ended: Ended[];
}

/** A rule of a chain. */
export interface Place {
  readonly chain: Chain;
  readonly compiled: CompiledRule;
  /** The place of the chain's first rule in the usage; 0 without one. */
  readonly first: number;
}

/** What may end a rule. */
export type LastAction = Exclude<
  CompiledAction,
  {
    readonly kind:
      | 'count'
      | 'set-mark'
      | 'write-mark'
      | 'untrack'
      | 'remember'
      | 'lookup'
      | 'drawn-lookup'
      | 'branch';
  }
>;

/** What is asked in a chain, named so that the same words in another chain are another question. */
export function askedIn<T extends CompiledTest>(chain: Chain, question: T): T {
  if (question.kind !== 'unknown-condition' || question.eachChain !== true) return question;
  return { ...question, text: `${question.text} in chain ${chain.name}` };
}
