import { expect } from 'chai';
import { normaliseLine } from '../../../../src/backends/iptables/syntax/normalise.js';

describe('normaliseLine', () => {
  const cases: readonly (readonly [why: string, line: string, normal: string])[] = [
    [
      'a line of 1.8.9 stays',
      '-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport 80 -j KUBE-SVC-X',
      '-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport 80 -j KUBE-SVC-X',
    ],
    [
      'two blanks after --nfacct-name',
      '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  x -j DROP',
      '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name x -j DROP',
    ],
    [
      'the last blank of 1.8.7',
      '-A X -m comment --comment "a b" ',
      '-A X -m comment --comment "a b"',
    ],
    ['a bare rule of 1.8.7', '-A X ', '-A X'],
    ['counters', '[12:3456] -A X -j DROP', '-A X -j DROP'],
    [
      '6 is tcp',
      '-A X -d 10.0.0.1/32 -p 6 -m tcp --dport 80 -j DROP',
      '-A X -d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j DROP',
    ],
    ['17 is udp', '-A X -p 17 -j DROP', '-A X -p udp -j DROP'],
    ['132 is sctp', '-A X ! -p 132', '-A X ! -p sctp'],
    ['58 is ipv6-icmp', '-A X -p 58 -j DROP', '-A X -p ipv6-icmp -j DROP'],
    ['icmpv6 is ipv6-icmp', '-A X -p icmpv6 -j DROP', '-A X -p ipv6-icmp -j DROP'],
    ['253 has no name', '-A X -p 253 -j DROP', '-A X -p 253 -j DROP'],
    ['igmp is a name already', '-A X -p igmp -j DROP', '-A X -p igmp -j DROP'],
    [
      'blanks in a comment stay',
      '-A X -m comment --comment "a  b" -j DROP',
      '-A X -m comment --comment "a  b" -j DROP',
    ],
    [
      'a last blank in a comment stays',
      '-A X -m comment --comment "a "',
      '-A X -m comment --comment "a "',
    ],
    [
      'a comment is no protocol',
      '-A X -m comment --comment "x -p 6 y" -j DROP',
      '-A X -m comment --comment "x -p 6 y" -j DROP',
    ],
    [
      'blanks outside go, inside stay',
      '-A X -m comment --comment "a  b"  -m nfacct --nfacct-name  "c  d" ',
      '-A X -m comment --comment "a  b" -m nfacct --nfacct-name "c  d"',
    ],
  ];
  for (const [why, line, normal] of cases) {
    it(why, () => {
      expect(normaliseLine(line)).to.equal(normal);
      expect(normaliseLine(normal)).to.equal(normal);
    });
  }
});
