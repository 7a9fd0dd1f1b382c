/** The state of {@link ./parse.ts} between lines: which table and chain is being read, and what is known so far. */

import { ParseError } from '../../errors.js';
import { normaliseLine } from './normalise.js';
import { checkWriter } from './too-old.js';

/** Packets and bytes, exact: the kernel counts to 2^64. */
export interface Counter {
  readonly packets: bigint;
  readonly bytes: bigint;
}

export interface DumpChain {
  /** `ACCEPT` or `DROP`; `-` for a user chain; `''` for a built-in chain used but not declared. */
  readonly policy: string;
  /** Normalised lines from `-A` on, in order. A comment with a raw line feed makes a line with one. */
  readonly rules: readonly string[];
  /** What reached the policy; absent where it is nothing or not told. */
  readonly counter?: Counter;
  /** One per rule, from `iptables-save -c`; absent where the rules have no counters. */
  readonly ruleCounters?: readonly Counter[];
}

/** One family's tables, foreign ones included, in the order of the text. */
export interface Dump {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, DumpChain>>;
  /** Who printed it, where a line says so. 1.8.7 and the legacy tools do not tell their variant. */
  readonly tool?: Tool;
}

export interface Tool {
  readonly version: string;
  readonly variant?: 'nf_tables' | 'legacy';
}

export interface ParseOptions {
  /** What errors call the text: a file name or a command. */
  readonly name?: string;
  /** The text is the listing `iptables -t TABLE -S` of this table: `-P`, `-N` and `-A` lines. */
  readonly table?: string;
}

/** A chain while it is being read. */
interface OpenChain {
  policy: string;
  rules: string[];
  counter?: Counter;
  ruleCounters?: Counter[];
}

/** The chains that exist without being declared, which restore documents rely on. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'PREROUTING',
  'INPUT',
  'FORWARD',
  'OUTPUT',
  'POSTROUTING',
]);

/** Takes the lines of one text in order; one reader reads one text. */
export class DumpReader {
  private readonly tables = new Map<string, Map<string, OpenChain>>();
  private readonly where: string;
  private readonly listing: boolean;
  private table = '';
  private chains: Map<string, OpenChain> | undefined;
  /** `-A CHAIN ` of the rule before: most rules follow one of their own chain. */
  private prefix = '';
  private chain: OpenChain | undefined;
  private tool: Tool | undefined;
  private family = '';
  private number = 0;

  constructor(options: ParseOptions) {
    this.where = options.name === undefined ? '' : ` (in ${options.name})`;
    this.listing = options.table !== undefined;
    if (options.table !== undefined) this.open(options.table);
  }

  /** Takes one line, or several that belong to one rule; `number` is the first one's, from 1. */
  line(line: string, number: number): void {
    this.number = number;
    const first = line[0];
    if (first === '-' && line.startsWith('-A ')) this.rule(line);
    else if (first === ':') this.declare(line);
    else if (first === '[') this.rule(line);
    else if (first === '#') this.comment(line);
    else if (first === '*' && !this.listing) this.open(line.slice(1).trim());
    else if (line === 'COMMIT' && this.chains !== undefined && !this.listing) this.close();
    else if (first === '-' && this.listing) this.listed(line);
    else if (line.trim() !== '')
      this.fail(`neither a chain nor a rule: ${line.slice(0, 80)}`, number);
  }

  /** All that was read. Throws {@link ParseError} where the text stopped too early. */
  finish(): Dump {
    if (this.chains !== undefined && !this.listing) {
      this.fail(`table ${this.table} has no COMMIT: the dump is cut off`, this.number);
    }
    checkWriter(this.tables, this.where);
    return { tables: this.tables, ...(this.tool && { tool: this.tool }) };
  }

  /** Throws {@link ParseError} with the place. */
  fail(message: string, number: number): never {
    throw new ParseError(`${message}${this.where}`, number);
  }

  private open(table: string): void {
    if (this.chains !== undefined)
      this.fail(`table ${this.table} has no COMMIT: *${table} follows`, this.number);
    this.table = table;
    this.chains = this.tables.get(table) ?? new Map();
    this.tables.set(table, this.chains);
    this.prefix = '';
  }

  private close(): void {
    this.chains = undefined;
    this.chain = undefined;
    this.prefix = '';
  }

  /** `:CHAIN`, `:CHAIN POLICY` or `:CHAIN POLICY [packets:bytes]`. */
  private declare(line: string): void {
    const [name = '', policy = '-', counters = '[0:0]'] = line.slice(1).trim().split(' ');
    const counter = this.counter(counters);
    this.add(name, policy, counter);
  }

  /** `-P CHAIN POLICY` or `-N CHAIN` of `iptables -S`. */
  private listed(line: string): void {
    const [command, name, policy = '-', ...rest] = line.trim().split(' ');
    if ((command !== '-P' && command !== '-N') || name === undefined || rest.length > 0) {
      this.fail(`neither a chain nor a rule: ${line.slice(0, 80)}`, this.number);
    }
    this.add(name, policy, undefined);
  }

  private add(name: string, policy: string, counter: Counter | undefined): void {
    if (this.chains === undefined)
      this.fail(`chain ${name} stands outside of a table`, this.number);
    if (name === '') this.fail('a chain without a name', this.number);
    this.chains.set(name, { policy, rules: [], ...(counter && { counter }) });
    this.prefix = '';
  }

  private rule(raw: string): void {
    const line = normaliseLine(raw);
    const chain =
      this.chain !== undefined && this.prefix !== '' && line.startsWith(this.prefix)
        ? this.chain
        : this.find(line);
    chain.rules.push(line);
    if (raw.charCodeAt(0) !== 91) return;
    const counter = this.counter(raw.slice(0, raw.indexOf(']') + 1)) ?? { packets: 0n, bytes: 0n };
    chain.ruleCounters ??= [];
    chain.ruleCounters.push(counter);
  }

  /** The chain that a rule belongs to. */
  private find(line: string): OpenChain {
    if (this.chains === undefined) this.fail('a rule outside of a table', this.number);
    const blank = line.indexOf(' ', 3);
    const name = line.slice(3, blank < 0 ? line.length : blank);
    if (!this.chains.has(name) && BUILT_IN.has(name)) this.add(name, '', undefined);
    const chain = this.chains.get(name);
    if (chain === undefined || !line.startsWith('-A ')) {
      this.fail(`table ${this.table}: a rule of chain ${name}, which is not declared`, this.number);
    }
    this.chain = chain;
    this.prefix = `-A ${name} `;
    return chain;
  }

  /** `[packets:bytes]`; `undefined` for zero. */
  private counter(text: string): Counter | undefined {
    if (text === '[0:0]') return undefined;
    const numbers = /^\[(\d+):(\d+)\]$/.exec(text);
    if (numbers === null) this.fail(`${text} are no counters`, this.number);
    const [, packets = '', bytes = ''] = numbers;
    return { packets: BigInt(packets), bytes: BigInt(bytes) };
  }

  private comment(line: string): void {
    const incomplete = /^# Table `(.*)' (?:is incompatible|contains incompatible base-chains)/.exec(
      line,
    );
    if (incomplete !== null) {
      const [, table = ''] = incomplete;
      throw new ParseError(
        `table ${table} is not (wholly) in the dump: it holds what iptables cannot print${this.where}`,
        this.number,
        {
          hint: `nft list table ip ${table} (or ip6) shows what is in it`,
        },
      );
    }
    const generated =
      /^# Generated by (ip6?)?\S* v(\S+)(?: \((nf_tables|legacy)\))?(?: on |$)/.exec(line);
    if (generated !== null) this.generated(generated[1] ?? '', generated[2] ?? '', generated[3]);
  }

  private generated(family: string, version: string, variant: string | undefined): void {
    if (this.family !== '' && family !== this.family) {
      this.fail(
        'dumps of iptables-save and of ip6tables-save in one text: read them one by one',
        this.number,
      );
    }
    this.family = family;
    this.tool = { version, ...((variant === 'nf_tables' || variant === 'legacy') && { variant }) };
  }
}
