/** Brings a Ruleset and a dump of the kernel into the same form, chain by chain, for the diff. */

import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import { type Unit, unitKey } from '../../plan/unit.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { finish, type Steps } from '../../steps.js';
import type { ChainRole } from './layouts/layout.js';
import { chainOrigins, lineOrigins, originOfLines } from './origin.js';
import { builtinRole, type Ownership } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/** All chains of a Ruleset. */
export function rulesetChains(ruleset: Ruleset): Chains {
  return finish(rulesetChainsInSteps(ruleset));
}

/** The same as {@link rulesetChains}, step by step. */
export function* rulesetChainsInSteps({ frame, shared, ports, tail }: Ruleset): Steps<Chains> {
  const builder = new ChainBuilder();
  builder.add(frame, FRAME);
  for (const fragments of [shared, ports])
    for (const fragment of fragments) {
      builder.add(fragment, SERVICES);
      yield;
    }
  builder.add(tail, TAIL);
  return yield* builder.endInSteps();
}

/**
 * The chains of some fragments of Service ports. Shared chains hold the lines of these fragments
 * alone: enough to see what a change removes and adds. `undefined` where a fragment has chains that
 * are in no layout of vipc: only the whole Ruleset shows what these are.
 */
export function fragmentChains(fragments: readonly Fragment[]): Chains | undefined {
  const builder = new ChainBuilder();
  for (const fragment of fragments) builder.add(fragment, SERVICES);
  return builder.hasUnknown ? undefined : finish(builder.endInSteps());
}

/**
 * The chains in a fragment that belong to its Service port alone, as the layouts of vipc have them.
 */
export function serviceChains(fragment: Fragment): Chains {
  const builder = new ChainBuilder();
  builder.add(fragment, SERVICES);
  return new Map([...finish(builder.endInSteps())].filter(([, state]) => isOfService(state)));
}

function isOfService({ table, name: chain }: ChainState): boolean {
  return builtinRole(table, chain) === 'service';
}

/**
 * Whether a frame has rules of its own in a chain that Services fill too, so that the order of that
 * chain, and with it what a change of a Service means, is only known from the whole Ruleset.
 */
export function mixesIntoShared(frame: Fragment): boolean {
  const builder = new ChainBuilder();
  builder.add(frame, FRAME);
  return builder.hasMixed;
}

/** The parts of a Ruleset, as bits. */
const FRAME = 1;
const SERVICES = 2;
const TAIL = 4;

/** A chain while its Ruleset is read. */
interface OpenChain extends Unit {
  readonly role: ChainRole;
  order: ChainOrder;
  origin: string;
  readonly lines: string[];
  /** As soon as one line has another origin than the chain. */
  origins?: string[];
  tail: number;
  /** The part that declares it; 0: none. */
  declaredBy: number;
  declared?: boolean;
  /** The parts that have rules in it. */
  filled: number;
}

/** A first load reads 400,000 lines, so a chain is looked up only where another one begins. */
class ChainBuilder {
  /** By table, then by name. */
  readonly #tables = new Map<string, Map<string, OpenChain>>();
  readonly #inOrder: OpenChain[] = [];

  /** Whether there are chains that no layout of vipc has. */
  get hasUnknown(): boolean {
    return this.#inOrder.some(({ role }) => role === 'foreign');
  }

  /** Whether the frame has rules in chains that Services share. */
  get hasMixed(): boolean {
    return this.#inOrder.some(({ role, filled }) => role === 'shared' && (filled & FRAME) !== 0);
  }

  /** Adds the chains and rules of a fragment. Fragments must come in the order of their rules. */
  add({ origin, text }: Fragment, part: number): void {
    let table = '';
    let open: OpenChain | undefined;
    let prefix = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('-A ')) {
        if (open === undefined || !line.startsWith(prefix)) {
          open = this.#open(table, line.slice(3, line.indexOf(' ', 3)), origin);
          open.filled |= part;
          prefix = `-A ${open.name} `;
        }
        append(open, line, origin);
        if (part === TAIL) open.tail++;
      } else if (line.startsWith('*')) {
        table = line.slice(1);
        open = undefined;
      } else if (line.startsWith(':')) this.#declare(table, line, origin, part);
    }
  }

  /** The chains in the order in which they were first named. */
  *endInSteps(): Steps<Chains> {
    const chains = new Map<string, ChainState>();
    for (const open of this.#inOrder) {
      yield;
      open.order = orderOf(open);
      if (open.origins !== undefined) open.origin = '';
      if (open.role === 'shared') open.declared = open.declaredBy !== 0;
      chains.set(unitKey(open), open);
    }
    return chains;
  }

  #declare(table: string, line: string, origin: string, part: number): void {
    const open = this.#open(table, line.slice(1, line.indexOf(' ')), origin);
    if (open.declaredBy === 0) open.declaredBy = part;
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
      kind: 'chain',
      name: chain,
      role,
      order: 'ordered',
      origin: role === 'shared' ? '' : origin,
      lines: [],
      tail: 0,
      declaredBy: 0,
      filled: 0,
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

/**
 * A chain that is in no layout is ours where a template declares it: shared where the frame
 * declares it for the rules of Services, ordered otherwise. Rules of the frame in front of those of
 * Services keep their place.
 */
function orderOf({ role, declaredBy, filled }: OpenChain): ChainOrder {
  switch (role) {
    case 'partial':
      return 'partial';
    case 'shared':
      return (filled & FRAME) === 0 ? 'shared' : 'ordered';
    case 'foreign':
      if (declaredBy === 0) return 'partial';
      return declaredBy === FRAME && (filled & (FRAME | SERVICES)) === SERVICES
        ? 'shared'
        : 'ordered';
    default:
      return 'ordered';
  }
}

/**
 * The chains of a dump that concern us: ours whole, and of partial chains the rules that lead to
 * ours or that we might add. Origins are found from comments and jumps.
 */
export function dumpChains(dump: Dump, ownership: Ownership): Chains {
  return finish(dumpChainsInSteps(dump, ownership));
}

/** The same as {@link dumpChains}, step by step. */
export function* dumpChainsInSteps(dump: Dump, ownership: Ownership): Steps<Chains> {
  const chains = new Map<string, ChainState>();
  for (const [table, tableChains] of dump.tables) {
    const origins = chainOrigins(table, tableChains, ownership);
    for (const [chain, { rules }] of tableChains) {
      yield;
      const role = ownership.roleOf(table, chain);
      if (role === 'foreign') continue;
      const lines =
        role === 'partial' ? rules.filter((line) => ownership.concerns(table, chain, line)) : rules;
      const unit = { table, kind: 'chain', name: chain } as const;
      chains.set(unitKey(unit), heldChain(unit, lines, role, origins.get(chain)));
    }
  }
  return chains;
}

function heldChain(
  unit: Unit,
  lines: readonly string[],
  role: ChainRole,
  reachedFrom: string | undefined,
): ChainState {
  // Each field by its name: with a spread, this takes three times as long.
  const { table, kind, name } = unit;
  const order = role === 'partial' || role === 'shared' ? role : 'ordered';
  if (namesEachLine(role, lines)) {
    const origins = lineOrigins(lines);
    return { table, kind, name, order, origin: '', lines, tail: 0, origins };
  }
  const isSingle = role === 'service' || role === 'remembered';
  const origin = isSingle ? (reachedFrom ?? originOfLines(lines)) : '';
  return { table, kind, name, order, origin, lines, tail: 0 };
}

/** Whether the lines of a chain may belong to different Service ports. */
function namesEachLine(role: ChainRole, lines: readonly string[]): boolean {
  return role === 'shared' || role === 'mixed' || (role === 'remembered' && namesSeveral(lines));
}

/** Whether the comments of a chain name more than one Service port. */
function namesSeveral(lines: readonly string[]): boolean {
  return new Set(lineOrigins(lines).filter((origin) => origin !== '')).size > 1;
}
