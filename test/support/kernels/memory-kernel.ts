/**
 * What `iptables-restore --noflush` does to a kernel, without one: tables are committed one by one,
 * each wholly or not at all, and the tool refuses what the real one refuses.
 */

/** A rule keeps its identity, and with it its counters, for as long as it is not written again. */
export interface KernelRule {
  readonly id: number;
  readonly line: string;
}

interface KernelChain {
  /** `-` for chains that are not built in. */
  readonly policy: string;
  rules: KernelRule[];
}

type Table = Map<string, KernelChain>;

/** What one input did. */
interface RestoreResult {
  /** `''` for success, else what the tool says. */
  readonly error: string;
  /** Tables that were committed, in order. */
  readonly committed: readonly string[];
  /** `table chain` of every chain that existed and was emptied. */
  readonly flushed: readonly string[];
}

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** Targets that are no chains. */
const EXTENSIONS = new Set(['ACCEPT', 'DROP', 'RETURN', 'REJECT', 'DNAT', 'MARK', 'MASQUERADE']);

/** The rules of one family. */
export class MemoryKernel {
  #tables = new Map<string, Table>();
  #lastId = 0;

  constructor() {
    for (const [table, chains] of Object.entries(BUILT_IN))
      this.#tables.set(
        table,
        new Map(chains.map((chain) => [chain, { policy: 'ACCEPT', rules: [] }])),
      );
  }

  /** A kernel of its own that holds the same, rule identities included. */
  copy(): MemoryKernel {
    const other = new MemoryKernel();
    other.#tables = new Map([...this.#tables].map(([name, table]) => [name, copyOf(table)]));
    other.#lastId = this.#lastId;
    return other;
  }

  /**
   * Runs one input to its end or to its first error. `onCommit` is called after each table, when
   * packets see it.
   */
  restore(input: string, onCommit: () => void = () => {}): RestoreResult {
    const committed: string[] = [];
    const flushed: string[] = [];
    let name = '';
    let draft: Table | undefined;
    let pending: string[] = [];
    for (const [i, line] of input.split('\n').entries()) {
      if (line === '' || line.startsWith('#')) continue;
      if (line.startsWith('*')) {
        const table = this.#tables.get(line.slice(1));
        if (table === undefined || draft !== undefined)
          return { error: `line ${i + 1}: ${line}`, committed, flushed };
        name = line.slice(1);
        draft = copyOf(table);
        pending = [];
      } else if (draft === undefined) {
        return { error: `line ${i + 1}: no table is open: ${line}`, committed, flushed };
      } else if (line === 'COMMIT') {
        if (hasLoop(draft)) return { error: `line ${i + 1}: loop`, committed, flushed };
        this.#tables.set(name, draft);
        committed.push(name);
        flushed.push(...pending.map((chain) => `${name} ${chain}`));
        draft = undefined;
        onCommit();
      } else {
        const error = this.#command(line, draft, pending);
        if (error !== '') return { error: `line ${i + 1}: ${error}: ${line}`, committed, flushed };
      }
    }
    const error = draft === undefined ? '' : 'COMMIT expected';
    return { error, committed, flushed };
  }

  /** As iptables-save prints it: one table, or all. */
  save(only?: string): string {
    const lines: string[] = [];
    for (const [name, table] of this.#tables) {
      if (only !== undefined && name !== only) continue;
      lines.push(`*${name}`);
      for (const [chain, { policy }] of table) lines.push(`:${chain} ${policy} [0:0]`);
      for (const { rules } of table.values()) lines.push(...rules.map(({ line }) => line));
      lines.push('COMMIT');
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** The rules of a chain; none where it does not exist. */
  rules(table: string, chain: string): readonly KernelRule[] {
    return this.#tables.get(table)?.get(chain)?.rules ?? [];
  }

  /** Every chain, built-in ones included, as `table chain`. */
  chains(): readonly string[] {
    return [...this.#tables].flatMap(([name, table]) =>
      [...table.keys()].map((chain) => `${name} ${chain}`),
    );
  }

  #command(line: string, table: Table, flushed: string[]): string {
    if (line.startsWith(':')) return declare(line, table, flushed);
    const [command = '', name = '', ...words] = line.split(' ');
    if (command === '-S') return '';
    const chain = table.get(name);
    switch (command) {
      case '-N':
        if (chain !== undefined) return 'Chain already exists';
        table.set(name, { policy: '-', rules: [] });
        return '';
      case '-F':
        if (chain === undefined) return 'No chain by that name';
        flushed.push(name);
        chain.rules = [];
        return '';
      case '-X':
        return remove(name, table);
    }
    if (chain === undefined) return 'No chain by that name';
    if (command === '-A')
      return this.#insert(chain, chain.rules.length, words.join(' '), name, table);
    if (command === '-I') {
      const place = Number(words[0]) - 1;
      if (!(place >= 0 && place <= chain.rules.length)) return 'Index of insertion too big';
      return this.#insert(chain, place, words.slice(1).join(' '), name, table);
    }
    const spec = `-A ${name} ${words.join(' ')}`;
    const found = chain.rules.findIndex((rule) => rule.line === spec);
    if (command !== '-C' && command !== '-D') return 'unknown command';
    if (found < 0) return 'Bad rule (does a matching rule exist in that chain?)';
    if (command === '-D') chain.rules = chain.rules.filter((_, i) => i !== found);
    return '';
  }

  #insert(chain: KernelChain, place: number, spec: string, name: string, table: Table): string {
    const line = `-A ${name} ${spec}`;
    const target = jumpOf(line);
    if (target !== '' && !EXTENSIONS.has(target) && !table.has(target))
      return `Couldn't load target ${target}`;
    chain.rules = chain.rules.toSpliced(place, 0, { id: ++this.#lastId, line });
    return '';
  }
}

function copyOf(table: Table): Table {
  return new Map(
    [...table].map(([name, { policy, rules }]) => [name, { policy, rules: [...rules] }]),
  );
}

function declare(line: string, table: Table, flushed: string[]): string {
  const [name = '', policy = ''] = line.slice(1).split(' ');
  const chain = table.get(name);
  if (chain === undefined) {
    if (policy !== '-') return 'a policy for a chain that is not built in';
    table.set(name, { policy, rules: [] });
  } else if (chain.policy === '-') {
    flushed.push(name);
    chain.rules = [];
  }
  return '';
}

function remove(name: string, table: Table): string {
  const chain = table.get(name);
  if (chain === undefined || chain.policy !== '-') return 'No chain by that name';
  if (chain.rules.length > 0) return 'Directory not empty';
  for (const { rules } of table.values())
    if (rules.some(({ line }) => jumpOf(line) === name)) return 'Too many links';
  table.delete(name);
  return '';
}

function jumpOf(line: string): string {
  return / -[jg] (\S+)/.exec(line.replace(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1] ?? '';
}

function hasLoop(table: Table): boolean {
  const done = new Set<string>();
  const above = new Set<string>();
  const visit = (name: string): boolean => {
    if (above.has(name)) return true;
    const chain = table.get(name);
    if (chain === undefined || done.has(name)) return false;
    above.add(name);
    const found = chain.rules.some(({ line }) => visit(jumpOf(line)));
    above.delete(name);
    done.add(name);
    return found;
  };
  return [...table.keys()].some(visit);
}
