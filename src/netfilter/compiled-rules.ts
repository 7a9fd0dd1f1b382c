/** Rules as a walk needs them: conditions as sets of points. */

import { getOrInsert } from '../grouping.js';
import { cidrFamily } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';
import {
  type CompiledElement,
  elementsFor,
  type FieldTest,
  type NumberedElements,
  numberedElementsFor,
} from './compiled-sets.js';
import { type ConnectionTest, connectionTest } from './connections.js';
import { type Translation, translationTo } from './flow.js';
import { EMPTY, type Intervals } from './intervals.js';
import type { Chain, NamedSet } from './program.js';
import { type FieldName, networks, numbers, prefixed, word, words } from './region.js';
import type { Action, Condition, Destination, KeyField, Rule, Statement, Verdict } from './rule.js';
import { type Candidates, Index, indexOf } from './rule-index.js';
import { SetElements } from './set-elements.js';
import { isActionKind } from './shares.js';

/** A condition; those that compare a field are sets of points. */
export type CompiledTest =
  | FieldTest
  | {
      readonly kind: 'elements';
      readonly not: boolean;
      readonly elements: Candidates<CompiledElement>;
    }
  | ConnectionTest
  | Exclude<
      Condition,
      { readonly kind: 'address' | 'protocol' | 'port' | 'interface' | 'one-of' | 'conntrack' }
    >;

/** A translation with the fields that packets have then. */
export interface CompiledDnat {
  readonly kind: 'dnat';
  readonly translation: Translation;
}

export type CompiledAction =
  | Exclude<Action, { readonly kind: 'dnat' | 'choose' | 'branch' }>
  | CompiledDnat
  | { readonly kind: 'branch'; readonly elements: Candidates<CompiledElement> }
  | {
      readonly kind: 'choose';
      readonly choices: readonly (Verdict | CompiledDnat)[];
      readonly numbers: number;
    };

export type Step = CompiledTest | CompiledAction;

/** Whether a step does something, other than match. */
export function isCompiledAction(step: Step): step is CompiledAction {
  return step.kind !== 'field' && step.kind !== 'elements' && isActionKind(step.kind);
}

export interface CompiledRule {
  readonly rule: Rule;
  /** In its chain, from 0. */
  readonly position: number;
  readonly steps: readonly Step[];
}

/** Chains with so few rules are soon compiled again. */
const SMALL = 16;
/** Together they would need more memory than everything else. */
const MOST_SMALL = 64;

/** Compiles chains and sets when they are met first; one for a family. */
export class Compiler {
  private readonly chains = new Map<Chain, Index<CompiledRule>>();
  private smallChains = new Map<Chain, Index<CompiledRule>>();
  private readonly sets = new Map<NamedSet, Map<string, SetElements>>();
  private readonly numberedSets = new Map<NamedSet, Map<string, Index<NumberedElements>>>();

  private readonly family: Family;

  constructor(family: Family) {
    this.family = family;
  }

  /** The rules of a chain. */
  chain(chain: Chain): Index<CompiledRule> {
    const known = this.chains.get(chain) ?? this.smallChains.get(chain);
    if (known !== undefined) return known;
    const { rules } = chain;
    const compiled = (position: number): CompiledRule => {
      const rule = rules[position] as Rule;
      return { rule, position, steps: rule.statements.map((part) => stepOf(part, this.family)) };
    };
    const misses = (position: number, address: Ip) => rules[position]?.misses?.(address) === true;
    const made = new Index(rules.length, compiled, misses);
    if (made.size > SMALL) this.chains.set(chain, made);
    else {
      // A new map: one that is cleared keeps its old table, and that what was in it, for long.
      if (this.smallChains.size >= MOST_SMALL) this.smallChains = new Map();
      this.smallChains.set(chain, made);
    }
    return made;
  }

  /** The elements of a set or map that is looked up by these fields. */
  set(set: NamedSet, key: readonly KeyField[]): Candidates<CompiledElement> {
    const byKey = getOrInsert(this.sets, set, () => new Map<string, SetElements>());
    return getOrInsert(byKey, key.join(), () => new SetElements(set, key));
  }

  /** The elements of a map that is looked up by these fields and a number. */
  numberedSet(set: NamedSet, key: readonly KeyField[]): Index<NumberedElements> {
    const { numberedSets } = this;
    const byKey = getOrInsert(numberedSets, set, () => new Map<string, Index<NumberedElements>>());
    return getOrInsert(byKey, key.join(), () => indexOf(numberedElementsFor(set.elements, key)));
  }
}

function stepOf(statement: Statement, family: Family): Step {
  switch (statement.kind) {
    case 'address': {
      const { field, not } = statement;
      const ours = statement.networks.filter((cidr) => cidrFamily(cidr) === family);
      // A packet of the other family has no such field.
      if (ours.length === 0) return test(field, EMPTY);
      return test(field, networks(ours), not);
    }
    case 'protocol':
      return test('protocol', words(statement.protocols), statement.not);
    case 'port':
      return test(statement.field, numbers(statement.from, statement.to), statement.not);
    case 'interface': {
      const { field, not, name, prefix } = statement;
      return test(field, prefix ? prefixed(name) : word(name), not);
    }
    case 'one-of': {
      const { not, key, elements } = statement;
      const compiled = elementsFor(
        elements.map((text) => [text, undefined]),
        key,
      );
      const step = compiled.length === 1 ? compiled[0]?.steps[0] : undefined;
      return key.length === 1 && step?.kind === 'field'
        ? { ...step, not }
        : { kind: 'elements', not, elements: indexOf(compiled) };
    }
    case 'branch':
      return {
        kind: 'branch',
        elements: indexOf(elementsFor(statement.cases, statement.key)),
      };
    case 'dnat':
      return compiledDnat(statement);
    case 'choose': {
      const { choices, numbers } = statement;
      return {
        ...{ kind: 'choose', numbers: numbers ?? choices.length },
        choices: choices.map((one) => (one.kind === 'dnat' ? compiledDnat(one) : one)),
      };
    }
    case 'conntrack':
      return connectionTest(statement);
    case 'hairpin':
      return statement.family === family
        ? statement
        : { kind: 'unknown-condition', text: `hairpins of ${statement.family}` };
    case 'reject':
      return { kind: 'reject', with: answerText(statement.with) };
    default:
      return statement;
  }
}

function compiledDnat(destination: Destination): CompiledDnat {
  return { kind: 'dnat', translation: translationTo(destination) };
}

/** `icmp-port-unreachable`, `icmp6-port-unreachable` and `icmpx port-unreachable` as one word. */
function answerText(text: string): string {
  return text.replaceAll(' ', '-').replace(/^icmp(?:v6|6|x)?-/, '');
}

function test(field: FieldName, set: Intervals, not = false): FieldTest {
  return { kind: 'field', field, not, set };
}
