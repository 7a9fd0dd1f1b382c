/**
 * What `nft -f` does to a kernel, without one: chains with their rules, sets and maps with their
 * elements, as the words that they were made with. A script is carried out wholly or not at all. A
 * table that is there cannot be listed.
 */

import type { Command, CommandResult } from '../../../src/host/host.js';
import { exited } from './memory-host.js';

interface Unit {
  readonly kind: UnitKind;
  readonly declaration: string;
  /** Rules in their order, elements by their keys. */
  readonly lines: Map<string, string>;
}

type Table = Map<string, Unit>;

/** The tables of nft, by family and name: `ip kube-proxy`. */
export class MemoryNft {
  #tables = new Map<string, Table>();
  #last = 0;

  /** What the program `nft` answers; `undefined` for other programs. */
  answer({ command, args, input = '' }: Command): CommandResult | undefined {
    if (command !== 'nft') return undefined;
    if (args[0] === '--version') return exited(0, 'nftables v1.1.3 (Commodore Bullmoose #4)\n');
    const words = args.filter((word) => !word.startsWith('-'));
    if (words[0] === 'list' && words[1] === 'sets')
      return exited(0, [...this.#tables.keys()].map((name) => `table ${name} {\n}\n`).join(''));
    if (words[0] === 'list') {
      const name = words.slice(2).join(' ');
      if (!this.#tables.has(name)) return exited(1, '', 'Error: No such file or directory');
      return exited(1, '', `this nft cannot list ${name}`);
    }
    const before = this.#tables;
    const error = this.load(input);
    if (args.includes('-c')) this.#tables = before;
    return error === '' ? exited(0, '') : exited(1, '', error);
  }

  /** Carries out a script; `''`, or the error of nft, after which all is as before. */
  load(script: string): string {
    const before = this.#tables;
    this.#tables = new Map(
      [...before].map(([name, table]) => [
        name,
        new Map([...table].map(([key, unit]) => [key, { ...unit, lines: new Map(unit.lines) }])),
      ]),
    );
    for (const [i, line] of script.split('\n').entries()) {
      if (line === '' || line.startsWith('#')) continue;
      const error = this.#run(line);
      if (error === '') continue;
      this.#tables = before;
      return `/dev/stdin:${i + 1}:1-9: Error: ${error}`;
    }
    return '';
  }

  /** Everything that is there, in one order, without comments, for a comparison. */
  save(): string {
    return [...this.#tables]
      .flatMap(([table, units]) =>
        [...units].map(([name, { kind, declaration, lines }]) => {
          const all = [...lines.values()].map(bare);
          const shown = kind === 'chain' ? all : all.sort();
          return [`${table} ${name}`, bare(declaration), ...shown].join('\n  ');
        }),
      )
      .sort()
      .join('\n');
  }

  /** What a table holds: the rules or elements of each unit, by its name. */
  contents(table: string): ReadonlyMap<string, readonly string[]> {
    const units = [...(this.#tables.get(table) ?? [])];
    return new Map(units.map(([name, { lines }]) => [name, [...lines.values()].map(bare)]));
  }

  #run(line: string): string {
    const [verb = '', kind = '', family = '', name = '', unit = ''] = line.split(' ');
    const key = `${family} ${name}`;
    if (kind === 'table') {
      if (verb === 'add') this.#tables.set(key, this.#tables.get(key) ?? new Map());
      else if (verb !== 'delete') return 'unknown command';
      else if (!this.#tables.delete(key)) return 'No such file or directory';
      return '';
    }
    const table = this.#tables.get(key);
    if (table === undefined) return 'No such file or directory';
    if (kind === 'rule' || kind === 'element') return this.#edit(verb, kind, line, table, unit);
    if (!isKind(kind)) return 'syntax error';
    const found = table.get(unit);
    if (verb === 'create') {
      if (found !== undefined) return 'File exists';
      return this.#run(line.replace('create', 'add'));
    }
    if (verb === 'add') {
      if (found === undefined) table.set(unit, { kind, declaration: line, lines: new Map() });
      else if (bare(found.declaration) !== bare(line)) return 'File exists';
      return '';
    }
    if (found?.kind !== kind) return 'No such file or directory';
    if (verb === 'flush') found.lines.clear();
    else if (verb !== 'delete') return 'syntax error';
    else if ((kind === 'chain' || kind === 'counter') && isUsed(table, unit))
      return 'Device or resource busy';
    else table.delete(unit);
    return '';
  }

  #edit(verb: string, kind: string, line: string, table: Table, name: string): string {
    const unit = table.get(name);
    if (unit === undefined || (unit.kind === 'chain') !== (kind === 'rule'))
      return 'No such file or directory';
    for (const target of targetsOf(line))
      if (verb === 'add' && !table.has(target)) return 'No such file or directory';
    if (kind === 'rule') {
      if (verb !== 'add') return 'this nft only adds rules';
      unit.lines.set(String(++this.#last), line);
      return '';
    }
    const element = / \{ (.*?)(?: : .*)? \}$/.exec(bare(line))?.[1] ?? '';
    const found = unit.lines.get(element);
    if (verb === 'delete') return unit.lines.delete(element) ? '' : 'No such file or directory';
    if (verb !== 'add') return 'syntax error';
    if (found !== undefined && bare(found) !== bare(line)) return 'File exists';
    unit.lines.set(element, line);
    return '';
  }
}

const KINDS = ['chain', 'set', 'map', 'counter'] as const;
type UnitKind = (typeof KINDS)[number];

function isKind(word: string): word is UnitKind {
  return KINDS.some((kind) => kind === word);
}

function bare(line: string): string {
  return line.replace(/ comment "[^"]*"( ;)?/, '').replace(/ \{ \}$/, '');
}

/** Chains that a rule or an element leads to, and sets and counters that it names. */
function targetsOf(line: string): readonly string[] {
  return [...bare(line).matchAll(/ (?:(?:jump|goto) |@|counter name )"?([^\s,"]+)/g)].map(
    ([, name = '']) => name,
  );
}

function isUsed(table: Table, name: string): boolean {
  return [...table.values()].some(({ lines }) =>
    [...lines.values()].some((line) => targetsOf(line).includes(name)),
  );
}
