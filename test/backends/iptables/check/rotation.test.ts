/** All chains have their turn, however many there are and whatever comes and goes. */

import { expect } from 'chai';
import fc from 'fast-check';
import { FRAGMENT_CHAINS } from '../../../../src/backends/iptables/check/check.js';
import { Rotation } from '../../../../src/backends/iptables/check/rotation.js';
import type { Ruleset } from '../../../../src/index.js';
import { smallCluster } from '../../../support/cluster/small-cluster.js';

/** The name of a chain of a Service port. */
function chain(port: number, number: number): string {
  const letter = (n: number): string => 'ABCDEFGHIJKLMNOP'.charAt(n);
  return `KUBE-SEP-${letter(port)}${letter(number)}`.padEnd(25, 'A');
}

/** Service ports with so many chains each. */
function rulesetOf(sizes: readonly number[]): Ruleset {
  const ports = sizes.map((size, i) => ({
    origin: `a/s${i} TCP`,
    text: `*nat\n${Array.from({ length: size }, (_, j) => `:${chain(i, j)} - [0:0]\n`).join('')}`,
  }));
  return { ...smallCluster(), ports };
}

describe('drift/rotation', () => {
  it('visits every chain before any a second time, and never more than it may', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 7 }), (each, count) => {
        const ruleset = rulesetOf(each);
        const all = each.reduce((sum, size) => sum + size, 0);
        const rotation = new Rotation(FRAGMENT_CHAINS, count);
        const seen: string[] = [];
        for (let rounds = 0; seen.length < all; rounds++) {
          const some = rotation.next(ruleset).keys.map(({ key }) => key);
          expect(some.length).to.be.at.most(count);
          expect(new Set(some).size).to.equal(some.length);
          expect(rounds).to.be.at.most(all + each.length);
          seen.push(...some);
        }
        expect(new Set(seen.slice(0, all)).size).to.equal(all);
      }),
    );
  });

  it('goes on where it was when Services come and go', () => {
    const rotation = new Rotation(FRAGMENT_CHAINS, 2);
    const ruleset = rulesetOf([1, 3, 1]);
    const keys = (from: Ruleset): readonly string[] =>
      rotation.next(from).keys.map(({ key }) => key);
    expect(keys(ruleset)).to.deep.equal([`nat ${chain(0, 0)}`, `nat ${chain(1, 0)}`]);
    const [, ...others] = ruleset.ports;
    expect(keys({ ...ruleset, ports: others })).to.deep.equal([
      `nat ${chain(1, 1)}`,
      `nat ${chain(1, 2)}`,
    ]);
    expect(keys({ ...ruleset, ports: [] })).to.deep.equal([]);
    expect(keys(ruleset)).to.deep.equal([`nat ${chain(0, 0)}`, `nat ${chain(1, 0)}`]);
  });
});
