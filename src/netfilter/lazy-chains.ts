/** Chains of a dump whose rules are parsed on first use. */

import type { BaseChain, Chain, TableChains } from './program.js';
import type { Rule } from './rule.js';

/**
 * A chain whose origin and rules are made each time that they are asked for: dumps have many, and
 * all of them together need much memory.
 */
export class LazyChain implements Chain {
  readonly table: string;
  readonly name: string;
  readonly base: BaseChain | undefined;
  readonly isForServices: boolean | undefined;
  private readonly makeOrigin: (name: string) => string;
  private readonly makeRule: (line: string) => Rule;
  private readonly lines: () => readonly string[];

  constructor(
    { table, name, base, isForServices }: Omit<Chain, 'origin' | 'rules'>,
    lines: () => readonly string[],
    makeRule: (line: string) => Rule,
    makeOrigin: (name: string) => string,
  ) {
    this.table = table;
    this.name = name;
    this.base = base;
    this.isForServices = isForServices;
    this.lines = lines;
    this.makeRule = makeRule;
    this.makeOrigin = makeOrigin;
  }

  get origin(): string {
    return this.makeOrigin(this.name);
  }

  get rules(): readonly Rule[] {
    return this.lines().map(this.makeRule);
  }
}

/** Chains that are made on first use. */
export class MadeChains<T> implements TableChains {
  private readonly sources: ReadonlyMap<string, T>;
  private readonly make: (name: string, source: T) => Chain;
  private readonly made = new Map<string, Chain>();

  constructor(sources: ReadonlyMap<string, T>, make: (name: string, source: T) => Chain) {
    this.sources = sources;
    this.make = make;
  }

  get size(): number {
    return this.sources.size;
  }

  get(name: string): Chain | undefined {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const source = this.sources.get(name);
    if (source === undefined) return undefined;
    const chain = this.make(name, source);
    this.made.set(name, chain);
    return chain;
  }

  *values(): Iterable<Chain> {
    for (const name of this.sources.keys()) {
      const chain = this.get(name);
      if (chain !== undefined) yield chain;
    }
  }
}
