/** What is said about one object is bounded, however large the object. */

import { expect } from 'chai';
import { capDiagnostics, type Diagnostic } from '../src/diagnostics.js';

const object = { kind: 'EndpointSlice', namespace: 'shop', name: 'web-1' };

function alike(code: string, count: number): readonly Diagnostic[] {
  return Array.from({ length: count }, (_, i) => ({
    code,
    severity: 'note' as const,
    message: `read as ${i}`,
    object,
  }));
}

describe('capDiagnostics', () => {
  it('keeps few as they are', () => {
    const few = alike('a', 10);
    expect(capDiagnostics('shop/web', few)).to.equal(few);
  });

  it('keeps ten of each code and counts the others', () => {
    const capped = capDiagnostics('shop/web', [...alike('a', 130_000), ...alike('b', 3)]);
    expect(capped.map(({ code }) => code)).to.deep.equal([
      ...Array<string>(10).fill('a'),
      ...Array<string>(3).fill('b'),
      'a',
    ]);
    expect(capped.at(-1)).to.deep.equal({
      code: 'a',
      severity: 'note',
      message: '129990 more a about Service shop/web and its EndpointSlices',
    });
  });
});
