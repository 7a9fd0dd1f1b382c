/** Lists single chains with iptables, in one run per table. */

import { ParseError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { Tools } from '../../kernel.js';
import { failure } from '../../tool-failure.js';
import { type DumpChain, parseDump } from '../syntax/parse.js';
import { eachSavedChain } from './saved-chains.js';

export interface ListingSource {
  readonly host: Host;
  readonly family: Family;
  readonly tools: Tools;
  readonly signal?: AbortSignal | undefined;
}

/** What the tools printed about some chains of one table. */
export interface Listing {
  readonly table: string;
  readonly text: string;
  /** Chains that must be in it; those that are missing in the kernel are not among them. */
  readonly told: readonly string[];
}

/** Milliseconds. Of the legacy tools each run reads the whole table. */
const LIST_TIMEOUT = 60_000;
/** Seconds to wait for the lock of the legacy tools. */
const LOCK_WAIT = '5';

/**
 * The chains of one table as `iptables -S` prints them; those that do not exist are left out.
 *
 * Only iptables-restore lists several chains in one run, with `-S` commands. It then changes
 * nothing. The nf_tables variant reads these chains alone, the legacy one the table once. For a
 * missing chain it prints the same error as for one that it cannot read (1.8.9). After an error the
 * whole table is therefore saved, in which a chain is either declared or missing.
 */
export async function listChains(
  source: ListingSource,
  table: string,
  chains: readonly string[],
): Promise<Listing> {
  const { host, tools, signal } = source;
  if (!(await isTableThere(source, table))) return { table, text: '', told: [] };
  const listed = [...chains].sort(byCanary);
  const input = `*${table}\n${listed.map((chain) => `-S ${chain}\n`).join('')}COMMIT\n`;
  const test = tools.variant === 'legacy' ? ['--test'] : [];
  const result = await host.run({
    command: tools.restore,
    args: ['--noflush', ...test, '-w', LOCK_WAIT],
    input,
    bytes: true,
    timeout: LIST_TIMEOUT,
    signal,
  });
  if (result.kind !== 'exited') throw failure(tools.restore, result);
  if (result.code !== 0) return savedChains(source, table, new Set(chains));
  if (!result.stdout.endsWith('\n'))
    throw new ParseError(`the listing of ${tools.restore} is cut off`, 0);
  return { table, text: result.stdout, told: listed };
}

/** The chains of a listing. Throws ParseError where a chain that was asked for is missing. */
export function chainsIn(
  { table, text, told }: Listing,
  name: string,
): ReadonlyMap<string, DumpChain> {
  const chains = parseDump(text, { table, name }).tables.get(table) ?? new Map();
  const unseen = told.find((chain) => !chains.has(chain));
  if (unseen === undefined) return chains;
  throw new ParseError(`${name} printed nothing about chain ${unseen} of table ${table}`, 0);
}

/** Lists the canary last: it has no rules, so those of the chain before it are complete. */
function byCanary(a: string, b: string): number {
  return Number(a === CANARY) - Number(b === CANARY);
}

const CANARY = 'KUBE-PROXY-CANARY';

/** Legacy tools create a table when they list it, so they must not be asked for a missing one. */
async function isTableThere(
  { host, family, tools }: ListingSource,
  table: string,
): Promise<boolean> {
  if (tools.variant !== 'legacy') return true;
  const names = await host.readFile(
    family === 'IPv4' ? '/proc/net/ip_tables_names' : '/proc/net/ip6_tables_names',
  );
  return (names ?? '').split('\n').includes(table);
}

async function savedChains(
  source: ListingSource,
  table: string,
  wanted: ReadonlySet<string>,
): Promise<Listing> {
  const texts: string[] = [];
  await eachSavedChain(source, table, (name, chain) => {
    if (wanted.has(name)) texts.push(listingOf(name, chain));
  });
  return { table, text: texts.join(''), told: [] };
}

/** The chain as `iptables -S` prints it. */
function listingOf(name: string, { policy, rules }: DumpChain): string {
  const head = policy === '-' ? `-N ${name}` : `-P ${name} ${policy}`;
  return `${[head, ...rules].join('\n')}\n`;
}
