/**
 * A large pool in parts: each endpoint in one, whatever the others are, and few questions for a
 * packet.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { type PoolPart, poolParts } from '../../../../src/backends/iptables/layouts/fast/split.js';
import { sha256 } from '../../../../src/backends/sha256.js';
import { property } from '../../../support/arbitrary/property.js';

const partsOf = (endpoints: readonly string[]): readonly PoolPart<string>[] =>
  poolParts(endpoints, sha256);

const endpointsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`);

const pool = fc.integer({ min: 0, max: 400 }).map(endpointsOf);

describe('pools in parts', () => {
  it('are whole up to 16 endpoints', () => {
    for (const count of [0, 1, 16])
      expect(partsOf(endpointsOf(count))).to.deep.equal([
        { path: '', parts: [], endpoints: endpointsOf(count) },
      ]);
    expect(partsOf(endpointsOf(17))).to.have.length.greaterThan(1);
  });

  it('hold each endpoint once, and say how many are in each part', () => {
    property(
      fc.property(pool, (endpoints) => {
        const parts = partsOf(endpoints);
        expect(parts.flatMap((part) => part.endpoints).sort()).to.deep.equal([...endpoints].sort());
        const sizeOf = (path: string): number =>
          parts
            .filter((part) => part.path.startsWith(path))
            .reduce((sum, part) => sum + part.endpoints.length, 0);
        for (const { parts: below } of parts)
          for (const { path, size } of below) expect(sizeOf(path)).to.equal(size);
        const named = parts.flatMap(({ parts: below }) => below.map(({ path }) => path));
        expect(['', ...named].sort()).to.deep.equal(parts.map(({ path }) => path).sort());
      }),
    );
  });

  it('change along one path with an endpoint more', () => {
    const all = endpointsOf(2000);
    const before = new Map(partsOf(all.slice(1)).map((part) => [part.path, JSON.stringify(part)]));
    const changed = partsOf(all).filter((part) => before.get(part.path) !== JSON.stringify(part));
    const paths = changed.map(({ path }) => path);
    const longest = paths.toSorted((a, b) => b.length - a.length)[0] ?? '';
    const above = paths.filter((path) => longest.startsWith(path));
    // A part that is full is cut, into eight at most.
    expect(paths.length - above.length).to.be.lessThan(8);
    expect(above.length).to.be.lessThan(6);
  });

  it('ask few questions, and are no deeper than the kernel takes, at any size', () => {
    for (const count of [100, 1000, 10_000]) {
      const parts = partsOf(endpointsOf(count));
      for (const part of parts)
        expect(part.parts.length + part.endpoints.length).to.be.lessThan(17);
      expect(Math.max(...parts.map(({ path }) => path.length))).to.be.lessThan(7);
    }
    const alike = poolParts(endpointsOf(20), () => '0'.repeat(64));
    expect(Math.max(...alike.map(({ path }) => path.length))).to.equal(5);
    expect(alike.at(-1)?.endpoints).to.have.length(20);
  });
});
