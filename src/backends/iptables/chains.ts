/** Brings a Ruleset and a dump of the kernel into the same form, chain by chain, for the diff. */

import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { ChainRole } from './layouts/layout.js';
import { originOfChains, originOfLine, originOfLines } from './origin.js';
import { chainRole, isOwned, targetOf } from './ownership.js';
import type { Dump } from './syntax/parse.js';

interface OpenChain {
  readonly table: string;
  readonly chain: string;
  readonly order: ChainOrder;
  readonly origin: string;
  readonly lines: string[];
  /** As soon as one line has another origin than the chain. */
  origins?: string[];
  tail: number;
}

const ORDERS: Readonly<Record<ChainRole, ChainOrder>> = {
  service: 'ordered',
  frame: 'ordered',
  shared: 'shared',
  guest: 'guest',
  foreign: 'guest',
};

/** All chains of a Ruleset. */
export function rulesetChains(ruleset: Ruleset): Chains {
  const builder = new ChainBuilder();
  const { frame, shared, ports, tail } = ruleset;
  builder.fragment(frame);
  for (const fragment of shared) builder.fragment(fragment);
  for (const fragment of ports) builder.fragment(fragment);
  builder.tail(tail);
  return builder.end();
}

/**
 * The chains of some fragments of Service ports. Shared chains hold the lines of these fragments alone:
 * enough to tell what a change removes and adds.
 */
export function fragmentChains(fragments: readonly Fragment[]): Chains {
  const builder = new ChainBuilder();
  for (const fragment of fragments) builder.fragment(fragment);
  return builder.end();
}

/** A first load reads hundreds of thousands of lines, so a chain is looked up where another one begins, not for every line. */
class ChainBuilder {
  /** By table, then by name. */
  readonly #tables = new Map<string, Map<string, OpenChain>>();
  readonly #inOrder: OpenChain[] = [];

  /** Adds the chains and rules of a fragment. */
  fragment({ origin, text }: Fragment, tail = 0): void {
    let table = '';
    let open: OpenChain | undefined;
    let prefix = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('-A ')) {
        if (open === undefined || !line.startsWith(prefix)) {
          open = this.#open(table, line.slice(3, line.indexOf(' ', 3)), origin);
          prefix = `-A ${open.chain} `;
        }
        append(open, line, origin);
        open.tail += tail;
      } else if (line.startsWith('*')) {
        table = line.slice(1);
        open = undefined;
      } else if (line.startsWith(':')) this.#open(table, line.slice(1, line.indexOf(' ')), origin);
    }
  }

  /** Adds rules that stay behind all others, when everything else is there. */
  tail(fragment: Fragment): void {
    this.fragment(fragment, 1);
  }

  /** The chains in the order in which they were first named. */
  end(): Chains {
    return new Map(this.#inOrder.map((open) => [`${open.table} ${open.chain}`, open]));
  }

  #open(table: string, chain: string, origin: string): OpenChain {
    let chains = this.#tables.get(table);
    if (chains === undefined) {
      chains = new Map();
      this.#tables.set(table, chains);
    }
    const known = chains.get(chain);
    if (known !== undefined) return known;
    const order = ORDERS[chainRole(table, chain)];
    const own = order === 'ordered' ? origin : '';
    const open: OpenChain = { table, chain, order, origin: own, lines: [], tail: 0 };
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
 * The chains of a dump that concern us: ours whole, of guest chains the rules that lead to ours or that we might ensure.
 * Origins are found from comments and from who jumps where.
 */
export function dumpChains(dump: Dump): Chains {
  const origins = originOfChains(dump);
  const chains = new Map<string, ChainState>();
  for (const [table, tableChains] of dump.tables) {
    for (const [chain, { rules }] of tableChains) {
      const role = chainRole(table, chain);
      if (role === 'foreign') continue;
      const origin = role === 'service' ? (origins.get(chain) ?? originOfLines(rules)) : '';
      const lines =
        role === 'guest' && chain !== 'KUBE-FIREWALL'
          ? rules.filter((line) => leadsToUs(table, line))
          : rules;
      chains.set(`${table} ${chain}`, {
        table,
        chain,
        order: ORDERS[role],
        origin,
        lines,
        ...(role === 'shared' ? { origins: lines.map(originOfLine) } : {}),
        tail: 0,
      });
    }
  }
  return chains;
}

function leadsToUs(table: string, line: string): boolean {
  const target = targetOf(line);
  return target === 'KUBE-FIREWALL' || isOwned(table, target);
}
