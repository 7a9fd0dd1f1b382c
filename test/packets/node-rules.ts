/**
 * From the Services of a scenario to rules in the kernel of the node: the library, then a loader.
 */

import { expect } from 'chai';
import {
  type Compiled,
  compileSnapshot,
  type HostFacts,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
} from '../../src/index.js';
import { type Namespace, sysctls } from '../support/machines/netns.js';
import {
  CLUSTER_CIDR,
  FAMILIES,
  NODE,
  NODE_IP,
  NODE_POD_SIDE,
  NODE_SECOND_IP,
} from './addresses.js';
import type { Loader } from './loaders.js';
import { NODES, SERVICE_CIDR_OBJECT, type TestService } from './services.js';

/** What the rules are made from. */
export interface NodeSetup {
  readonly services: readonly TestService[];
  /**
   * Whether the cluster has a ServiceCIDR object, which tells the addresses that no Service has.
   */
  readonly serviceCidr?: boolean;
  /** Fields of the KubeProxyConfiguration, over a clusterCIDR that holds all pods. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The facts of the node in the topology, as `vipc host` would print them. */
const HOST_FACTS = {
  nodeName: NODE,
  nfacct: true,
  interfaces: [
    { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
    {
      name: 'eth0',
      addresses: [NODE_IP, NODE_SECOND_IP].flatMap(({ IPv4, IPv6 }) => [
        `${IPv4}/24`,
        `${IPv6}/64`,
      ]),
    },
    ...['veth-pod-a', 'veth-pod-b'].map((name) => ({
      name,
      addresses: [`${NODE_POD_SIDE.IPv4}/32`, `${NODE_POD_SIDE.IPv6}/128`],
    })),
  ],
};

/** The facts of the node under test. */
export function hostFacts(): HostFacts {
  return loadHostFacts(JSON.stringify(HOST_FACTS), 'host');
}

/** Compiles the Services for the node, both families. */
export function compileRules(
  setup: NodeSetup,
  { mode, layout }: Pick<Loader, 'mode' | 'layout'>,
): readonly Compiled[] {
  const items = [
    ...NODES,
    ...(setup.serviceCidr ? [SERVICE_CIDR_OBJECT] : []),
    ...setup.services.flatMap((service) => service.objects),
  ];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { snapshot, diagnostics } = loadSnapshot([{ name: 'services', text: list }]);
  expect(diagnostics).to.deep.equal([]);
  const { config } = loadConfig(configText({ layout, ...setup.config }), 'config');
  const host = hostFacts();
  return FAMILIES.map((family) => compileSnapshot(snapshot, family, { config, host, mode }));
}

/**
 * Compiles the Services for the node, both families, and loads them. Connection tracking is
 * emptied, because its entries outlive a change of rules, and route_localnet is set as the rules
 * need it.
 */
export async function loadRules(node: Namespace, loader: Loader, setup: NodeSetup): Promise<void> {
  const compiled = compileRules(setup, loader);
  const localhost = compiled.some(({ model }) => model.context.localhostNodePorts);
  await node.script(sysctls({ 'net.ipv4.conf.all.route_localnet': localhost ? 1 : 0 }));
  await loader.load(
    node,
    compiled.map(({ ruleset }) => ruleset),
  );
  await node.run('conntrack', ['-F']);
}

function configText(fields: NodeSetup['config']): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clusterCIDR: FAMILIES.map((family) => CLUSTER_CIDR[family]).join(','),
    ...fields,
  });
}
