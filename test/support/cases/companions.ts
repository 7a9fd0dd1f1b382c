/** Rules of well-known companions beside those of kube-proxy, in both modes. */

import { readFileSync } from 'node:fs';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  type Family,
  type HostFacts,
  loadConfig,
  loadSnapshot,
  print,
  readRules,
} from '../../../src/index.js';
import { joinedPrograms, type Program } from '../../../src/netfilter/program.js';

const FOLDER = 'fixtures/companions';
export const HOST: HostFacts = {
  nodeName: 'worker',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24', 'fd00:192:168::10/64'] }],
};

/**
 * Which tool the rules of a companion are for, and whether they stand before those of kube-proxy.
 */
export interface CompanionRules {
  readonly name: string;
  readonly tool: BackendName;
  readonly first: boolean;
  /** Default: IPv4. */
  readonly family?: Family;
}

const { snapshot } = loadSnapshot([
  { name: 'cluster.yaml', text: readFileSync(`${FOLDER}/cluster.yaml`, 'utf8') },
]);
const { config } = loadConfig(
  'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16,fd00:10:244::/56\n',
  'config.yaml',
);

/** What kube-proxy has for the Services beside which the companions stand. */
export function compiledRules(mode: BackendName, family: Family): Compiled {
  return compileSnapshot(snapshot, family, { mode, config, host: HOST });
}

/** Chains and rules of each table, those of the first dump first. */
function mergedDumps(...dumps: readonly string[]): string {
  const tables = new Map<
    string,
    { readonly chains: Map<string, string>; readonly rules: string[] }
  >();
  for (const dump of dumps) {
    let table = { chains: new Map<string, string>(), rules: [] as string[] };
    for (const line of dump.split('\n')) {
      if (line.startsWith('*')) {
        table = tables.get(line) ?? table;
        if (!tables.has(line)) table = { chains: new Map(), rules: [] };
        tables.set(line, table);
      } else if (line.startsWith(':')) {
        const name = line.split(' ')[0] ?? '';
        if (!table.chains.has(name)) table.chains.set(name, line);
      } else if (line.startsWith('-A')) table.rules.push(line);
    }
  }
  return [...tables]
    .map(([name, { chains, rules }]) =>
      [name, ...chains.values(), ...rules, 'COMMIT', ''].join('\n'),
    )
    .join('');
}

/** All rules of a machine that has those of a companion, and those of kube-proxy in a mode. */
export function programBeside(
  { name, tool, first, family = 'IPv4' }: CompanionRules,
  mode: BackendName,
): Program {
  const table = family === 'IPv4' ? 'iptables' : 'ip6tables';
  const file = tool === 'iptables' ? `${name}.${table}` : `${name}.nft.json`;
  const theirs = readFileSync(`${FOLDER}/${file}`, 'utf8');
  const ours = print(compiledRules(mode, family).ruleset);
  const read = (by: BackendName, text: string): Program =>
    readRules(by, text, { family }).program();
  if (tool === 'iptables' && mode === 'iptables')
    return read('iptables', first ? mergedDumps(theirs, ours) : mergedDumps(ours, theirs));
  const programs = [read(tool, theirs), read(mode, ours)];
  return joinedPrograms(first ? programs : programs.reverse());
}
