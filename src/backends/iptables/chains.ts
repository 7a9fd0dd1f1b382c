/** Brings a Ruleset and a dump of the kernel into the same form, chain by chain, for the diff. */

import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { ChainRole } from './layouts/layout.js';
import { chainOrigins, lineOrigins, originOfLines } from './origin.js';
import { builtinRole, type Ownership } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/** All chains of a Ruleset. */
export function rulesetChains({ frame, shared, ports, tail }: Ruleset): Chains {
  const builder = new ChainBuilder();
  builder.add(frame, 'frame');
  for (const fragment of shared) builder.add(fragment, 'services');
  for (const fragment of ports) builder.add(fragment, 'services');
  builder.add(tail, 'tail');
  return builder.end();
}

/**
 * The chains of some fragments of Service ports. Shared chains hold the lines of these fragments alone:
 * enough to tell what a change removes and adds. `undefined` where a fragment has chains that no layout
 * of vipc knows: only the whole Ruleset tells what these are.
 */
export function fragmentChains(fragments: readonly Fragment[]): Chains | undefined {
  const builder = new ChainBuilder();
  for (const fragment of fragments) builder.add(fragment, 'services');
  return builder.hasUnknown ? undefined : builder.end();
}

/** The chains in a fragment that belong to its Service port alone, as the layouts of vipc have them. */
export function serviceChains(fragment: Fragment): Chains {
  const builder = new ChainBuilder();
  builder.add(fragment, 'services');
  return new Map([...builder.end()].filter(([, state]) => isOfService(state)));
}

function isOfService({ table, chain }: ChainState): boolean {
  return builtinRole(table, chain) === 'service';
}

/**
 * Whether a frame has rules of its own in a chain that Services fill too, so that the order of that
 * chain, and with it what a change of a Service means, can only be told from the whole Ruleset.
 */
export function mixesIntoShared(frame: Fragment): boolean {
  const builder = new ChainBuilder();
  builder.add(frame, 'frame');
  return builder.hasMixed;
}

/** The part of a Ruleset that a fragment is. */
type Part = 'frame' | 'services' | 'tail';

interface OpenChain {
  readonly table: string;
  readonly chain: string;
  readonly role: ChainRole;
  origin: string;
  readonly lines: string[];
  /** As soon as one line has another origin than the chain. */
  origins?: string[];
  /** Whether it is declared, by the frame or by a fragment of Services. */
  declared: Part | undefined;
  /** Whether the frame has rules in it, and whether fragments of Services have. */
  readonly filled: Record<Part, boolean>;
  tail: number;
}

/** A first load reads 400,000 lines, so a chain is looked up only where another one begins. */
class ChainBuilder {
  /** By table, then by name. */
  readonly #tables = new Map<string, Map<string, OpenChain>>();
  readonly #inOrder: OpenChain[] = [];

  /** Whether there are chains that no layout of vipc knows. */
  get hasUnknown(): boolean {
    return this.#inOrder.some(({ role }) => role === 'foreign');
  }

  /** Whether the frame has rules in chains that Services share. */
  get hasMixed(): boolean {
    return this.#inOrder.some(({ role, filled }) => role === 'shared' && filled.frame);
  }

  /** Adds the chains and rules of a fragment. Fragments must come in the order of their rules. */
  add({ origin, text }: Fragment, part: Part): void {
    let table = '';
    let open: OpenChain | undefined;
    let prefix = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('-A ')) {
        if (open === undefined || !line.startsWith(prefix)) {
          open = this.#open(table, line.slice(3, line.indexOf(' ', 3)), origin);
          open.filled[part] = true;
          prefix = `-A ${open.chain} `;
        }
        append(open, line, origin);
        if (part === 'tail') open.tail++;
      } else if (line.startsWith('*')) {
        table = line.slice(1);
        open = undefined;
      } else if (line.startsWith(':')) {
        this.#open(table, line.slice(1, line.indexOf(' ')), origin).declared ??= part;
        open = undefined;
      }
    }
  }

  /** The chains in the order in which they were first named. */
  end(): Chains {
    return new Map(this.#inOrder.map((open) => [`${open.table} ${open.chain}`, stateOf(open)]));
  }

  #open(table: string, chain: string, origin: string): OpenChain {
    let chains = this.#tables.get(table);
    if (chains === undefined) {
      chains = new Map();
      this.#tables.set(table, chains);
    }
    const known = chains.get(chain);
    if (known !== undefined) return known;
    const role = builtinRole(table, chain);
    const open: OpenChain = {
      table,
      chain,
      role,
      origin: role === 'shared' ? '' : origin,
      lines: [],
      declared: undefined,
      filled: { frame: false, services: false, tail: false },
      tail: 0,
    };
    chains.set(chain, open);
    this.#inOrder.push(open);
    return open;
  }
}

function append(open: OpenChain, line: string, origin: string): void {
  if (open.origins !== undefined || origin !== open.origin) {
    open.origins ??= open.lines.map(() => open.origin);
    open.origins.push(origin);
  }
  open.lines.push(line);
}

function stateOf(open: OpenChain): ChainState {
  const { table, chain, origin, lines, origins, tail } = open;
  const order = orderOf(open);
  const own = origins === undefined && order !== 'guest' ? origin : '';
  return { table, chain, order, origin: own, lines, ...(origins && { origins }), tail };
}

/**
 * A chain that no layout knows is ours where a template declares it: shared where the frame declares it for
 * the rules of Services, ordered otherwise. Rules of the frame in front of those of Services keep their place.
 */
function orderOf({ role, declared, filled }: OpenChain): ChainOrder {
  switch (role) {
    case 'guest':
      return 'guest';
    case 'shared':
      return filled.frame ? 'ordered' : 'shared';
    case 'foreign':
      if (declared === undefined) return 'guest';
      return declared === 'frame' && filled.services && !filled.frame ? 'shared' : 'ordered';
    default:
      return 'ordered';
  }
}

/**
 * The chains of a dump that concern us: ours whole, of guest chains the rules that lead to ours or that we
 * might ensure. Origins are found from comments and from who jumps where.
 */
export function dumpChains(dump: Dump, ownership: Ownership): Chains {
  const origins = chainOrigins(dump, ownership);
  const chains = new Map<string, ChainState>();
  for (const [table, tableChains] of dump.tables) {
    for (const [chain, { rules }] of tableChains) {
      const role = ownership.roleOf(table, chain);
      if (role === 'foreign') continue;
      const key = `${table} ${chain}`;
      const state = { table, chain, origin: '', lines: rules, tail: 0 };
      chains.set(key, {
        ...state,
        ...held(role, state, ownership, origins.get(key)),
      });
    }
  }
  return chains;
}

/** Order, origin and lines of a chain of a dump. */
function held(
  role: ChainRole,
  { table, chain, lines }: Pick<ChainState, 'table' | 'chain' | 'lines'>,
  { concerns }: Ownership,
  reachedFrom: string | undefined,
): Pick<ChainState, 'order'> & Partial<ChainState> {
  switch (role) {
    case 'guest':
      return { order: 'guest', lines: lines.filter((line) => concerns(table, chain, line)) };
    case 'shared':
      return { order: 'shared', origins: lineOrigins(lines) };
    case 'mixed':
      return { order: 'ordered', origins: lineOrigins(lines) };
    case 'service':
      return { order: 'ordered', origin: reachedFrom ?? originOfLines(lines) };
    case 'remembered':
      return namesSeveral(lines)
        ? { order: 'ordered', origins: lineOrigins(lines) }
        : { order: 'ordered', origin: reachedFrom ?? originOfLines(lines) };
    default:
      return { order: 'ordered' };
  }
}

/** Whether the comments of a chain name more than one Service port. */
function namesSeveral(lines: readonly string[]): boolean {
  return new Set(lineOrigins(lines).filter((origin) => origin !== '')).size > 1;
}
