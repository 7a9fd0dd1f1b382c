/** Hostile texts cost work and time in proportion to their length. */

import { expect } from 'chai';
import { growth, LINEAR } from '../support/growth.js';
import { growthTests } from '../support/operations/growth.js';
import { cases, texts } from './growth.cases.js';

describe('input: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);
});

/** What the parser of JSON and patterns do can only be measured. */
describe('input: time', () => {
  for (const [what, count, run] of texts)
    it(`is linear in ${what}`, () => {
      expect(growth(run, count)).to.be.at.most(LINEAR);
    });
});
