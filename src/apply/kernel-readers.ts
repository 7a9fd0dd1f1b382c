/** How the kernel of this machine is read in each mode, and what else of the machine that mode has to know. */

import type { Reading } from '../backends/backend.js';
import { readingOf } from '../backends/iptables/reading.js';
import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import { collectFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { BackendName } from '../ruleset/types.js';
import { machineFacts } from './machine-facts.js';
import { type ReadOptions, readKernel } from './read-kernel.js';
import { readNft } from './read-nft.js';

/** One family of the kernel. */
export interface KernelReading {
  readonly reading: Reading;
  /** `the kernel (iptables-nft 1.8.9)` */
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface KernelReader {
  readonly read: (host: Host, family: Family, options: ReadOptions) => Promise<KernelReading>;
  /** What compiling for this machine has to know. */
  readonly facts: (
    host: Host,
    options: ReadOptions,
  ) => Promise<{ readonly facts: HostFacts; readonly diagnostics: readonly Diagnostic[] }>;
}

const iptables: KernelReader = {
  read: async (host, family, options) => {
    const { dump, tools, variant, diagnostics } = await readKernel(host, family, options);
    const name = `the kernel (${variant === 'legacy' ? 'iptables-legacy' : 'iptables-nft'} ${tools.version})`;
    return { reading: { ...readingOf(dump), variant }, name, diagnostics };
  },
  facts: machineFacts,
};

const nftables: KernelReader = {
  read: async (host, family, { iptables: variant, signal }) => {
    if (variant !== undefined)
      throw new UsageError(`--iptables ${variant} means nothing in mode nftables`);
    const { reading, version } = await readNft(host, family, signal);
    return { reading, name: `the kernel (nft ${version})`, diagnostics: [] };
  },
  facts: async (host) => {
    const { facts, diagnostics } = await collectFacts(host);
    return {
      facts,
      diagnostics: diagnostics.filter(({ code }) => !code.startsWith('host-nfacct')),
    };
  },
};

/** One reader per mode. */
export const KERNEL_READERS: Readonly<Record<BackendName, KernelReader>> = {
  iptables,
  nftables,
};
