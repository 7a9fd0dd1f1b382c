/**
 * Names in the order in which they are added, each with its number. 100,000 of them need a third of
 * the memory of a map of strings, and what they are cut from is not kept.
 */

/** So many places are tried: names that are made to collide cost no more than others. */
const MOST_TRIES = 32;

/** The names that there is room for at first, and how many times as many there are after that. */
const ROOM = 64;
/** Memory that is not used yet costs nothing, and each copy does. */
const GROWTH = 4;

/** Names in a text, each with as much text in front of it and behind it. */
export interface NamesInText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly before: number;
  /** Begins with a blank, and none stands in a name. */
  readonly behind: number;
}

/** Numbers of names, from 0. */
export class NameTable {
  size = 0;
  /** The number of a name, plus one, at the place of its hash or behind; 0 is free. */
  private slots = new Int32Array(2 * ROOM);
  private hashes: Int32Array = new Int32Array(ROOM);
  /** Where each name starts and ends among the bytes. */
  private starts: Int32Array = new Int32Array(ROOM);
  private ends: Int32Array = new Int32Array(ROOM);
  private bytes = Buffer.alloc(32 * ROOM);
  /** How many bytes are of names. */
  private used = 0;
  /** The name that was found last in a text. */
  private last = -1;
  /** Names that found no place, and those whose characters are no bytes. */
  private readonly others = new Map<string, number>();
  private readonly otherNames = new Map<number, string>();

  /** The number of a name, or -1. */
  numberOf(name: string): number {
    return this.known(this.slotOf(hashOf(name, 0, name.length), name, 0, name.length), name);
  }

  /** The number of a name, where it is new the next one. */
  add(name: string): number {
    const { size } = this;
    const end = this.write(name);
    const number = this.enter(name, 0, name.length, this.used);
    if (this.size > size) this.used = end;
    return number;
  }

  /** Adds names of a text, and tells the number of each one that was known. */
  addAll(
    { text, start, end, before, behind }: NamesInText,
    isKnown: (number: number) => void,
  ): void {
    const offset = this.used - start;
    this.used = this.write(text.slice(start, end));
    for (let from = start + before; from < end; ) {
      const to = text.indexOf(' ', from);
      const { size } = this;
      const number = this.enter(text, from, to, from + offset);
      if (this.size === size) isKnown(number);
      from = to + behind + before;
    }
  }

  /**
   * The number of the name that stands there in a text, or -1. Fast where names are looked for in
   * the order in which they were added.
   */
  find(text: string, start: number, end: number): number {
    const next = this.last + 1;
    const isNext = next < this.size && this.isAt(next, text, start, end);
    const number = isNext ? next : this.numberOf(text.slice(start, end));
    if (number >= 0) this.last = number;
    return number;
  }

  nameOf(number: number): string {
    const other = this.otherNames.get(number);
    return other ?? this.bytes.toString('latin1', this.starts[number], this.ends[number]);
  }

  /** Writes bytes behind those of all names. Returns where they end. */
  private write(text: string): number {
    const end = this.used + text.length;
    if (end > this.bytes.length) {
      const more = Buffer.alloc(GROWTH * end);
      this.bytes.copy(more);
      this.bytes = more;
    }
    this.bytes.write(text, this.used, 'latin1');
    return end;
  }

  /** The number of a name that would be in this slot, or -1. */
  private known(slot: number, name: string): number {
    const number = slot < 0 ? -1 : (this.slots[slot] ?? 0) - 1;
    return number >= 0 || this.others.size === 0 ? number : (this.others.get(name) ?? -1);
  }

  /** The number of a name, where it is new the next one; its bytes are at a place then. */
  private enter(text: string, start: number, end: number, place: number): number {
    const hash = hashOf(text, start, end);
    const slot = this.slotOf(hash, text, start, end);
    const isPlain = slot >= 0 && this.others.size === 0;
    const name = isPlain ? '' : text.slice(start, end);
    const known = this.known(slot, name);
    if (known >= 0) return known;
    if (slot < 0) return this.addOther(name, place);
    const number = this.keep(hash, place, place + end - start);
    this.slots[slot] = number + 1;
    if (this.size * 2 > this.slots.length) this.spread();
    return number;
  }

  private addOther(name: string, place: number): number {
    const number = this.keep(0, place, place);
    this.placeAmongOthers(number, name);
    return number;
  }

  private placeAmongOthers(number: number, name: string): void {
    this.others.set(name, number);
    this.otherNames.set(number, name);
  }

  private keep(hash: number, start: number, end: number): number {
    const number = this.size++;
    if (number === this.ends.length) {
      this.starts = longer(this.starts);
      this.ends = longer(this.ends);
      this.hashes = longer(this.hashes);
    }
    this.hashes[number] = hash;
    this.starts[number] = start;
    this.ends[number] = end;
    return number;
  }

  /** The slot of a name, or the free one where it belongs; -1: among the others. */
  private slotOf(hash: number, text: string, start: number, end: number): number {
    if (hash === NO_BYTES) return -1;
    const mask = this.slots.length - 1;
    for (let i = 0; i < MOST_TRIES; i++) {
      const slot = (hash + i) & mask;
      const number = (this.slots[slot] ?? 0) - 1;
      if (number < 0) return slot;
      if (this.hashes[number] === hash && this.isAt(number, text, start, end)) return slot;
    }
    return -1;
  }

  /** Whether a name is what stands there in a text. */
  private isAt(number: number, text: string, start: number, end: number): boolean {
    const { bytes } = this;
    const from = this.starts[number] ?? 0;
    if ((this.ends[number] ?? 0) - from !== end - start) return false;
    for (let i = start; i < end; i++)
      if (bytes[from + i - start] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Makes more slots, and gives each name its new one. */
  private spread(): void {
    const { hashes, otherNames, size } = this;
    const slots = new Int32Array(GROWTH * this.slots.length);
    const mask = slots.length - 1;
    this.slots = slots;
    for (let number = 0; number < size; number++) {
      if (otherNames.size > 0 && otherNames.has(number)) continue;
      const first = hashes[number] ?? 0;
      let tries = 0;
      while (tries < MOST_TRIES && slots[(first + tries) & mask] !== 0) tries++;
      if (tries < MOST_TRIES) slots[(first + tries) & mask] = number + 1;
      else this.placeAmongOthers(number, this.nameOf(number));
    }
  }
}

/** Stands for the hash of a name with a character that is no byte. */
const NO_BYTES = -1;

/** FNV-1a (Fowler, Noll, Vo), not negative. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  let all = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    all |= code;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return all > 0xff ? NO_BYTES : (hash ^ (hash >>> 15)) & 0x7fffffff;
}

/** The numbers, with room for more. */
export function longer(numbers: Int32Array): Int32Array {
  const all = new Int32Array(GROWTH * numbers.length);
  all.set(numbers);
  return all;
}
