/** Whose a chain is, and where a rule leads, whatever its comment says. */

import { expect } from 'chai';
import { BUILTIN } from '../../../src/backends/iptables/ownership.js';
import { targetOf, withoutComment } from '../../../src/backends/iptables/syntax/line-text.js';

describe('ownership of what the layouts of vipc know', () => {
  const ROLES: readonly (readonly [string, string])[] = [
    ['nat KUBE-SVC-AAAAAAAAAAAAAAA2', 'service'],
    ['nat KUBE-FW-AAAAAAAAAAAAAAA2', 'service'],
    ['filter KUBE-SVC-AAAAAAAAAAAAAAA2', 'foreign'],
    ['nat KUBE-SVC-AAAAAAAAAAAAAAA', 'foreign'],
    ['nat KUBE-SVC-AAAAAAAAAAAAAAA1', 'foreign'],
    ['nat KUBE-XXX-AAAAAAAAAAAAAAA2', 'foreign'],
    ['nat KUBE-MARK-MASQ', 'frame'],
    ['nat KUBE-MARK-DROP', 'foreign'],
    ['filter KUBE-MARK-MASQ', 'foreign'],
    ['filter KUBE-FIREWALL', 'partial'],
    ['nat KUBE-FIREWALL', 'foreign'],
    ['filter KUBE-KUBELET-CANARY', 'foreign'],
    ['mangle KUBE-PROXY-CANARY', 'frame'],
    ['mangle KUBE-IPTABLES-HINT', 'foreign'],
    ['mangle INPUT', 'partial'],
    ['nat FORWARD', 'foreign'],
    ['filter INPUT', 'partial'],
    ['nat KUBE-NODEPORTS', 'shared'],
    ['filter KUBE-ROUTER-FORWARD', 'foreign'],
    ['raw KUBE-SERVICES', 'foreign'],
    ['__proto__ constructor', 'foreign'],
    ['nat constructor', 'foreign'],
  ];
  for (const [name, role] of ROLES) {
    it(`${name}: ${role}`, () => {
      const [table = '', chain = ''] = name.split(' ');
      expect(BUILTIN.roleOf(table, chain)).to.equal(role);
      expect(BUILTIN.owns(table, chain)).to.equal(['service', 'frame', 'shared'].includes(role));
    });
  }
});

describe('targetOf', () => {
  const TARGETS: readonly (readonly [string, string])[] = [
    ['-A X -j ACCEPT', 'ACCEPT'],
    ['-A X -g Y', 'Y'],
    ['-A X -m comment --comment "ends with -j KUBE-SERVICES"', ''],
    ['-A X -m comment --comment "-j A" -j B', 'B'],
    ['-A X -m comment --comment "a \\" -j A" -j B', 'B'],
    ['-A X -m comment --comment -j -j B', 'B'],
    ['-A X -m comment --comment one -g B', 'B'],
    ['-A X -j LOG --log-prefix "x -j KUBE-SERVICES "', 'LOG'],
    ['-A X -j DNAT --to-destination 10.0.0.1:80', 'DNAT'],
    ['-A X -s 10.0.0.1/32', ''],
  ];
  for (const [line, target] of TARGETS) {
    it(`${line}: ${target || 'none'}`, () => expect(targetOf(line)).to.equal(target));
  }
});

describe('withoutComment', () => {
  it('takes out the comment, quoted or not, and nothing else', () => {
    expect(withoutComment('-A X -p tcp -m comment --comment "a b" -m tcp -j Y')).to.equal(
      '-A X -p tcp -m tcp -j Y',
    );
    expect(withoutComment('-A X -m comment --comment a_b -j Y')).to.equal('-A X -j Y');
    expect(withoutComment('-A X -m comment --comment "a\\"b\nc"')).to.equal('-A X');
    expect(withoutComment('-A X -s 10.0.0.1/32 -j Y')).to.equal('-A X -s 10.0.0.1/32 -j Y');
  });
});
