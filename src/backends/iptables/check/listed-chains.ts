/** Lists single chains with iptables, all that are asked for in one run per table. */

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
 * A restore that holds nothing but listings is the one program that lists several chains in one
 * run, at the price of these chains alone in variant nf_tables, and of one reading of the table in
 * legacy. It changes nothing, and makes no transaction. That a chain is not there it says in the
 * same words as that it cannot read it (1.8.9), so then the whole table is asked for, where a chain
 * is either declared or missing.
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

/** The chains of a listing. Throws ParseError where it is less than the tool was asked for. */
export function chainsIn(
  { table, text, told }: Listing,
  name: string,
): ReadonlyMap<string, DumpChain> {
  const chains = parseDump(text, { table, name }).tables.get(table) ?? new Map();
  const unseen = told.find((chain) => !chains.has(chain));
  if (unseen === undefined) return chains;
  throw new ParseError(`${name} printed nothing about chain ${unseen} of table ${table}`, 0);
}

/**
 * The canary has no rules: listed last, it tells that the rules of the chain before are all there.
 */
function byCanary(a: string, b: string): number {
  return Number(a === CANARY) - Number(b === CANARY);
}

const CANARY = 'KUBE-PROXY-CANARY';

/**
 * The legacy tools make a table that they are asked about, so they are not asked about one that
 * does not exist.
 */
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
