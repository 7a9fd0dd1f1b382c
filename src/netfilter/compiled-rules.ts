/**
 * Rules as a walk needs them: conditions as sets of points, and an index by address and port, so
 * that a packet meets only the rules that may be about it.
 */

import { cidrFamily, parseCidr } from '../net/cidr.js';
import { networksBetween } from '../net/cidr-set.js';
import { type Family, parseIp } from '../net/ip.js';
import { EMPTY, type Intervals, type Point } from './intervals.js';
import type { Chain, MapValue, NamedSet } from './program.js';
import {
  address,
  type FieldName,
  network,
  networks,
  numbers,
  onlyPoint,
  prefixed,
  word,
} from './region.js';
import type { Action, Condition, KeyField, Rule, Statement } from './rule.js';
import { isAction as isActionStatement } from './shares.js';

/** The field is in the set, or with `not` is not. */
export interface FieldTest {
  readonly kind: 'field';
  readonly field: FieldName;
  readonly not: boolean;
  readonly set: Intervals;
}

/** A condition; those that compare a field are sets of points. */
export type Question =
  | FieldTest
  | Exclude<Condition, { readonly kind: 'address' | 'protocol' | 'port' | 'interface' }>;
export type Step = Question | Action;

/** Whether a step does something, other than ask. */
export function isAction(step: Step): step is Action {
  return step.kind !== 'field' && isActionStatement(step);
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly steps: readonly Step[];
}

/** An element of a set or map: the fields of its key, and what it leads to. */
export interface CompiledElement {
  readonly steps: readonly Question[];
  readonly value: MapValue | undefined;
}

/** Whatever is asked about by address and port. */
interface Indexed {
  readonly steps: readonly Step[];
}

/** Entries in order, those that name one address or one port findable by it. */
export class Index<T extends Indexed> {
  private readonly byAddress = new Map<Point, number[]>();
  private readonly byPort = new Map<Point, number[]>();
  /** Positions of all others. */
  private readonly general: number[] = [];
  private readonly addressed: number[] = [];
  private readonly ported: number[] = [];

  readonly entries: readonly T[];

  constructor(entries: readonly T[]) {
    this.entries = entries;
    for (const [i, { steps }] of entries.entries()) {
      const daddr = namedPoint(steps, 'daddr');
      const dport = daddr === undefined ? namedPoint(steps, 'dport') : undefined;
      if (daddr !== undefined) {
        add(this.byAddress, daddr, i);
        this.addressed.push(i);
      } else if (dport !== undefined) {
        add(this.byPort, dport, i);
        this.ported.push(i);
      } else this.general.push(i);
    }
  }

  /**
   * The entries, in order, that may be about packets to an address and a port; `undefined` stands
   * for several.
   */
  candidates(daddr: Point | undefined, dport: Point | undefined): readonly T[] {
    const lists = [
      daddr === undefined ? this.addressed : (this.byAddress.get(daddr) ?? []),
      dport === undefined ? this.ported : (this.byPort.get(dport) ?? []),
      this.general,
    ].filter((list) => list.length > 0);
    if (lists.length === 1 && lists[0]?.length === this.entries.length) return this.entries;
    const positions = lists.length === 1 ? lists[0] : lists.flat().sort((a, b) => a - b);
    return (positions ?? []).flatMap((i) => this.entries[i] ?? []);
  }
}

function add(map: Map<Point, number[]>, key: Point, position: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [position]);
  else known.push(position);
}

/** The one point that a field must have for the entry to apply. */
function namedPoint(steps: readonly Step[], field: FieldName): Point | undefined {
  for (const step of steps) {
    if (step.kind !== 'field') return undefined;
    if (step.field === field && !step.not) return onlyPoint(step.set);
  }
  return undefined;
}

/** Compiles chains and sets when they are met first; one for a program and a family. */
export class Compiler {
  private readonly chains = new Map<Chain, Index<CompiledRule>>();
  private readonly sets = new Map<NamedSet, Map<string, Index<CompiledElement>>>();

  private readonly family: Family;

  constructor(family: Family) {
    this.family = family;
  }

  /** The rules of a chain. */
  chain(chain: Chain): Index<CompiledRule> {
    return remembered(
      this.chains,
      chain,
      () =>
        new Index(
          chain.rules.map((rule) => ({
            rule,
            steps: rule.statements.map((part) => stepOf(part, this.family)),
          })),
        ),
    );
  }

  /** The elements of a set or map that is asked for these fields. */
  set(set: NamedSet, key: readonly KeyField[]): Index<CompiledElement> {
    const byKey = remembered(this.sets, set, () => new Map<string, Index<CompiledElement>>());
    return remembered(
      byKey,
      key.join(),
      () =>
        new Index(
          [...set.elements].map(([text, value]) => ({ steps: elementSteps(text, key), value })),
        ),
    );
  }
}

function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function stepOf(statement: Statement, family: Family): Step {
  switch (statement.kind) {
    case 'address': {
      const { field, not } = statement;
      const ours = statement.networks.filter((cidr) => cidrFamily(cidr) === family);
      // A packet of the other family has no such field.
      if (ours.length === 0) return test(field, EMPTY);
      return { ...test(field, networks(ours)), not };
    }
    case 'protocol':
      return { ...test('protocol', word(statement.protocol)), not: statement.not };
    case 'port':
      return {
        ...test(statement.field, numbers(statement.from, statement.to)),
        not: statement.not,
      };
    case 'interface': {
      const { field, not, name, prefix } = statement;
      return { ...test(field, prefix ? prefixed(name) : word(name)), not };
    }
    default:
      return statement;
  }
}

/** The key of an element, field by field; what is not understood may be met by any packet. */
function elementSteps(text: string, key: readonly KeyField[]): readonly Question[] {
  const parts = text.split(' . ');
  const sets = key.map((field, i) => keyPart(field, parts[i] ?? ''));
  if (parts.length !== key.length || sets.includes(undefined))
    return [{ kind: 'unknown-condition', text: `element ${text}` }];
  return key.map((field, i) => test(field, sets[i] ?? EMPTY));
}

function keyPart(field: KeyField, text: string): Intervals | undefined {
  if (field === 'protocol') return /^[a-z0-9-]+$/.test(text) ? word(text) : undefined;
  const [first = '', last = first] = text.split('-');
  if (field !== 'dport') return addresses(first, last);
  return /^\d+$/.test(first) && /^\d+$/.test(last)
    ? numbers(Number(first), Number(last))
    : undefined;
}

/** One address or network, or all addresses between two. */
function addresses(first: string, last: string): Intervals | undefined {
  const cidr = parseCidr(first);
  if (cidr !== undefined && first === last) return network(cidr);
  const [from, to] = [parseIp(first), parseIp(last)];
  if (from === undefined || to === undefined) return undefined;
  return first === last ? address(from) : networks(networksBetween(from, to));
}

function test(field: FieldName, set: Intervals): FieldTest {
  return { kind: 'field', field, not: false, set };
}
