/**
 * Real flows through real rules: after a change exactly the stale ones are deleted, and a client
 * that never changes its port, which the kernel would hold to a dead endpoint forever, reaches the
 * new one.
 */

import { expect } from 'chai';
import { deleteFlows, findStaleFlows } from '../../src/apply/conntrack.js';
import { frontendsOfDump } from '../../src/backends/iptables/frontends.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { FLOW_PROTOCOLS, type Frontend } from '../../src/flows/frontends.js';
import type { StaleFlow } from '../../src/flows/stale-flows.js';
import type { Model } from '../../src/model/types.js';
import { type Family, parseIp } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { node, service, slice, snapshotOf } from '../model/support.js';
import {
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace, sysctls, waitForLinks } from '../support/machines/netns.js';
import { openStation, type Station } from '../support/machines/station.js';
import { POD_PORT } from '../support/machines/station-protocol.js';

type Pod = 'pod-a' | 'pod-b';

interface Addresses {
  readonly node: string;
  readonly gateway: string;
  readonly vip: string;
  readonly otherVip: string;
  readonly external: string;
  readonly pods: Readonly<Record<Pod, string>>;
}

const ADDRESSES: Readonly<Record<Family, Addresses>> = {
  IPv4: {
    node: '192.0.2.10',
    gateway: '10.244.1.1',
    vip: '10.96.0.10',
    otherVip: '10.96.0.11',
    external: '203.0.113.10',
    pods: { 'pod-a': '10.244.1.11', 'pod-b': '10.244.1.12' },
  },
  IPv6: {
    node: 'fd00:192::10',
    gateway: 'fd00:244:1::1',
    vip: 'fd00:96::10',
    otherVip: 'fd00:96::11',
    external: '2001:db8:113::10',
    pods: { 'pod-a': 'fd00:244:1::11', 'pod-b': 'fd00:244:1::12' },
  },
};
const NODE_PORT = 30053;
const FOREIGN_PORT = 5300;
/** How long nothing is heard where nothing answers, in milliseconds. */
const SILENCE = 300;
const PODS: readonly Pod[] = ['pod-a', 'pod-b'];
const VARIANT = VARIANTS[0]!;

for (const family of ['IPv4', 'IPv6'] as const) {
  describe(`kernel: stale flows, ${family}`, () => {
    const at = ADDRESSES[family];
    const opened: Namespace[] = [];
    const stations: Station[] = [];
    let node1: Namespace;
    let host: NamespaceHost;
    let client: Station;
    let loaded: Model;

    before(async function () {
      requireKernel(this, [...VARIANT.tools, 'conntrack', 'nfacct']);
      const [node, podA, podB] = await Promise.all(['node', ...PODS].map(openNamespace));
      opened.push(node!, podA!, podB!);
      node1 = node!;
      await node1.script(nodeScript(family, { 'pod-a': podA!, 'pod-b': podB! }));
      await Promise.all(PODS.map((pod, i) => opened[i + 1]!.script(podScript(family, pod))));
      await Promise.all(opened.map(waitForLinks));
      await makeNfacctObjects(node1);
      const [first, ...pods] = await Promise.all([
        openStation(node1),
        ...PODS.map((pod, i) => openStation(opened[i + 1]!, pod)),
      ]);
      client = first!;
      stations.push(client, ...pods);
      host = new NamespaceHost(node1);
    });
    after(async () => {
      await Promise.all(stations.map((station) => station.close()));
      await Promise.all(opened.map((namespace) => namespace.close()));
    });

    /** Brings the rules of these objects into the kernel, as an apply without flows would. */
    async function load(objects: readonly KubernetesObject[], jumps = false): Promise<Frontend[]> {
      const dump = parseDump(await saveDocument(node1, VARIANT, family));
      const before = frontendsOfDump(dump, family, FLOW_PROTOCOLS);
      const { model, ruleset } = compileSnapshot(snapshotOf(...objects), family);
      await loadDocument(node1, VARIANT, family, print(ruleset, { jumps }));
      loaded = model;
      return [...before];
    }

    async function ask(
      to: string,
      port: number,
      sourcePort: number,
      timeoutMs = 10_000,
    ): Promise<string> {
      const [outcome] = await client.probe([
        { transport: 'udp', host: to, port, sourcePort, timeoutMs },
      ]);
      return outcome!.kind === 'answer' ? outcome!.by : outcome!.kind;
    }

    async function find(previous: readonly Frontend[]): Promise<readonly StaleFlow[]> {
      const localAddresses = [at.node, at.gateway].map((text) => parseIp(text)!);
      const found = await findStaleFlows(host, [loaded], { localAddresses, previous });
      expect(found.diagnostics).to.deep.equal([]);
      return found.stale;
    }

    function words(stale: readonly StaleFlow[]): readonly string[] {
      return stale.map(({ flow, cause, origin }) => `${flow.sourcePort} ${cause} ${origin}`).sort();
    }

    async function sourcePorts(): Promise<readonly string[]> {
      const args = ['-L', '-f', family.toLowerCase()];
      return (await node1.run('conntrack', args))
        .split('\n')
        .flatMap((line) => / sport=(4\d{4}) /.exec(line)?.[1] ?? [])
        .sort();
    }

    it('a replaced endpoint: its flows are deleted, all others stay, and the client is answered', async () => {
      await load(dns(family, ['pod-a']), true);
      await node1.run(family === 'IPv4' ? 'iptables-nft' : 'ip6tables-nft', foreignRule(family));
      expect(await ask(at.vip, 53, 40001)).to.equal('pod-a');
      expect(await ask(at.node, NODE_PORT, 40002)).to.equal('pod-a');
      expect(await ask(at.external, 53, 40003)).to.equal('pod-a');
      expect(await ask(at.vip, 53, 40004)).to.equal('pod-a');
      expect(await ask(at.otherVip, 53, 40005)).to.equal('pod-b');
      expect(await ask(at.node, FOREIGN_PORT, 40006)).to.equal('pod-a');
      expect(await ask(at.pods['pod-a'], POD_PORT, 40007)).to.equal('pod-a');
      await client.probe([
        { transport: 'tcp', host: at.vip, port: 53, sourcePort: 40008, timeoutMs: 10_000 },
      ]);
      await node1.run('conntrack', sctpEntry(family, 40009, 'pod-a'));
      await node1.run('conntrack', sctpEntry(family, 40010, 'pod-b'));

      const previous = await load(dns(family, ['pod-b']));
      expect(await ask(at.vip, 53, 40001), 'the black hole').to.equal('pod-a');
      const stale = await find(previous);
      expect(words(stale)).to.deep.equal([
        '40001 endpoint-gone shop/dns:dns UDP',
        '40002 endpoint-gone shop/dns:dns UDP',
        '40003 endpoint-gone shop/dns:dns UDP',
        '40004 endpoint-gone shop/dns:dns UDP',
        '40009 endpoint-gone shop/dns:sig SCTP',
      ]);
      expect(await deleteFlows(host, stale)).to.deep.equal({ deleted: 5, diagnostics: [] });
      expect(await sourcePorts()).to.deep.equal(['40005', '40006', '40007', '40008', '40010']);
      expect(await ask(at.vip, 53, 40001)).to.equal('pod-b');
      expect(await ask(at.node, NODE_PORT, 40002)).to.equal('pod-b');
      expect(await ask(at.external, 53, 40003)).to.equal('pod-b');
      expect(await find([])).to.deep.equal([]);
    });

    it('the last endpoint removed: the client is refused', async () => {
      await load(dns(family, []));
      expect(await ask(at.vip, 53, 40001), 'the black hole').to.equal('pod-b');
      const stale = await find([]);
      expect(words(stale)).to.deep.equal([
        '40001 no-endpoints shop/dns:dns UDP',
        '40002 no-endpoints shop/dns:dns UDP',
        '40003 no-endpoints shop/dns:dns UDP',
        '40010 no-endpoints shop/dns:sig SCTP',
      ]);
      expect((await deleteFlows(host, stale)).deleted).to.equal(4);
      expect(await ask(at.vip, 53, 40001)).to.equal('refused');
    });

    it('a deleted Service: its flows are found by the rules before', async () => {
      const previous = await load([]);
      expect(previous.some(({ ip }) => ip === at.otherVip)).to.equal(true);
      expect(await ask(at.otherVip, 53, 40005), 'the black hole').to.equal('pod-b');
      expect(await find([])).to.deep.equal([]);
      const stale = await find(previous);
      expect(words(stale)).to.deep.equal(['40005 frontend-gone shop/other UDP']);
      expect((await deleteFlows(host, stale)).deleted).to.equal(1);
      expect(await ask(at.otherVip, 53, 40005, SILENCE)).to.equal('timeout');
      expect(await ask(at.node, FOREIGN_PORT, 40006), 'a foreign flow').to.equal('pod-a');
    });

    it('a new Service: a client that sent packets before is answered', async () => {
      expect(await ask(at.vip, 53, 40020, SILENCE)).to.equal('timeout');
      const previous = await load(dns(family, ['pod-a']));
      expect(await ask(at.vip, 53, 40020, SILENCE), 'the black hole').to.equal('timeout');
      const stale = await find(previous);
      expect(words(stale)).to.deep.equal([
        // Asked after its deletion in the test above, so it is an untranslated flow by now.
        '40005 not-translated shop/other UDP',
        '40020 not-translated shop/dns:dns UDP',
      ]);
      expect((await deleteFlows(host, stale)).deleted).to.equal(2);
      expect(await ask(at.vip, 53, 40020)).to.equal('pod-a');
    });
  });
}

/** `shop/dns` with these pods behind it, and `shop/other`, which always has pod-b. */
function dns(family: Family, pods: readonly Pod[]): readonly KubernetesObject[] {
  const at = ADDRESSES[family];
  const stack = (clusterIP: string): object => ({
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: [family],
  });
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' as const, nodePort: NODE_PORT },
    { name: 'tcp', port: 53, protocol: 'TCP' as const },
    { name: 'sig', port: 5060, protocol: 'SCTP' as const },
  ];
  return [
    node([at.node]),
    service('dns', { ...stack(at.vip), type: 'NodePort', externalIPs: [at.external], ports }),
    slice(
      'dns',
      pods.map((pod) => at.pods[pod]),
      {
        addressType: family,
        ports: ports.map(({ name, protocol }) => ({ name, protocol, port: POD_PORT })),
      },
    ),
    service('other', { ...stack(at.otherVip), ports: [{ port: 53, protocol: 'UDP' }] }),
    slice('other', [at.pods['pod-b']], {
      addressType: family,
      ports: [{ port: POD_PORT, protocol: 'UDP' }],
    }),
  ];
}

/** What docker does for a published port. */
function foreignRule(family: Family): readonly string[] {
  const { pods, node: ip } = ADDRESSES[family];
  const target = family === 'IPv4' ? pods['pod-a'] : `[${pods['pod-a']}]`;
  const match = ['-d', ip, '-p', 'udp', '--dport', String(FOREIGN_PORT)];
  return ['-t', 'nat', '-A', 'OUTPUT', ...match, '-j', 'DNAT', '--to', `${target}:${POD_PORT}`];
}

/** Nothing here speaks SCTP, so its entries are made by hand. */
function sctpEntry(family: Family, port: number, pod: Pod): readonly string[] {
  const { node: client, vip, pods } = ADDRESSES[family];
  return [
    ...['-I', '-p', 'sctp', '-t', '300', '--state', 'ESTABLISHED'],
    ...['-s', client, '-d', vip, '--sport', String(port), '--dport', '5060'],
    ...['-r', pods[pod], '-q', client, '--reply-port-src', String(POD_PORT)],
    ...['--reply-port-dst', String(port), '--orig-vtag', '1', '--reply-vtag', '2'],
  ];
}

function nodeScript(family: Family, pods: Readonly<Record<Pod, Namespace>>): string {
  const at = ADDRESSES[family];
  const [ip, bits] = family === 'IPv4' ? ['ip', 32] : ['ip -6', 128];
  const nodad = family === 'IPv4' ? '' : ' nodad';
  return [
    sysctls({ 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 }),
    // Where packets to addresses of no Service go, never to come back: a pod does not forward.
    `ip link add outside type veth peer name outside netns ${pods['pod-a'].pid}`,
    'ip link set outside up arp off',
    `${ip} address add ${at.node}/${bits} dev outside${nodad}`,
    `${ip} route add default dev outside`,
    ...PODS.flatMap((pod) => [
      `ip link add ${pod} type veth peer name eth0 netns ${pods[pod].pid}`,
      `ip link set ${pod} up`,
      `${ip} address add ${at.gateway}/${bits} dev ${pod}${nodad}`,
      `${ip} route add ${at.pods[pod]}/${bits} dev ${pod}`,
    ]),
  ].join('\n');
}

function podScript(family: Family, pod: Pod): string {
  const at = ADDRESSES[family];
  const [ip, bits] = family === 'IPv4' ? ['ip', 32] : ['ip -6', 128];
  return [
    'ip link set eth0 up',
    pod === 'pod-a' ? 'ip link set outside up' : '',
    `${ip} address add ${at.pods[pod]}/${bits} dev eth0${family === 'IPv4' ? '' : ' nodad'}`,
    `${ip} route add ${at.gateway}/${bits} dev eth0`,
    `${ip} route add default via ${at.gateway} dev eth0`,
  ].join('\n');
}
