/**
 * Reads what desired rules are compared with: the kernel of this machine, or dumps that were taken
 * elsewhere.
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { kernelFamilies, readKernels } from '../apply/read-kernels.js';
import type { Backend } from '../backends/backend.js';
import { type BesideKept, compileBeside } from '../backends/kept.js';
import type { KernelDriver } from '../backends/kernel.js';
import type { KernelRules } from '../backends/kernel-rules.js';
import type { Variant } from '../backends/tools.js';
import type { Diagnostic } from '../diagnostics.js';
import { InputError, UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { CompiledInputs } from './compiled-inputs.js';
import { type DumpFile, readDumpFile } from './rule-sources.js';
import { unknownFamily, unreadable } from './sources.js';

/** What one family holds, there. */
export interface Against {
  readonly family: Family;
  readonly variant: Variant;
  readonly rules: KernelRules;
  /** `the kernel (iptables-nft 1.8.9)`, or a path. */
  readonly name: string;
}

/** The families, and what there is to say about them. */
export interface AgainstAll {
  readonly sides: readonly Against[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What the command line says about the side to compare with; no family means every one that is
 * there.
 */
export interface AgainstFlags {
  readonly family?: 'ipv4' | 'ipv6' | 'dual';
  readonly iptables?: 'nft' | 'legacy';
}

/** What the kernel holds. A kernel without IPv6 has one family, unless IPv6 was asked for. */
export async function againstKernel(
  host: Host,
  driver: KernelDriver,
  { family, iptables }: AgainstFlags,
): Promise<AgainstAll> {
  const families = await kernelFamilies(host, family);
  const kernels = await readKernels(host, driver, families, { iptables });
  return {
    sides: kernels.map(({ family, variant, rules, tools }) => ({
      ...{ family, variant, rules },
      name: `the kernel (${driver.name(tools)})`,
    })),
    diagnostics: kernels.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** The dumps that a path names, a file or those of a folder. Throws InputError. */
export async function readAgainst(path: string): Promise<readonly DumpFile[]> {
  const dumps: DumpFile[] = [];
  for (const file of await dumpFiles(path)) dumps.push(await readDumpFile(file));
  return dumps;
}

/**
 * What the tool of the mode printed into a file, or into the files of a folder. The families are
 * taken from the text, else from the name (`…v4…`, `…v6…`), else by `--family`. Throws UsageError
 * where none of them says, or where they disagree.
 */
export function againstFiles(
  path: string,
  dumps: readonly DumpFile[],
  { familiesOf, read }: Backend,
  flags: AgainstFlags,
): AgainstAll {
  const sides: Against[] = [];
  for (const { path: file, text } of dumps) {
    const inText = familiesOf(text);
    // What is wrong with the text itself is said first: a family would not help.
    if (inText.length === 0 && flags.family === undefined) read(text, { name: file });
    for (const family of familiesOfFile(file, inText, flags.family, dumps.length > 1)) {
      if (sides.some((side) => side.family === family))
        throw new UsageError(`${JSON.stringify(path)} has two dumps of ${family}`, {
          hint: 'name one of them with --against',
        });
      const rules = read(text, { name: file, family });
      sides.push({ family, rules, name: file, variant: variantOf(rules, flags) });
    }
  }
  const wanted = sides.filter(
    ({ family }) =>
      flags.family === undefined || flags.family === 'dual' || sameFamily(family, flags.family),
  );
  if (wanted.length > 0)
    return { sides: wanted, diagnostics: wanted.flatMap(({ rules, name }) => rules.remarks(name)) };
  throw new UsageError(`${JSON.stringify(path)} has no dump of --family ${flags.family}`);
}

function sameFamily(family: Family, flag: string): boolean {
  return family.toLowerCase() === flag;
}

/** A dump does not always name its variant; it is needed only to carry out the plan. */
function variantOf(reading: KernelRules, { iptables }: AgainstFlags): Variant {
  if (iptables !== undefined) return iptables === 'nft' ? 'nf_tables' : 'legacy';
  return reading.variant;
}

const NAMED_V4 = /v4|ip4/i;
const NAMED_V6 = /v6|ip6/i;

async function dumpFiles(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter(
      (name) => NAMED_V4.test(name) || NAMED_V6.test(name),
    );
    if (names.length > 0) return names.sort().map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new InputError(`the folder ${JSON.stringify(path)} has no file with v4 or v6 in its name`, {
    hint: 'iptables-save > iptables.v4.rules; ip6tables-save > iptables.v6.rules',
  });
}

function familiesOfFile(
  file: string,
  inText: readonly Family[],
  flag: AgainstFlags['family'],
  several: boolean,
): readonly Family[] {
  const found = inText.length > 0 ? inText : familyOfName(basename(file));
  const asked = flag === 'ipv4' ? 'IPv4' : flag === 'ipv6' ? 'IPv6' : undefined;
  if (found.length === 0 && asked === undefined) throw unknownFamily(file);
  if (!several && found.length > 0 && asked !== undefined && !found.includes(asked))
    throw new UsageError(`${JSON.stringify(file)} is ${found.join(' and ')}, not ${asked}`);
  return found.length > 0 ? found : [asked ?? 'IPv4'];
}

function familyOfName(name: string): readonly Family[] {
  const [v4, v6] = [NAMED_V4.test(name), NAMED_V6.test(name)];
  if (v4 === v6) return [];
  return [v4 ? 'IPv4' : 'IPv6'];
}

/** One family: what it is compared with, and what it should hold. */
export type FamilyAgainst = BesideKept & { readonly side: Against };

/** Each family with the Services of the kernel that stay. */
export function besideKept(
  { compiled, kept }: Pick<CompiledInputs, 'compiled' | 'kept'>,
  sides: readonly Against[],
): readonly FamilyAgainst[] {
  return compiled.flatMap((one) =>
    sides
      .filter(({ family }) => family === one.ruleset.family)
      .map((side) => ({ side, ...compileBeside(side.rules, kept, one) })),
  );
}
