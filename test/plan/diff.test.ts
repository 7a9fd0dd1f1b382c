/** What the diff of chains says, on lines as short as can be: `group:rule # comment`. */

import { expect } from 'chai';
import { diffChains, type LineRules } from '../../src/plan/diff.js';
import type { ChainChange, ChainOrder, ChainState, Chains } from '../../src/plan/types.js';

const RULES: LineRules = {
  meaning: (line) => line.replace(/ #.*/, ''),
  sharedMeaning: (line) => line,
  group: (line) => line.split(':', 1)[0] ?? '',
};

type Facts = Partial<Omit<ChainState, 'order' | 'lines'>>;

function state(order: ChainOrder, lines: string, facts: Facts = {}): ChainState {
  const list = lines === '' ? [] : lines.split(', ');
  return {
    table: 'nat',
    kind: 'chain',
    name: 'C',
    order,
    origin: '',
    tail: 0,
    ...facts,
    lines: list,
  };
}

function chains(...states: readonly (ChainState | undefined)[]): Chains {
  const found = states.filter((one) => one !== undefined);
  return new Map(found.map((one) => [`${one.table} ${one.name}`, one]));
}

/**
 * `rewrite -b +c$ = a, c$ if b`: what is removed and added (`$`: at the tail), the lines after, and
 * the guard.
 */
function textOf(change: ChainChange): string {
  const rules = change.rules.map(
    ({ op, line, at }) => `${op === 'add' ? '+' : '-'}${line}${at === 'tail' ? '$' : ''}`,
  );
  const lines = 'lines' in change ? ` = ${change.lines.join(', ')}` : '';
  const guard = 'guard' in change ? ` if ${change.guard}` : '';
  return `${[change.action, ...rules].join(' ')}${lines}${guard}`;
}

/** All changes of one chain, or of several. */
function diff(
  before: ChainState | undefined,
  after: ChainState | undefined,
  { whole = true } = {},
): string {
  const { changes } = diffChains(chains(before), chains(after), RULES, whole);
  return changes.map(textOf).join('; ');
}

/** `count` lines of as many groups. */
function many(count: number, mark = ''): string {
  return Array.from({ length: count }, (_, i) => `g${i}${mark}:r`).join(', ');
}

describe('the diff of a set, whose lines have no order', () => {
  const differ = (before: string, after: string): string => {
    const sides = [before, after].map((lines) => chains(state('shared', lines)));
    const [found = new Map(), wanted = new Map()] = sides;
    const { changes } = diffChains(found, wanted, { ...RULES, unordered: true }, true);
    return changes.map(textOf).join('; ');
  };

  it('is empty for the same lines in any order, and no others', () => {
    expect(differ('a:1, a:2, b:1', 'b:1, a:2, a:1')).to.equal('');
    expect(differ('a:1, a:2', 'a:1, a:3')).to.equal('edit -a:1 -a:2 +a:1 +a:3');
    expect(differ('a:1, a:1', 'a:1, a:2')).to.equal('edit -a:1 -a:1 +a:1 +a:2');
    // Lines of one group keep their order where there is one.
    expect(diff(state('shared', 'a:1, a:2'), state('shared', 'a:2, a:1'))).to.not.equal('');
  });
});

describe('the diff of an ordered chain', () => {
  const ordered = (lines: string, facts?: Facts): ChainState => state('ordered', lines, facts);

  it('is empty for the same rules with other comments', () => {
    expect(diff(ordered('a, b'), ordered('a, b'))).to.equal('');
    expect(diff(ordered('a # x, b'), ordered('a # y, b'))).to.equal('');
  });

  it('rewrites the chain and lists the rules that differ, guarded by its last line', () => {
    expect(diff(ordered('a, b'), ordered('a, c'))).to.equal('rewrite -b +c = a, c if b');
    expect(diff(ordered('a'), ordered('a, b'))).to.equal('rewrite +b = a, b if a');
    expect(diff(ordered('a # x'), ordered('b'))).to.equal('rewrite -a # x +b = b if a # x');
  });

  it('lists every rule where only the order differs, and only then', () => {
    expect(diff(ordered('a, b'), ordered('b, a'))).to.equal('rewrite -a -b +b +a = b, a if b');
    expect(diff(ordered('a, b, c'), ordered('b, a'))).to.equal('rewrite -c = b, a if c');
    expect(diff(ordered('b, a'), ordered('a, b, c'))).to.equal('rewrite +c = a, b, c if a');
  });

  it('counts equal rules', () => {
    expect(diff(ordered('a, a, b'), ordered('a, b'))).to.equal('rewrite -a = a, b if b');
    expect(diff(ordered('a, b'), ordered('a, a, b'))).to.equal('rewrite +a = a, a, b if b');
  });

  it('has no guard where the chain is empty or its last line has a line feed', () => {
    expect(diff(ordered(''), ordered('a'))).to.equal('rewrite +a = a');
    expect(diff(ordered('a\nb'), ordered('a'))).to.equal('rewrite -a\nb +a = a');
  });

  it('gives removed rules the origin that the wanted chain has', () => {
    const before = chains(ordered('a'));
    const after = chains(ordered('b', { origin: 'shop/web:http TCP' }));
    const [change] = diffChains(before, after, RULES, true).changes;
    expect(change?.origin).to.equal('shop/web:http TCP');
    expect(change?.rules.map(({ origin }) => origin)).to.deep.equal([
      'shop/web:http TCP',
      'shop/web:http TCP',
    ]);
  });

  for (const whole of [true, false]) {
    it(`creates and deletes it with all of its rules, ${whole ? 'in a whole' : 'in a part'}`, () => {
      expect(diff(undefined, ordered('a, b'), { whole })).to.equal('create +a +b = a, b');
      expect(diff(ordered('a, b'), undefined, { whole })).to.equal('delete -a -b if b');
      expect(diff(undefined, ordered(''), { whole })).to.equal('create = ');
      expect(diff(ordered(''), undefined, { whole })).to.equal('delete');
    });
  }
});

describe('the diff of a shared chain', () => {
  const shared = (lines: string, tail = 0): ChainState => state('shared', lines, { tail });

  it('is empty for the same rules in any order', () => {
    expect(diff(shared('p:a, q:b'), shared('q:b, p:a'))).to.equal('');
  });

  it('counts comments, which name the Service', () => {
    expect(diff(shared('p:a # x'), shared('p:a # y'))).to.equal('edit -p:a # x +p:a # y');
  });

  it('edits single rules', () => {
    expect(diff(shared('p:a, q:b'), shared('p:a'))).to.equal('edit -q:b');
    expect(diff(shared('p:a'), shared('p:a, q:b'))).to.equal('edit +q:b');
  });

  it('takes rules out of a group, puts them in front of it, or replaces the group', () => {
    expect(diff(shared('p:a, p:b, p:c'), shared('p:b'))).to.equal('edit -p:a -p:c');
    expect(diff(shared('p:b'), shared('p:a, p:b'))).to.equal('edit +p:a');
    expect(diff(shared('p:a'), shared('p:a, p:b'))).to.equal('edit -p:a +p:a +p:b');
    expect(diff(shared('p:a, p:b'), shared('p:b, p:a'))).to.equal('edit -p:a -p:b +p:b +p:a');
    expect(diff(shared('p:a, p:b'), shared('p:c, p:b'))).to.equal('edit -p:a -p:b +p:c +p:b');
  });

  it('removes a rule that is there twice', () => {
    expect(diff(shared('p:a, p:a'), shared('p:a'))).to.equal('edit -p:a');
  });

  it('keeps the line with the wanted comment of two that mean the same', () => {
    const [before, after] = [shared('p:a # x, p:a # y'), shared('p:a # y')];
    const rules = { ...RULES, sharedMeaning: RULES.meaning };
    const { changes, comments } = diffChains(chains(before), chains(after), rules, true);
    expect(changes.map(textOf)).to.deep.equal(['edit -p:a # x']);
    expect(comments).to.deep.equal([]);
  });

  it('rewrites the chain when more than eight rules and a quarter of it differ', () => {
    expect(diff(shared(many(8)), shared(''))).to.match(/^edit /);
    expect(diff(shared(many(9)), shared(''))).to.match(/^rewrite .* = {2}if g8:r$/);
    expect(diff(shared(many(36)), shared(many(27)))).to.match(/^edit /);
    expect(diff(shared(many(35)), shared(many(26)))).to.match(/^rewrite /);
    expect(diff(shared(many(27)), shared(many(36)))).to.match(/^edit /);
    expect(diff(shared(many(26)), shared(many(35)))).to.match(/^rewrite /);
  });

  it('is edited whatever the size in a part that did not make it, and never created, deleted or put in order', () => {
    const part = { whole: false };
    expect(diff(shared(many(40)), shared(many(40, 'x')), part)).to.match(/^edit -g0:r /);
    expect(diff(undefined, shared('p:a'), part)).to.equal('edit +p:a');
    expect(diff(shared('p:a'), undefined, part)).to.equal('edit -p:a');
    expect(diff(shared('t:x, p:a'), shared('p:a, t:x', 1), part)).to.equal('');
    expect(diff(shared('p:a\nb, q:c'), shared('q:c'), part)).to.equal('edit -p:a\nb');
  });

  it('is created and deleted in a part that made it', () => {
    const made = state('shared', 'p:a', { declared: true });
    expect(diff(undefined, made, { whole: false })).to.equal('create +p:a = p:a');
    expect(diff(made, undefined, { whole: false })).to.equal('delete -p:a if p:a');
  });

  it('is created and deleted in a whole', () => {
    expect(diff(undefined, shared('p:a'))).to.equal('create +p:a = p:a');
    expect(diff(shared('p:a'), undefined)).to.equal('delete -p:a if p:a');
  });

  it('is rewritten where a rule to remove has a line feed, which no tool takes', () => {
    expect(diff(shared('p:a\nb, q:c'), shared('q:c'))).to.equal('rewrite -p:a\nb = q:c if q:c');
    expect(diff(shared('p:a\nb, q:c'), shared('p:a\nb'))).to.equal('edit -q:c');
  });

  it('adds rules of the tail behind the others', () => {
    expect(diff(shared('p:a'), shared('p:a, q:b, t:x', 1))).to.equal('edit +q:b +t:x$');
  });

  it('is rewritten where a wanted rule stands behind the tail', () => {
    const wanted = shared('p:a, t:x, t:y', 2);
    expect(diff(shared('t:x, t:y, p:a'), wanted)).to.equal(
      'rewrite -t:x -t:y -p:a +p:a +t:x$ +t:y$ = p:a, t:x, t:y if p:a',
    );
    expect(diff(shared('t:x, t:y, p:a, q:b'), wanted)).to.equal(
      'rewrite -q:b = p:a, t:x, t:y if q:b',
    );
    expect(diff(shared('p:a, t:x, t:y, z:z'), wanted)).to.equal('edit -z:z');
    expect(diff(shared('p:a, t:x'), wanted)).to.equal('edit -t:x +t:x$ +t:y$');
  });
});

describe('the diff of a chain that others fill too', () => {
  const partial = (lines: string): ChainState => state('partial', lines);

  it('adds what is missing and leaves the rest, also where nothing of ours is left', () => {
    expect(diff(partial('x, y'), partial('j'))).to.equal('edit +j');
    expect(diff(partial('x, j, y'), partial('j'))).to.equal('');
    expect(diff(partial('x, j'), undefined)).to.equal('');
    expect(diff(undefined, partial('j'))).to.equal('create +j = j');
  });

  it('removes our own duplicate rule, and no foreign one', () => {
    expect(diff(partial('x, x, j # a, j # b'), partial('j # a'))).to.equal('edit -j # b');
    expect(diff(partial('j, j'), partial('j, k'))).to.equal('edit -j +k');
  });
});

describe('the diff of chains', () => {
  it('comes in the order of the wanted chains, deletions last', () => {
    const named = (name: string, lines: string): ChainState => state('ordered', lines, { name });
    const before = chains(named('OLD', 'x'), named('A', 'a'), named('B', 'b'));
    const after = chains(named('NEW', 'n'), named('B', 'c'), named('A', 'd'));
    const { changes } = diffChains(before, after, RULES, true);
    expect(changes.map(({ name, action }) => `${action} ${name}`)).to.deep.equal([
      'create NEW',
      'rewrite B',
      'rewrite A',
      'delete OLD',
    ]);
  });

  it('gives rules of a shared chain the origin of their lines', () => {
    const before = chains(state('shared', 'p:a, q:b', { origins: ['one', 'two'] }));
    const after = chains(state('shared', 'p:a, r:c', { origins: ['one', 'three'] }));
    const [change] = diffChains(before, after, RULES, true).changes;
    expect(change?.rules.map(({ line, origin }) => `${line} ${origin}`)).to.deep.equal([
      'q:b two',
      'r:c three',
    ]);
  });

  it('names rules that stay with another comment, but none of a chain that is rewritten', () => {
    const comments = (order: ChainOrder, before: string, after: string) =>
      diffChains(chains(state(order, before)), chains(state(order, after)), RULES, true).comments;
    const one = [{ table: 'nat', kind: 'chain', name: 'C', before: 'a # x', after: 'a # y' }];
    expect(comments('ordered', 'a # x, b', 'a # y, b')).to.deep.equal(one);
    expect(comments('ordered', 'a # x, b', 'a # y, c')).to.deep.equal([]);
    expect(comments('partial', 'a # x', 'a # y, j')).to.deep.equal(one);
    expect(comments('ordered', 'a # x', 'a # x')).to.deep.equal([]);
    expect(comments('shared', 'p:a # x', 'p:a # y')).to.deep.equal([]);
  });
});
