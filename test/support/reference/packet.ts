/**
 * One packet that is looked at only where a rule looks. A field stays open between the values that
 * no rule has distinguished yet, so that all packets can be tried, one of each kind.
 */

import type { Range } from './addresses.js';

/** The fields of packets that rules match. */
export interface Fields {
  /** Sorted. */
  readonly saddr: readonly bigint[];
  /** Sorted. */
  readonly daddr: readonly bigint[];
  readonly protocol: readonly string[];
  readonly sport: readonly number[];
  readonly dport: readonly number[];
  readonly iif: readonly string[];
  readonly oif: readonly string[];
  readonly state: readonly string[];
  /** Seconds since session affinity saw the client. */
  readonly age: readonly number[];
}

export type Field = keyof Fields;
/**
 * What a rule asks of a value: whether it is in a range of addresses, or meets a function. It must
 * be the same object each time that the rule asks.
 */
export type Question<F extends Field> = Range | ((value: Fields[F][number]) => boolean);
type AnyQuestion = Range | ((value: never) => boolean);

/** The fewer values of a field, by number: those with this answer to a question. */
interface Minority {
  readonly numbers: readonly number[];
  readonly answer: boolean;
}

/** All values of a field, and what was found out about them. */
class Domain {
  readonly values: readonly unknown[];
  private readonly known = new Map<unknown, Minority>();

  constructor(values: readonly unknown[]) {
    this.values = values;
  }

  minority(question: AnyQuestion): Minority {
    const known = this.known.get(question);
    if (known !== undefined) return known;
    const met = this.met(question);
    const answer = 2 * met.length < this.values.length;
    const isMet = new Set(answer ? [] : met);
    const numbers = answer ? met : [...this.values.keys()].filter((i) => !isMet.has(i));
    const found = { numbers, answer };
    this.known.set(question, found);
    return found;
  }

  /** The numbers of the values that meet a question. */
  private met(question: AnyQuestion): readonly number[] {
    const { values } = this;
    if (typeof question === 'function')
      return [...values.keys()].filter((i) => question(values[i] as never));
    const from = this.numberOf(question.first);
    return Array.from({ length: this.numberOf(question.last + 1n) - from }, (_, i) => from + i);
  }

  /** How many of the sorted values are less. */
  private numberOf(limit: bigint): number {
    let [low, high] = [0, this.values.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[middle] as bigint) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Values that a field may still have. */
class OpenField {
  private readonly domain: Domain;
  /** 1 for each value that is open. */
  private readonly isOpen: Uint8Array;
  private count: number;

  constructor(domain: Domain) {
    this.domain = domain;
    this.count = domain.values.length;
    this.isOpen = new Uint8Array(this.count).fill(1);
  }

  /** `undefined`: some values meet the question, and others do not. */
  answer(question: AnyQuestion): boolean | undefined {
    if (this.count === 0) return false;
    const { numbers, answer } = this.domain.minority(question);
    let open = 0;
    for (const i of numbers) open += this.isOpen[i] ?? 0;
    return open === 0 ? !answer : open === this.count ? answer : undefined;
  }

  /** Leaves the values with this answer open. */
  narrow(question: AnyQuestion, answer: boolean): void {
    const minority = this.domain.minority(question);
    const open = minority.numbers.filter((i) => this.isOpen[i] === 1);
    const isKept = answer === minority.answer;
    if (isKept) this.isOpen.fill(0);
    for (const i of open) this.isOpen[i] = isKept ? 1 : 0;
    this.count = isKept ? open.length : this.count - open.length;
  }

  get example(): unknown {
    return this.domain.values[this.isOpen.indexOf(1)];
  }
}

export class Packet {
  private readonly open = new Map<Field, OpenField>();
  private readonly domains: ReadonlyMap<Field, Domain>;
  private readonly decisions: boolean[];
  private asked = 0;

  /** `decisions`: answers to the first questions that have two; is added to. */
  constructor(domains: ReadonlyMap<Field, Domain>, decisions: boolean[]) {
    this.domains = domains;
    this.decisions = decisions;
  }

  /** Whether a field is as asked for; decided here if it was open. */
  is<F extends Field>(field: F, question: Question<F>): boolean {
    const open = this.field(field);
    const known = open.answer(question);
    if (known !== undefined) return known;
    const answer = this.decisions[this.asked] ?? true;
    this.decisions[this.asked] = answer;
    this.asked++;
    open.narrow(question, answer);
    return answer;
  }

  /** One packet of this kind, for people. */
  get example(): string {
    return [...this.domains.keys()]
      .map((field) => `${field} ${this.field(field).example}`)
      .join(', ');
  }

  private field(field: Field): OpenField {
    const known = this.open.get(field);
    if (known !== undefined) return known;
    const made = new OpenField(this.domains.get(field) ?? new Domain([]));
    this.open.set(field, made);
    return made;
  }
}

/** All packets with some values of fields. */
export class Packets {
  private readonly domains: ReadonlyMap<Field, Domain>;

  constructor(fields: Fields) {
    this.domains = new Map(
      Object.entries(fields).map(([field, values]) => [field as Field, new Domain(values)]),
    );
  }

  /** Tries one packet of every kind, one after the other. */
  *ofEveryKind<T>(ask: (packet: Packet) => T): Generator<T> {
    const decisions: boolean[] = [];
    for (;;) {
      yield ask(new Packet(this.domains, decisions));
      while (decisions.at(-1) === false) decisions.pop();
      if (decisions.length === 0) return;
      decisions[decisions.length - 1] = false;
    }
  }
}
