/**
 * A chain, a set or a map while its dump is being read. What a question may not need stays text.
 */

import type { Declaration, DumpUnit, Element, NearElement } from './units.js';

/** A rule, or what reads it; that cannot fail. */
export type Line = string | LateLine;

/** A rule that is read when somebody asks for it. */
export interface LateLine {
  read(): string;
}

/** Elements that are read when somebody asks for them, which cannot fail. */
export interface LateElements {
  readonly size: number;
  read(): readonly Element[];
  /** {@link DumpUnit.near} among these. */
  near?(address: string): readonly NearElement[] | undefined;
}

/**
 * A dump has 30,000: what a unit does not need is not made, and once all of it was given it is
 * what others see of it.
 */
export class OpenUnit implements DumpUnit {
  readonly name: string;
  readonly declaration: Declaration;
  comment: string;
  /** The rules that were inserted in front of the others, the last one first. */
  private inserted: Line[] | undefined;
  private added: Line[] | undefined;
  /** By key. */
  private byKey: Map<string, Element> | undefined;
  /** What reads elements that stand behind all others. */
  private late: LateElements[] | undefined;
  /** Made of `byKey` when somebody asks for it. */
  private listed: readonly Element[] | undefined;

  constructor({ name, declaration, comment }: Omit<DumpUnit, 'rules' | 'elements'>) {
    this.name = name;
    this.declaration = declaration;
    this.comment = comment;
  }

  /** Takes the rules or elements out. */
  flush(): void {
    this.inserted = undefined;
    this.added = undefined;
    this.byKey = undefined;
    this.late = undefined;
  }

  addRule(line: Line, first: boolean): void {
    const lines = first ? 'inserted' : 'added';
    // Most chains have one rule: an empty list that grows takes space for seventeen.
    if (this[lines] === undefined) this[lines] = [line];
    else this[lines].push(line);
  }

  /** Adds an element; one with the same key is replaced. */
  addElement(element: Element): void {
    this.readLate();
    this.byKey ??= new Map();
    this.byKey.set(element.key, element);
  }

  /** The same for elements that are read when somebody asks for them, which cannot fail. */
  addLater(elements: LateElements): void {
    this.late ??= [];
    this.late.push(elements);
  }

  removeElement(key: string): void {
    this.readLate();
    this.byKey?.delete(key);
  }

  /** The unit with all that it has been given; nothing may be added after that. */
  close(): DumpUnit {
    const { name, declaration, comment, rules, elements } = this;
    return { name, declaration, comment, rules, elements };
  }

  get rules(): readonly string[] {
    const { inserted, added = NOTHING } = this;
    const isRead = inserted === undefined && !added.some((line) => typeof line !== 'string');
    if (isRead) return added as readonly string[];
    const lines = [...(inserted?.reverse() ?? []), ...added].map(lineOf);
    this.inserted = undefined;
    this.added = lines;
    return lines;
  }

  get elements(): readonly Element[] {
    this.readLate();
    if (this.byKey === undefined) return NOTHING;
    this.listed ??= [...this.byKey.values()];
    return this.listed;
  }

  near(address: string): readonly NearElement[] | undefined {
    if (this.byKey !== undefined) return undefined;
    const found = new Map<string, NearElement>();
    let before = 0;
    for (const late of this.late ?? []) {
      const near = late.near?.(address);
      if (near === undefined) return undefined;
      for (const element of near) {
        const position = found.get(element.key)?.position ?? before + element.position;
        found.set(element.key, { ...element, position });
      }
      before += late.size;
    }
    return [...found.values()];
  }

  private readLate(): void {
    const { late } = this;
    if (late === undefined) return;
    this.late = undefined;
    this.byKey ??= new Map();
    for (const elements of late)
      for (const element of elements.read()) this.byKey.set(element.key, element);
  }
}

const NOTHING: readonly never[] = [];

function lineOf(line: Line): string {
  return typeof line === 'string' ? line : line.read();
}
