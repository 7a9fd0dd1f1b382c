/** Which misbehaviours are on, and for which requests. */

import type { Misbehaviour, Verb } from './types.js';

type Kind = Misbehaviour['kind'];
type Of<K extends Kind> = Extract<Misbehaviour, { kind: K }>;

interface Active {
  readonly id: number;
  readonly how: Misbehaviour;
  left: number;
  readonly until: number;
}

const READS: readonly Verb[] = ['list', 'watch', 'get'];

export class Faults {
  readonly #onHeal: () => void;
  #active: readonly Active[] = [];
  #lastId = 0;

  /** `onHeal` is called when a misbehaviour ends, so that what waits can go on. */
  constructor(onHeal: () => void) {
    this.#onHeal = onHeal;
  }

  add(how: Misbehaviour): number {
    const id = ++this.#lastId;
    const until = how.forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + how.forMs;
    this.#active = [
      ...this.#active,
      { id, how, left: how.times ?? Number.POSITIVE_INFINITY, until },
    ];
    if (how.forMs !== undefined) setTimeout(() => this.end(id), how.forMs).unref();
    return id;
  }

  /** Ends one misbehaviour, or all. */
  end(id?: number): void {
    this.#active = id === undefined ? [] : this.#active.filter((one) => one.id !== id);
    this.#onHeal();
  }

  /**
   * The misbehaviour of this kind that is on for the request; it is not used up by being looked at.
   */
  find<K extends Kind>(kind: K, verb: Verb, resource: string): Of<K> | undefined {
    const found = this.#find(kind, verb, resource)?.how;
    return found === undefined ? undefined : (found as Of<K>);
  }

  /** Like {@link find}, and one of its times is over. */
  use<K extends Kind>(kind: K, verb: Verb, resource: string): Of<K> | undefined {
    const found = this.#find(kind, verb, resource);
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#active = this.#active.filter((one) => one !== found);
    return found.how as Of<K>;
  }

  #find(kind: Kind, verb: Verb, resource: string): Active | undefined {
    return this.#active.find(
      ({ how, until }) =>
        how.kind === kind &&
        Date.now() < until &&
        (how.verbs ?? READS).includes(verb) &&
        (how.resources ?? [resource]).includes(resource),
    );
  }
}
