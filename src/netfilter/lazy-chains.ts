/** Chains of a dump whose rules are parsed on first use. */

import type { BaseChain, Chain, TableChains } from './program.js';
import type { Rule } from './rule.js';

/** How the chains of one table are read. */
export interface ChainReader<T> {
  readonly table: string;
  /** The lines of a chain. */
  readonly linesOf: (source: T) => readonly string[];
  readonly ruleOf: (line: string) => Rule;
  /** {@link Chain.origin} by the name of the chain. */
  readonly originOf: (name: string) => string;
  /** {@link Chain.isForServices} by the name of the chain; absent: not known of any. */
  readonly isForServices?: (name: string) => boolean;
}

/**
 * A chain whose origin and rules are made each time that they are asked for: dumps have many, and
 * all of them together need much memory.
 */
export class LazyChain<T> implements Chain {
  readonly name: string;
  readonly base: BaseChain | undefined;
  private readonly source: T;
  private readonly reader: ChainReader<T>;

  constructor(name: string, base: BaseChain | undefined, source: T, reader: ChainReader<T>) {
    this.name = name;
    this.base = base;
    this.source = source;
    this.reader = reader;
  }

  get table(): string {
    return this.reader.table;
  }

  get isForServices(): boolean | undefined {
    return this.reader.isForServices?.(this.name);
  }

  get origin(): string {
    return this.reader.originOf(this.name);
  }

  get rules(): readonly Rule[] {
    const { linesOf, ruleOf } = this.reader;
    return linesOf(this.source).map(ruleOf);
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
