/** Hostile objects and rules cost questions work in proportion to their size. */

import { expect } from 'chai';
import { growth, LINEAR } from '../support/growth.js';
import { growthTests } from '../support/operations/growth.js';
import { cases, proofs } from './growth.cases.js';

describe('explain: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);
});

/**
 * By time: a proof cuts regions of packets at each rule, and copies their short lists, which grow
 * with the rules.
 */
describe('promises: growth', () => {
  for (const [name, count, prepare] of proofs)
    it(name, () => {
      const prepared = new Map<number, () => void>();
      const ratio = growth((n) => {
        const proof = prepared.get(n) ?? prepare(n);
        prepared.set(n, proof);
        proof();
      }, count);
      expect(ratio).to.be.below(LINEAR);
    });
});
