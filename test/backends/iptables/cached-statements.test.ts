import { expect } from 'chai';
import { cachedStatements, meaningOf } from '../../../src/backends/iptables/meaning.js';
import { recordedDumps } from '../../support/cases/dumps.js';

const UNUSUAL = [
  '-A X -j KUBE-MARK-MASQ',
  '-A X -p tcp -j KUBE-SEP-AAAAAAAAAAAAAAAA',
  '-A X -p udp -j KUBE-SEP-AAAAAAAAAAAAAAAA',
  '-A X -p tcp -g KUBE-SEP-AAAAAAAAAAAAAAAA',
  '-A X -p tcp -m comment --comment "-j KUBE-A" -j KUBE-B',
  '-A X -m comment --comment "-j KUBE-A"',
  '-A X -m string --string "-j KUBE-A"',
  '-A X -j DNAT --to-destination 10.0.0.1:80',
  '-A X -j DNAT --to-destination [fd00::1]:80',
  '-A X -j DNAT --to-destination 10.0.0.1-10.0.0.9:80',
  '-A X -p tcp -j DNAT --to-destination 10.0.0.1:80 --random',
  '-A X -p tcp -j DNAT --to-destination KUBE-A',
  '-A X -m mark --mark 0x1/0x1 -j RETURN',
];

describe('iptables: cached statements', () => {
  it('are those of a parse of each rule, of every recorded dump', () => {
    const statementsOf = cachedStatements();
    const lines = recordedDumps().flatMap(({ text }) => text.match(/^-A .*[^ \n]/gm) ?? []);
    expect(lines).to.have.length.above(1000);
    // A rule with a line feed in its comment is not whole in one line.
    const whole = [...UNUSUAL, ...lines].filter((line) => line.split('"').length % 2 === 1);
    for (const line of new Set(whole))
      expect(statementsOf(line), line).to.deep.equal(meaningOf(line).statements);
  });
});
