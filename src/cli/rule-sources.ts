/** Reads the rules that a command looks at: of a dump of any tool, or of a kernel. */

import type { Command } from 'commander';
import { kernelFamilies } from '../apply/read-kernels.js';
import type { Backend } from '../backends/backend.js';
import { BACKENDS } from '../backends/index.js';
import type { KernelState } from '../backends/kernel.js';
import type { LongText } from '../backends/long-text.js';
import { modeOf, type NamedRules, namedRules, rulesOfText } from '../backends/named-rules.js';
import { ANY_WRITER } from '../backends/writers.js';
import { ToolError, UnsupportedError, UsageError } from '../errors.js';
import { getOrInsert } from '../grouping.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import { joinedPrograms, lazy, type Program, programOfTables } from '../netfilter/program.js';
import type { BackendName } from '../ruleset/types.js';
import { addVariantFlag } from './flags.js';
import { openDumpText, readDumpText, unknownFamily } from './sources.js';

/** The value of `--rules` that stands for this machine; a file of that name is `./kernel`. */
export const KERNEL = 'kernel';

/** Which rules a command looks at. */
export interface RuleFlags {
  /** A dump, or {@link KERNEL}. */
  readonly rules?: string;
  /** Which iptables of the kernel; absent: the one that the machine uses. */
  readonly iptables?: 'nft' | 'legacy';
}

/** The command with the flags of {@link RuleFlags}. */
export function addRuleFlags(command: Command): Command {
  return addVariantFlag(
    command.option(
      '--rules <file>',
      `rules to look at: a dump of iptables-save or "nft -j list ruleset", or the word ${KERNEL} for those of this machine`,
    ),
    `, with --rules ${KERNEL}; without it the one that this machine uses`,
  );
}

/**
 * Whether the rules are those of this machine's kernel; `otherwise`: without `--rules`. Throws
 * UsageError for `--iptables` where they are not.
 */
export function readsKernel({ rules, iptables }: RuleFlags, otherwise: boolean): boolean {
  const isKernel = rules === undefined ? otherwise : rules === KERNEL;
  if (iptables !== undefined && !isKernel)
    throw new UsageError(
      `--iptables is for the kernel of this machine: it goes with --rules ${KERNEL}`,
    );
  return isKernel;
}

/** The text of a dump, decoded as its tool writes it. Throws InputError. */
export async function readDump(path: string): Promise<string> {
  return readDumpText(path, encodingOf);
}

function encodingOf(head: string): Backend['encoding'] {
  return BACKENDS[modeOf(head)].encoding;
}

/** A dump that was read, with the mode and the families of its rules. */
export interface DumpFile {
  readonly path: string;
  readonly text: LongText;
  readonly mode: BackendName;
  readonly families: readonly Family[];
  /** Whether the rules are read when a question is about them. */
  readonly late: boolean;
}

/** Reads a dump, with the families that its text shows; there may be none. Throws InputError. */
export async function readDumpFile(path: string): Promise<DumpFile> {
  return dumpFile(path, await readDump(path), false);
}

/** The same for a question about a few of its rules: those of a large dump are read later. */
export async function openDumpFile(path: string): Promise<DumpFile> {
  return dumpFile(path, await openDumpText(path, encodingOf), true);
}

function dumpFile(path: string, text: LongText, late: boolean): DumpFile {
  const mode = modeOf(text);
  return { path, text, mode, families: BACKENDS[mode].familiesOf(text), late };
}

/**
 * The error for a dump whose text shows no family. Throws ParseError, with the next command, where
 * the text is no dump: a family would not help.
 */
export function withoutFamily(dump: DumpFile): UsageError {
  rulesOfDump(dump);
  return unknownFamily(dump.path);
}

/** The rules of each family in a dump: of those that its text shows, else of IPv4. */
export function rulesOfDump(dump: DumpFile): ReadonlyMap<Family, NamedRules> {
  return new Map(shownFamilies(dump).map((family) => [family, rulesInDump(dump, family)]));
}

function rulesInDump({ text, path, families, late }: DumpFile, family: Family): NamedRules {
  return rulesOfText(text, path, family, families, late);
}

function shownFamilies({ families }: DumpFile): readonly Family[] {
  return families.length === 0 ? ['IPv4'] : families;
}

/** Reads the rules of a family; those that were read before are not read again. */
export type RulesReader = (family: Family) => Promise<NamedRules>;

/** Reads the rules in a dump, else those of this machine. */
export function rulesReader(
  dump: DumpFile | undefined,
  { iptables }: RuleFlags,
  host: Host,
): RulesReader {
  const known = new Map<Family, Promise<NamedRules>>();
  const read = async (family: Family): Promise<NamedRules> =>
    dump === undefined ? rulesOfKernel(host, family, iptables) : rulesInDump(dump, family);
  return (family) => getOrInsert(known, family, read);
}

/** The families of the rules in a dump, else of those of this machine. */
export async function ruleFamilies(
  dump: DumpFile | undefined,
  host: Host,
): Promise<readonly Family[]> {
  return dump === undefined ? kernelFamilies(host, undefined) : shownFamilies(dump);
}

/** The rules of these families, one after the other. */
export async function allRules(
  families: readonly Family[],
  rulesOf: RulesReader,
): Promise<readonly NamedRules[]> {
  const found: NamedRules[] = [];
  for (const family of families) found.push(await rulesOf(family));
  return found;
}

/** The rules of each family that `--rules` names; of this machine where it names none. */
export async function rulesByFamily(
  { rules: path = KERNEL, iptables }: RuleFlags,
  host: Host,
): Promise<ReadonlyMap<Family, NamedRules>> {
  if (path !== KERNEL) return rulesOfDump(await readDumpFile(path));
  const found = new Map<Family, NamedRules>();
  for (const family of await kernelFamilies(host, undefined))
    found.set(family, await rulesOfKernel(host, family, iptables));
  return found;
}

/**
 * All rules of one family in this machine's kernel: those of iptables and those of nft, since a
 * packet meets both. Where only one of the tools is there, its rules. Throws the error of a tool
 * that is there and cannot read.
 */
export async function rulesOfKernel(
  host: Host,
  family: Family,
  iptables: 'nft' | 'legacy' | undefined,
): Promise<NamedRules> {
  const kernels: (KernelState & { readonly mode: BackendName })[] = [];
  const names: string[] = [];
  let missing: unknown;
  for (const mode of ['iptables', 'nftables'] satisfies BackendName[]) {
    const { kernel } = BACKENDS[mode];
    try {
      const state = await kernel.read(host, family, { iptables, whole: true });
      kernels.push({ ...state, mode });
      names.push(kernel.name(state.tools));
    } catch (error) {
      if (!(error instanceof ToolError || error instanceof UnsupportedError)) throw error;
      missing = error;
    }
  }
  if (kernels.length === 0) throw missing;
  const isIptablesRead = kernels.some(
    ({ tools: { save, variant } }) => save !== 'nft' && variant === 'nf_tables',
  );
  const name = `the kernel (${names.join(', ')})`;
  const read = kernels.map(({ rules }) => namedRules(rules, name, family));
  const programmed = kernels.filter(({ rules }) => rules.isProgrammed());
  const programs = read.map((rules) => rules.program);
  const program = joinedPrograms(isIptablesRead ? onceOnly(programs, family) : programs);
  return {
    name,
    // What nft cannot list are rules of iptables-nft, and those come from iptables-save.
    program: isIptablesRead ? { ...program, unread: [] } : program,
    frontends: () => read.flatMap(({ frontends }) => frontends()),
    clusterIps: () => read.flatMap(({ clusterIps }) => clusterIps()),
    nodePortIps: () => read.flatMap(({ nodePortIps }) => nodePortIps()),
    podNetworks: () => read.flatMap(({ podNetworks }) => podNetworks()),
    isProgrammed: () => programmed.length > 0,
    settings: lazy(() => Object.assign({}, ...programmed.map(({ rules }) => rules.settings()))),
    writers: (mode) => {
      const own = programmed.find((kernel) => kernel.mode === mode) ?? programmed[0];
      return own?.rules.writers() ?? ANY_WRITER;
    },
    diagnostics: kernels.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * The programs with the tables of iptables-nft once: iptables-save prints them, and nft does too
 * where it understands all of their rules.
 */
function onceOnly([first, ...others]: readonly Program[], family: Family): readonly Program[] {
  if (first === undefined) return [];
  const ip = family === 'IPv4' ? 'ip' : 'ip6';
  const known = new Set([...first.tables.keys()].map((table) => `${ip} ${table}`));
  return [
    first,
    ...others.map(({ tables, hooks, sets, unread }) =>
      programOfTables(
        new Map([...tables].filter(([table]) => !known.has(table))),
        [...hooks.values()].flat().filter(({ table }) => !known.has(table)),
        [...sets.values()],
        unread,
      ),
    ),
  ];
}
