import { expect } from 'chai';
import fc from 'fast-check';
import { meaningOf } from '../../../src/backends/nftables/meaning.js';
import { type NftStatement, printRule } from '../../../src/backends/nftables/syntax/rule.js';
import { knownRule } from '../../support/arbitrary/nft-rule.js';
import { property } from '../../support/arbitrary/property.js';

/** The statements of a rule body, in a table of IPv4 unless given otherwise. */
function statements(body: string, family = 'ip'): readonly object[] {
  return meaningOf(`add rule ${family} kube-proxy c ${body}`).statements;
}

describe('the meaning of a rule of nft', () => {
  const KEY = ['daddr', 'protocol', 'dport'];
  const cases: readonly (readonly [body: string, meaning: readonly object[]])[] = [
    [
      'ip saddr != { 10.0.0.0/8, 192.0.2.1 } drop',
      [
        { kind: 'address', field: 'saddr', not: true, networks: ['10.0.0.0/8', '192.0.2.1/32'] },
        { kind: 'drop' },
      ],
    ],
    [
      'iifname != "veth*" return',
      [
        { kind: 'interface', field: 'iif', not: true, name: 'veth', prefix: true },
        { kind: 'return' },
      ],
    ],
    [
      'iifname "eth0" accept',
      [
        { kind: 'interface', field: 'iif', not: false, name: 'eth0', prefix: false },
        { kind: 'accept' },
      ],
    ],
    [
      'ct state new,related jump services',
      [
        { kind: 'conntrack', not: false, states: ['new', 'related'] },
        { kind: 'jump', chain: 'services' },
      ],
    ],
    [
      'fib daddr type local ip daddr . meta l4proto . th dport vmap @service-ips',
      [
        { kind: 'address-type', field: 'daddr', not: false, types: ['local'] },
        { kind: 'lookup', map: 'service-ips', key: KEY },
      ],
    ],
    [
      'ip daddr . meta l4proto . th dport @seen counter name "x"',
      [
        { kind: 'in-set', not: false, set: 'seen', key: KEY },
        { kind: 'count', name: 'x' },
      ],
    ],
    [
      'mark and 0x4000 != 0 mark set mark xor 0x4000 masquerade fully-random',
      [
        { kind: 'mark', not: true, mask: 0x4000, value: 0 },
        { kind: 'set-mark', mask: 0, value: 0x4000 },
        { kind: 'masquerade', fullyRandom: true },
      ],
    ],
    ['mark set mark or 0x4000', [{ kind: 'set-mark', mask: 0x4000, value: 0x4000 }]],
    ['mark set mark and 0x4000', [{ kind: 'set-mark', mask: 0xffffbfff, value: 0 }]],
    ['masquerade', [{ kind: 'masquerade', fullyRandom: false }]],
    [
      'masquerade to :1024-65535',
      [{ kind: 'masquerade', fullyRandom: false, ports: '1024-65535' }],
    ],
    ['masquerade to :80 random', [{ kind: 'masquerade', fullyRandom: true, ports: '80' }]],
    ['masquerade random', [{ kind: 'masquerade', fullyRandom: true }]],
    ['masquerade persistent', [{ kind: 'masquerade', fullyRandom: false }]],
    ['masquerade random,new', [{ kind: 'unknown-action', text: 'masquerade random,new' }]],
    ['reject', [{ kind: 'reject', with: 'icmp port-unreachable' }]],
    ['reject with tcp reset', [{ kind: 'reject', with: 'tcp reset' }]],
    [
      'numgen random mod 2 vmap { 0 : goto a, 1 : drop }',
      [{ kind: 'choose', choices: [{ kind: 'goto', chain: 'a' }, { kind: 'drop' }] }],
    ],
    [
      'numgen random mod 3 vmap { 0 : goto a, 2 : drop, 3 : accept }',
      [{ kind: 'choose', choices: [{ kind: 'goto', chain: 'a' }, { kind: 'drop' }], numbers: 3 }],
    ],
    [
      'numgen random mod 2 offset 1 vmap { 0 : goto a, 1 : drop, 2 : goto b, 3 : accept }',
      [{ kind: 'choose', choices: [{ kind: 'drop' }, { kind: 'goto', chain: 'b' }], numbers: 2 }],
    ],
    [
      'meta l4proto udp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 53 }',
      [
        { kind: 'protocol', not: false, protocols: ['udp'] },
        { kind: 'choose', choices: [{ kind: 'dnat', ip: '10.0.0.1', port: 53 }] },
      ],
    ],
    [
      'meta l4proto { tcp, udp } dnat ip addr . port to ip daddr . th dport . numgen random mod 3 map @m',
      [
        { kind: 'protocol', not: false, protocols: ['tcp', 'udp'] },
        { kind: 'drawn-lookup', map: 'm', first: 0, numbers: 3, key: ['daddr', 'dport'] },
      ],
    ],
    [
      'dnat ip addr . port to ip daddr . udp dport . numgen random mod 3 map @m-udp',
      [
        { kind: 'protocol', not: false, protocols: ['udp'] },
        { kind: 'drawn-lookup', map: 'm-udp', first: 0, numbers: 3, key: ['daddr', 'dport'] },
      ],
    ],
    [
      'dnat ip addr . port to ip daddr . numgen random mod 3 offset 2 map @m',
      [{ kind: 'drawn-lookup', map: 'm', first: 2, numbers: 3, key: ['daddr'] }],
    ],
    [
      'ip daddr . tcp dport vmap @m',
      [
        { kind: 'protocol', not: false, protocols: ['tcp'] },
        { kind: 'lookup', map: 'm', key: ['daddr', 'dport'] },
      ],
    ],
    ['dnat to 10.0.0.1:53', [{ kind: 'dnat', ip: '10.0.0.1', port: 53 }]],
    [
      'update @affinity { ip saddr }',
      [{ kind: 'remember', set: 'affinity', field: 'saddr', renews: true }],
    ],
    [
      'add @affinity { ip saddr }',
      [{ kind: 'remember', set: 'affinity', field: 'saddr', renews: false }],
    ],
    [
      'quota over 5 bytes drop',
      [
        { kind: 'unknown-condition', text: 'quota over 5 bytes drop' },
        { kind: 'unknown-action', text: 'quota over 5 bytes drop' },
      ],
    ],
  ];
  for (const [body, meaning] of cases)
    it(body, () => {
      expect(statements(body)).to.deep.equal(meaning);
    });

  it('has the default answer of the family', () => {
    expect(statements('reject', 'ip6')).to.deep.equal([
      { kind: 'reject', with: 'icmpv6 port-unreachable' },
    ]);
  });

  it('keeps line and comment', () => {
    const line = 'add rule ip kube-proxy c drop comment "why"';
    expect(meaningOf(line)).to.deep.include({ line, comment: 'why' });
  });

  it('has no unknown condition where every statement is understood', () => {
    property(
      fc.property(knownRule, (rule) => {
        const kinds = meaningOf(printRule(rule)).statements.map(({ kind }) => kind);
        const ports = rule.statements.map(portsOfProtocols).reduce((sum, count) => sum + count, 0);
        expect(kinds).to.have.length(rule.statements.length + ports);
        expect(kinds).to.not.include('unknown-condition');
      }),
      5,
    );
  });
});

/** A port is one of a protocol: two conditions. What is put into a set is a condition nowhere. */
function portsOfProtocols(statement: NftStatement): number {
  if (statement.kind === 'port') return 1;
  const fields = 'fields' in statement ? statement.fields : [];
  return fields.filter((field) => field.kind === 'dport' && field.protocol !== undefined).length;
}
