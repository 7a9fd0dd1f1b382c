/**
 * The three ways to hold rules for Services in a Linux kernel, as one table: a suite that runs over
 * it tests all of them.
 */

import type { ApplyOptions } from '../../../src/apply/steps.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import type { Command } from '../../../src/host/host.js';
import type { Family } from '../../../src/net/ip.js';
import { print } from '../../../src/pipeline.js';
import type { BackendName, Ruleset } from '../../../src/ruleset/types.js';
import type { Namespace } from '../machines/netns.js';
import {
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from './iptables-variants.js';
import { plainTables } from './nft-tables.js';
import { missingFrom } from './ruleset-in-kernel.js';

export interface KernelVariant {
  readonly name: 'iptables-nft' | 'iptables-legacy' | 'nftables';
  readonly mode: BackendName;
  /** Commands that must be installed for it. */
  readonly tools: readonly string[];
  /** The options of an apply that choose it. */
  readonly options: Pick<ApplyOptions, 'backend' | 'iptables'>;
  /** The same on the command line. */
  readonly words: readonly string[];
  /** What messages call it, without its version. */
  readonly label: string;
  /** The program that reads and the one that loads a family. */
  readonly reader: (family: Family) => string;
  readonly loader: (family: Family) => string;
  readonly isRead: (command: Command) => boolean;
  readonly isLoad: (command: Command) => boolean;
  /** What must be there before rules that others wrote are loaded. */
  readonly prepare: (namespace: Namespace) => Promise<void>;
  /**
   * Loads text on top of what is there, as a program other than vipc does; throws with the tool's
   * message.
   */
  readonly load: (namespace: Namespace, family: Family, text: string) => Promise<void>;
  /**
   * All that vipc looks at, without anything that time alone changes; `''` where a kernel has none
   * of it.
   */
  readonly save: (namespace: Namespace, family: Family) => Promise<string>;
  /** Whether what was saved has anything of ours. */
  readonly hasOurs: (saved: string) => boolean;
  /**
   * Where it differs from a Ruleset; `''`: nowhere. With `exact`, comments count too where the
   * kernel has them.
   */
  readonly differences: (saved: string, ruleset: Ruleset, exact?: boolean) => string;
}

function iptables(variant: IptablesVariant): KernelVariant {
  const flag = variant.name === 'iptables-nft' ? 'nft' : 'legacy';
  const program = (verb: string) => (family: Family) =>
    `${family === 'IPv4' ? variant.name : variant.name.replace('iptables', 'ip6tables')}-${verb}`;
  return {
    name: variant.name,
    mode: 'iptables',
    tools: [...variant.tools, 'nfacct'],
    options: { backend: BACKENDS.iptables, iptables: flag },
    words: ['--iptables', flag],
    label: variant.name,
    reader: program('save'),
    loader: program('restore'),
    isRead: ({ command }) => command.endsWith('-save'),
    isLoad: ({ command }) => command.endsWith('-restore'),
    prepare: makeNfacctObjects,
    load: (namespace, family, text) => loadDocument(namespace, variant, family, text),
    save: async (namespace, family) =>
      (await saveDocument(namespace, variant, family, true)).replace(/^#.*\n/gm, ''),
    hasOurs: (saved) => saved.includes('KUBE-'),
    differences: missingFrom,
  };
}

const NFTABLES: KernelVariant = {
  name: 'nftables',
  mode: 'nftables',
  tools: ['nft'],
  options: { backend: BACKENDS.nftables },
  words: ['--mode', 'nftables'],
  label: 'nft',
  reader: () => 'nft',
  loader: () => 'nft',
  isRead: ({ command, args }) => command === 'nft' && args.includes('list'),
  isLoad: ({ command, args }) => command === 'nft' && args.includes('-f'),
  prepare: async () => {},
  load: async (namespace, _family, text) => {
    await namespace.run('nft', ['-f', '-'], text);
  },
  save: async (namespace, family) => {
    const table = [family === 'IPv4' ? 'ip' : 'ip6', 'kube-proxy'];
    return namespace.run('nft', ['-j', 'list', 'table', ...table]).catch((error: unknown) => {
      if (String(error).includes('No such file or directory')) return '';
      throw error;
    });
  },
  hasOurs: (saved) => saved !== '',
  differences: nftDifferences,
};

/** Both variants of iptables, and mode nftables. */
export const KERNEL_VARIANTS: readonly KernelVariant[] = [...VARIANTS.map(iptables), NFTABLES];

function nftDifferences(saved: string, ruleset: Ruleset): string {
  const [wanted = {}] = Object.values(plainTables(parseDump(print(ruleset))));
  const [found = {}] = saved === '' ? [] : Object.values(plainTables(parseDump(saved)));
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .flatMap((unit) => {
      const [is, should] = [found, wanted].map((units) => JSON.stringify(units[unit], null, 1));
      return is === should ? [] : [`${unit}:\n${is}\nshould be\n${should}`];
    })
    .join('\n');
}
