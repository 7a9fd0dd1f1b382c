/** Brings a Ruleset and a dump of the kernel into the same form, chain by chain, for the diff. */

import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { originOfChains, originOfLine, originOfLines } from './origin.js';
import { type ChainRole, chainRole, isOwned, targetOf } from './ownership.js';
import type { Dump } from './parse.js';

interface OpenChain {
  table: string;
  chain: string;
  order: ChainOrder;
  origin: string;
  lines: string[];
  origins: string[];
  tail: number;
}

const ORDERS: Readonly<Record<ChainRole, ChainOrder>> = {
  service: 'ordered',
  frame: 'ordered',
  shared: 'shared',
  guest: 'guest',
  foreign: 'guest',
};

/** Line of the frame behind which its tail stands. */
const PORTS_MARK = '# Service ports';

/** All chains of a Ruleset. */
export function rulesetChains(ruleset: Ruleset): Chains {
  return fragmentChains(ruleset.frame, ruleset.ports);
}

/**
 * The chains of some fragments. Given a part of the Service ports, shared chains hold the lines of these
 * ports alone, and without a frame nothing else: enough to tell what a change takes away and brings.
 */
export function fragmentChains(frame: Fragment | undefined, ports: readonly Fragment[]): Chains {
  const chains = new Map<string, OpenChain>();
  const tails: (() => void)[] = [];
  if (frame !== undefined) readFragment(frame, chains, tails);
  for (const port of ports) readFragment(port, chains, tails);
  for (const append of tails) append();
  return chains;
}

function readFragment(
  fragment: Fragment,
  chains: Map<string, OpenChain>,
  tails: (() => void)[],
): void {
  let table = '';
  let behindPorts = false;
  for (const line of fragment.text.split('\n')) {
    if (line.startsWith('-A ')) {
      const chain = line.slice(3, line.indexOf(' ', 3));
      const open = openChain(chains, table, chain, fragment.origin);
      const append = (): void => {
        open.lines.push(line);
        open.origins.push(fragment.origin);
      };
      if (behindPorts) {
        tails.push(() => {
          append();
          open.tail++;
        });
      } else append();
    } else if (line.startsWith('*')) {
      table = line.slice(1);
      behindPorts = false;
    } else if (line.startsWith(':'))
      openChain(chains, table, line.slice(1, line.indexOf(' ')), fragment.origin);
    else if (line === PORTS_MARK) behindPorts = true;
  }
}

function openChain(
  chains: Map<string, OpenChain>,
  table: string,
  chain: string,
  origin: string,
): OpenChain {
  const key = `${table} ${chain}`;
  const known = chains.get(key);
  if (known !== undefined) return known;
  const order = ORDERS[chainRole(table, chain)];
  const open: OpenChain = {
    table,
    chain,
    order,
    origin: order === 'ordered' ? origin : '',
    lines: [],
    origins: [],
    tail: 0,
  };
  chains.set(key, open);
  return open;
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
