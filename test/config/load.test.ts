/** What a configuration says, where it is found, and what vipc overlooks as kube-proxy does. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { loadConfig } from '../../src/config/load.js';
import { ConfigError } from '../../src/errors.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { HEAD, load } from './loaded.js';

describe('config/load', () => {
  it('gives the defaults for an empty configuration', () => {
    const { config, diagnostics } = load('');
    expect({ config, diagnostics }).to.deep.equal({ config: defaultConfig, diagnostics: [] });
  });

  it('reads every field that decides rules', () => {
    const { config, diagnostics } = load(`mode: nftables
layout: fast
profile: '1.37'
hostnameOverride: "  Node-A "
bindAddress: 198.18.0.9
clusterCIDR: fd00:10::/56,10.244.0.1/16
detectLocalMode: InterfaceNamePrefix
detectLocal: {bridgeInterface: cbr0, interfaceNamePrefix: cali}
nodePortAddresses: [192.168.0.0/16, "::/0"]
iptables: {masqueradeBit: 31, masqueradeAll: true, localhostNodePorts: false}
nftables: {masqueradeBit: 0, masqueradeAll: yes}
conntrack: {tcpBeLiberal: true}
featureGates: {AllowServiceExternalIPs: false}
`);
    expect(diagnostics).to.deep.equal([]);
    expect(config).to.deep.equal({
      mode: 'nftables',
      layout: 'fast',
      hostnameOverride: 'node-a',
      bindAddress: '198.18.0.9',
      clusterCidrs: ['fd00:10::/56', '10.244.0.0/16'],
      detectLocalMode: 'InterfaceNamePrefix',
      bridgeInterface: 'cbr0',
      interfaceNamePrefix: 'cali',
      nodePortAddresses: ['192.168.0.0/16', '::/0'],
      iptables: { masqueradeBit: 31, masqueradeAll: true, localhostNodePorts: false },
      nftables: { masqueradeBit: 0, masqueradeAll: true },
      tcpBeLiberal: true,
      profile: profileOf('1.37'),
      allowServiceExternalIps: false,
    });
  });

  it('takes primary as the only node port address', () => {
    expect(load('nodePortAddresses: [primary]').config.nodePortAddresses).to.equal('primary');
  });

  it('is not kept busy by aliases, also one to itself', () => {
    const lists = Array.from({ length: 60 }, (_, i) => {
      const item = i === 0 ? '1' : `*a${i - 1}`;
      return `a${i}: &a${i} {x: [${Array(10).fill(item).join()}]}\n`;
    });
    const { config, diagnostics } = load(lists.join(''));
    expect(config).to.deep.equal(defaultConfig);
    expect(diagnostics[0]).to.include({ code: 'config-unknown-field', field: 'a0' });
    expect(load('ipvs: &a {x: *a}\n').diagnostics).to.have.length(1);
  });

  it('reads JSON', () => {
    const text = JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'iptables',
    });
    expect(loadConfig(text, 'c.json').config.mode).to.equal('iptables');
  });

  it('accepts what kubeadm writes: every field, null or zero, in every section', () => {
    const { config, diagnostics } = load(KUBEADM);
    expect(diagnostics).to.deep.equal([]);
    expect(config).to.deep.equal({ ...defaultConfig, clusterCidrs: ['10.244.0.0/16'] });
  });

  it('finds the configuration among the other documents of a kubeadm file', () => {
    const text = `kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\n---\n${HEAD}mode: fast\n`;
    expect(() => loadConfig(text, 'kubeadm.yaml')).to.throw(
      ConfigError,
      /^kubeadm\.yaml:6:7: mode/,
    );
  });

  for (const key of ['config', 'config.yaml', 'kube-proxy-config', 'anything.at.all']) {
    it(`finds it under the key ${key} of a ConfigMap, beside others`, () => {
      const inner = `${HEAD}mode: nftables\n`;
      const map = { kind: 'ConfigMap', data: { 'kubeconfig.conf': 'kind: Config', [key]: inner } };
      expect(loadConfig(JSON.stringify(map), 'c').config.mode).to.equal('nftables');
      const list = { apiVersion: 'v1', kind: 'List', items: [{ kind: 'ConfigMap' }, map] };
      expect(loadConfig(JSON.stringify(list), 'c').config.mode).to.equal('nftables');
    });
  }

  it('finds it in the bytes that kubectl keeps of a file that is not UTF-8', () => {
    const inner = `\uFEFF${HEAD}mode: nftables\n`;
    const binaryData = { icon: 'AP//', config: Buffer.from(inner, 'utf16le').toString('base64') };
    const map = { kind: 'ConfigMap', data: { other: 'x' }, binaryData };
    expect(loadConfig(JSON.stringify(map), 'c').config.mode).to.equal('nftables');
    const none = { kind: 'ConfigMap', binaryData: { icon: 'AP//' } };
    expect(() => loadConfig(JSON.stringify(none), 'c')).to.throw(ConfigError, 'its keys are icon');
  });

  it('names the keys of a ConfigMap that holds none', () => {
    const map = { kind: 'ConfigMap', data: { 'kubeconfig.conf': 'kind: Config', other: 'x' } };
    expect(() => loadConfig(JSON.stringify(map), 'c')).to.throw(
      ConfigError,
      'c: this ConfigMap holds no KubeProxyConfiguration; its keys are kubeconfig.conf, other',
    );
  });

  it('reports types, rules and unknown fields of a file together', () => {
    const text = `${HEAD}mode: nftable\niptables: {masqueradeBit: x, masqueradeAl: true}\nclusterCIDR: nope\nclientConnection: {burst: -5}\n`;
    let found: readonly string[] = [];
    try {
      loadConfig(text, 'c.yaml');
    } catch (error) {
      found = error instanceof ConfigError ? error.message.split('\n') : [];
    }
    expect(found.map((line) => line.split(': ').slice(0, 3).join(': '))).to.deep.equal([
      'c.yaml:3:7: mode: "nftable"',
      'c.yaml:4:27: iptables.masqueradeBit: "x"',
      'c.yaml:5:14: clusterCIDR: "nope"',
      'c.yaml:6:27: clientConnection.burst: -5',
    ]);
  });

  it('finds it in the ConfigMap of a kubeadm cluster, and counts lines in the outer file', () => {
    const inner = `${HEAD}iptables:\n  masqueradeBit: 40\n`;
    const block = inner.replace(/^(?=.)/gm, '    ');
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy}\ndata:\n  config.conf: |-\n${block}`;
    expect(() => loadConfig(text, 'cm.yaml')).to.throw(
      ConfigError,
      /^cm\.yaml:9:22: iptables\.masqueradeBit: 40/,
    );
    const quoted = { kind: 'ConfigMap', data: { 'config.conf': inner } };
    expect(() => loadConfig(JSON.stringify(quoted), 'cm.json')).to.throw(
      ConfigError,
      /^cm\.json:1:43: iptables/,
    );
  });

  it('loads every configuration of the conformance cases without diagnostics', function () {
    const cases = join(import.meta.dirname, '../../../shared/conformance/cases');
    if (!existsSync(cases)) {
      console.log('      skipped: ../shared/conformance is not there');
      this.skip();
    }
    for (const name of readdirSync(cases)) {
      const file = join(cases, name, 'config.yaml');
      expect(loadConfig(readFileSync(file, 'utf8'), file).diagnostics, name).to.deep.equal([]);
    }
  });

  describe('goes on where kube-proxy goes on', () => {
    it('after an unknown field, with a guess', () => {
      const { config, diagnostics } = load(
        'clusterCIDRs: 10.0.0.0/8\nconntrack:\n  tcpBeLibral: true\n',
      );
      expect(config).to.deep.equal(defaultConfig);
      expect(diagnostics).to.deep.equal([
        {
          code: 'config-unknown-field',
          severity: 'warning',
          message: 'unknown field, ignored',
          field: 'clusterCIDRs',
          hint: 'did you mean clusterCIDR?',
          position: { file: 'c.yaml', line: 3, column: 1 },
        },
        {
          code: 'config-unknown-field',
          severity: 'warning',
          message: 'unknown field, ignored',
          field: 'conntrack.tcpBeLibral',
          hint: 'did you mean tcpBeLiberal?',
          position: { file: 'c.yaml', line: 5, column: 3 },
        },
      ]);
    });

    it('after a key given twice: the last one counts', () => {
      const { config, diagnostics } = load(
        'hostnameOverride: a\nmode: iptables\nhostnameOverride: b\n',
      );
      expect(config.hostnameOverride).to.equal('b');
      expect(diagnostics.map((d) => [d.code, d.severity, d.position?.line])).to.deep.equal([
        ['duplicate-key', 'warning', 5],
      ]);
    });

    it('after feature gates that change no rule, with a warning for near misses', () => {
      const { config, diagnostics } = load(
        'featureGates:\n  AllAlpha: true\n  AllowServiceExternalIP: false\n',
      );
      expect(config.allowServiceExternalIps).to.equal(true);
      expect(diagnostics.map((d) => [d.severity, d.field, d.hint])).to.deep.equal([
        ['note', 'featureGates[AllAlpha]', undefined],
        [
          'warning',
          'featureGates[AllowServiceExternalIP]',
          'did you mean AllowServiceExternalIPs?',
        ],
      ]);
    });
  });
});

const KUBEADM = `bindAddress: 0.0.0.0
bindAddressHardFail: false
clientConnection:
  acceptContentTypes: ""
  burst: 0
  contentType: ""
  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
  qps: 0
clusterCIDR: 10.244.0.0/16
configSyncPeriod: 0s
conntrack:
  maxPerCore: null
  min: null
  tcpBeLiberal: false
  tcpCloseWaitTimeout: null
  tcpEstablishedTimeout: null
  udpStreamTimeout: 0s
  udpTimeout: 0s
detectLocal:
  bridgeInterface: ""
  interfaceNamePrefix: ""
detectLocalMode: ""
enableProfiling: false
healthzBindAddress: ""
hostnameOverride: ""
iptables:
  localhostNodePorts: null
  masqueradeAll: false
  masqueradeBit: null
  minSyncPeriod: 0s
  syncPeriod: 0s
ipvs:
  excludeCIDRs: null
  minSyncPeriod: 0s
  scheduler: ""
  strictARP: false
  syncPeriod: 0s
  tcpFinTimeout: 0s
  tcpTimeout: 0s
  udpTimeout: 0s
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
metricsBindAddress: ""
mode: ""
nftables:
  masqueradeAll: false
  masqueradeBit: null
  minSyncPeriod: 0s
  syncPeriod: 0s
nodePortAddresses: null
oomScoreAdj: null
portRange: ""
showHiddenMetricsForVersion: ""
winkernel:
  enableDSR: false
  forwardHealthCheckVip: false
  networkName: ""
  rootHnsEndpointName: ""
  sourceVip: ""
`;
