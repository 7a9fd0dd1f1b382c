/** The kernel of a machine through the iptables tools, of whichever variant the machine uses. */

import type { KernelDriver } from '../../kernel.js';
import { machineFacts } from './facts.js';
import { findIptables, readAgain, readKernel } from './read.js';
import { planRemovals, remove } from './removal.js';
import { load } from './restore.js';
import { VARIANT_FLAG } from './variant.js';

export const driver: KernelDriver = {
  checkTools: async (host, family) => void (await findIptables(host, family)),
  read: readKernel,
  readAgain,
  load,
  checkFlags: () => {},
  facts: machineFacts,
  name: ({ variant, version }) => `iptables-${VARIANT_FLAG[variant]} ${version}`,
  usage: (tools, family) =>
    `${tools.restore} --noflush, or ${family === 'IPv4' ? 'iptables' : 'ip6tables'}-restore of the same variant`,
  trial: (tools) => `${tools.restore} --test`,
  proof: 'the tools can read all of it; the kernel was not asked',
  planRemovals,
  remove,
};
