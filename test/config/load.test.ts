import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { type ConfigOverrides, loadConfig } from '../../src/config/load.js';
import { ConfigError, UnsupportedError } from '../../src/errors.js';
import { profileOf } from '../../src/profiles/profiles.js';

const HEAD = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';

/** The ConfigError that this body ends in; its first line without the hint. */
function failure(body: string): ConfigError {
  try {
    loadConfig(HEAD + body, 'c.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`accepted: ${body}`);
}

function load(body: string) {
  return loadConfig(HEAD + body, 'c.yaml');
}

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

  for (const later of ['[localhost]', '[10.0.0.0/8, all]', '[primary, 10.0.0.0/8]']) {
    it(`refuses nodePortAddresses of Kubernetes 1.37 and says so: ${later}`, () => {
      expect(() => load(`nodePortAddresses: ${later}\n`))
        .to.throw(ConfigError)
        .with.property('hint')
        .that.matches(/of Kubernetes 1\.37; vipc follows kube-proxy 1\.36$/);
    });
  }

  it('shows hidden metrics of the minor version alone that is before the one that is followed', () => {
    const problem = (version: string, profile = '1.36'): string => {
      try {
        load(`showHiddenMetricsForVersion: "${version}"\nprofile: "${profile}"\n`);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    expect(problem('', '1.34')).to.equal('');
    expect(problem('1.35')).to.equal('');
    expect(problem('1.33', 'v1.34.2+k3s1')).to.equal('');
    for (const version of ['1.27', '1.37']) expect(problem(version, 'auto')).to.equal('');
    for (const version of ['1.34', '1.36', '1.35.0', 'v1.35', ' 1.35', 'x'])
      expect(problem(version)).to.include("must be omitted or have the value '1.35'. Only the");
    expect(problem('1.35', '1.34')).to.include("the value '1.33'");
    for (const version of ['1.26', '1.38']) expect(problem(version, 'auto')).not.to.equal('');
  });

  it('takes the words of Kubernetes 1.37 where its kube-proxy is followed', () => {
    const listed = (addresses: string, profile: string) =>
      load(`nodePortAddresses: ${addresses}\nprofile: "${profile}"\n`).config.nodePortAddresses;
    expect(listed('[localhost, 10.0.0.0/8]', '1.37')).to.deep.equal([
      ...['127.0.0.0/8', '::1/128', '10.0.0.0/8'],
    ]);
    expect(listed('[primary, all]', '1.38')).to.deep.equal(['primary', '0.0.0.0/0', '::/0']);
    expect(listed('[primary]', '1.37')).to.equal('primary');
    expect(listed('[primary]', '1.31')).to.equal('primary');
    expect(() => listed('[primary, 10.0.0.0/8]', '1.36')).to.throw("can't use both");
    expect(() => listed('[localhost]', '1.30')).to.throw('must be a valid CIDR');
    expect(() => listed('[constructor]', '1.37')).to.throw('must be a valid CIDR');
  });

  it('warns of settings of conntrack that kube-proxy 1.28 does not know', () => {
    const fields = (profile: string) =>
      load(
        `conntrack: {tcpBeLiberal: true, udpTimeout: 5s, min: 9}\nprofile: "${profile}"\n`,
      ).diagnostics.map(({ code, severity, field }) => [code, severity, field]);
    expect(fields('1.28')).to.deep.equal([
      ['config-unknown-field', 'warning', 'conntrack.tcpBeLiberal'],
      ['config-unknown-field', 'warning', 'conntrack.udpTimeout'],
    ]);
    expect(fields('1.29')).to.deep.equal([]);
  });

  it('takes what any kube-proxy takes where the rules will say which one is followed', () => {
    const body =
      'nodePortAddresses: [primary, localhost]\nconntrack: {udpTimeout: 5s}\nfeatureGates: {KubeProxyNFTablesLocalhostNodePorts: true}\n';
    const said = (text: string, overrides: ConfigOverrides) =>
      loadConfig(`${HEAD}${text}`, 'c.yaml', overrides).diagnostics;
    expect(said(body, { profile: 'auto' })).to.deep.equal([]);
    expect(said(body, { unnamedProfile: 'auto' })).to.deep.equal([]);
    const refused = () => said(`${body}profile: "1.36"\n`, { unnamedProfile: 'auto' });
    expect(refused).to.throw("can't use both");
    expect(() => said('nodePortAddresses: [nowhere]\n', { profile: 'auto' })).to.throw('CIDR');
  });

  it('takes primary where an older kube-proxy is followed, with a warning', () => {
    const { config, diagnostics } = load('nodePortAddresses: [primary]\nprofile: "1.30"\n');
    expect(config.nodePortAddresses).to.equal('primary');
    expect(diagnostics.map(({ severity, message }) => [severity, message])).to.deep.equal([
      ['warning', 'is of Kubernetes 1.31: kube-proxy 1.30 itself refuses it'],
    ]);
  });

  it('knows the gate of localhost node ports where kube-proxy has it', () => {
    const loaded = (profile: string, on: boolean) =>
      load(`profile: "${profile}"\nfeatureGates: {KubeProxyNFTablesLocalhostNodePorts: ${on}}\n`);
    const codes = (profile: string) => loaded(profile, true).diagnostics.map(({ code }) => code);
    expect(codes('1.37')).to.deep.equal([]);
    expect(codes('1.36')).to.deep.equal(['config-feature-gate-ignored']);
    const nftables = (profile: string, on: boolean) => loaded(profile, on).config.profile.nftables;
    expect(nftables('1.37', true)).to.include({ localhostNodePorts: true });
    expect(nftables('1.38', false)).to.include({ localhostNodePorts: false });
  });

  describe('refuses', () => {
    const cases: readonly (readonly [body: string, message: string])[] = [
      [
        'mode: fast',
        'c.yaml:3:7: mode: "fast": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
      ],
      ['mode: 1', 'c.yaml:3:7: mode: 1: must be a string, not a number'],
      ['hostnameOverride: "  "', 'c.yaml:3:19: hostnameOverride: "  ": empty hostname is invalid'],
      [
        'bindAddress: localhost',
        'c.yaml:3:14: bindAddress: "localhost": not a valid textual representation of an IP address',
      ],
      [
        'clusterCIDR: nope',
        'c.yaml:3:14: clusterCIDR: "nope": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
      ],
      [
        'clusterCIDR: "10.0.0.0/8, fd00::/64"',
        'c.yaml:3:14: clusterCIDR: " fd00::/64": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
      ],
      [
        'clusterCIDR: 10.0.0.0/8,10.1.0.0/16',
        'c.yaml:3:14: clusterCIDR: "10.0.0.0/8,10.1.0.0/16": must be either a single CIDR or a dual-stack pair of CIDRs (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)',
      ],
      [
        'clusterCIDR: 10.0.0.0/8,10.1.0.0/16,fd00::/64',
        'c.yaml:3:14: clusterCIDR: "10.0.0.0/8,10.1.0.0/16,fd00::/64": must be either a single CIDR or a dual-stack pair of CIDRs (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)',
      ],
      [
        'nodePortAddresses: [primary, 10.0.0.0/8]',
        `c.yaml:3:21: nodePortAddresses[0]: "primary": can't use both 'primary' and CIDRs`,
      ],
      [
        'nodePortAddresses: [10.0.0.0/8, primary]',
        `c.yaml:3:33: nodePortAddresses[1]: "primary": can't use both 'primary' and CIDRs`,
      ],
      [
        'nodePortAddresses:\n- 10.0.0.0/8\n- 10.0.0.1',
        'c.yaml:5:3: nodePortAddresses[1]: "10.0.0.1": must be a valid CIDR',
      ],
      [
        'iptables:\n  masqueradeBit: 32',
        'c.yaml:4:18: iptables.masqueradeBit: 32: must be within the range [0, 31]',
      ],
      [
        'nftables:\n  masqueradeBit: -1',
        'c.yaml:4:18: nftables.masqueradeBit: -1: must be within the range [0, 31]',
      ],
      [
        'iptables: {masqueradeBit: 1.5}',
        'c.yaml:3:27: iptables.masqueradeBit: 1.5: must be a whole number',
      ],
      [
        'iptables: {minSyncPeriod: 1m, syncPeriod: 30s}',
        'c.yaml:3:43: iptables.syncPeriod: "30s": must be greater than or equal to minSyncPeriod',
      ],
      [
        'iptables: {minSyncPeriod: 1m}',
        'c.yaml:3:27: iptables.minSyncPeriod: "1m": must not be greater than syncPeriod (30s)',
      ],
      [
        'iptables: {minSyncPeriod: -1s}',
        'c.yaml:3:27: iptables.minSyncPeriod: "-1s": must be greater than or equal to 0',
      ],
      [
        'configSyncPeriod: 5 minutes',
        'c.yaml:3:19: configSyncPeriod: "5 minutes": must be a duration such as 30s, 1m30s or 1h',
      ],
      ['healthzBindAddress: nope', 'c.yaml:3:21: healthzBindAddress: "nope": must be IP:port'],
      [
        'healthzBindAddress: "nope:1"',
        'c.yaml:3:21: healthzBindAddress: "nope:1": must be a valid IP',
      ],
      [
        'metricsBindAddress: "[::1]:99999"',
        'c.yaml:3:21: metricsBindAddress: "[::1]:99999": must be a valid port',
      ],
      [
        'conntrack: {maxPerCore: many}',
        'c.yaml:3:25: conntrack.maxPerCore: "many": must be a whole number, not a string',
      ],
      [
        'conntrack: {min: -1}',
        'c.yaml:3:18: conntrack.min: -1: must be greater than or equal to 0',
      ],
      [
        'oomScoreAdj: 1001',
        'c.yaml:3:14: oomScoreAdj: 1001: must be within the range [-1000, 1000]',
      ],
      [
        'detectLocalMode: Nope',
        'c.yaml:3:18: detectLocalMode: "Nope": must be one of "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", ""',
      ],
      [
        'detectLocalMode: BridgeInterface',
        'c.yaml:3:18: detectLocalMode: "BridgeInterface": detectLocal.bridgeInterface: must not be empty',
      ],
      [
        'detectLocalMode: InterfaceNamePrefix',
        'c.yaml:3:18: detectLocalMode: "InterfaceNamePrefix": detectLocal.interfaceNamePrefix: must not be empty',
      ],
      ['foo: [1, 2', 'c.yaml:3:11: YAML document cannot be read: '],
    ];
    for (const [body, message] of cases) {
      it(body, () => {
        const error = failure(body);
        expect(error.message.slice(0, message.length)).to.equal(message);
        if (!message.endsWith(': ')) expect(error.message).to.equal(message);
        expect(error.code).to.equal('bad-config');
      });
    }

    for (const name of [
      'a b',
      'a/b',
      'a"b',
      "a'b",
      'a`b',
      'a\\b',
      'a:b',
      '-j',
      '!a',
      '..',
      'é',
      'a\nb',
      'abcdefghijklmnop',
    ]) {
      it(`the interface name ${JSON.stringify(name)}, which would reach a rule`, () => {
        const value = JSON.stringify(name);
        expect(failure(`detectLocal: {bridgeInterface: ${value}}`).message).to.match(
          /bridgeInterface.*must be/,
        );
        expect(failure(`detectLocal: {interfaceNamePrefix: ${value}}`).message).to.match(
          /NamePrefix.*must be/,
        );
      });
    }

    it('a prefix that leaves no room for the plus sign that iptables writes behind it', () => {
      const name = 'abcdefghijklmno';
      expect(load(`detectLocal: {bridgeInterface: ${name}}`).config.bridgeInterface).to.equal(name);
      expect(failure(`detectLocal: {interfaceNamePrefix: ${name}}`).message).to.match(
        /no longer than 14 bytes/,
      );
    });

    it('everything at once, in the order of the file', () => {
      const error = failure('mode: fast\nhealthzBindAddress: nope\nclusterCIDR: nope\n');
      expect(error.message.split('\n').map((line) => line.slice(0, 12))).to.deep.equal([
        'c.yaml:3:7: ',
        'c.yaml:4:21:',
        'c.yaml:5:14:',
      ]);
      expect(error.diagnostics).to.have.length(3);
    });

    it('another kind, another version, none, and an empty file', () => {
      const kind = (text: string) => () => loadConfig(text, 'c.yaml');
      expect(kind(HEAD.replace('KubeProxyC', 'KubeletC'))).to.throw(
        ConfigError,
        'no kind "KubeletConfiguration" is registered for version "kubeproxy.config.k8s.io/v1alpha1"',
      );
      expect(kind(HEAD.replace('v1alpha1', 'v1'))).to.throw(
        ConfigError,
        'for version "kubeproxy.config.k8s.io/v1"',
      );
      expect(kind('mode: iptables\n')).to.throw(ConfigError, "Object 'Kind' is missing");
      expect(kind('')).to.throw(ConfigError, "Object 'Kind' is missing");
      expect(kind('[1, 2]')).to.throw(ConfigError, "Object 'Kind' is missing");
      expect(kind(`${HEAD}---\n${HEAD}`)).to.throw(ConfigError, 'holds 2 documents of kind');
    });

    it('mode ipvs, as unsupported', () => {
      expect(() => load('mode: ipvs')).to.throw(UnsupportedError, 'ipvs is not supported');
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
