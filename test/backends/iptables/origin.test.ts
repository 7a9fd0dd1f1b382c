/** Which Service port a chain of a dump belongs to. */

import { expect } from 'chai';
import { chainOrigins } from '../../../src/backends/iptables/origin.js';
import { NOTHING_REMEMBERED, ownershipOf } from '../../../src/backends/iptables/ownership.js';
import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { list } from '../../support/operations/items.js';

/** More chains behind one another than there is room for calls. */
const MANY = 30_000;

const nameOf = (i: number): string =>
  `KUBE-SVC-${String(i)
    .replaceAll(/\d/g, (digit) => 'ABCDEFGHIJ'[Number(digit)] ?? '')
    .padStart(16, 'Z')}`;

describe('iptables: origins of chains', () => {
  it('follow jumps of any depth, and in circles', () => {
    const text = [
      '*nat',
      ':KUBE-SERVICES - [0:0]',
      ...list(MANY, (i) => `:${nameOf(i)} - [0:0]`),
      `-A KUBE-SERVICES -m comment --comment "a/b:c cluster IP" -j ${nameOf(0)}`,
      ...list(MANY, (i) => `-A ${nameOf(i)} -j ${nameOf((i + 1) % MANY)}`),
      'COMMIT\n',
    ].join('\n');
    const chains = parseDump(text).tables.get('nat') ?? new Map();
    const origins = chainOrigins('nat', chains, ownershipOf(new Map(), NOTHING_REMEMBERED));
    expect(origins.size).to.equal(MANY);
    expect(new Set(origins.values())).to.deep.equal(new Set(['a/b:c']));
  });
});
