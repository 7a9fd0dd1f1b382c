/** Reads the tables of one family, in the variant that this machine uses. */

import { ParseError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import { checkFamily, checkRights } from '../../../host/rights.js';
import type { Family } from '../../../net/ip.js';
import type { KernelReadOptions, KernelState } from '../../kernel.js';
import { outputOf } from '../../tool-failure.js';
import type { Tools, Variant } from '../../tools.js';
import { kernelRulesOf } from '../kernel-rules.js';
import { ipvsRemarks } from '../remarks.js';
import { type Dump, parseDump } from '../syntax/parse.js';
import { remembered } from './remembered.js';
import { checkVersion, type FoundTools, findTools } from './tools.js';
import { chooseVariant } from './variant.js';

/**
 * The tables that vipc has rules in. A table that it does not touch may hold what iptables cannot
 * print.
 */
export const OUR_TABLES: readonly string[] = ['mangle', 'filter', 'nat'];

/** Every table that iptables has, in the order in which a packet meets them. */
const ALL_TABLES: readonly string[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/**
 * Milliseconds. iptables-nft-save needs 17 seconds for 5,000 Services whose chains were declared in
 * ascending order.
 */
const SAVE_TIMEOUT = 180_000;

/**
 * The rules of a family in the variant that this machine uses.
 *
 * Creates no table: the legacy tools, which create a table when they list it, are asked for
 * existing ones only. Throws ParseError where a dump is incomplete, ToolError, PermissionError or
 * TimeoutError where the tools do not answer, and UnsupportedError where the kernel has no IPv6.
 */
export async function readKernel(
  host: Host,
  family: Family,
  options: KernelReadOptions = {},
): Promise<KernelState> {
  const found = await findIptables(host, family);
  const known = await remembered(host, family);
  const texts = await Promise.all(
    [found.nf_tables, found.legacy].map(async (tools) =>
      tools === undefined ? undefined : readTables(host, tools, family, options),
    ),
  );
  const [nf_tables, legacy] = texts;
  const { tools, diagnostics } = chooseVariant({
    family,
    tools: found,
    wanted: wantedVariant(options),
    otherFamily: options.otherFamily,
    remembered: known,
    dumps: { nf_tables: nf_tables?.dump, legacy: legacy?.dump },
  });
  checkVersion(tools);
  const read = tools.variant === 'legacy' ? legacy : nf_tables;
  const dump = read?.dump ?? { tables: new Map() };
  const rules = kernelRulesOf(dump, known);
  return {
    family,
    variant: tools.variant,
    tools,
    rules: { ...rules, variant: tools.variant },
    rawText: read?.rawText ?? '',
    // Not all remarks about dumps: a kernel may be empty, and its tool has said that it saved it.
    diagnostics: [...diagnostics, ...ipvsRemarks(dump, `the kernel (${family})`)],
  };
}

/**
 * The iptables of a family. Throws ToolError, PermissionError or UnsupportedError where there is
 * none that can be used.
 */
export async function findIptables(host: Host, family: Family): Promise<FoundTools> {
  await checkRights(host);
  await checkFamily(host, family);
  return findTools(host, family);
}

/** Reads again with the tools of the last reading, which takes half the time. */
export async function readAgain(
  host: Host,
  before: Pick<KernelState, 'family' | 'tools'>,
  options: KernelReadOptions = {},
): Promise<KernelState> {
  const { family, tools } = before;
  const { dump, rawText } = await readTables(host, tools, family, options);
  const { variant } = tools;
  const rules = { ...kernelRulesOf(dump, await remembered(host, family)), variant };
  return { family, variant, tools, rules, rawText, diagnostics: [] };
}

function wantedVariant({ iptables }: KernelReadOptions): Variant | undefined {
  if (iptables === undefined) return undefined;
  return iptables === 'nft' ? 'nf_tables' : 'legacy';
}

interface TableOptions extends KernelReadOptions {
  /** Milliseconds for each table. */
  readonly timeout?: number;
}

/** The tables that vipc has rules in, parsed, and as the tool printed them. */
export async function readTables(
  host: Host,
  tools: Tools,
  family: Family,
  { whole = false, tables = whole ? ALL_TABLES : OUR_TABLES, timeout, signal }: TableOptions,
): Promise<{ readonly dump: Dump; readonly rawText: string }> {
  const existing =
    tools.variant === 'legacy' ? await legacyTables(host, family, tables) : [...tables];
  const texts = await Promise.all(
    existing.map(async (table) => {
      const result = await host.run({
        command: tools.save,
        args: ['-t', table],
        bytes: true,
        timeout: timeout ?? SAVE_TIMEOUT,
        signal,
      });
      return outputOf(tools.save, result);
    }),
  );
  const rawText = texts.join('');
  const dump = parseDump(rawText, { name: tools.save });
  // The tool can succeed although it has printed nothing.
  const missing = existing.find((table) => !dump.tables.has(table));
  if (missing === undefined) return { dump, rawText };
  throw new ParseError(`${tools.save} printed nothing about table ${missing}`, 0);
}

/**
 * Of the tables, those that exist in the legacy variant. The file is missing where no program of it
 * has ever run.
 */
export async function legacyTables(
  host: Host,
  family: Family,
  tables: readonly string[],
): Promise<readonly string[]> {
  const names = await host.readFile(
    family === 'IPv4' ? '/proc/net/ip_tables_names' : '/proc/net/ip6_tables_names',
  );
  const existing = new Set((names ?? '').split('\n'));
  return tables.filter((table) => existing.has(table));
}
