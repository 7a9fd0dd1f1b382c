/** Units of one table differ by kind and name. */

import { expect } from 'chai';
import { unitKey, unitLabel } from '../../src/plan/unit.js';

describe('plan/unit', () => {
  const UNITS = [
    { kind: 'table', name: '' },
    { kind: 'chain', name: 'x' },
    { kind: 'set', name: 'x' },
    { kind: 'counter', name: 'x' },
    { kind: 'ct helper', name: 'x' },
  ] as const;

  it('shows a unit as nft has it', () => {
    expect(UNITS.map(unitLabel)).to.deep.equal(['', 'x', '@x', 'counter x', 'ct helper x']);
  });

  it('gives units of one name different keys', () => {
    const keys = UNITS.map((unit) => unitKey({ table: 'ip kube-proxy', ...unit }));
    expect(new Set(keys).size).to.equal(UNITS.length);
  });
});
