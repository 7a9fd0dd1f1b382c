/**
 * `--layout` and the field of the configuration: what they choose, and where they cannot be had.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ran, runIn } from '../support/process/run-in.js';

const OBJECTS = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  clusterIP: 10.96.0.5
  ports: [{port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.244.1.7]}, {addresses: [10.244.2.3]}]
`;
const FILES: Readonly<Record<string, string>> = {
  'shop.yaml': OBJECTS,
  'fast.yaml':
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\nlayout: fast\n',
  'other.yaml':
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nlayout: other\n',
  'old-kernel.yaml': 'nodeName: a\nnfacct: false\ninterfaces: []\nmissingModules: [xt_bpf]\n',
  'host.yaml': 'nodeName: a\nnfacct: false\ninterfaces: []\nnft: 1.0.2\n',
};
const FAST = 'goto pick-tcp-2';
const KUBE_PROXY = 'goto service-';

describe('cli: layouts', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const compile = (...words: string[]): Promise<Ran> =>
    runIn(['compile', '-f', at('shop.yaml'), '--family', 'ipv4', ...words]);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-layout-'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are chosen by a flag, which beats the configuration, and kube-proxy’s is the default', async () => {
    expect((await compile('--mode', 'nftables')).out).to.include(KUBE_PROXY);
    expect((await compile('--mode', 'nftables', '--layout', 'fast')).out).to.include(FAST);
    const config = ['--config', at('fast.yaml')];
    expect((await compile(...config)).out).to.include(FAST);
    expect((await compile(...config, '--layout', 'kube-proxy')).out).to.include(KUBE_PROXY);
  });

  it('are what explain names chains of, those of all Services too', async () => {
    for (const [mode, layout, chains] of [
      ['iptables', 'kube-proxy', /^ {4}KUBE-SVC-\w+$/m],
      ['iptables', 'fast', /^ {4}KUBE-SVC-\w+$/m],
      ['nftables', 'kube-proxy', /^ {4}service-\w+-shop\/web\/tcp\/$/m],
      ['nftables', 'fast', /^ {4}pick-tcp-2$/m],
    ] as const) {
      const words = ['explain', 'shop/web', '-f', at('shop.yaml')];
      const { out } = await runIn([...words, '--mode', mode, '--layout', layout]);
      const [, own = ''] = out.split(`mode ${mode}: `);
      expect(own.split('\n  mode ')[0], `${mode} ${layout}`).to.match(chains);
    }
  });

  it('are one in mode iptables too, which a kernel without xt_bpf does not take', async () => {
    const other = ['--mode', 'iptables', '--layout', 'fast'];
    expect((await compile('--mode', 'iptables')).out).to.include('KUBE-SEP-');
    expect((await compile(...other)).out)
      .to.include('-m bpf --bytecode')
      .and.not.include('KUBE-SEP-');
    const { code, out, err } = await compile(...other, '--host', at('old-kernel.yaml'));
    expect(code).to.equal(0);
    expect(out).to.include('KUBE-SEP-').and.not.include('-m bpf');
    expect(err).to.include(
      'warning: layout fast needs module xt_bpf, which the kernel does not have: layout kube-proxy is used',
    );
  });

  it('are refused where there is none of the name, and beside templates', async () => {
    const templates = await compile('--layout', 'fast', '--templates', folder);
    expect([templates.code, templates.err]).to.satisfy(
      ([code, err]: [number, string]) =>
        code === 64 && err.includes('--templates and --layout cannot be used together'),
    );
    const unknown = await compile('--layout', 'other');
    expect([unknown.code, unknown.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 64 && err.includes('kube-proxy, fast'),
    );
    const field = await compile('--config', at('other.yaml'));
    expect([field.code, field.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 78 && err.includes('must be kube-proxy or fast'),
    );
    const verified = await runIn(['verify', '-f', at('shop.yaml'), '--layout', 'fast']);
    expect(verified.err.split('\n')[0]).to.equal(
      'error: --layout says how rules are written; verify compares what they do',
    );
  });

  it('give way to kube-proxy’s, with a warning, where nft is too old', async () => {
    const { code, out, err } = await compile(
      '--config',
      at('fast.yaml'),
      '--host',
      at('host.yaml'),
    );
    expect(code).to.equal(0);
    expect(out).to.include(KUBE_PROXY);
    expect(err).to.include(
      'warning: layout fast needs nft 1.0.6 or newer, and the machine has 1.0.2: layout kube-proxy is used',
    );
  });

  it('do not differ from what they printed, and report what a change means', async () => {
    const words = ['-f', at('shop.yaml'), '--config', at('fast.yaml'), '--family', 'ipv4'];
    const { out } = await runIn(['compile', ...words]);
    writeFileSync(at('rules.nft'), out);
    const same = await runIn(['diff', ...words, '--against', at('rules.nft')]);
    expect([same.code, same.out]).to.deep.equal([0, 'no differences\n']);
    writeFileSync(at('rules.nft'), out.replace(/ \. 1 : 10\.244\.2\.3 /, ' . 1 : 10.244.9.9 '));
    const other = await runIn(['diff', ...words, '--against', at('rules.nft')]);
    expect(other.code).to.equal(1);
    expect(other.out).to.match(/10\.244\.2\.3:8080 +0% -> 50\.0%/);
    const explained = await runIn([
      'explain',
      'shop/web',
      ...words.slice(0, 4),
      '--rules',
      at('rules.nft'),
    ]);
    expect(explained.out).to.include('the rules of the Service differ');
  });
});
