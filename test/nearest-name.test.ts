import { expect } from 'chai';
import { nearestName } from '../src/nearest-name.js';

describe('nearest-name', () => {
  it('finds what a misspelt word was meant to be', () => {
    const modes = ['iptables', 'nftables'];
    expect(nearestName('iptabels', modes)).to.equal('iptables');
    expect(nearestName('IPTABLES', modes)).to.equal('iptables');
    expect(nearestName('nftable', modes)).to.equal('nftables');
    expect(nearestName('Cluste', ['ClusterIP', 'NodePort'])).to.equal('ClusterIP');
    expect(nearestName('hots', ['compile', 'host'])).to.equal('host');
  });

  it('stays silent where nothing is close', () => {
    expect(nearestName('fast', ['iptables', 'nftables'])).to.equal(undefined);
    expect(nearestName('', ['a'])).to.equal(undefined);
    expect(nearestName('a', [])).to.equal(undefined);
    expect(nearestName('x'.repeat(1e6), ['x'])).to.equal(undefined);
  });
});
