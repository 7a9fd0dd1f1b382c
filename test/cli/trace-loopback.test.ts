/**
 * Node ports on loopback addresses in mode nftables, which no rule translates: who takes the
 * packet.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { outputProblems } from '../support/output-schema.js';
import { runIn } from '../support/process/run-in.js';

const OBJECTS = [
  {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.11' }] },
  },
  {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } },
    spec: {
      ...{ type: 'NodePort', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] },
      ports: ['TCP', 'UDP'].map((protocol) => ({
        ...{ name: protocol.toLowerCase(), protocol, port: 80, nodePort: 30080 },
      })),
    },
  },
  {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: {
      ...{ name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    },
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
    ports: ['TCP', 'UDP'].map((protocol) => ({
      ...{ name: protocol.toLowerCase(), protocol, port: 8080 },
    })),
  },
];
const CONFIG = {
  ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
  ...{ mode: 'nftables', nodePortAddresses: ['127.0.0.0/8', '192.168.0.0/16'] },
};
const LISTENS =
  'kube-proxy and vipc agent listen there: each connection gets an endpoint of shop/web (10.0.0.1:8080)';

describe('cli/trace: node ports on loopback addresses', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-trace-'));
    writeFileSync(
      join(folder, 'objects.json'),
      OBJECTS.map((one) => JSON.stringify(one)).join('\n---\n'),
    );
    writeFileSync(join(folder, 'config.json'), JSON.stringify(CONFIG));
  });
  after(() => rmSync(folder, { recursive: true }));

  const trace = (to: string, profile: string, ...words: string[]) =>
    runIn([
      ...['trace', '-f', join(folder, 'objects.json'), '--config', join(folder, 'config.json')],
      ...['--node-name', 'here', '--from', '127.0.0.1', '--to', to, '--hook', 'output'],
      ...['--profile', profile, ...words],
    ]);

  it('are taken by kube-proxy where it listens there', async () => {
    const { code, out } = await trace('127.0.0.1:30080', '1.38');
    expect([code, out.includes(LISTENS)], out).to.deep.equal([0, true]);
    const json = await trace('127.0.0.1:30080', '1.38', '-o', 'json');
    expect(outputProblems(json.out)).to.deep.equal([]);
    const listener = { service: 'shop/web', endpoints: ['10.0.0.1:8080'] };
    expect(JSON.parse(json.out)).to.deep.include({ listener });
  });

  it('are served where the rules of a dump are of mode nftables, whatever the configuration says', async () => {
    const [config, rules] = [join(folder, 'other.json'), join(folder, 'rules')];
    for (const [mode, other] of [
      ['nftables', 'iptables'],
      ['iptables', 'nftables'],
    ]) {
      writeFileSync(config, JSON.stringify({ ...CONFIG, mode: other }));
      const given = ['-f', join(folder, 'objects.json'), '--config', config, '--node-name', 'here'];
      const profile = ['--profile', '1.38'];
      const family = ['--family', 'ipv4', '--mode', mode!];
      const compiled = await runIn(['compile', ...given, ...profile, ...family]);
      writeFileSync(rules, compiled.out);
      const packet = ['--from', '127.0.0.1', '--to', '127.0.0.1:30080', '--hook', 'output'];
      const traced = await runIn([
        ...['trace', ...given, ...profile, ...packet, '--rules', rules, '-o', 'json'],
      ]);
      const found = [mode, traced.code, 'listener' in JSON.parse(traced.out)];
      expect(found, traced.err).to.deep.equal([mode, 0, mode === 'nftables']);
    }
  });

  it('are named in explain', async () => {
    const explained = (profile: string) =>
      runIn([
        ...['explain', 'shop/web', '-f', join(folder, 'objects.json')],
        ...['--config', join(folder, 'config.json'), '--node-name', 'here', '--profile', profile],
      ]);
    const { out } = await explained('1.38');
    expect(
      out.match(/node port 30080, .*; kube-proxy and vipc agent listen on 127\.0\.0\.1/g),
      out,
    ).to.have.length(1);
    expect((await explained('1.37')).out)
      .to.include('node port 30080')
      .and.not.include('listen');
  });

  for (const [to, profile] of [
    ['127.0.0.1:30080/udp', '1.38'],
    ['127.0.0.1:30081', '1.38'],
    ['192.168.0.11:30080', '1.38'],
    ['127.0.0.1:30080', '1.37'],
  ] as const)
    it(`are not at ${to} with ${profile}`, async () => {
      expect((await trace(to, profile)).out).to.not.include('listen there');
      expect(JSON.parse((await trace(to, profile, '-o', 'json')).out)).to.not.have.property(
        'listener',
      );
    });
});
