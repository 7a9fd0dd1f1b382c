/** Random listings are read alike object by object, as a whole, and late. */

import { expect } from 'chai';
import fc from 'fast-check';
import { property } from '../../../support/arbitrary/property.js';
import { outcome, wholeOutcome } from './listing-outcome.js';

describe('random listings of nft', () => {
  it('say the same with strings of any kind, and broken anywhere', () => {
    const name = fc.string({ unit: fc.constantFrom('"', '\\', '{', ']', ',', 'a', 'é', '\n') });
    const object = name.map((comment) => ({
      rule: { family: 'ip', table: 't', chain: 'c', handle: 1, comment, expr: [{ drop: null }] },
    }));
    const place = { family: 'ip', table: 't', name: 'c' };
    const piece = fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '{}', ',{}');
    property(
      fc.property(fc.array(object), fc.nat(), fc.nat(2), piece, (rules, at, cut, added) => {
        const nftables = [...rules, { chain: place }, { table: { family: 'ip', name: 't' } }];
        const text = JSON.stringify({ nftables });
        expect(outcome(text)).to.deep.equal(wholeOutcome(text));
        const start = at % text.length;
        const broken = `${text.slice(0, start)}${added}${text.slice(start + cut)}`;
        const found = outcome(broken);
        expect(found, broken).to.deep.equal(wholeOutcome(broken));
        expect(outcome(broken, true), broken).to.deep.equal(found);
      }),
    );
  });

  it('say the same where rules and elements are read later, and what is not known in them', () => {
    const address = fc.constantFrom('10.0.0.1', '010.0.0.01', '10.0.0.0/8', '', 'é', 'a"', 1, -1.5);
    const later = fc.constantFrom<object>({}, {}, {}, {}, { later: 1 }, { later: null });
    const statement = fc
      .tuple(later, fc.array(address, { maxLength: 4 }), later)
      .map(([inside, set, beside]) => ({
        match: {
          ...{ op: '==', right: { set }, ...beside },
          left: { payload: { protocol: 'ip', field: 'saddr', ...inside } },
        },
      }));
    const last = fc.constantFrom<object>(
      ...[{ drop: null }, { drop: null }, { goto: { target: 'c' } }, { xt: null }],
      ...[{ counter: { packets: 1, bytes: 2 } }, { later: [true, false, { a: null }] }],
    );
    const rule = fc
      .tuple(fc.array(statement, { maxLength: 2 }), last, later, fc.constantFrom('c', 'd', '', 1))
      .map(([statements, end, beside, chain]) => ({
        rule: { family: 'ip', table: 't', chain, handle: 4, ...beside, expr: [...statements, end] },
      }));
    const place = { family: 'ip', table: 't' };
    const element = fc.oneof(
      address,
      address.map((val) => ({ elem: { val, comment: 'c' } })),
      later.map((beside) => ({ elem: { val: '10.0.0.9', ...beside } })),
      fc.constant({ elem: { val: '10.0.0.8', expires: 5, later: 1 } }),
      fc
        .tuple(address, fc.constantFrom<unknown>('c', 'd-010.0.0.1', 'a b', 1), later)
        .map(([one, target, more]) => [
          { concat: [one, 'tcp', 80] },
          { goto: { target, ...more } },
        ]),
    );
    property(
      fc.property(
        fc.array(rule),
        fc.array(element),
        later,
        fc.boolean(),
        (rules, elem, more, is) => {
          const nftables = [
            { table: { family: 'ip', name: 't' } },
            { chain: { ...place, name: 'c', handle: 1 } },
            { chain: { ...place, name: 'd', handle: 2, ...more } },
            { [is ? 'map' : 'set']: { ...place, name: 's', handle: 3, type: 'ipv4_addr', elem } },
            ...rules,
          ];
          const text = JSON.stringify({ nftables });
          expect(outcome(text, true)).to.deep.equal(outcome(text));
        },
      ),
    );
  });
});
