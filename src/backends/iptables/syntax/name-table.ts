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

/** Numbers of names, from 0. */
export class NameTable {
  size = 0;
  /** The number of a name, plus one, at the place of its hash or behind; 0 is free. */
  private slots = new Int32Array(2 * ROOM);
  private hashes: Int32Array = new Int32Array(ROOM);
  /** Where each name ends among the bytes of all. */
  private ends: Int32Array = new Int32Array(ROOM);
  private bytes = Buffer.alloc(32 * ROOM);
  /** Names that found no place, and those whose characters are no bytes. */
  private readonly others = new Map<string, number>();
  private readonly otherNames = new Map<number, string>();

  /** The number of the name that stands there in a text, or -1. */
  find(text: string, start: number, end: number): number {
    return this.known(this.slotOf(hashOf(text, start, end), text, start, end), text, start, end);
  }

  /** The same, where it is new with the next number. */
  add(text: string, start: number, end: number): number {
    const hash = hashOf(text, start, end);
    const slot = this.slotOf(hash, text, start, end);
    const known = this.known(slot, text, start, end);
    if (known >= 0) return known;
    const number = this.size++;
    this.keep(number, hash, text, start, end);
    if (slot >= 0) this.slots[slot] = number + 1;
    else this.placeAmongOthers(number, text.slice(start, end));
    if (this.size * 2 > this.slots.length) this.spread();
    return number;
  }

  /** The number of the name that stands there, which would be in this slot, or -1. */
  private known(slot: number, text: string, start: number, end: number): number {
    const number = slot < 0 ? -1 : (this.slots[slot] ?? 0) - 1;
    if (number >= 0 || this.others.size === 0) return number;
    return this.others.get(text.slice(start, end)) ?? -1;
  }

  nameOf(number: number): string {
    const other = this.otherNames.get(number);
    return other ?? this.bytes.toString('latin1', this.startOf(number), this.ends[number]);
  }

  beginsWithAny(number: number, beginnings: readonly string[]): boolean {
    const start = this.startOf(number);
    for (const beginning of beginnings)
      if (this.isAt(number, beginning, 0, beginning.length, start + beginning.length)) return true;
    return false;
  }

  private startOf(number: number): number {
    return number === 0 ? 0 : (this.ends[number - 1] ?? 0);
  }

  private placeAmongOthers(number: number, name: string): void {
    this.others.set(name, number);
    this.otherNames.set(number, name);
  }

  private keep(number: number, hash: number, text: string, start: number, end: number): void {
    const from = this.startOf(number);
    const to = from + end - start;
    if (number === this.ends.length) {
      this.ends = longer(this.ends);
      this.hashes = longer(this.hashes);
    }
    if (to > this.bytes.length) {
      const bytes = Buffer.alloc(GROWTH * to);
      this.bytes.copy(bytes);
      this.bytes = bytes;
    }
    this.bytes.write(text.slice(start, end), from, 'latin1');
    this.hashes[number] = hash;
    this.ends[number] = to;
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

  /** Whether a name, up to an end among the bytes of all, is what stands there. */
  private isAt(
    number: number,
    text: string,
    start: number,
    end: number,
    nameEnd: number = this.ends[number] ?? 0,
  ): boolean {
    const from = this.startOf(number);
    if (nameEnd - from !== end - start || nameEnd > (this.ends[number] ?? 0)) return false;
    for (let i = 0; i < end - start; i++)
      if (this.bytes[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  /** Makes more slots, and gives each name its new one. */
  private spread(): void {
    this.slots = new Int32Array(GROWTH * this.slots.length);
    for (let number = 0; number < this.size; number++)
      if (!this.otherNames.has(number)) {
        const slot = this.freeSlot(this.hashes[number] ?? 0);
        if (slot >= 0) this.slots[slot] = number + 1;
        else this.placeAmongOthers(number, this.nameOf(number));
      }
  }

  private freeSlot(hash: number): number {
    const mask = this.slots.length - 1;
    for (let i = 0; i < MOST_TRIES; i++)
      if (this.slots[(hash + i) & mask] === 0) return (hash + i) & mask;
    return -1;
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
