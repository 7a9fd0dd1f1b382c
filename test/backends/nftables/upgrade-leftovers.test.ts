/** What an upgrade of kube-proxy leaves in its table: no difference, and deleted. */

import { expect } from 'chai';
import { planFromDump } from '../../../src/backends/nftables/diff.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { noteLines } from '../../../src/cli/views/diff-notes.js';
import { print, type Ruleset, readRules } from '../../../src/index.js';
import { unitLabel } from '../../../src/plan/unit.js';
import { conformanceCases, loadCase } from '../../support/cases/conformance-cases.js';

const found = conformanceCases().find(({ name }) => name.startsWith('268-'))!;
const rulesOf = (profile: string): Ruleset =>
  loadCase(found, 'nftables', { profile }).compile('IPv4').ruleset;
const add = (words: string): string => `add ${words.replace(' ', ' ip kube-proxy ')}\n`;
const BEFORE_1_33_6 = [
  'chain filter-prerouting { type filter hook prerouting priority -110 ; }',
  'chain filter-output-post-dnat { type filter hook output priority -90 ; }',
  'rule filter-prerouting ct state new jump firewall-check',
  'rule filter-output-post-dnat ct state new jump cluster-ips-check',
];
const BEFORE_1_36 = [
  'chain mark-for-masquerade',
  'rule mark-for-masquerade mark set mark or 0x4000',
];
const OF_1_29 = [
  'chain endpoints-check',
  'chain forward',
  'rule forward ct state invalid drop',
  'set firewall { type ipv4_addr . inet_proto . inet_service ; }',
];
const WITH_GATE = [
  'map localhost-nodeport-reject-ports { type inet_proto . inet_service : verdict ; }',
  'counter localhost-nodeport-rejected-tcp',
  'chain localhost-nodeport-reject-tcp',
  'rule localhost-nodeport-reject-tcp counter name "localhost-nodeport-rejected-tcp" reject',
  'element localhost-nodeport-reject-ports { tcp . 30080 : goto localhost-nodeport-reject-tcp }',
];

function leftIn(profile: string, lines: readonly string[]) {
  const text = print(rulesOf(profile)) + lines.map(add).join('');
  return planFromDump(parseDump(text), rulesOf(profile));
}

describe('nftables: what an upgrade left behind', () => {
  const rows: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ['before 1.33.6', '1.36', BEFORE_1_33_6, ['filter-output-post-dnat', 'filter-prerouting']],
    ['before 1.36', '1.36', BEFORE_1_36, ['mark-for-masquerade']],
    ['of 1.29', '1.31', OF_1_29, ['@firewall', 'endpoints-check', 'forward']],
    [
      'with a gate',
      '1.36',
      WITH_GATE,
      [
        '@localhost-nodeport-reject-ports',
        'counter localhost-nodeport-rejected-tcp',
        'localhost-nodeport-reject-tcp',
      ],
    ],
    [
      'by a downgrade',
      '1.33.5',
      [
        'chain filter-output-pre-dnat { type filter hook output priority -110 ; }',
        'rule filter-output-pre-dnat ct state new jump firewall-check',
        'set hairpin-connections { type ipv4_addr . ipv4_addr . inet_proto . inet_service ; }',
      ],
      ['@hairpin-connections', 'filter-output-pre-dnat'],
    ],
  ];
  for (const [what, profile, lines, units] of rows)
    it(`is no difference: ${what}`, () => {
      const { changes, leftovers } = leftIn(profile, lines);
      expect(changes).to.deep.equal([]);
      expect(leftovers.map(unitLabel).sort()).to.deep.equal(units);
      expect(leftovers.map(({ action }) => action)).to.include.members(['delete']);
    });

  it('is a difference with any other rule, and at any other place', () => {
    const [chain = '', , rule = ''] = BEFORE_1_33_6;
    const changed = [
      [chain, `${rule} drop`.replace(' jump firewall-check', '')],
      [chain, rule, rule],
      [chain.replace('-110', '-120'), rule],
      [chain, rule.replace('firewall-check', 'cluster-ips-check')],
    ];
    for (const lines of changed)
      expect(leftIn('1.36', lines).changes, lines.join()).to.have.length(1);
  });

  it('is reported with the version that left it', () => {
    const text =
      print(rulesOf('1.36')) + [...BEFORE_1_33_6, ...BEFORE_1_36, ...WITH_GATE].map(add).join('');
    const rules = readRules('nftables', text, { family: 'IPv4' });
    const ruleset = rulesOf('1.36');
    const notes = noteLines(rules.summary(rules.plan(ruleset), ruleset), false).join('\n');
    expect(notes)
      .to.include(
        'filter-prerouting is a leftover of kube-proxy before 1.33.6 (1 rule): others do the same, and apply deletes it',
      )
      .and.include(
        'mark-for-masquerade is a leftover of kube-proxy before 1.36 (1 rule): nothing jumps to it',
      )
      .and.include(
        '@localhost-nodeport-reject-ports is a leftover of kube-proxy with feature gate KubeProxyNFTablesLocalhostNodePorts: no rule refers to it',
      );
  });
});
