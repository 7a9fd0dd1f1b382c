/** How the kernel of this machine is read and written in each mode, and what else of the machine that mode has to know. */

import type { Reading } from '../backends/backend.js';
import { readingOf } from '../backends/iptables/reading.js';
import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import { collectFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { BackendName } from '../ruleset/types.js';
import { loadNft } from './load-nft.js';
import { machineFacts } from './machine-facts.js';
import {
  findIptables,
  type KernelState as IptablesState,
  type ReadOptions,
  readAgain,
  readKernel,
} from './read-kernel.js';
import { findNft, readNft, readNftAgain } from './read-nft.js';
import { type RestoreFault, type RestoreOptions, restore } from './restore.js';
import type { Tools, Variant } from './tools.js';
import { VARIANT_FLAG } from './variant.js';

/** One family of the kernel: what was read, and with what. */
export interface KernelState {
  readonly family: Family;
  readonly variant: Variant;
  /** The programs that read it, and that write to the same place. */
  readonly tools: Tools;
  readonly reading: Reading;
  /** What the tool printed. */
  readonly rawText: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface KernelAccess {
  /** Throws ToolError, PermissionError or UnsupportedError where this machine has no tools for the mode, or no rights. */
  readonly checkTools: (host: Host, family: Family) => Promise<void>;
  readonly read: (host: Host, family: Family, options: ReadOptions) => Promise<KernelState>;
  /** The same again, with the tools that are known. */
  readonly readAgain: (
    host: Host,
    before: Pick<KernelState, 'family' | 'tools'>,
    options: ReadOptions,
  ) => Promise<KernelState>;
  /** `undefined` where all of the input was loaded, otherwise the reason why not. */
  readonly load: (
    host: Host,
    tools: Tools,
    input: string,
    options: RestoreOptions,
  ) => Promise<RestoreFault | undefined>;
  /** Throws UsageError for a flag that means nothing in this mode. */
  readonly checkFlags: (flags: Pick<ReadOptions, 'iptables'>) => void;
  /** What compiling for this machine has to know. */
  readonly facts: (
    host: Host,
    options: ReadOptions,
  ) => Promise<{ readonly facts: HostFacts; readonly diagnostics: readonly Diagnostic[] }>;
  /** `iptables-nft 1.8.9` */
  readonly name: (tools: Tools) => string;
  /** How a person loads an input. */
  readonly usage: (tools: Tools, family: Family) => string;
  /** What is run to try an input out. */
  readonly trial: (tools: Tools) => string;
  /** What a trial proves. */
  readonly proof: string;
}

function withReading(state: IptablesState): KernelState {
  const { dump, ...others } = state;
  return { ...others, reading: { ...readingOf(dump), variant: state.variant } };
}

const iptables: KernelAccess = {
  checkTools: async (host, family) => void (await findIptables(host, family)),
  read: async (host, family, options) => withReading(await readKernel(host, family, options)),
  readAgain: async (host, before, options) => withReading(await readAgain(host, before, options)),
  load: restore,
  checkFlags: () => {},
  facts: machineFacts,
  name: ({ variant, version }) => `iptables-${VARIANT_FLAG[variant]} ${version}`,
  usage: (tools, family) =>
    `${tools.restore} --noflush, or ${family === 'IPv4' ? 'iptables' : 'ip6tables'}-restore of the same variant`,
  trial: (tools) => `${tools.restore} --test`,
  proof: 'the tools can read all of it; the kernel was not asked',
};

const nftables: KernelAccess = {
  checkTools: async (host, family) => void (await findNft(host, family)),
  read: readNft,
  readAgain: readNftAgain,
  load: loadNft,
  checkFlags: ({ iptables: variant }) => {
    if (variant !== undefined)
      throw new UsageError(`--iptables ${variant} means nothing in mode nftables`);
  },
  facts: async (host) => {
    const { facts, diagnostics } = await collectFacts(host);
    return {
      facts,
      diagnostics: diagnostics.filter(({ code }) => !code.startsWith('host-nfacct')),
    };
  },
  name: ({ version }) => `nft ${version}`,
  usage: () => 'nft -f -',
  trial: () => 'nft -c -f -',
  proof: 'the kernel would take all of it',
};

/** One for each mode. */
export const KERNELS: Readonly<Record<BackendName, KernelAccess>> = { iptables, nftables };
