/** What a configuration may say depends on the kube-proxy that is followed. */

import { expect } from 'chai';
import { type ConfigOverrides, loadConfig } from '../../src/config/load.js';
import { ConfigError } from '../../src/errors.js';
import { HEAD, load } from './loaded.js';

describe('config/load, by version', () => {
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
});
