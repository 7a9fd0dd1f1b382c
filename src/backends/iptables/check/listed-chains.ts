/** Lists single chains with iptables, in one run per table. */

import { ParseError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import { failure } from '../../tool-failure.js';
import type { Tools } from '../../tools.js';
import { type DumpChain, parseDump } from '../syntax/parse.js';
import { eachSavedChain } from './saved-chains.js';

export interface ListingSource {
  readonly host: Host;
  readonly family: Family;
  readonly tools: Tools;
  readonly signal?: AbortSignal | undefined;
}

/** What the tools printed about some chains of one table. */
export interface ChainListing {
  readonly table: string;
  readonly text: string;
  /** Chains that must be in it; those that are missing in the kernel are not among them. */
  readonly expected: readonly string[];
}

/** Milliseconds. Of the legacy tools each run reads the whole table. */
const LIST_TIMEOUT = 60_000;
/** Seconds to wait for the lock of the legacy tools. */
const LOCK_WAIT = '5';

/** Some chains of one table. */
export interface TableChainNames {
  readonly table: string;
  readonly chains: readonly string[];
}

/**
 * The chains of each table as `iptables -S` prints them; those that do not exist are left out.
 *
 * Only iptables-restore lists several chains in one run, with `-S` commands. It then changes
 * nothing. The nf_tables variant reads these chains alone, the legacy one each table once. For a
 * missing chain it prints the same error as for one that it cannot read (1.8.9). After an error
 * each table is asked for alone, and then saved whole, in which a chain is either declared or
 * missing.
 */
export async function listTables(
  source: ListingSource,
  wanted: readonly TableChainNames[],
): Promise<readonly ChainListing[]> {
  const all = wanted.map(({ table, chains }) => ({ table, chains: [...chains].sort(byCanary) }));
  const there: TableChainNames[] = [];
  for (const one of all) if (await isTableThere(source, one.table)) there.push(one);
  const texts = await listingsOf(source, there);
  const listings: ChainListing[] = [];
  for (const one of all) {
    const { table, chains } = one;
    const text = texts?.[there.indexOf(one)];
    if (!there.includes(one)) listings.push({ table, text: '', expected: [] });
    else if (text !== undefined) listings.push({ table, text, expected: chains });
    else if (there.length > 1)
      for (const alone of await listTables(source, [one])) listings.push(alone);
    else listings.push(await savedChains(source, table, new Set(chains)));
  }
  return listings;
}

/** What one run prints about each table; `undefined` where it failed. */
async function listingsOf(
  { host, tools, signal }: ListingSource,
  tables: readonly TableChainNames[],
): Promise<readonly string[] | undefined> {
  if (tables.length === 0) return [];
  const test = tools.variant === 'legacy' ? ['--test'] : [];
  const result = await host.run({
    command: tools.restore,
    args: ['--noflush', ...test, '-w', LOCK_WAIT],
    input: tables.map(listCommands).join(''),
    bytes: true,
    timeout: LIST_TIMEOUT,
    signal,
  });
  if (result.kind !== 'exited') throw failure(tools.restore, result);
  if (result.code !== 0) return undefined;
  if (!result.stdout.endsWith('\n'))
    throw new ParseError(`the listing of ${tools.restore} is cut off`, 0);
  return byTable(result.stdout, tables);
}

function listCommands({ table, chains }: TableChainNames): string {
  return `*${table}\n${chains.map((chain) => `-S ${chain}\n`).join('')}COMMIT\n`;
}

/**
 * Cuts what was printed in front of the first chain of each table: a listing does not name it.
 * `undefined` where that is ambiguous, as with a line feed in a comment.
 */
function byTable(text: string, tables: readonly TableChainNames[]): readonly string[] | undefined {
  if (tables.length === 1) return [text];
  const heads = [...text.matchAll(/^-[NP] /gm)].map(({ index }) => index);
  if (heads.length !== tables.flatMap(({ chains }) => chains).length) return undefined;
  let seen = 0;
  return tables.map(({ chains }) => {
    const start = heads[seen] ?? text.length;
    seen += chains.length;
    return text.slice(start, heads[seen] ?? text.length);
  });
}

/** The chains of a listing. Throws ParseError where a chain that was asked for is missing. */
export function chainsIn(
  { table, text, expected }: ChainListing,
  name: string,
): ReadonlyMap<string, DumpChain> {
  const chains = parseDump(text, { table, name }).tables.get(table) ?? new Map();
  const unseen = expected.find((chain) => !chains.has(chain));
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
): Promise<ChainListing> {
  const texts: string[] = [];
  await eachSavedChain(source, table, (name, chain) => {
    if (wanted.has(name)) texts.push(listingOf(name, chain));
  });
  return { table, text: texts.join(''), expected: [] };
}

/** The chain as `iptables -S` prints it. */
function listingOf(name: string, { policy, rules }: DumpChain): string {
  const head = policy === '-' ? `-N ${name}` : `-P ${name} ${policy}`;
  return `${[head, ...rules].join('\n')}\n`;
}
