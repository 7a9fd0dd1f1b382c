/** Reads iptables-save text line by line: a dump as a whole, or one chain of it at a time. */

import { ParseError } from '../../../errors.js';
import type { Family } from '../../../net/ip.js';
import type { ParseOptions } from '../../backend.js';
import { BUILT_IN, type Counter, type Dump, type DumpChain, declared, type Tool } from './dump.js';
import { readComment } from './dump-comment.js';
import { checkWriter, hintFor } from './dump-faults.js';
import { normaliseLine, trimmed } from './normalise.js';
import { OpenRule } from './open-rule.js';
import type { RuleRuns } from './rule-runs.js';
import { EMPTY_CHAIN, type TextChain, TextChains } from './text-chains.js';
import { hasOpenQuote } from './words.js';

const HASH = 35;

/** Ways to save time or memory. */
interface ReaderOptions {
  /** The text, for {@link DumpReader.run}. */
  readonly runs?: RuleRuns;
  /**
   * Gets each chain after its last rule, those without rules at the end of their table. No chain is
   * in memory after that, and {@link DumpReader.finish} gives tables without chains. The rules of a
   * chain must then stand together, as iptables-save prints them.
   */
  readonly onChain?: (name: string, chain: DumpChain) => void;
}

/** Takes the lines of one text in order; one reader reads one text. */
export class DumpReader {
  private readonly tables = new Map<string, TextChains>();
  private readonly where: string;
  private readonly listing: boolean;
  private readonly wanted: Family | undefined;
  private readonly runs: ReaderOptions['runs'];
  private readonly onChain: ReaderOptions['onChain'];
  private table = '';
  private chains: TextChains | undefined;
  /** The chain of the rule before, its name and `-A NAME `: most rules follow one of their own. */
  private chain: TextChain | undefined;
  private name = '';
  private prefix = '';
  /** Built-in chains that got rules without a declaration since the table began. */
  private readonly undeclared = new Set<string>();
  private tool: Tool | undefined;
  private family = '';
  private readonly open = new OpenRule();
  /** Lines read since {@link run} took some, up to a place; up to the first of an open rule. */
  private since = { place: 0, lines: 0 };
  private first = this.since;

  constructor(options: ParseOptions, { runs, onChain }: ReaderOptions = {}) {
    this.where = options.name === undefined ? '' : ` (in ${options.name})`;
    this.listing = options.table !== undefined;
    this.wanted = options.family;
    this.runs = runs;
    this.onChain = onChain;
    if (options.table !== undefined) this.openTable(options.table);
  }

  /**
   * Takes the next line, without its line feed, with the family of the rules that begin with it, if
   * that is known. Throws {@link ParseError} with its number.
   */
  line(raw: string, family?: Family): void {
    this.since = { ...this.since, lines: this.since.lines + 1 };
    const isContinued = this.open.length > 0;
    if (!isContinued) this.first = this.since;
    if (family !== undefined) this.familyFollows(family);
    const isOpen = hasOpenQuote(raw, isContinued) && (isContinued || raw.charCodeAt(0) !== HASH);
    if (!isOpen && !isContinued) this.read(trimmed(raw));
    else {
      if (!this.open.add(raw)) this.fail('a quote is not closed');
      if (!isOpen) this.read(trimmed(this.open.take()));
    }
  }

  /**
   * Takes chains that are declared from `start` on, or the rules of one chain, without reading
   * them. Returns where they end; `start` if {@link line} has to read them.
   */
  run(start: number): number {
    const { runs, chains } = this;
    const isWhole = this.open.length === 0 && !this.isOfOtherFamily();
    if (!isWhole || chains === undefined || runs === undefined) return start;
    const end = runs.from(start, chains);
    if (end === start) return start;
    this.chainEnds();
    this.since = { place: runs.placeOf(end), lines: 0 };
    return end;
  }

  private familyFollows(family: Family): void {
    if (this.wanted === undefined && this.family !== '' && family !== this.family)
      this.fail('the text holds IPv4 and IPv6 rules: read them one by one');
    this.family = family;
  }

  private read(line: string): void {
    const first = line[0];
    if (first !== '#' && this.isOfOtherFamily()) return;
    if (first === '-' && line.startsWith('-A ')) this.rule(line);
    else if (first === ':') this.declare(line);
    else if (first === '[') this.rule(line);
    else if (first === '#') this.comment(line);
    else if (first === '*' && !this.listing) this.openTable(line.slice(1).trim());
    else if (line === 'COMMIT' && this.chains !== undefined && !this.listing) this.closeTable();
    else if (first === '-' && this.listing) this.listed(line);
    else if (line !== '')
      this.fail(`neither a chain nor a rule: ${line.slice(0, 80)}`, hintFor(line));
  }

  private isOfOtherFamily(): boolean {
    return this.wanted !== undefined && this.family !== '' && this.family !== this.wanted;
  }

  /** All that was read. Throws {@link ParseError} where the text stopped too early. */
  finish(): Dump {
    if (this.open.length > 0) this.read(trimmed(this.open.take()));
    if (this.chains !== undefined && !this.listing) {
      this.fail(`table ${this.table} has no COMMIT: the dump is cut off`);
    }
    checkWriter(this.tables, this.where);
    return { tables: this.tables, ...(this.tool && { tool: this.tool }) };
  }

  private fail(message: string, hint = ''): never {
    const line = this.first.lines + (this.runs?.linesBefore(this.first.place) ?? 0);
    throw new ParseError(`${message}${this.where}`, line, hint === '' ? {} : { hint });
  }

  private openTable(table: string): void {
    if (this.chains !== undefined)
      this.fail(`table ${this.table} has no COMMIT: *${table} follows`);
    this.table = table;
    this.undeclared.clear();
    this.chains = this.tables.get(table) ?? new TextChains(this.runs?.whole ?? '');
    this.tables.set(table, this.chains);
    this.prefix = '';
  }

  private failTwice(): never {
    return this.fail(
      `table ${this.table} is there twice, from two dumps`,
      'save IPv4 and IPv6, and iptables-nft and iptables-legacy, into files of their own',
    );
  }

  private closeTable(): void {
    this.chainEnds();
    if (this.onChain !== undefined) {
      for (const [name, chain] of this.chains ?? []) this.onChain(name, chain);
      this.chains?.clear();
    }
    this.chains = undefined;
  }

  /** Ends the chain of the rule before: no rule of it follows. */
  private chainEnds(): void {
    if (this.onChain !== undefined && this.chain !== undefined) {
      this.chains?.delete(this.name);
      this.onChain(this.name, this.chain);
    }
    this.chain = undefined;
    this.prefix = '';
  }

  /** `:CHAIN`, `:CHAIN POLICY` or `:CHAIN POLICY [packets:bytes]`. */
  private declare(line: string): void {
    const [name = '', policy = '-', counters = '[0:0]'] = declared(line);
    const counter = this.counter(counters);
    const isBuiltIn = policy !== '-';
    if (isBuiltIn && (this.chains?.get(name)?.policy ?? '') !== '') this.failTwice();
    this.add(name, policy, counter);
  }

  /** `-P CHAIN POLICY` or `-N CHAIN` of `iptables -S`. */
  private listed(line: string): void {
    const [command, name, policy = '-', ...rest] = line.trim().split(' ');
    if ((command !== '-P' && command !== '-N') || name === undefined || rest.length > 0) {
      this.fail(`neither a chain nor a rule: ${line.slice(0, 80)}`);
    }
    this.add(name, policy, undefined);
  }

  private add(name: string, policy: string, counter: Counter | undefined): void {
    if (this.chains === undefined) this.fail(`chain ${name} stands outside of a table`);
    if (name === '') this.fail('a chain without a name');
    const isEmpty = policy === '-' && counter === undefined;
    const chain = isEmpty ? EMPTY_CHAIN : { policy, rules: [], ...(counter && { counter }) };
    this.chains.set(name, chain);
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

  /** The chain that a rule belongs to, where it is not the one of the rule before. */
  private find(line: string): TextChain {
    if (this.chains === undefined) this.fail('a rule outside of a table');
    this.chainEnds();
    const blank = line.indexOf(' ', 3);
    const name = line.slice(3, blank < 0 ? line.length : blank);
    if (!this.chains.has(name) && BUILT_IN.has(name)) {
      this.add(name, '', undefined);
      this.undeclared.add(name);
    }
    const known = this.chains.get(name);
    if (known?.policy === '' && !this.undeclared.has(name)) this.failTwice();
    if (known === undefined || !line.startsWith('-A ')) {
      this.fail(`table ${this.table}: a rule of chain ${name}, which is not declared`);
    }
    const chain = known === EMPTY_CHAIN ? { policy: '-', rules: [] } : known;
    if (chain !== known) this.chains.set(name, chain);
    this.chain = chain;
    this.name = name;
    this.prefix = `-A ${name} `;
    return chain;
  }

  /** `[packets:bytes]`; `undefined` for zero. */
  private counter(text: string): Counter | undefined {
    if (text === '[0:0]') return undefined;
    const [, packets = '', bytes = ''] =
      /^\[(\d+):(\d+)\]$/.exec(text) ?? this.fail(`${text} are not counters`);
    return { packets: BigInt(packets), bytes: BigInt(bytes) };
  }

  /** The first line of a dump, and of each document that vipc printed, names the family. */
  private comment(line: string): void {
    const { family, tool, incomplete } = readComment(line);
    if (incomplete !== undefined)
      this.fail(
        `table ${incomplete} is not (wholly) in the dump: it holds what iptables cannot print`,
        `nft list table ip ${incomplete} (or ip6) shows what is in it`,
      );
    if (family !== undefined) this.familyFollows(family);
    if (tool !== undefined && !this.isOfOtherFamily()) this.tool = tool;
  }
}
