/** Elements of a large dump that are looked for by an address are those of the whole dump. */

import { expect } from 'chai';
import fc from 'fast-check';
import { type DumpUnit, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { property } from '../../../support/arbitrary/property.js';

type Item = unknown;

/** The set or map of a listing with these elements, read late and read at once. */
function unitsOf(
  type: readonly string[],
  elem: readonly Item[],
  { isMap = false, indent = 0 } = {},
): readonly [late: DumpUnit, atOnce: DumpUnit] {
  const place = { family: 'ip', table: 't', name: 's' };
  const set = { ...place, type, handle: 2, ...(isMap && { map: 'verdict' }), comment: 'x', elem };
  const chain = { family: 'ip', table: 't', name: 'c', handle: 3 };
  const nftables = [{ table: { family: 'ip', name: 't', handle: 1 } }];
  const all = [...nftables, isMap ? { map: set } : { set }, { chain }];
  const text = JSON.stringify({ nftables: all }, null, indent);
  const [late, atOnce] = [true, false].map((isLate) =>
    parseDump(text, { late: isLate })
      .tables.get('ip t')
      ?.units.get(isMap ? 'map s' : 'set s'),
  );
  return [late ?? expect.fail(), atOnce ?? expect.fail()];
}

const concat = (...fields: readonly (string | number)[]): Item => ({ concat: fields });
const goto = (target: string): Item => ({ goto: { target } });

const SERVICE = ['ipv4_addr', 'inet_proto', 'inet_service'];
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', '110.0.0.1', '10.0.0.11');
const key = fc.tuple(address, fc.constantFrom('tcp', 'udp'), fc.constantFrom(80, 443));
const MAP = { isMap: true };

describe('nft: elements of a listing by their address', () => {
  it('are those that have it among their fields', () => {
    property(
      fc.property(
        fc.uniqueArray(key, { minLength: 1, selector: String }),
        address,
        fc.constantFrom(0, 1),
        (keys, searched, indent) => {
          const items = keys.map((fields) => [concat(...fields), goto(`c-${fields.join('/')}`)]);
          const [late, atOnce] = unitsOf(SERVICE, items, { isMap: true, indent });
          const expected = atOnce.elements.flatMap((element, position) =>
            element.key.startsWith(`${searched} `) ? { ...element, position } : [],
          );
          expect(late.near?.(searched)).to.deep.equal(expected);
          expect(late.elements).to.deep.equal(atOnce.elements);
        },
      ),
    );
  });

  it('are found on both sides of a connection, and once', () => {
    const fields = ['10.0.0.1', '10.0.0.1', 'tcp', 80] as const;
    const types = ['ipv4_addr', ...SERVICE];
    const [late] = unitsOf(types, [concat(...fields), concat('10.0.0.2', ...fields.slice(1))]);
    expect(late.near?.('10.0.0.1')?.map(({ position }) => position)).to.deep.equal([0, 1]);
    expect(late.near?.('10.0.0.2')?.map(({ position }) => position)).to.deep.equal([1]);
    expect(late.near?.('0.0.0.1')).to.deep.equal([]);
  });

  const PLAIN = concat('10.0.0.1', 'tcp', 80);
  for (const [what, type, items, options] of [
    ['a network', ['ipv4_addr'], ['10.0.0.1', { prefix: { addr: '10.0.0.0', len: 8 } }], {}],
    ['a range', ['ipv4_addr'], ['10.0.0.1', { range: ['10.0.0.2', '10.0.0.3'] }], {}],
    ['an IPv6 address', ['ipv6_addr'], ['fd00::1'], {}],
    ['another spelling', ['ipv4_addr'], ['10.0.0.1', '10.0.0.01'], {}],
    ['a comment', SERVICE, [{ elem: { val: PLAIN, comment: 'x' } }], {}],
    ['an expiring one', ['ipv4_addr'], ['10.0.0.1', { elem: { val: '10.0.0.2', expires: 1 } }], {}],
    ['a number for a protocol', SERVICE, [PLAIN, concat('10.0.0.1', 6, 80)], {}],
    ['a range of ports', SERVICE, [PLAIN, concat('10.0.0.1', 'tcp', '1-2')], {}],
    ['fewer fields', SERVICE, [PLAIN, concat('10.0.0.1', 'tcp')], {}],
    [
      'another verdict',
      SERVICE,
      [
        [PLAIN, goto('c')],
        [PLAIN, { drop: null }],
      ],
      MAP,
    ],
    ['no value', SERVICE, [[PLAIN, goto('c')], PLAIN], MAP],
    ['a mark', ['ipv4_addr', 'mark'], [concat('10.0.0.1', 1)], {}],
  ] as const)
    it(`are not looked for beside ${what}`, () => {
      const [late, atOnce] = unitsOf(type, items, options);
      expect(late.near?.('10.0.0.1')).to.equal(undefined);
      expect(late.elements).to.deep.equal(atOnce.elements);
    });
});

describe('nft: elements of a script by their address', () => {
  /** The map of a script with these lines of elements, read late and read at once. */
  const unitsOfScript = (...elements: readonly string[]): readonly [DumpUnit, DumpUnit] => {
    const type = 'type ipv4_addr . inet_proto . inet_service : verdict ;';
    const text = ['add table ip t', `add map ip t s { ${type} }`, ...elements].join('\n');
    const [late, atOnce] = [true, false].map((isLate) =>
      parseDump(text, { late: isLate }).tables.get('ip t')?.units.get('map s'),
    );
    return [late ?? expect.fail(), atOnce ?? expect.fail()];
  };
  const line = (element: string, verb = 'add'): string => `${verb} element ip t s { ${element} }`;
  const searched = '10.0.0.1';

  it('are those that have it among their fields', () => {
    const targets = fc.constantFrom('goto a', 'goto b', 'drop');
    property(
      fc.property(fc.array(fc.tuple(key, targets)), (all) => {
        const lines = all.map(([fields, to]) => line(`${fields.join(' . ')} : ${to}`));
        const [late, atOnce] = unitsOfScript(...lines);
        const expected = atOnce.elements.filter((one) => one.key.startsWith(`${searched} `));
        const near = [...(late.near?.(searched) ?? [])].sort((a, b) => a.position - b.position);
        const found = near.map(({ position: _, ...element }) => element);
        expect(found.filter((one) => one.key.startsWith(`${searched} `))).to.deep.equal(expected);
        expect(late.elements).to.deep.equal(atOnce.elements);
      }),
    );
  });

  for (const [what, ...lines] of [
    ['a comment', line('10.0.0.2 . tcp . 80 comment "x" : goto a')],
    ['several', line('10.0.0.2 . tcp . 80 : drop, 10.0.0.3 . tcp . 80 : drop')],
    ['a network', line('10.0.0.0/30 . tcp . 80 : drop')],
    ['another protocol', line('10.0.0.2 . 6 . 80 : drop')],
    ['a name of a port', line('10.0.0.2 . tcp . http : drop')],
    ['a deletion', line('10.0.0.1 . tcp . 80', 'delete')],
  ] as const)
    it(`are not looked for beside ${what}`, () => {
      const [late, atOnce] = unitsOfScript(line('10.0.0.1 . tcp . 80 : drop'), ...lines);
      expect(late.near?.(searched)).to.equal(undefined);
      expect(late.elements).to.deep.equal(atOnce.elements);
    });
});
