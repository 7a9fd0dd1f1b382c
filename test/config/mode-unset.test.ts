/** The warning of kube-proxy that no mode is configured. */

import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { modeUnset } from '../../src/config/mode-unset.js';
import { profileOf } from '../../src/profiles/profiles.js';

describe('config/mode-unset', () => {
  const warnings = (version: string, mode: '' | 'iptables' | 'nftables'): readonly string[] =>
    modeUnset({ mode, profile: profileOf(version)! }).map(
      ({ code, severity, message }) => `${severity}: ${message} [${code}]`,
    );

  it('comes from 1.37 on, and where the mode is not set', () => {
    const warning =
      'warning: mode is not set: iptables today, nftables from Kubernetes 1.40 on [mode-unset]';
    expect(warnings('1.37', '')).to.deep.equal([warning]);
    expect(warnings('1.38', '')).to.deep.equal([warning]);
    expect(warnings('1.36', '')).to.deep.equal([]);
    expect(warnings('1.38', 'iptables')).to.deep.equal([]);
    expect(warnings('1.38', 'nftables')).to.deep.equal([]);
    expect(modeUnset(defaultConfig)).to.deep.equal([]);
  });
});
