/** Hostile objects and rules cost questions work in proportion to their size. */

import { growthTests } from '../support/operations/growth.js';
import { cases } from './growth.cases.js';

describe('explain: growth', () => {
  growthTests(new URL('./growth.cases.ts', import.meta.url), cases);
});
