/** A plan from a file may do what plans do, and nothing more. */

import { expect } from 'chai';
import { planFault } from '../../../src/backends/nftables/plan-check.js';
import type { ChainRewrite, FamilyPlan } from '../../../src/plan/types.js';

const T = 'ip kube-proxy';

function planOf(change: Partial<ChainRewrite>): FamilyPlan {
  const all: ChainRewrite = {
    table: T,
    kind: 'chain',
    name: 'services',
    origin: '',
    action: 'rewrite',
    rules: [],
    lines: [],
    ...change,
  };
  return {
    family: 'IPv4',
    backend: 'nftables',
    base: '0'.repeat(64),
    changes: [all],
    leftovers: [],
    uncommented: [],
    comments: [],
    pinned: [],
  };
}

describe('nftables: a plan from a file', () => {
  const add = (line: string) => [{ op: 'add', line, origin: '', at: 'head' } as const];
  const remove = (line: string) => [{ op: 'remove', line, origin: '', at: 'head' } as const];
  const RULE = `add rule ${T} services ip daddr 10.0.0.1 drop`;
  const STRANGE: readonly (readonly [string, Partial<ChainRewrite>, string])[] = [
    ['another table', { table: 'ip filter' }, 'not a table of ours'],
    ['the table of the other family', { table: 'ip6 kube-proxy' }, 'not a table of ours'],
    ['a name that is two words', { name: 'a;b' }, 'not a name'],
    ['a set by its label', { kind: 'set', name: '@cluster-ips' }, 'not a name'],
    ['a chain without a name', { name: '' }, 'not a name'],
    ['a table with a name', { kind: 'table' }, 'not a name'],
    [
      'an object of another kind',
      { kind: 'quota', name: 'x', rules: remove(`add counter ${T} x`) },
      'not a line of this unit',
    ],
    ['a rule of another chain', { name: 'masquerading', lines: [RULE] }, 'not a line of this unit'],
    ['a rule in a set', { kind: 'set', lines: [RULE] }, 'not a line of this unit'],
    ['a second command', { lines: [`${RULE} ; flush ruleset`] }, 'not a line of this unit'],
    ['another command', { lines: [`delete table ${T}`] }, 'not a line of this unit'],
    ['a rule that is not understood', { lines: [`add rule ${T} services queue`] }, 'not known'],
    [
      'a chain that hooks in',
      { rules: add(`add chain ${T} services { type filter hook input priority 0 ; }`) },
      'a hook that none of ours has',
    ],
    [
      'a policy',
      {
        name: 'filter-input',
        rules: add(
          `add chain ${T} filter-input { type filter hook input priority 0 ; policy drop ; }`,
        ),
      },
      'a hook that none of ours has',
    ],
    [
      'a hook of another type',
      {
        name: 'filter-input',
        rules: add(`add chain ${T} filter-input { type route hook output priority 0 ; }`),
      },
      'a hook that none of ours has',
    ],
    [
      'a table that is switched off',
      { kind: 'table', name: '', rules: add(`add table ${T} { flags dormant ; }`) },
      'not a table of ours',
    ],
    [
      'an element that ends its command',
      {
        kind: 'set',
        name: 'cluster-ips',
        rules: remove(`add element ${T} cluster-ips { 10.0.0.1 } ; flush ruleset ; { 1 }`),
      },
      'not a line of this unit',
    ],
  ];
  for (const [what, change, words] of STRANGE)
    it(`is refused with ${what}`, () => {
      expect(planFault(planOf(change))).to.include(words);
    });

  it('may change a comment of our own table only', () => {
    const comments = [
      { table: 'ip filter', kind: 'chain', name: 'INPUT', before: 'a', after: 'b' } as const,
    ];
    expect(planFault({ ...planOf({}), comments })).to.include('not a table of ours');
  });
});
