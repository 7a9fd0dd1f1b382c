import { expect } from 'chai';
import { failure } from '../../src/backends/tool-failure.js';

describe('backends/tool-failure', () => {
  it('names the package of a program that is missing', () => {
    const hints = ['iptables-nft-save', 'ip6tables-legacy-restore', 'nft', 'conntrack'].map(
      (command) => failure(command, { kind: 'missing', reason: 'ENOENT' }).hint,
    );
    expect(hints).to.deep.equal([
      'install iptables',
      'install iptables',
      'install nftables',
      'install conntrack',
    ]);
  });
});
