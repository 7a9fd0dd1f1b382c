/** Where the rules of a Service port are in each mode: chains, and a command that shows them. */

import { BACKENDS } from '../backends/index.js';
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
  /** Chains of the port itself, or those of all Services that its elements lead to. */
  readonly chains: readonly string[];
  /** Those of single endpoints, or of a part of them. */
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
    const compiled = isOwn ? options : { mode };
    const chains = chainsOf(rulesetOf(name, used, compiled)).filter(({ origin }) => origin !== '');
    for (const port of entryOf(used.entries, name)?.ports ?? []) {
      const key = port.origin;
      const own = chains.filter(({ origin }) => origin === key);
      const names = own.filter((chain) => !isOfEndpoint(mode, chain)).map((chain) => chain.name);
      const known = found.get(key) ?? [];
      found.set(key, [
        ...known,
        {
          mode,
          command: commandFor(mode, port),
          chains: names.length > 0 ? names : sharedChains(port, used, compiled),
          endpointChains: own
            .filter((chain) => isOfEndpoint(mode, chain))
            .map((chain) => chain.name),
        },
      ]);
    }
  }
  return found;
}

function chainsOf(ruleset: Ruleset): readonly Chain[] {
  const { backend, family } = ruleset;
  return [...programChains(readRules(backend, print(ruleset), { family }).program())];
}

/** The chains of all Services that are there because of this port. */
function sharedChains(
  port: ServicePort,
  model: Model,
  options: Parameters<typeof compile>[1],
): readonly string[] {
  const without = new Set(
    chainsOf(compile({ ...model, ports: [] }, options)).map(({ name }) => name),
  );
  return chainsOf(compile({ ...model, ports: [port] }, options))
    .map(({ name }) => name)
    .filter((name) => !without.has(name));
}

/** Whether a chain translates, and is not that of a pool. */
function isOfEndpoint(mode: BackendName, { table, name, rules }: Chain): boolean {
  return (
    BACKENDS[mode].layouts.every(
      (layout) => layout.poolOf({ table, kind: 'chain', name }) === undefined,
    ) && rules.some(({ statements }) => statements.some(({ kind }) => kind === 'dnat'))
  );
}

function commandFor(mode: BackendName, { family, clusterIp }: ServicePort): string {
  const isSix = family === 'IPv6';
  const ip = clusterIp === '' ? '' : inetNtop(clusterIp);
  if (mode === 'nftables')
    return `sudo nft list table ${isSix ? 'ip6' : 'ip'} kube-proxy | grep -F '${ip} '`;
  return `sudo ${isSix ? 'ip6' : 'ip'}tables-save | grep -F -- '-d ${ip}/'`;
}
