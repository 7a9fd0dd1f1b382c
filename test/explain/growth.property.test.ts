/** Hostile objects and rules cost questions work in proportion to their size. */

import { expect } from 'chai';
import { growth, LINEAR } from '../support/growth.js';
import { growthTests } from '../support/operations/growth.js';
import { cases, copying } from './growth.cases.js';

describe('explain: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);
});

/** By time: copies of short lists cost little. */
describe('promises: growth', () => {
  for (const [name, count, prepare] of copying)
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
