/** Elements that are looked for by the text of an address are those that an index finds. */

import { expect } from 'chai';
import fc from 'fast-check';
import { type Ip, parseIp } from '../../src/net/ip.js';
import { type CompiledElement, elementsFor } from '../../src/netfilter/compiled-sets.js';
import { contains, type Point } from '../../src/netfilter/intervals.js';
import type { MapValue } from '../../src/netfilter/program.js';
import { addressPoint, singlePoint } from '../../src/netfilter/region.js';
import type { KeyField } from '../../src/netfilter/rule.js';
import { indexOf } from '../../src/netfilter/rule-index.js';
import { SetElements } from '../../src/netfilter/set-elements.js';
import { property } from '../support/arbitrary/property.js';

const KEYS: readonly (readonly KeyField[])[] = [
  ['daddr'],
  ['daddr', 'dport'],
  ['dport', 'daddr'],
  ['saddr', 'daddr', 'dport'],
];
const PORT = 80;

const address = fc.constantFrom(
  ...['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.01', '10.0.0.0/30', '10.0.0.2/32', 'fd00::1'],
  ...['10.0.0.1-10.0.0.3', 'fd00::0001', 'fd00::/64', '::ffff:10.0.0.1', 'x', '', '10.0.0.1 x'],
);
const port = fc.constantFrom('80', '81', '0-100', 'y', '080');
const target = fc.constantFrom<Ip | undefined>(
  ...['10.0.0.1', '10.0.0.2', '10.0.0.9', 'fd00::1'].map(parseIp),
);
const DROP: MapValue = { kind: 'drop' };

/** Positions of the elements that a packet meets; those that all stand for one: whether it does. */
function met(elements: readonly CompiledElement[], packet: ReadonlyMap<string, Point>): unknown {
  const found = elements.filter(({ steps }) =>
    steps.every((step) => step.kind !== 'field' || contains(step.set, packet.get(step.field) ?? 0)),
  );
  const isOne = elements.some(({ position }) => position === undefined);
  return { found: isOne ? undefined : found.map(({ position }) => position), is: found.length > 0 };
}

describe('netfilter/set-elements', () => {
  it('finds for one address what an index finds', () => {
    property(
      fc.property(
        fc.constantFrom(...KEYS),
        fc.array(fc.tuple(address, port, fc.constantFrom(DROP, undefined)), { maxLength: 40 }),
        target,
        (key, all, ip) => {
          const partOf = (field: KeyField, one: string, other: string): string =>
            field === 'dport' ? other : one;
          const elements = new Map(
            all.map(([one, other, value]) => [
              key.map((field) => partOf(field, one, other)).join(' . '),
              value,
            ]),
          );
          const point = addressPoint(ip as Ip);
          const packet = new Map<string, Point>([
            ['saddr', point],
            ['daddr', point],
            ['dport', PORT],
          ]);
          const [daddr, dport] = [singlePoint(point), singlePoint(PORT)];
          const compiled = elementsFor(elements, key);
          const index = indexOf(compiled).candidates(daddr, dport, undefined);
          const asked = new SetElements({ elements }, key);
          const isMerged = compiled.some(({ position }) => position === undefined);
          const expected = met(index, packet);
          // The first question looks at all of them, the second one makes an index.
          for (const _ of ['first', 'second']) {
            const found = met(asked.candidates(daddr, dport, undefined), packet);
            if (isMerged) expect(found).to.have.property('is', (expected as { is: boolean }).is);
            else expect(found).to.deep.equal(expected);
          }
        },
      ),
    );
  });
});
