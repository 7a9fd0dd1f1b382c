/**
 * What the summary of a plan says about single lines: who wrote them, and who gains or loses
 * traffic.
 */

import { expect } from 'chai';
import { planFromDump } from '../../../src/backends/nftables/diff.js';
import { summary } from '../../../src/backends/nftables/kernel-rules.js';
import { LAYOUTS } from '../../../src/backends/nftables/layouts/index.js';
import { print } from '../../../src/backends/nftables/print.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import type { FamilySummary } from '../../../src/plan/summary-types.js';
import type { Ruleset } from '../../../src/ruleset/types.js';
import { rulesetOf, service, slice } from '../../support/cluster/small-cluster.js';
import { nftLines } from '../../support/kernels/nft-ruleset.js';

function summaryOf(before: string, ruleset: Ruleset): FamilySummary {
  const dump = parseDump(before);
  return summary(planFromDump(dump, ruleset), dump, ruleset);
}

const rules = (...addresses: readonly string[]): Ruleset =>
  rulesetOf([service('web', '10.96.0.1'), slice('web', addresses)], { mode: 'nftables' });

describe('nftables: the summary of a plan', () => {
  const ruleset = rules('10.0.0.1', '10.0.0.2');
  const [, pool = ''] = / (service-[A-Z2-7]{8}-default\/web\/\S+)/.exec(print(ruleset)) ?? [];

  const JUMP = 'add rule services jump own';

  /** Added by hand or by another layout, with the finding of the last line. */
  const LINES: readonly (readonly [finding: string, ...lines: readonly string[]])[] = [
    ['foreign', 'add rule services ip saddr 192.0.2.1 accept'],
    ['foreign', 'add rule cluster-ips-check drop'],
    ['foreign', `add rule ${pool} drop`],
    ['foreign', 'add rule services quota over 5 bytes drop'],
    ['foreign', 'add element service-ips { 10.96.0.9 . tcp . 80 : accept }'],
    ['surplus', 'add element service-ips { 10.96.0.9 . tcp . 80 : drop }'],
    ['surplus', `add element service-ips { 10.96.0.9 . tcp . 80 : goto ${pool} }`],
    ['surplus', 'add element cluster-ips { 10.96.0.9 }'],
    ['surplus', 'add rule services ip daddr @cluster-ips mark set mark or 0x4000'],
    ['surplus', 'add chain own', JUMP, 'add rule own meta l4proto tcp return'],
    ['foreign', 'add chain own', JUMP, 'add rule own quota over 5 bytes drop'],
    ['surplus', 'add chain own', JUMP],
    [
      'surplus',
      'add map own { type ipv4_addr : verdict ; }',
      'add rule services ip daddr vmap @own',
      `add element own { 10.96.0.1 : goto ${pool} }`,
    ],
    [
      'surplus',
      'add map own { type ipv4_addr : verdict ; }',
      'add rule services ip daddr vmap @own',
    ],
  ];
  for (const [finding, ...lines] of LINES)
    it(`${lines.join(', ')}: ${finding}`, () => {
      const added = nftLines(...lines);
      const dump = `${print(ruleset)}${added.join('\n')}\n`;
      const { services } = summaryOf(dump, ruleset);
      const found = services
        .flatMap(({ chains }) => chains)
        .flatMap((chain) => chain.rules)
        .find(({ line }) => line === added.at(-1));
      expect(found?.finding).to.equal(finding);
    });

  const sharesIn = ({ services }: FamilySummary): readonly string[] =>
    services
      .flatMap(({ pools }) => pools)
      .flatMap(({ endpoints }) => endpoints)
      .map(
        ({ endpoint, before, after }) =>
          `${endpoint} ${before.numerator}/${before.denominator} ${after.numerator}/${after.denominator}`,
      );

  for (const layout of LAYOUTS) {
    const compiled = (...addresses: readonly string[]): Ruleset =>
      rulesetOf(
        [
          service('web', '10.96.0.1', { type: 'NodePort', nodePort: 30080 }),
          slice('web', addresses),
        ],
        { layout },
      );
    const [two, three] = [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
    ];

    it(`layout ${layout.name}: reports the shares of endpoints, one half and one third, once`, () => {
      expect(sharesIn(summaryOf(print(compiled(...two!)), compiled(...three!)))).to.deep.equal([
        '10.0.0.1:8080 1/2 1/3',
        '10.0.0.2:8080 1/2 1/3',
        '10.0.0.3:8080 0/1 1/3',
      ]);
    });

    it(`layout ${layout.name}: another layout changes no shares`, () => {
      const other = rulesetOf(
        [service('web', '10.96.0.1', { type: 'NodePort', nodePort: 30080 }), slice('web', two!)],
        { layout: LAYOUTS.find((one) => one !== layout)! },
      );
      const found = summaryOf(print(other), compiled(...two!));
      expect(found.services.map(({ origin }) => origin)).to.include('default/web:http TCP');
      expect(sharesIn(found)).to.deep.equal([]);
    });

    it(`layout ${layout.name}: a lost element of a map is a lost share`, () => {
      const ruleset = compiled(...two!);
      const lost = print(ruleset).replace(
        /^add element \S+ \S+ endpoints-tcp \{ \S+ . tcp . 80 . 1 .*\n/m,
        '',
      );
      const expected =
        layout.name === 'fast' ? ['10.0.0.1:8080 1/1 1/2', '10.0.0.2:8080 0/1 1/2'] : [];
      expect(sharesIn(summaryOf(lost, ruleset))).to.deep.equal(expected);
    });
  }
});
