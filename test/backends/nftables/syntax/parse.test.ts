/** What a listing says, whatever a version of nft may write into it. */

import { expect } from 'chai';
import fc from 'fast-check';
import {
  dumpLines,
  equalDumps,
  parseDump,
} from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';
import { property } from '../../../support/arbitrary/property.js';
import { dumpText } from '../../../support/cases/dumps.js';

/** A rule in chain x. */
const of = (statement: object): object => ({ rule: { chain: 'x', expr: [statement] } });
const payload = (more: object): object => ({
  payload: { protocol: 'ip', field: 'saddr', ...more },
});
const fib = (more: object): object => ({ fib: { result: 'type', flags: 'daddr', ...more } });
const prefix = (more: object): object => ({ prefix: { addr: '10.0.0.0', len: 8, ...more } });
const numgen = (more: object): object => ({
  numgen: { mode: 'random', mod: 1, offset: 0, ...more },
});

const meta = (more: object): object => ({ meta: { key: 'iifname', ...more } });
const MARK = { meta: { key: 'mark' } };
const GOTO = { goto: { target: 'x' } };
const ONE = { set: [[0, { concat: ['10.0.0.1', 80] }]] };

function withoutLater(key: string, value: unknown): unknown {
  return key === 'later' ? undefined : value;
}

/** What a listing of these objects says of table `ip t`. */
function listed(...objects: readonly object[]): readonly string[] {
  return dumpLines(parseDump(listingOf(...objects))).slice(1);
}

/** A listing of these objects in table `ip t`. */
function listingOf(...objects: readonly object[]): string {
  const place = { family: 'ip', table: 't' };
  const nftables = objects.map((object) => {
    const [[kind, content] = ['', {}]] = Object.entries(object);
    const name = kind === 'rule' ? {} : { name: 'x' };
    return { [kind]: { ...place, ...name, handle: 4, ...content } };
  });
  return JSON.stringify({ nftables });
}

describe('parse of a listing', () => {
  it('takes protocols by number for their names', () => {
    const type = ['ipv4_addr', 'inet_proto', 'inet_service'];
    expect(
      listed({
        set: { type, elem: [{ concat: ['10.0.0.1', 132, 80] }, { concat: ['10.0.0.1', 6, 6] }] },
      }),
    ).to.deep.equal([
      'add set ip t x { type ipv4_addr . inet_proto . inet_service ; }',
      'add element ip t x { 10.0.0.1 . sctp . 80 }',
      'add element ip t x { 10.0.0.1 . tcp . 6 }',
    ]);
  });

  it('leaves out elements that expire, which are no part of the rules', () => {
    const set = { type: 'ipv4_addr', flags: ['timeout'], timeout: 600, size: 65535 };
    const elem = [
      { elem: { val: '10.0.0.1', timeout: 600, expires: 599 } },
      { elem: { val: '10.0.0.2', comment: 'stays' } },
    ];
    expect(listed({ set: { ...set, elem } })).to.deep.equal([
      'add set ip t x { type ipv4_addr ; flags dynamic,timeout ; timeout 600s ; }',
      'add element ip t x { 10.0.0.2 comment "stays" }',
    ]);
  });

  it('keeps what it does not know of chains, sets, elements and other things', () => {
    expect(
      listed(
        { chain: { type: 'filter', hook: 'ingress', prio: 0, policy: 'drop', dev: 'eth0' } },
        {
          set: {
            name: 's',
            type: { typeof: 1 },
            'gc-interval': 5,
            elem: [{ elem: { val: 1, counter: {} } }],
          },
        },
        { quota: { bytes: 5 } },
      ),
    ).to.deep.equal([
      'add quota ip t x json {"bytes":5}',
      'add chain ip t x { type filter hook ingress priority 0 ; policy drop ; json {"dev":"eth0"} ; }',
      'add set ip t s { json {"type":{"typeof":1}} ; json {"gc-interval":5} ; }',
      'add element ip t s { 1 json {"counter":{}} }',
    ]);
  });

  const WITH_LATER_KEYS: readonly (readonly [place: string, object: object])[] = [
    ['payload', of({ match: { op: '==', left: payload({ later: 1 }), right: '10.0.0.1' } })],
    ['match', of({ match: { op: '==', left: payload({}), right: '10.0.0.1', later: 1 } })],
    ['meta', of({ match: { op: '==', left: meta({ later: 1 }), right: 'lo' } })],
    ['fib', of({ match: { op: '==', left: fib({ later: 1 }), right: 'local' } })],
    ['prefix', of({ match: { op: '==', left: payload({}), right: prefix({ later: 1 }) } })],
    ['numgen', of({ vmap: { key: numgen({ later: 1 }), data: { set: [[0, GOTO]] } } })],
    ['vmap', of({ vmap: { key: payload({}), data: '@m', later: 1 } })],
    [
      'map',
      of({ dnat: { family: 'ip', addr: { map: { key: numgen({}), data: ONE, later: 1 } } } }),
    ],
    ['mangle', of({ mangle: { key: MARK, value: { '|': [MARK, 1] }, later: 1 } })],
    ['jump', of({ jump: { target: 'x', later: 1 } })],
    ['goto', of({ goto: { target: 'x', later: 1 } })],
    ['counter', of({ counter: { packets: 1, bytes: 1, later: 1 } })],
    ['reject', of({ reject: { type: 'icmp', expr: 'host-unreachable', later: 1 } })],
    ['masquerade', of({ masquerade: { later: 1 } })],
    ['dnat', of({ dnat: { addr: '10.0.0.1', port: 80, later: 1 } })],
    ['set', of({ set: { op: 'add', elem: payload({}), set: '@s', later: 1 } })],
    ['chain', { chain: { name: 'y', later: 1 } }],
    ['set', { set: { name: 's', type: 'mark', later: 1 } }],
    ['elem', { set: { name: 's', type: 'mark', elem: [{ elem: { val: 1, later: 1 } }] } }],
  ];
  for (const [place, object] of WITH_LATER_KEYS)
    it(`keeps what has a key that it does not know, and names it: ${place}.later`, () => {
      const whole = listed({ chain: {} }, JSON.parse(JSON.stringify(object, withoutLater)));
      const text = listingOf({ chain: {} }, object);
      const lines = dumpLines(parseDump(text)).slice(1);
      expect(whole.join('\n')).not.to.contain('json');
      expect(lines.join('\n')).to.match(/json \{.*"later":1/);
      expect(parseDump(text).unreadKeys).to.deep.equal([`${place}.later`]);
    });

  it('names keys of tables that it does not know', () => {
    const text = '{"nftables": [{"table": {"family": "ip", "name": "t", "later": 1}}]}';
    expect(parseDump(text).unreadKeys).to.deep.equal(['table.later']);
  });

  it('names no key that nft has, though it does not read it', () => {
    const inner = payload({ tunnel: 'vxlan' });
    const text = listingOf(
      { chain: { type: 'filter', hook: 'ingress', prio: 0, policy: 'drop', dev: 'eth0' } },
      of({ match: { op: '==', left: inner, right: '10.0.0.1' } }),
      of({ map: { op: 'add', elem: payload({}), data: 1, map: '@m' } }),
      {
        set: {
          name: 's',
          type: 'mark',
          'gc-interval': 5,
          elem: [{ elem: { val: 1, counter: {} } }],
        },
      },
    );
    expect(parseDump(text).unreadKeys).to.equal(undefined);
    expect(dumpLines(parseDump(text)).join('\n')).to.contain('json {"match":');
  });

  it('keeps a comment that nft could not read again apart', () => {
    const comment = 'x" ; flush ruleset ; #';
    const unread = `json ${JSON.stringify({ comment })}`;
    expect(
      listed(
        { chain: { comment } },
        {
          set: { name: 's', type: 'mark', comment, elem: [{ elem: { val: 1, comment: 'a\nb' } }] },
        },
        { rule: { chain: 'x', expr: [{ drop: null }], comment } },
      ),
    ).to.deep.equal([
      `add chain ip t x { ${unread} ; }`,
      `add set ip t s { type mark ; ${unread} ; }`,
      'add element ip t s { 1 json {"comment":"a\\nb"} }',
      `add rule ip t x drop ${unread}`,
    ]);
  });

  it('reports a table that is switched off', () => {
    const table = (flags: unknown): string =>
      JSON.stringify({ nftables: [{ table: { family: 'ip', name: 't', handle: 1, flags } }] });
    const line = 'add table ip t { flags dormant ; }';
    for (const flags of ['dormant', ['dormant']])
      expect(dumpLines(parseDump(table(flags)))).to.deep.equal([line]);
    expect(dumpLines(parseDump(line))).to.deep.equal([line]);
    expect(equalDumps(parseDump(line), parseDump('add table ip t'))).to.equal(false);
    expect(dumpLines(parseDump(table(7)))).to.deep.equal(['add table ip t { flags json 7 ; }']);
  });

  it('reads listings behind one another, and refuses one table twice', () => {
    const of = (family: string, indent = 0): string =>
      JSON.stringify({ nftables: [{ table: { family, name: 't' } }] }, undefined, indent);
    for (const text of [`${of('ip')}\n${of('ip6')}\n`, `${of('ip', 2)}\n${of('ip6', 2)}`])
      expect([...parseDump(text).tables.keys()]).to.deep.equal(['ip t', 'ip6 t']);
    expect(() => parseDump(`${of('ip')}\n${of('ip')}`)).to.throw(
      ParseError,
      'table ip t is there twice, from two dumps',
    );
    expect(() => parseDump(`${of('ip')}\n{"nftables": [`)).to.throw(ParseError, 'cut off');
    expect(() => parseDump('{"table": {}}\n{"chain": {}}')).to.throw(
      ParseError,
      'the JSON is not a listing of nft',
    );
  });

  it('takes numbers in quotes for numbers', () => {
    const quoted = (value: unknown): unknown => {
      if (typeof value === 'number') return String(value);
      if (Array.isArray(value)) return value.map(quoted);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, quoted(one)]));
    };
    const text = dumpText('nft-1.0.6/268-kitchen-sink.v4.json');
    expect(
      equalDumps(parseDump(JSON.stringify(quoted(JSON.parse(text)))), parseDump(text)),
    ).to.equal(true);
  });

  it('reads rules that stand before the chains of other rules', () => {
    const rule = { chain: 'x', expr: [{ jump: { target: 'y' } }], comment: 'why' };
    expect(listed({ rule }, { chain: {} }, { chain: { name: 'y' } })).to.deep.equal([
      'add chain ip t x',
      'add chain ip t y',
      'add rule ip t x jump y comment "why"',
    ]);
  });

  it('of a machine without rules is empty', () => {
    const dump = parseDump('{"nftables": [{"metainfo": {"version": "1.0.6"}}]}\n');
    expect([dump.tables.size, dump.version]).to.deep.equal([0, '1.0.6']);
  });

  const refused: readonly (readonly [what: string, text: string, said: RegExp])[] = [
    ['nothing at all', '', /printed nothing/],
    ['blanks', ' \n', /printed nothing/],
    ['other JSON', '{"items": []}', /not a listing of nft/],
    ['objects of no kind', '{"nftables": [{}]}', /no object/],
    [
      'a chain without a name',
      '{"nftables": [{"chain": {"family": "ip", "table": "t"}}]}',
      /without name/,
    ],
    [
      'a rule without its chain',
      '{"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": []}}]}',
      /no chain c/,
    ],
    [
      'a rule without expr',
      '{"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c"}}]}',
      /without expr/,
    ],
  ];
  for (const [what, text, said] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => parseDump(text)).to.throw(ParseError, said);
    });
  }

  it('that is cut off anywhere is refused', () => {
    const text = dumpText('nft-1.0.6/006-clusterip-sctp.v4.json').trimEnd();
    property(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(() => parseDump(text.slice(0, length))).to.throw(ParseError);
      }),
    );
  });
});
