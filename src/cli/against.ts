/** Reads what desired rules are compared with: the kernel of this machine, or dumps that were taken elsewhere. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasIpv6, type KernelState, readKernel } from '../apply/read-kernel.js';
import type { Variant } from '../apply/tools.js';
import { type Dump, parseDump } from '../backends/iptables/parse.js';
import type { Diagnostic } from '../diagnostics.js';
import { InputError, UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import { unreadable } from './inputs.js';

/** What one family holds, there. */
export interface Against {
  readonly family: Family;
  readonly variant: Variant;
  readonly dump: Dump;
  /** `the kernel (iptables-nft 1.8.9)`, or a path. */
  readonly name: string;
}

/** The families, and what there is to say about them. */
export interface AgainstAll {
  readonly sides: readonly Against[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What the command line says about the side to compare with; no family means every one that is there. */
export interface AgainstFlags {
  readonly family?: 'ipv4' | 'ipv6' | 'dual';
  readonly iptables?: 'nft' | 'legacy';
}

/** What the kernel holds. A kernel without IPv6 has one family, unless IPv6 was asked for. */
export async function againstKernel(host: Host, flags: AgainstFlags): Promise<AgainstAll> {
  const families = await kernelFamilies(host, flags.family);
  const sides: Against[] = [];
  const diagnostics: Diagnostic[] = [];
  let otherFamily: Variant | undefined;
  for (const family of families) {
    const state = await readKernel(host, family, {
      ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
      ...(otherFamily === undefined ? {} : { otherFamily }),
    });
    otherFamily = state.variant;
    diagnostics.push(...state.diagnostics);
    sides.push({ family, variant: state.variant, dump: state.dump, name: kernelName(state) });
  }
  return { sides, diagnostics };
}

async function kernelFamilies(
  host: Host,
  flag: AgainstFlags['family'],
): Promise<readonly Family[]> {
  if (flag === 'ipv4') return ['IPv4'];
  if (flag === 'ipv6') return ['IPv6'];
  return flag === 'dual' || (await hasIpv6(host)) ? ['IPv4', 'IPv6'] : ['IPv4'];
}

function kernelName({ tools, variant }: KernelState): string {
  return `the kernel (${variant === 'legacy' ? 'iptables-legacy' : 'iptables-nft'} ${tools.version})`;
}

/**
 * What `iptables-save` printed into a file, or into the files of a folder. The family is told by the text, else by
 * the name (`…v4…`, `…v6…`), else by `--family`. Throws UsageError where none of them tells, or where they disagree.
 */
export async function againstFiles(path: string, flags: AgainstFlags): Promise<AgainstAll> {
  const files = await dumpFiles(path);
  const sides: Against[] = [];
  for (const file of files) {
    const text = await readFile(file, 'latin1').catch((error: unknown) => {
      throw unreadable(file, error);
    });
    const family = familyOf(file, text, flags.family, files.length > 1);
    const dump = parseDump(text, { name: file });
    if (sides.some((side) => side.family === family))
      throw new UsageError(`${JSON.stringify(path)} has two dumps of ${family}`, {
        hint: 'name one of them with --against',
      });
    sides.push({ family, dump, name: file, variant: variantOf(dump, flags) });
  }
  const wanted = sides.filter(
    ({ family }) =>
      flags.family === undefined || flags.family === 'dual' || sameFamily(family, flags.family),
  );
  if (wanted.length > 0) return { sides: wanted, diagnostics: [] };
  throw new UsageError(`${JSON.stringify(path)} has no dump of --family ${flags.family}`);
}

function sameFamily(family: Family, flag: string): boolean {
  return family.toLowerCase() === flag;
}

/** A dump does not always tell its variant; it is needed only to carry out the plan. */
function variantOf(dump: Dump, { iptables }: AgainstFlags): Variant {
  if (iptables !== undefined) return iptables === 'nft' ? 'nf_tables' : 'legacy';
  return dump.tool?.variant ?? 'nf_tables';
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

function familyOf(
  file: string,
  text: string,
  flag: AgainstFlags['family'],
  several: boolean,
): Family {
  const told = familyOfText(text) ?? familyOfName(basename(file));
  const asked = flag === 'ipv4' ? 'IPv4' : flag === 'ipv6' ? 'IPv6' : undefined;
  if (told === undefined && asked === undefined)
    throw new UsageError(`${JSON.stringify(file)} does not tell whether it is IPv4 or IPv6`, {
      hint: 'say it with --family',
    });
  if (!several && told !== undefined && asked !== undefined && told !== asked)
    throw new UsageError(`${JSON.stringify(file)} is ${told}, not ${asked}`);
  return told ?? asked ?? 'IPv4';
}

/** The header of iptables-save or of our own documents, else the first address of a rule. */
function familyOfText(text: string): Family | undefined {
  const header = /^# (?:Generated by (ip6?)\S*tables|(IPv[46]):)/m.exec(text);
  if (header !== null) return header[1] === 'ip6' || header[2] === 'IPv6' ? 'IPv6' : 'IPv4';
  const address = /^-A .*? -[sd] ([0-9a-f.:]+)\//m.exec(text)?.[1];
  if (address === undefined) return undefined;
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function familyOfName(name: string): Family | undefined {
  const [v4, v6] = [NAMED_V4.test(name), NAMED_V6.test(name)];
  if (v4 === v6) return undefined;
  return v4 ? 'IPv4' : 'IPv6';
}
