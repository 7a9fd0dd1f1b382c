/** How many descriptors each part of an agent may have. */

import { expect } from 'chai';
import { connectionLimit, loopbackLimits } from '../../src/agent/descriptors.js';

const LIMITS: readonly (readonly [
  limits: string | undefined,
  group: number,
  listeners: number,
  connections: number,
])[] = [
  ['Max open files            1048576              1048576              files', 128, 524_066, 1000],
  ['Max open files            1024                 524288               files', 128, 290, 145],
  ['Max open files            120                  120                  files', 20, 8, 8],
  ['Max open files            64                   64                   files', 8, 8, 8],
  [undefined, 128, 290, 145],
];

describe('agent/descriptors', () => {
  for (const [limits, group, listeners, connections] of LIMITS)
    it(`leaves descriptors to syncs: ${limits}`, () => {
      expect(connectionLimit(limits)).to.equal(group);
      expect(loopbackLimits(limits)).to.deep.equal({ listeners, connections });
    });
});
