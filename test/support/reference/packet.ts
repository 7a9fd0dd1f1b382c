/**
 * One packet that is looked at only where a rule looks. A field stays open between the values that
 * no rule has distinguished yet, so that all packets can be tried, one of each kind.
 */

/** The fields of packets that rules match. */
export interface Fields {
  readonly saddr: readonly bigint[];
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
/** One value of a field. */
type ValueOf<F extends Field> = Fields[F][number];

type Open = { [F in Field]: readonly ValueOf<F>[] };

export class Packet {
  private readonly open: Open;
  private readonly decisions: boolean[];
  private asked = 0;

  /** `decisions`: answers to the first questions that have two; is added to. */
  constructor(fields: Fields, decisions: boolean[]) {
    this.open = { ...fields };
    this.decisions = decisions;
  }

  /** Whether a field is as asked for; decided here if it was open. */
  is<F extends Field>(field: F, holds: (value: ValueOf<F>) => boolean): boolean {
    const now: readonly ValueOf<F>[] = this.open[field];
    const [first] = now;
    if (first === undefined) return false;
    const same = holds(first);
    if (now.every((value) => holds(value) === same)) return same;
    const answer = this.decisions[this.asked] ?? true;
    this.decisions[this.asked] = answer;
    this.asked++;
    const open: Record<Field, unknown> = this.open;
    open[field] = now.filter((value) => holds(value) === answer);
    return answer;
  }

  /** One packet of this kind, for people. */
  get example(): string {
    return Object.entries(this.open)
      .map(([field, [value]]) => `${field} ${value}`)
      .join(', ');
  }
}

/** Tries every kind of packet with these fields, one after the other. */
export function* ofEveryKind<T>(fields: Fields, ask: (packet: Packet) => T): Generator<T> {
  const decisions: boolean[] = [];
  for (;;) {
    yield ask(new Packet(fields, decisions));
    while (decisions.at(-1) === false) decisions.pop();
    if (decisions.length === 0) return;
    decisions[decisions.length - 1] = false;
  }
}
