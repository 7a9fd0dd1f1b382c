/** Hostile dumps cost work in proportion to their size. */

import { growthTests } from '../support/operations/growth.js';
import { cases } from './growth.cases.js';

describe('plan: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);
});
