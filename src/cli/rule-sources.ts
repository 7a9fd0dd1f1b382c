/** Reads the rules that trace asks about: of a dump, whichever tool printed it, or of a kernel. */

import { readFile } from 'node:fs/promises';
import type { KernelRules } from '../backends/backend.js';
import { BACKENDS } from '../backends/index.js';
import type { KernelState } from '../backends/kernel.js';
import type { Diagnostic } from '../diagnostics.js';
import { ParseError, ToolError, UnsupportedError, UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import { type Cidr, cidrFamily } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';
import { joinedPrograms, type Program, withMissingTables } from '../netfilter/program.js';
import { readRules } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { unreadable } from './sources.js';

/** The rules of a family, and where they are from. */
export interface NamedProgram {
  /** A path, or `the kernel (iptables-nft 1.8.9)`. */
  readonly name: string;
  readonly program: Program;
  /** Addresses that the rules call ClusterIPs. */
  readonly clusterIps: readonly Ip[];
  /** The network of Pods that the rules tell by their source. */
  readonly podNetworks: readonly Cidr[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Which tool a text is from: nft prints JSON, and takes scripts of `add …` commands. */
export function modeOf(text: string): BackendName {
  return /^\s*(?:\{|(?:add|create|delete|destroy|flush) )/.test(text) ? 'nftables' : 'iptables';
}

/**
 * The rules of one family in a dump: of iptables-save, of `nft -j list ruleset`, or a document of
 * ours. Throws InputError, ParseError (also for a dump without any table), and UsageError where the
 * dump is of the other family.
 */
export async function programOfFile(path: string, family: Family): Promise<NamedProgram> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const mode = modeOf(bytes.subarray(0, 4096).toString('latin1'));
  const { encoding, familiesOf } = BACKENDS[mode];
  const text = bytes.toString(encoding);
  const told = familiesOf(text);
  if (told.length > 0 && !told.includes(family))
    throw new UsageError(
      `${JSON.stringify(path)} holds ${told.join(' and ')} rules, not ${family}`,
    );
  const rules = readRules(mode, text, { name: path, family });
  const program = rules.program();
  if (program.chains.size === 0 && program.unread.length === 0)
    throw new ParseError(`${JSON.stringify(path)} has no rules and no chains`, 0, {
      hint: 'dump all rules with iptables-save or "nft -j list ruleset", as root',
    });
  return {
    name: path,
    program: mode === 'iptables' ? withMissingTables(program) : program,
    ...addressesIn(rules, family),
    diagnostics: [],
  };
}

/** Addresses of which the rules tell that they are no machine's. */
export function addressesIn(
  rules: KernelRules,
  family: Family,
): Pick<NamedProgram, 'clusterIps' | 'podNetworks'> {
  return { clusterIps: rules.clusterIps(family), podNetworks: podNetworks(rules, family) };
}

function podNetworks(rules: KernelRules, family: Family): readonly Cidr[] {
  const { localDetector } = rules.settings();
  return localDetector?.kind === 'source' && cidrFamily(localDetector.cidr) === family
    ? [localDetector.cidr]
    : [];
}

/**
 * All rules of one family in this machine's kernel: those of iptables and those of nft, since a
 * packet meets both. Where only one of the tools is there, its rules. Throws the error of a tool
 * that is there and cannot read.
 */
export async function programOfKernel(
  host: Host,
  family: Family,
  iptables: 'nft' | 'legacy' | undefined,
): Promise<NamedProgram> {
  const kernels: KernelState[] = [];
  const names: string[] = [];
  let missing: unknown;
  for (const { kernel } of [BACKENDS.iptables, BACKENDS.nftables]) {
    try {
      const state = await kernel.read(host, family, { iptables, whole: true });
      kernels.push(state);
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
  const program = joinedPrograms(kernels.map(({ rules }) => rules.program()));
  return {
    name: `the kernel (${names.join(', ')})`,
    // nft cannot tell the rules of iptables-nft, which iptables-save has told.
    program: isIptablesRead ? { ...program, unread: [] } : program,
    clusterIps: kernels.flatMap(({ rules }) => rules.clusterIps(family)),
    podNetworks: kernels.flatMap(({ rules }) => podNetworks(rules, family)),
    diagnostics: kernels.flatMap(({ diagnostics }) => diagnostics),
  };
}
