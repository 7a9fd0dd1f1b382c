import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { completeConfig } from '../../src/config/complete-config.js';
import { loadConfig, loadConfigValue } from '../../src/config/load.js';
import { ConfigError } from '../../src/errors.js';

const HEAD = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
const RECORDED = join(import.meta.dirname, '../../fixtures/kube-proxy');

function agent(body: string) {
  return loadConfig(HEAD + body, 'c.yaml').agent;
}

describe('config/agent-config', () => {
  it('gives the defaults for an empty configuration', () => {
    expect(agent('')).to.deep.equal({
      healthzBindAddress: { ip: '0.0.0.0', port: 10256 },
      metricsBindAddress: { ip: '127.0.0.1', port: 10249 },
      bindAddressHardFail: false,
      enableProfiling: false,
      periods: {
        iptables: { syncPeriod: 30_000, minSyncPeriod: 1000 },
        nftables: { syncPeriod: 30_000, minSyncPeriod: 1000 },
      },
      configSyncPeriod: 900_000,
      removalGracePeriod: 30_000,
      clientConnection: {
        kubeconfig: '',
        acceptContentTypes: '',
        contentType: 'application/vnd.kubernetes.protobuf',
        qps: 5,
        burst: 10,
      },
      oomScoreAdj: -999,
      logging: { format: 'text', verbosity: 0 },
    });
  });

  it('takes zero and empty values for the defaults, as kubeadm writes them', () => {
    const zero = `healthzBindAddress: ""
metricsBindAddress: ""
configSyncPeriod: 0s
clientConnection: {acceptContentTypes: "", burst: 0, contentType: "", kubeconfig: "", qps: 0}
iptables: {syncPeriod: 0s, minSyncPeriod: 0s}
nftables: {syncPeriod: 0s, minSyncPeriod: 0s}
logging: {flushFrequency: 0, options: {json: {infoBufferSize: "0"}}, verbosity: 0}
oomScoreAdj: null
`;
    expect(agent(zero)).to.deep.equal(agent(''));
  });

  it('reads every field', () => {
    const read = agent(`healthzBindAddress: 127.0.0.1:1
metricsBindAddress: "[fd00::1]:65535"
bindAddressHardFail: true
enableProfiling: true
iptables: {syncPeriod: 1h, minSyncPeriod: 1ms}
nftables: {syncPeriod: 1m30s, minSyncPeriod: 1.5s}
configSyncPeriod: 5m
removalGracePeriod: 1m30s
clientConnection: {kubeconfig: /k, acceptContentTypes: a, contentType: b, qps: 0.5, burst: 7}
oomScoreAdj: 0
logging: {format: json, verbosity: 4}
`);
    expect(read).to.deep.equal({
      healthzBindAddress: { ip: '127.0.0.1', port: 1 },
      metricsBindAddress: { ip: 'fd00::1', port: 65535 },
      bindAddressHardFail: true,
      enableProfiling: true,
      periods: {
        iptables: { syncPeriod: 3_600_000, minSyncPeriod: 1 },
        nftables: { syncPeriod: 90_000, minSyncPeriod: 1500 },
      },
      configSyncPeriod: 300_000,
      removalGracePeriod: 90_000,
      clientConnection: {
        kubeconfig: '/k',
        acceptContentTypes: 'a',
        contentType: 'b',
        qps: 0.5,
        burst: 7,
      },
      oomScoreAdj: 0,
      logging: { format: 'json', verbosity: 4 },
    });
  });

  it('a removal grace period may be none, and lasts as long as a timer can', () => {
    expect(agent('removalGracePeriod: 0s\n').removalGracePeriod).to.equal(0);
    expect(agent('removalGracePeriod: 1000h\n').removalGracePeriod).to.equal(2 ** 31 - 1);
    for (const bad of ['soon', '-1s'])
      expect(() => agent(`removalGracePeriod: ${bad}\n`)).to.throw(
        ConfigError,
        'c.yaml:3:21: removalGracePeriod',
      );
  });

  it('listens on IPv6 where bindAddress is one, and gives an address alone its port', () => {
    const { healthzBindAddress, metricsBindAddress } = agent('bindAddress: fd00::5\n');
    expect(healthzBindAddress).to.deep.equal({ ip: '::', port: 10256 });
    expect(metricsBindAddress).to.deep.equal({ ip: '::1', port: 10249 });
    const alone = agent('healthzBindAddress: 198.18.0.1\nmetricsBindAddress: "::"\n');
    expect(alone.healthzBindAddress).to.deep.equal({ ip: '198.18.0.1', port: 10256 });
    expect(alone.metricsBindAddress).to.deep.equal({ ip: '::', port: 10249 });
  });

  it('refuses an unknown log format', () => {
    expect(() => agent('logging: {format: xml}\n')).to.throw(
      ConfigError,
      'c.yaml:3:19: logging.format: "xml": must be text or json',
    );
  });

  it('lets the command line replace single fields of the file', () => {
    const text = `${HEAD}hostnameOverride: a\nlogging: {format: json, verbosity: 1}\n`;
    const { config, agent } = loadConfig(text, 'c.yaml', {
      hostnameOverride: 'b',
      logging: { verbosity: 5 },
    });
    expect(config.hostnameOverride).to.equal('b');
    expect(agent.logging).to.deep.equal({ format: 'json', verbosity: 5 });
  });

  it('gives no place for problems of a value', () => {
    const value = {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'fast',
    };
    expect(() => loadConfigValue(value, 'x')).to.throw(ConfigError, /^mode: "fast": must be/);
  });
});

describe('config/complete-config', () => {
  for (const mode of ['iptables', 'nftables'] as const) {
    it(`is what kube-proxy shows at /configz in mode ${mode}`, () => {
      const text = readFileSync(join(RECORDED, `config-${mode}.yaml`), 'utf8');
      const { raw } = loadConfig(text, 'c.yaml', { logging: { verbosity: 2 } });
      const answer = readFileSync(join(RECORDED, `http/${mode}-healthy/10249.configz.txt`), 'utf8');
      const [, body = ''] = answer.split('\r\n\r\n');
      const shown = { 'kubeproxy.config.k8s.io': completeConfig(raw, mode) };
      expect(JSON.stringify(shown)).to.equal(body);
    });
  }

  it('shows what was given in the spelling of Go', () => {
    const { raw } = loadConfig(
      `${HEAD}featureGates: {A: true}
configSyncPeriod: 90s
conntrack: {tcpEstablishedTimeout: 0s, udpTimeout: 1500ms}
nodePortAddresses: [10.0.0.0/8]
logging: {flushFrequency: 1000000000}
`,
      'c.yaml',
    );
    expect(completeConfig(raw, 'iptables')).to.deep.include({
      featureGates: { A: true },
      configSyncPeriod: '1m30s',
      nodePortAddresses: ['10.0.0.0/8'],
    });
    const shown = JSON.stringify(completeConfig(raw, 'nftables'));
    expect(shown).to.include('"tcpEstablishedTimeout":"0s","tcpCloseWaitTimeout":"1h0m0s"');
    expect(shown).to.include('"udpTimeout":"1.5s"').and.to.include('"flushFrequency":"1s"');
  });
});
