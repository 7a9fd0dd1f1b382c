/** The kernel of a machine through the iptables tools, of whichever variant the machine uses. */

import { LAYOUT_MODULES } from '../../../config/rule-modules.js';
import { type HostFacts, NFACCT_COUNTERS, type NfacctCounter } from '../../../config/types.js';
import type { Diagnostic } from '../../../diagnostics.js';
import { collectFacts } from '../../../host/facts.js';
import type { Host } from '../../../host/host.js';
import { missingModules } from '../../../host/modules.js';
import type { FactsOptions, KernelDriver } from '../../kernel.js';
import { findIptables, readAgain, readKernel } from './read.js';
import { planRemovals, remove } from './removal.js';
import { load } from './restore.js';
import { VARIANT_FLAG } from './variant.js';

export const driver: KernelDriver = {
  checkTools: async (host, families) => {
    for (const family of families) await findIptables(host, family);
  },
  read: readKernel,
  readAgain,
  load,
  checkFlags: () => {},
  facts: machineFacts,
  name: ({ variant, version }) => `iptables-${VARIANT_FLAG[variant]} ${version}`,
  usage: (tools, family) =>
    `${tools.restore} --noflush, or ${family === 'IPv4' ? 'iptables' : 'ip6tables'}-restore of the same variant`,
  trial: (tools) => `${tools.restore} --test`,
  proof: 'the tools can read all of it; the kernel has not checked it',
  planRemovals,
  remove,
};

/** `-m nfacct --nfacct-name NAME`; iptables-nft-save writes two blanks. */
const NFACCT_NAME = /--nfacct-name +(\S+)/g;

/**
 * The facts, with the modules that the layout misses and the nfacct counters that rules may name:
 * a rule that names a missing object is refused. vipc creates the objects with the program nfacct.
 * Without that program, an object exists only where a rule in the kernel names it, as on a node
 * that kube-proxy has programmed.
 */
export async function machineFacts(
  host: Host,
  options: FactsOptions,
): Promise<{ readonly facts: HostFacts; readonly diagnostics: readonly Diagnostic[] }> {
  const modules = LAYOUT_MODULES[options.layout];
  const [{ facts: found, diagnostics }, missing] = await Promise.all([
    collectFacts(host),
    modules.length === 0 ? undefined : missingModules(host, modules),
  ]);
  const facts = { ...found, ...(missing === undefined ? {} : { missingModules: missing }) };
  const others = diagnostics.filter(({ code }) => code !== 'host-nfacct-guessed');
  // Nothing was guessed: the program nfacct has answered.
  if (others.length === diagnostics.length) return { facts, diagnostics };
  const { rawText } = await readKernel(host, 'IPv4', { ...options, tables: ['filter', 'nat'] });
  const named = new Set([...rawText.matchAll(NFACCT_NAME)].map(([, name]) => name));
  const nfacct = NFACCT_COUNTERS.filter((counter) => named.has(counter));
  return { facts: { ...facts, nfacct }, diagnostics: [...others, unavailable(nfacct)] };
}

function unavailable(there: readonly NfacctCounter[]): Diagnostic {
  const missing = NFACCT_COUNTERS.filter((counter) => !there.includes(counter));
  const effect =
    missing.length === 0
      ? 'rules in the kernel name every counter, so they are there'
      : `without rules that count ${missing.join(' and ')}`;
  return {
    code: 'nfacct-unavailable',
    severity: 'note',
    message: `the program nfacct does not answer: ${effect}`,
    ...(missing.length === 0 ? {} : { hint: 'install nfacct' }),
  };
}
