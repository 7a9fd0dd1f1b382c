/** Work that is not linear, to be found. */

import { sameIntervals } from '../../../src/netfilter/intervals.js';
import type { GrowthCase } from './growth.js';
import { list } from './items.js';

export const cases: readonly GrowthCase[] = [
  [
    'pairs',
    60,
    (n) => {
      const places = list(n, (i) => i);
      const others = list(n, (i) => i);
      for (let i = 0; i < n; i++) sameIntervals(places, others);
    },
  ],
  [
    'a long text for each item',
    100,
    (n) => {
      const text = 'x'.repeat(n);
      for (let i = 0; i < n; i++) text.split('y');
    },
  ],
];
