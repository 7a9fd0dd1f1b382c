/**
 * The rules of one family as the kernel runs them: hooks, base chains in order of priority, chains,
 * sets and maps.
 */

import { addTo, getOrInsert } from '../grouping.js';
import { type Family, parseIp } from '../net/ip.js';
import type { Destination, KeyField, Rule, Verdict } from './rule.js';

/** Where the kernel hands a packet to rules. */
export type Hook =
  | 'ingress'
  | 'prerouting'
  | 'input'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'egress';

/** A chain that a hook calls. */
export interface BaseChain {
  readonly hook: Hook;
  /** Lower ones run first: -300 raw, -150 mangle, -100 dstnat, 0 filter, 100 srcnat. */
  readonly priority: number;
  /** `filter`, `nat` or `route`. */
  readonly type: string;
  /** What happens to a packet that no rule decides about. */
  readonly policy: 'accept' | 'drop';
}

/** A chain and its rules, in order. */
export interface Chain {
  readonly table: string;
  readonly name: string;
  /** Absent: a chain that only rules lead to. */
  readonly base?: BaseChain | undefined;
  /**
   * `namespace/name:port PROTOCOL` of the Service port that it belongs to; `''` for the node's own.
   */
  readonly origin: string;
  /** Whether it is there for Services, even where it cannot be said for which: without comments. */
  readonly isForServices?: boolean | undefined;
  readonly rules: readonly Rule[];
}

/** What an element of a map leads to: a verdict, or data such as an address as text. */
export type MapValue = Verdict | { readonly kind: 'data'; readonly text: string };

/** `10.0.0.5 . 8080` of a map as a destination; `undefined` for other data. */
export function destinationOf(data: string): Destination | undefined {
  const [, text = '', port = ''] = /^(\S+) \. (\d+)$/.exec(data) ?? [];
  const ip = parseIp(text);
  return ip === undefined ? undefined : { ip, port: Number(port) };
}

/** An element of a set, and its place among all. */
export interface PlacedElement {
  readonly text: string;
  readonly value: MapValue | undefined;
  readonly position: number;
}

/** A named set or map; a key is the text of its fields, joined by ` . `. */
export interface NamedSet {
  readonly table: string;
  readonly name: string;
  /** Elements with what they lead to; `undefined` for those of a set. */
  readonly elements: ReadonlyMap<string, MapValue | undefined>;
  /**
   * Those that an IPv4 address may be among the fields of, where the set is looked up by these.
   * `undefined`, or absent: to know that all elements have to be read.
   */
  readonly near?: (
    address: string,
    key: readonly KeyField[],
  ) => readonly PlacedElement[] | undefined;
  /** How long an element that a rule adds stays, in seconds; 0: until it is deleted. */
  readonly timeout: number;
  /** Whether others than Services put elements in, which the dump may not list. */
  readonly changes: boolean;
}

/** A value that is made on first use. */
export function lazy<T extends object>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}

/** The chains of one table by name. */
export interface TableChains {
  readonly size: number;
  get(name: string): Chain | undefined;
  values(): Iterable<Chain>;
}

/** All rules of a machine that packets of a family can meet. */
export interface Program {
  /** The base chains of each hook, in the order in which the kernel runs them. */
  readonly hooks: ReadonlyMap<Hook, readonly Chain[]>;
  readonly tables: ReadonlyMap<string, TableChains>;
  /** By `table name`. */
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Tables whose rules are not in the dump, such as `ip filter` of iptables-nft. */
  readonly unread: readonly string[];
}

/** All chains of a program, in the order of its tables. */
export function* programChains({ tables }: Pick<Program, 'tables'>): Iterable<Chain> {
  for (const chains of tables.values()) yield* chains.values();
}

/** The program of these chains and sets. Of equal priorities the first given runs first. */
export function programOf(
  chains: readonly Chain[],
  sets: readonly NamedSet[],
  unread: readonly string[] = [],
): Program {
  const tables = new Map<string, Map<string, Chain>>();
  for (const chain of chains) {
    const named = getOrInsert(tables, chain.table, () => new Map<string, Chain>());
    named.set(chain.name, chain);
  }
  return programOfTables(tables, chains, sets, unread);
}

/** The same of chains by table, of which the base chains are among `bases`. */
export function programOfTables(
  tables: ReadonlyMap<string, TableChains>,
  bases: readonly Chain[],
  sets: readonly NamedSet[],
  unread: readonly string[] = [],
): Program {
  const hooks = new Map<Hook, Chain[]>();
  for (const chain of bases) {
    if (chain.base === undefined) continue;
    addTo(hooks, chain.base.hook, chain);
  }
  for (const list of hooks.values())
    list.sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
  return {
    hooks,
    tables,
    sets: new Map(sets.map((set) => [`${set.table} ${set.name}`, set])),
    unread,
  };
}

const OTHER_FAMILIES = /^(?:arp|bridge|netdev) /;

/** Whether packets of a family meet a table; those of iptables are of the family that was read. */
export function seesFamily(table: string, family: Family): boolean {
  return !OTHER_FAMILIES.test(table) && !table.startsWith(family === 'IPv4' ? 'ip6 ' : 'ip ');
}

/** What the tables decide that every dump of a machine with Services has. */
const NEEDED: ReadonlyMap<string, readonly (readonly [Hook, priority: number, string])[]> = new Map(
  [
    [
      'nat',
      [
        ['prerouting', -100, 'nat'],
        ['output', -100, 'nat'],
      ],
    ],
    [
      'filter',
      [
        ['input', 0, 'filter'],
        ['forward', 0, 'filter'],
        ['output', 0, 'filter'],
      ],
    ],
  ],
);

/**
 * The program of a dump of iptables-save, which may print single tables (`-t`). What nat and
 * filter would decide is not known where the dump does not have them. The kernel makes the other
 * tables where a program uses them.
 */
export function withMissingTables(program: Program): Program {
  const missing = [...NEEDED]
    .filter(([table]) => (program.tables.get(table)?.size ?? 0) === 0)
    .map(([table, places]) =>
      programOf(
        places.map((place) => missingChain(table, ...place)),
        [],
      ),
    );
  return missing.length === 0 ? program : joinedPrograms([program, ...missing]);
}

/** What is not known about a packet that a dump without some table is asked about. */
export const MISSING_TABLE = 'the dump has no table';

/** A base chain whose rules are not understood. */
function missingChain(table: string, hook: Hook, priority: number, type: string): Chain {
  const text = `${MISSING_TABLE} ${table}`;
  return {
    table,
    name: hook.toUpperCase(),
    base: { hook, priority, type, policy: 'accept' },
    origin: '',
    rules: [{ statements: [{ kind: 'unknown-action', text }], line: '', comment: '' }],
  };
}

/** One program of several whose tables have different names. */
export function joinedPrograms(programs: readonly Program[]): Program {
  return programOfTables(
    new Map(programs.flatMap(({ tables }) => [...tables])),
    programs.flatMap(({ hooks }) => [...hooks.values()].flat()),
    programs.flatMap(({ sets }) => [...sets.values()]),
    programs.flatMap(({ unread }) => unread),
  );
}

/**
 * A program without the rules of one owner, without the chains for which `owns` holds when it is
 * asked without a rule, without jumps to them, and without the sets of tables in which no chain is
 * left.
 */
export function withoutRulesOf(
  program: Program,
  owns: (chain: Chain, rule: Rule | undefined) => boolean,
): Program {
  const all = [...programChains(program)];
  const removed = new Set(
    all.filter((chain) => owns(chain, undefined)).map(({ table, name }) => `${table} ${name}`),
  );
  const stays = (chain: Chain, rule: Rule): boolean =>
    !owns(chain, rule) &&
    !rule.statements.some((part) => 'chain' in part && removed.has(`${chain.table} ${part.chain}`));
  const chains = all
    .filter(({ table, name }) => !removed.has(`${table} ${name}`))
    .map(
      (chain): Chain => ({
        ...{ table: chain.table, name: chain.name, base: chain.base, origin: chain.origin },
        get rules() {
          return chain.rules.filter((rule) => stays(chain, rule));
        },
      }),
    );
  const tables = new Set(chains.map(({ table }) => table));
  const sets = [...program.sets.values()].filter(({ table }) => tables.has(table));
  return programOf(chains, sets, program.unread);
}
