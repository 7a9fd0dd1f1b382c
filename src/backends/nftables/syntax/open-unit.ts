/**
 * A chain, a set or a map while its dump is being read. What a question may not need stays text.
 */

import { lazy } from '../../../netfilter/program.js';
import type { Declaration, DumpUnit, Element } from './units.js';

/** A rule, or what reads it; that cannot fail. */
export type Line = string | (() => string);

/** A dump has 30,000: what a unit does not need is not made. */
export class OpenUnit {
  readonly name: string;
  readonly declaration: Declaration;
  comment: string;
  /** The rules that were inserted in front of the others, the last one first. */
  private inserted: Line[] | undefined;
  private rules: Line[] | undefined;
  /** By key. */
  private elements: Map<string, Element> | undefined;
  /** What reads elements that stand behind all others. */
  private late: (() => readonly Element[])[] | undefined;

  constructor({ name, declaration, comment }: Omit<DumpUnit, 'rules' | 'elements'>) {
    this.name = name;
    this.declaration = declaration;
    this.comment = comment;
  }

  /** Takes the rules or elements out. */
  flush(): void {
    this.inserted = undefined;
    this.rules = undefined;
    this.elements = undefined;
    this.late = undefined;
  }

  addRule(line: Line, first: boolean): void {
    const lines = first ? 'inserted' : 'rules';
    this[lines] ??= [];
    this[lines].push(line);
  }

  /** Adds an element; one with the same key is replaced. */
  addElement(element: Element): void {
    this.readLate();
    this.elements ??= new Map();
    this.elements.set(element.key, element);
  }

  /** The same for elements that are read when somebody asks for them, which cannot fail. */
  addLater(read: () => readonly Element[]): void {
    this.late ??= [];
    this.late.push(read);
  }

  removeElement(key: string): void {
    this.readLate();
    this.elements?.delete(key);
  }

  /** The unit with all that it has been given; nothing may be added after that. */
  close(): DumpUnit {
    const { name, declaration, comment } = this;
    const isLate = this.late !== undefined || [this.inserted, this.rules].some(hasLate);
    if (!isLate) return { name, declaration, comment, rules: this.lines(), elements: this.items() };
    const rules = lazy(() => this.lines());
    const elements = lazy(() => this.items());
    return {
      ...{ name, declaration, comment },
      get rules() {
        return rules();
      },
      get elements() {
        return elements();
      },
    };
  }

  private lines(): readonly string[] {
    const { inserted, rules } = this;
    if (inserted !== undefined) return [...inserted.reverse(), ...(rules ?? [])].map(lineOf);
    if (rules === undefined) return NOTHING;
    return hasLate(rules) ? rules.map(lineOf) : (rules as string[]);
  }

  private items(): readonly Element[] {
    this.readLate();
    return this.elements === undefined ? NOTHING : [...this.elements.values()];
  }

  private readLate(): void {
    const { late } = this;
    if (late === undefined) return;
    this.late = undefined;
    this.elements ??= new Map();
    for (const read of late) for (const element of read()) this.elements.set(element.key, element);
  }
}

const NOTHING: readonly never[] = [];

function hasLate(lines: readonly Line[] | undefined): boolean {
  return lines?.some((line) => typeof line !== 'string') ?? false;
}

function lineOf(line: Line): string {
  return typeof line === 'string' ? line : line();
}
