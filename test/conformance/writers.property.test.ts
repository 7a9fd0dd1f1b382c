/** The kube-proxy that wrote recorded rules is among those that are found, and no other. */

import { expect } from 'chai';
import { type BackendName, type Family, print, readRules } from '../../src/index.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { Profile } from '../../src/profiles/types.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const cases = conformanceCases().filter(({ recordedHere }) => recordedHere);

/** Profiles of one row of rules: what they differ in decides no rule of this case. */
const printedBy = (name: string, mode: BackendName, family: Family, profile: Profile): string => {
  const found = cases.find((one) => one.name === name)!;
  const version = `1.${profile.from[0]}.${profile.from[1]}`;
  return print(loadCase(found, mode, { profile: version }).compile(family).ruleset);
};

for (const mode of ['iptables', 'nftables'] satisfies BackendName[])
  describe(`the writer of rules of mode ${mode}`, () => {
    for (const { name } of cases.filter((_, i) => i % 6 === 0 || i > cases.length - 8))
      it(`is found in ${name}`, () => {
        for (const family of FAMILIES)
          for (const profile of PROFILES) {
            if (mode === 'nftables' && typeof profile.nftables === 'string') continue;
            const text = printedBy(name, mode, family, profile);
            const { profiles, reason } = readRules(mode, text, { family }).writers();
            expect(reason, `${profile.name} ${family}`).to.equal('');
            expect(profiles.map((one) => one.name)).to.include(profile.name);
          }
      });
  });

describe('the writer of nftables rules', () => {
  const rules = (profile: string): string =>
    print(
      loadCase(cases.find(({ name }) => name.startsWith('216-'))!, 'nftables', { profile }).compile(
        'IPv4',
      ).ruleset,
    );
  const writersOf = (text: string) => {
    const { profiles, reason } = readRules('nftables', text, { family: 'IPv4' }).writers();
    return reason === '' ? profiles.map(({ name }) => name) : reason;
  };
  const rule = (words: string): string => `add rule ip kube-proxy ${words}\n`;

  it('is found as far as the rules show it', () => {
    expect(writersOf(rules('1.31'))).to.deep.equal(['1.31', '1.32', '1.33.0 to 1.33.5']);
    expect(writersOf(rules('1.33.6'))).to.deep.equal(['1.33.6+']);
    expect(writersOf(rules('1.35'))).to.deep.equal(['1.34.0 to 1.34.1', '1.34.2+', '1.35']);
    expect(writersOf(rules('1.36'))).to.deep.equal(['1.36']);
    const gate = 'KubeProxyNFTablesLocalhostNodePorts';
    expect(writersOf(rules('1.37'))).to.deep.equal(['1.37', `1.38 without ${gate}`]);
    expect(writersOf(rules('1.38'))).to.deep.equal([`1.37 with ${gate}`, '1.38']);
  });

  it('is found either way where the map of refused node ports has no rule', () => {
    const asks =
      /^add rule \S+ \S+ nodeport-endpoints-check .* @localhost-nodeport-reject-ports\n/m;
    const gate = 'KubeProxyNFTablesLocalhostNodePorts';
    expect(writersOf(rules('1.38').replace(asks, ''))).to.deep.equal([
      `1.37 with ${gate}`,
      '1.37',
      `1.38 without ${gate}`,
      '1.38',
    ]);
  });

  it('is none that vipc has where an alpha version wrote them, or no version all of them', () => {
    const counted =
      'nodeport-endpoints-check meta l4proto . th dport vmap @localhost-nodeport-reject-ports';
    expect(writersOf(rules('1.36') + rule(counted))).to.include('none writes all of them');
    const alpha = 'add chain ip kube-proxy endpoints-check\n';
    expect(writersOf(rules('1.36') + alpha)).to.deep.equal(['1.36']);
    expect(
      writersOf(rules('1.36') + alpha + rule('filter-input ct state new jump endpoints-check')),
    ).to.include('1.29');
  });

  it('is 1.30, which vipc does not write, where elements of the firewall have comments', () => {
    const found = cases.find(({ name }) => name.startsWith('268-'))!;
    const text = print(loadCase(found, 'nftables', { profile: '1.31' }).compile('IPv4').ruleset);
    const commented = text.replace(
      /^(add element ip kube-proxy firewall-ips \{ [^:]*?)( :)/m,
      '$1 comment "ns/web:http"$2',
    );
    expect(commented).to.not.equal(text);
    expect(writersOf(commented)).to.include('1.30, where mode nftables is alpha');
  });

  it('is nobody where two versions mixed', () => {
    const [chain = ''] = /service-[A-Z2-7]{8}-\S+/.exec(rules('1.36')) ?? [];
    expect(writersOf(rules('1.36') + rule(`${chain} jump mark-for-masquerade`))).to.include(
      'two versions',
    );
    const drawn = `${chain} meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 80 }`;
    expect(writersOf(rules('1.35') + rule(drawn))).to.include('two versions');
    expect(writersOf(rules('1.37') + rule(drawn))).to.include('some of 1.37');
  });

  it('is not found from what an older one left behind', () => {
    const left =
      'add chain ip kube-proxy mark-for-masquerade\nadd chain ip kube-proxy filter-prerouting { type filter hook prerouting priority -110 ; }\n';
    expect(
      writersOf(rules('1.36') + left + rule('mark-for-masquerade mark set mark or 0x4000')),
    ).to.deep.equal(['1.36']);
  });

  it('is the one that has written base chains, whichever others are left over', () => {
    const base = (name: string, hook: string): string =>
      `add chain ip kube-proxy ${name} { type filter hook ${hook} ; }\n`;
    const later = base('filter-output-pre-dnat', 'output priority -110');
    expect(writersOf(rules('1.33.5') + later)).to.deep.equal(['1.31', '1.32', '1.33.0 to 1.33.5']);
    const earlier = base('filter-output-post-dnat', 'output priority -90');
    expect(writersOf(rules('1.33.6') + earlier)).to.deep.equal(['1.33.6+']);
  });
});
