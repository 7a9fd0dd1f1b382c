/** Where the rules of a Service port are in each mode: chains, and a command that shows them. */

import type { Layout } from '../backends/layout.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import { buildModel } from '../model/build.js';
import { entryOf } from '../model/entries.js';
import type { Model, NamespacedName, ServicePort } from '../model/types.js';
import { inetNtop } from '../net/ip.js';
import { type Chain, programChains } from '../netfilter/program.js';
import { compile, modelSettings, print, readRules } from '../pipeline.js';
import type { BackendName, Ruleset } from '../ruleset/types.js';
import type { Snapshot } from '../snapshot/types.js';

/** The rules of one Service port in one mode. */
export interface ServicePortChains {
  readonly mode: BackendName;
  /** Shows the rule that leads to the ClusterIP's chain, or refuses it. */
  readonly command: string;
  /** Chains of the port itself, then those of its endpoints. */
  readonly chains: readonly string[];
  readonly endpointChains: readonly string[];
}

/** What the rules of the other mode are compiled with. */
export interface ChainOptions {
  readonly config: ProxyConfig;
  readonly nodeName: string;
  readonly mode: BackendName;
  readonly zone?: string | undefined;
  readonly host?: HostFacts | undefined;
  readonly layout?: Layout | undefined;
}

/** The rules of one Service alone, as its model has it. */
export function rulesetOf(
  name: NamespacedName,
  model: Model,
  options: Pick<ChainOptions, 'mode'> & Partial<Pick<ChainOptions, 'layout' | 'config' | 'host'>>,
): Ruleset {
  const entry = entryOf(model.entries, name);
  const entries = entry === undefined ? [] : [entry];
  const alone = { ...model, entries, ports: entry?.ports ?? [] };
  return compile(alone, options);
}

/** The chains of every port of a Service in one family, in both modes, by `id PROTOCOL`. */
export function portChains(
  name: NamespacedName,
  snapshot: Snapshot,
  model: Model,
  options: ChainOptions,
): ReadonlyMap<string, readonly ServicePortChains[]> {
  const found = new Map<string, ServicePortChains[]>();
  for (const mode of ['iptables', 'nftables'] as const) {
    const { family } = model.context;
    const isOwn = mode === options.mode;
    const { layout, ...shared } = options;
    const settings = modelSettings({ ...shared, mode });
    const used = isOwn ? model : buildModel(snapshot, settings, family, model);
    const ruleset = rulesetOf(name, used, isOwn ? options : { mode });
    const program = readRules(mode, print(ruleset), { family }).program();
    const chains = [...programChains(program)].filter(({ origin }) => origin !== '');
    for (const port of entryOf(used.entries, name)?.ports ?? []) {
      const key = originOf(port);
      const own = chains.filter(({ origin }) => origin === key);
      const known = found.get(key) ?? [];
      found.set(key, [
        ...known,
        {
          mode,
          command: commandFor(mode, port),
          chains: own.filter((chain) => !isOfEndpoint(chain)).map((chain) => chain.name),
          endpointChains: own.filter(isOfEndpoint).map((chain) => chain.name),
        },
      ]);
    }
  }
  return found;
}

/** `namespace/name:port PROTOCOL`. */
export function originOf({ id, protocol }: ServicePort): string {
  return `${id} ${protocol}`;
}

function isOfEndpoint({ rules }: Chain): boolean {
  return rules.some(({ statements }) => statements.some(({ kind }) => kind === 'dnat'));
}

function commandFor(mode: BackendName, { family, clusterIp }: ServicePort): string {
  const isSix = family === 'IPv6';
  const ip = clusterIp === '' ? '' : inetNtop(clusterIp);
  if (mode === 'nftables')
    return `sudo nft list table ${isSix ? 'ip6' : 'ip'} kube-proxy | grep -F '${ip} '`;
  return `sudo ${isSix ? 'ip6' : 'ip'}tables-save | grep -F -- '-d ${ip}/'`;
}
