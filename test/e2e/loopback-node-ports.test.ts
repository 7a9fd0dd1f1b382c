/**
 * An agent in mode nftables that follows kube-proxy 1.38 serves TCP node ports on loopback
 * addresses (KEP-6032).
 */

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import type { StartedProgram } from '../support/machines/namespace-shell.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { type AgentProcess, isSync, startAgent } from '../support/process/agent-process.js';
import { until } from '../support/until.js';

/** The endpoints, with the node that each is on. */
const PODS = { '10.0.1.1': 'here', '10.0.1.2': 'other', 'fd01::1': 'here' } as const;
type Pod = keyof typeof PODS;

/** Answers where it listens and what it heard, once the client has ended its side. */
const ANSWER = `(socket) => {
  let heard = '';
  socket.on('data', (data) => { heard += data; });
  socket.on('end', () => socket.end(socket.localAddress + ' heard ' + heard));
}`;
const listen = (...places: readonly string[]): string =>
  `process.on('SIGTERM', () => process.exit());
  for (const place of ${JSON.stringify(places)})
    require('net').createServer({ allowHalfOpen: true }, ${ANSWER}).listen(...JSON.parse(place));`;
/** Ends its side at once, and prints the answer or why there is none. */
const ASK_TCP = `const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port, allowHalfOpen: true });
socket.on('error', ({ code }) => console.log(code));
socket.end('a question');
socket.pipe(process.stdout);`;
/** Prints why a datagram has no answer. */
const ASK_UDP = `const [host, port] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
socket.on('error', ({ code }) => { console.log(code); socket.close(); });
socket.connect(Number(port), host, () => socket.send('a question'));`;

const CONFIG = JSON.stringify({
  ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
  ...{ mode: 'nftables', profile: '1.38', nodePortAddresses: ['primary', 'localhost'] },
  ...{ nftables: { syncPeriod: '1s', minSyncPeriod: '1ms' }, oomScoreAdj: 0 },
});

let lastIp = 0;

/** A Service with node ports over TCP, and over UDP one below. */
function service(
  name: string,
  nodePort: number,
  pods: readonly Pod[],
  more: object = {},
): object[] {
  const isIpv6 = pods.some((pod) => pod.includes(':'));
  lastIp += 1;
  const ip = isIpv6 ? `fd00::${lastIp}` : `10.96.0.${lastIp}`;
  const port = (protocol: string, at: number) => ({
    ...{ name: protocol.toLowerCase(), protocol, port: 80, nodePort: at },
  });
  return [
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
      spec: {
        ...{ type: 'NodePort', clusterIP: ip, clusterIPs: [ip] },
        ipFamilies: [isIpv6 ? 'IPv6' : 'IPv4'],
        ports: [port('TCP', nodePort), port('UDP', nodePort - 1)],
        ...more,
      },
    },
    {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: isIpv6 ? 'IPv6' : 'IPv4',
      endpoints: pods.map((pod) => ({ addresses: [pod], nodeName: PODS[pod] })),
      ports: ['TCP', 'UDP'].map((protocol) => ({
        ...{ name: protocol.toLowerCase(), protocol, port: 8080 },
      })),
    },
  ];
}

const BOTH: readonly Pod[] = ['10.0.1.1', '10.0.1.2'];
const LOCAL = { externalTrafficPolicy: 'Local' };
const STICKY = { sessionAffinity: 'ClientIP' };

describe('e2e: node ports on loopback addresses', () => {
  let folder: string;
  let namespace: Namespace;
  let agent: AgentProcess;
  const started: StartedProgram[] = [];

  before(async function () {
    requireKernel(this, ['nft', 'conntrack', 'curl']);
    folder = await mkdtemp(join(tmpdir(), 'vipc-loopback-'));
    namespace = await openNamespace('loopback');
    const pods = Object.keys(PODS);
    await namespace.script(pods.map((pod) => `ip address add ${pod} dev lo`).join('\n'));
    await start(listen(...pods.map((pod) => JSON.stringify([8080, pod]))));
    await put(ALL);
    await writeFile(join(folder, 'config'), CONFIG);
    const source = ['-f', join(folder, 'objects'), '--watch', '--removal-grace-period', '0'];
    const config = ['--config', join(folder, 'config'), '--node-name', 'here'];
    agent = startAgent(namespace, [...source, ...config, '--family', 'dual']);
    for (const family of ['IPv4', 'IPv6'] as const) await agent.until('a sync', isSync(family));
    await serving('127.0.0.1', 30_080);
  });
  after(async () => {
    await agent?.stop('SIGKILL');
    await Promise.all([...started].map(stop));
    await namespace?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ALL = [
    ...service('web', 30_080, BOTH),
    ...service('sticky', 30_090, BOTH, STICKY),
    ...service('local', 30_100, BOTH, LOCAL),
    ...service('far', 30_110, ['10.0.1.2'], LOCAL),
    ...service('six', 30_120, ['fd01::1']),
  ];

  const node = (text: string, ...words: readonly string[]): readonly string[] => [
    ...[process.execPath, '-e', text, ...words],
  ];
  async function start(text: string): Promise<StartedProgram> {
    const program = await namespace.start(node(text));
    started.push(program);
    return program;
  }
  /** Ends a program; the namespace lasts as long as one. */
  async function stop(program: StartedProgram): Promise<void> {
    const index = started.indexOf(program);
    if (index < 0) return;
    started.splice(index, 1);
    process.kill(program.pid);
    await program.ended;
  }
  async function ask(host: string, port: number, text = ASK_TCP): Promise<string> {
    const [program = '', ...words] = node(text, host, String(port));
    return (await namespace.run(program, words)).trim();
  }
  /** Replaces the objects as a whole. */
  async function put(items: readonly object[]): Promise<void> {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await writeFile(join(folder, 'new'), text);
    await rename(join(folder, 'new'), join(folder, 'objects'));
  }
  async function serving(host: string, port: number): Promise<void> {
    await until(async () => (await ask(host, port)) !== 'ECONNREFUSED');
  }
  /** Metrics of kube-proxy by name and labels, from one scrape; absent ones are 0. */
  async function metrics(...series: readonly string[]): Promise<readonly number[]> {
    const text = await namespace.run('curl', ['-sS', 'http://127.0.0.1:10249/metrics']);
    return series.map((one) => {
      const name = `kubeproxy_nftables_localhost_nodeport_${one} `;
      const line = text.split('\n').find((found) => found.startsWith(name));
      return Number(line?.slice(name.length) ?? 0);
    });
  }

  it('reaches an endpoint over either family, and passes on the end of one way', async () => {
    expect(await ask('127.0.0.1', 30_080)).to.match(/^10\.0\.1\.[12] heard a question$/);
    await serving('::1', 30_120);
    expect(await ask('::1', 30_120)).to.equal('fd01::1 heard a question');
    expect(await ask('::1', 30_080)).to.equal('ECONNREFUSED');
    expect(agent.log.filter(({ msg }) => msg.includes('loopback'))).to.deep.equal([]);
  });

  it('keeps one endpoint for all with session affinity', async () => {
    const answers = new Set<string>();
    for (let i = 0; i < 4; i += 1) answers.add(await ask('127.0.0.1', 30_090));
    expect(answers.size).to.equal(1);
  });

  it('takes the endpoints of this node alone with policy Local', async () => {
    for (let i = 0; i < 3; i += 1)
      expect(await ask('127.0.0.1', 30_100)).to.equal('10.0.1.1 heard a question');
    expect(await ask('127.0.0.1', 30_110)).to.equal('ECONNREFUSED');
  });

  it('counts what listens, and the datagrams that are refused', async () => {
    const counted = (): Promise<readonly number[]> =>
      metrics(
        'listeners{ip_family="IPv4"}',
        'listeners{ip_family="IPv6"}',
        'rejected_packets_total{ip_family="IPv4",protocol="UDP"}',
      );
    expect(await counted()).to.deep.equal([3, 1, 0]);
    expect(await ask('127.0.0.1', 30_079, ASK_UDP)).to.equal('ECONNREFUSED');
    expect(await counted()).to.deep.equal([3, 1, 1]);
  });

  it('closes the port when its Service is deleted', async () => {
    await put(ALL.slice(2));
    await until(async () => (await ask('127.0.0.1', 30_080)) === 'ECONNREFUSED');
    expect(await metrics('listeners{ip_family="IPv4"}')).to.deep.equal([2]);
  });

  it('counts a port that another program has, and opens it when that ends', async () => {
    const other = await start(listen(JSON.stringify([30_080, '127.0.0.1'])));
    await serving('127.0.0.1', 30_080);
    await put(ALL);
    const failures = 'listener_creation_failures_total{ip_family="IPv4"}';
    await until(async () => ((await metrics(failures))[0] ?? 0) > 0);
    expect(await ask('127.0.0.1', 30_080)).to.equal('127.0.0.1 heard a question');
    await stop(other);
    await until(async () => (await ask('127.0.0.1', 30_080)).startsWith('10.0.1.'));
    expect(await metrics('listeners{ip_family="IPv4"}')).to.deep.equal([3]);
  });
});
