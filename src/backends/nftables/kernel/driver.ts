/** The kernel of a machine through nft. */

import { UsageError } from '../../../errors.js';
import { collectFacts } from '../../../host/facts.js';
import type { KernelDriver } from '../../kernel.js';
import { loadNft } from './load.js';
import { findNft, readNft, readNftAgain } from './read.js';
import { planRemovals, remove } from './removal.js';

export const driver: KernelDriver = {
  checkTools: async (host, families) => void (await findNft(host, families)),
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
  planRemovals,
  remove,
};
