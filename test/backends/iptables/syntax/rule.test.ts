import { expect } from 'chai';
import { isKnown, parseRule, printRule } from '../../../../src/backends/iptables/syntax/rule.js';
import { ParseError } from '../../../../src/errors.js';
import type { Family } from '../../../../src/net/ip.js';

/** The line of kube-proxy or a user, and what iptables-save prints for it. */
const SPELLINGS: readonly (readonly [input: string, printed: string, family?: Family])[] = [
  [
    '-A KUBE-SERVICES -m comment --comment "a/b:c cluster IP" -m tcp -p tcp -d 10.82.95.113 --dport 1 -j KUBE-SVC-X',
    '-A KUBE-SERVICES -d 10.82.95.113/32 -p tcp -m comment --comment "a/b:c cluster IP" -m tcp --dport 1 -j KUBE-SVC-X',
  ],
  [
    '-A KUBE-SVC-X -m comment --comment a/b -m tcp -p tcp -d fd00::1 --dport 1 ! -s fd00:1::/64 -j KUBE-MARK-MASQ',
    '-A KUBE-SVC-X ! -s fd00:1::/64 -d fd00::1/128 -p tcp -m comment --comment "a/b" -m tcp --dport 1 -j KUBE-MARK-MASQ',
    'IPv6',
  ],
  [
    '-A KUBE-SEP-X -m comment --comment a/b -m recent --name KUBE-SEP-X --set -m tcp -p tcp -j DNAT --to-destination 10.0.0.1:80',
    '-A KUBE-SEP-X -p tcp -m comment --comment "a/b" -m recent --set --name KUBE-SEP-X --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.0.0.1:80',
  ],
  [
    '-A KUBE-SVC-X -m recent --name KUBE-SEP-X --rcheck --seconds 3600 --reap -j KUBE-SEP-X',
    '-A KUBE-SVC-X -m recent --rcheck --seconds 3600 --reap --name KUBE-SEP-X --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource -j KUBE-SEP-X',
    'IPv6',
  ],
  [
    '-A X -m recent --seconds 60 --name a ! --rcheck -j DROP',
    '-A X -m recent ! --rcheck --seconds 60 --name a --mask 255.255.255.255 --rsource -j DROP',
  ],
  [
    '-A X -m recent --name a ! --set -j DROP',
    '-A X -m recent ! --set --name a --mask 255.255.255.255 --rsource -j DROP',
  ],
  [
    '-A X -m recent --name a --seconds 60 ! --update -j DROP',
    '-A X -m recent ! --update --seconds 60 --name a --mask 255.255.255.255 --rsource -j DROP',
  ],
  ['-A X -j MARK --or-mark 0x00004000', '-A X -j MARK --set-xmark 0x4000/0x4000'],
  ['-A X -j MARK --xor-mark 0x00004000', '-A X -j MARK --set-xmark 0x4000/0x0'],
  ['-A X -j MARK --and-mark 0xfffffff0', '-A X -j MARK --set-xmark 0x0/0xf'],
  ['-A X -j MARK --set-mark 0x3/0xf0', '-A X -j MARK --set-xmark 0x3/0xf3'],
  ['-A X -j MARK --set-mark 9', '-A X -j MARK --set-xmark 0x9/0xffffffff'],
  [
    '-A X -m mark ! --mark 0x00004000/0x00004000 -j RETURN',
    '-A X -m mark ! --mark 0x4000/0x4000 -j RETURN',
  ],
  [
    '-A X -m mark --mark 0x80000000/0xffffffff -j RETURN',
    '-A X -m mark --mark 0x80000000 -j RETURN',
  ],
  ['-A X -j REJECT', '-A X -j REJECT --reject-with icmp-port-unreachable'],
  ['-A X -j REJECT', '-A X -j REJECT --reject-with icmp6-port-unreachable', 'IPv6'],
  [
    '-A X -m statistic --mode random --probability 0.3333333333 -j Y',
    '-A X -m statistic --mode random --probability 0.33333333349 -j Y',
  ],
  [
    '-A X -m statistic --mode random --probability 0.1 -j Y',
    '-A X -m statistic --mode random --probability 0.10000000009 -j Y',
  ],
  [
    '-A X -m statistic --mode random --probability 1 -j Y',
    '-A X -m statistic --mode random --probability 1.00000000000 -j Y',
  ],
  // One in 4096 and 12 decimals: the tie goes to the even digit.
  [
    '-A X -m statistic --mode random --probability 0.0002441406 -j Y',
    '-A X -m statistic --mode random --probability 0.00024414062 -j Y',
  ],
  [
    '-A X --jump ACCEPT --src 10.1.2.3/8 ! --dst 10.0.0.0/255.255.0.0',
    '-A X -s 10.0.0.0/8 ! -d 10.0.0.0/16 -j ACCEPT',
  ],
  ['-A X -s 0.0.0.0/0 -i + -p all -j ACCEPT', '-A X -j ACCEPT'],
  ['-A X --protocol 17 --destination-port 53 --jump DROP', '-A X -p udp -m udp --dport 53 -j DROP'],
  [
    '-A X -p tcp -m comment --comment x --dport 80 -j DROP',
    '-A X -p tcp -m comment --comment x -m tcp --dport 80 -j DROP',
  ],
  [
    '-A X -p tcp -m tcp --dport 1024: --sport :1023 -j DROP',
    '-A X -p tcp -m tcp --sport 0:1023 --dport 1024:65535 -j DROP',
  ],
  ['-A X -p tcp --dport 0:65535 -j DROP', '-A X -p tcp -m tcp -j DROP'],
  [
    '-A X -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j DROP',
    '-A X -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
  ],
  ['-A X -m comment --comment -j -j DROP', '-A X -m comment --comment -j -j DROP'],
  ['[1:2] -A X -m nfacct --nfacct-name  n -j DROP', '-A X -m nfacct --nfacct-name n -j DROP'],
  ['-A X -d ::a00:1 -j DROP', '-A X -d ::10.0.0.1/128 -j DROP', 'IPv6'],
  ['-A X -j Y -s 10.0.0.1', '-A X -s 10.0.0.1/32 -j Y'],
  ['-A X ! -f -i eth0 -j DROP', '-A X -i eth0 ! -f -j DROP'],
];

/** Valid for iptables, but more than the typed matches and targets can say. */
const UNKNOWN: readonly string[] = [
  '-A X -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT',
  '-A X -p tcp -m multiport --dports 80,443 -j ACCEPT',
  '-A X -m set --match-set blocked src -j DROP',
  '-A X -m recent --update --seconds 60 --hitcount 4 --name SSH --mask 255.255.255.255 --rsource -j DROP',
  '-A X -m recent ! --set ! --name SSH --mask 255.255.255.255 --rsource -j DROP',
  '-A X -m statistic --mode nth --every 3 --packet 0 -j Y',
  '-A X -m conntrack --ctstate NEW --ctproto 6 -j Y',
  '-A X -m addrtype --src-type LOCAL --limit-iface-in -j Y',
  '-A X -j LOG --log-prefix "it\\\'s: -j DROP " --log-level 7',
  '-A X -j LOG',
  '-A X -j DNAT --to-destination 10.0.0.1 --random',
  '-A X -j MASQUERADE --to-ports 1024-2048',
  '-A X -s 10.0.0.0/255.0.255.0 -d 10.0.0.1/32 -j ACCEPT',
  '-A X -d 0.0.0.5/0.0.0.7 -j ACCEPT',
  '-A X -f -j DROP',
  '-A X -m policy --dir in --pol ipsec --proto esp -j ACCEPT',
  '-A X -p tcp -m string --string "simple" --algo bm -j DROP',
];

describe('parseRule and printRule', () => {
  for (const [input, printed, family] of SPELLINGS) {
    it(`${input}${family === undefined ? '' : ` (${family})`}`, () => {
      const rule = parseRule(input, family);
      expect(printRule(rule)).to.equal(printed);
      expect(parseRule(printed, family)).to.deep.equal(rule);
    });
  }

  it('say what a rule means', () => {
    const line =
      '-A KUBE-SERVICES ! -s 10.0.0.0/8 -d 10.96.0.1/32 -i eth+ -p tcp -m comment --comment "a/b:c cluster IP" -m tcp --dport 443 -j KUBE-SVC-X';
    expect(parseRule(line)).to.deep.equal({
      chain: 'KUBE-SERVICES',
      source: { not: true, value: { text: '10.0.0.0/8', cidr: '10.0.0.0/8' } },
      destination: { not: false, value: { text: '10.96.0.1/32', cidr: '10.96.0.1/32' } },
      inInterface: { not: false, value: 'eth+' },
      protocol: { not: false, value: 'tcp' },
      matches: [
        { kind: 'comment', text: 'a/b:c cluster IP' },
        {
          kind: 'ports',
          protocol: 'tcp',
          destination: { not: false, value: { from: 443, to: 443 } },
        },
      ],
      target: { kind: 'jump', chain: 'KUBE-SVC-X' },
    });
  });

  it('keep the kernel’s own number for a probability', () => {
    const { matches } = parseRule(
      '-A X -m statistic --mode random --probability 0.33333333349 -j Y',
    );
    expect(matches).to.deep.equal([{ kind: 'random', not: false, numerator: 715827883 }]);
  });

  it('distinguish a goto, a chain and an extension', () => {
    expect(parseRule('-A X -g Y').target).to.deep.equal({ kind: 'goto', chain: 'Y' });
    expect(parseRule('-A X -j DOCKER').target).to.deep.equal({ kind: 'jump', chain: 'DOCKER' });
    expect(parseRule('-A X -j TRACE').target).to.deep.equal({
      kind: 'unknown',
      name: 'TRACE',
      words: ['-j', 'TRACE'],
    });
    expect(parseRule('-A X').target).to.deep.equal({ kind: 'none' });
  });

  for (const line of UNKNOWN) {
    it(`keep as unknown: ${line}`, () => {
      const rule = parseRule(line);
      expect(isKnown(rule)).to.equal(false);
      expect(printRule(rule)).to.equal(line);
    });
  }

  it('do not claim a line with an option given twice', () => {
    expect(isKnown(parseRule('-A X -p tcp -m tcp --dport 80 --dport 81 -j DROP'))).to.equal(false);
  });

  for (const line of [
    '',
    '-N X',
    '-A',
    '-A X -j',
    '-A X -s',
    '-A X !',
    '-A X -j DROP -j ACCEPT',
    '-A X --dport 80 -j DROP',
    '-A X -m comment --comment "open -j DROP',
  ]) {
    it(`refuse ${JSON.stringify(line)}`, () => {
      expect(() => parseRule(line)).to.throw(ParseError);
    });
  }
});
