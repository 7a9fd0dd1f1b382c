/**
 * Kernels that an agent in this process keeps up to date, in memory or in a namespace, and how they
 * differ from what they should hold.
 */

import { undoSettings } from '../../../src/apply/host-settings.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { Host } from '../../../src/host/host.js';
import {
  type BackendName,
  compileSnapshot,
  type Family,
  loadSnapshot,
  type Ruleset,
} from '../../../src/index.js';
import { NamespaceHost } from '../machines/namespace-host.js';
import { openNamespace } from '../machines/netns.js';
import type { MemoryHost } from './memory-host.js';
import { memoryMachine } from './memory-machine.js';
import { MemoryNft } from './memory-nft.js';
import { missingFrom } from './ruleset-in-kernel.js';

export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
export const NODE_NAME = 'node-a';

export interface AgentKernel {
  readonly name: string;
  readonly mode: BackendName;
  readonly host: Host;
  readonly iptables?: 'nft' | 'legacy';
  /**
   * What the kernel holds else than the rules for the objects; `''` where it holds exactly these.
   */
  readonly differences: (objects: readonly object[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The rules of both families for these objects on this machine, made from nothing. */
async function freshRulesets(
  { mode, host, iptables }: Pick<AgentKernel, 'mode' | 'host' | 'iptables'>,
  objects: readonly object[],
): Promise<readonly Ruleset[]> {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { snapshot } = loadSnapshot([{ name: 'server', text, stored: true }]);
  const { facts } = await BACKENDS[mode].kernel.facts(host, { layout: 'kube-proxy', iptables });
  const options = { mode, config: defaultConfig, nodeName: NODE_NAME, host: facts };
  return FAMILIES.map((family) => compileSnapshot(snapshot, family, options).ruleset);
}

/** iptables-nft in memory. */
export function memoryIptables(): AgentKernel & { readonly host: MemoryHost } {
  const nft = new MemoryNft();
  const { host, kernels } = memoryMachine({ first: (command) => nft.answer(command) });
  const self = { name: 'iptables in memory', mode: 'iptables', host, iptables: 'nft' } as const;
  return {
    ...self,
    differences: async (objects) => {
      const rulesets = await freshRulesets(self, objects);
      return rulesets
        .map((ruleset) => {
          const program = ruleset.family === 'IPv4' ? 'iptables-nft' : 'ip6tables-nft';
          return missingFrom(kernels[program]?.save() ?? '', ruleset);
        })
        .filter((text) => text !== '')
        .join('\n');
    },
    close: async () => {},
  };
}

/** nft in memory. It cannot list what it holds, so that an agent starts on an empty one. */
export function memoryNftables(): AgentKernel & { readonly host: MemoryHost } {
  const nft = new MemoryNft();
  const { host } = memoryMachine({ first: (command) => nft.answer(command) });
  const self = { name: 'nftables in memory', mode: 'nftables', host } as const;
  return {
    ...self,
    differences: async (objects) => {
      const wanted = new MemoryNft();
      for (const ruleset of await freshRulesets(self, objects)) {
        const error = wanted.load(BACKENDS.nftables.print(ruleset));
        if (error !== '') throw new Error(error);
      }
      return lineDifferences(nft.save(), wanted.save());
    },
    close: async () => {},
  };
}

/** The real kernel in a namespace of its own. */
export async function namespaceKernel(
  mode: BackendName,
  iptables?: 'nft' | 'legacy',
): Promise<AgentKernel> {
  const namespace = await openNamespace('faults');
  const host = new NamespaceHost(namespace);
  const read = iptables === undefined ? {} : { iptables };
  const self = { name: mode, mode, host, ...read };
  return {
    ...self,
    differences: async (objects) => {
      const found: string[] = [];
      for (const ruleset of await freshRulesets(self, objects)) {
        const { family } = ruleset;
        const { rules } = await BACKENDS[mode].kernel.read(host, family, read);
        const { changes, leftovers } = rules.plan(ruleset);
        for (const { table, name, action } of [...changes, ...leftovers])
          found.push(`${family} ${table} ${name}: ${action}`);
      }
      return found.join('\n');
    },
    close: async () => {
      await undoSettings(host);
      await namespace.close();
    },
  };
}

function lineDifferences(found: string, wanted: string): string {
  if (found === wanted) return '';
  const [a, b] = [found, wanted].map((text) => text.split(/\n(?! )/));
  return [
    ...(a ?? []).filter((unit) => !b?.includes(unit)).map((unit) => `found: ${unit}`),
    ...(b ?? []).filter((unit) => !a?.includes(unit)).map((unit) => `wanted: ${unit}`),
  ].join('\n');
}
