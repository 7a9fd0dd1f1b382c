/** What kube-proxy refuses in a configuration, by its words, and where. */

import { expect } from 'chai';
import { loadConfig } from '../../src/config/load.js';
import { ConfigError, UnsupportedError } from '../../src/errors.js';
import { failure, HEAD, load } from './loaded.js';

describe('config/load', () => {
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
