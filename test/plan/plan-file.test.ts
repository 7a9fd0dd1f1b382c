/** A plan survives its file, and a file cannot do what no plan does. */

import { expect } from 'chai';
import { fast } from '../../src/backends/iptables/layouts/fast/layout.js';
import { PlanError } from '../../src/index.js';
import type { Plan } from '../../src/plan/plan.js';
import { loadPlan, savePlan } from '../../src/plan/plan-file.js';
import type { ChainRewrite } from '../../src/plan/types.js';
import {
  kernelWith,
  rulesetOf,
  service,
  slice,
  smallCluster,
} from '../support/cluster/small-cluster.js';
import { checkOf, planOf } from './support.js';

const before = kernelWith(smallCluster(['10.0.0.1:8080'])).save();
const check = checkOf(before);
const plan = planOf(before, smallCluster());
const text = savePlan(plan, check);

/** The plan with one part replaced, as a file. */
function forged(change: (plan: Forgery) => void): string {
  const copy: Forgery = JSON.parse(text);
  change(copy);
  return JSON.stringify(copy);
}

/** A value as a file may hold it: nothing is read-only, and words and numbers may be any. */
type Forged<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends readonly (infer E)[]
      ? Forged<E>[]
      : { -readonly [K in keyof T]: Forged<T[K]> };
type Forgery = Forged<Plan>;
type ForgedChange = Forgery['families'][number]['changes'][number];
type ForgedRewrite = Forged<ChainRewrite>;

const OWN = { table: 'filter', name: 'OWN', action: 'create', lines: ['-A OWN -j DROP'] };
const JUMP = '-A INPUT -m comment --comment "x" -j KUBE-SERVICES';

describe('a plan file', () => {
  it('gives back the plan', () => {
    expect(loadPlan(text, 'plan.json', check)).to.deep.equal(plan);
  });

  const rewrite = (p: Forgery): ForgedRewrite =>
    p.families[0]!.changes.find((change) => change.action === 'rewrite') as ForgedRewrite;

  const FORGERIES: readonly (readonly [string, (plan: Forgery) => void])[] = [
    ['another version', (p) => (p.version = 1)],
    ['an unknown field', (p) => Object.assign(p, { more: 1 })],
    ['a field less', (p) => Reflect.deleteProperty(p, 'host')],
    ['no family', (p) => (p.families = [])],
    ['one family twice', (p) => p.families.push(p.families[0]!)],
    ['a base that is none', (p) => (p.families[0]!.base = '')],
    ['a built-in chain to flush', (p) => (rewrite(p).name = 'INPUT')],
    ['a foreign chain', (p) => (rewrite(p).name = 'KUBE-ROUTER-FORWARD')],
    ['a set', (p) => (rewrite(p).kind = 'set')],
    ['a kind that is none', (p) => (rewrite(p).kind = 'map')],
    ['no kind', (p) => Reflect.deleteProperty(rewrite(p), 'kind')],
    ['a chain that is ours elsewhere', (p) => (rewrite(p).table = 'filter')],
    ['a table that is not ours', (p) => (rewrite(p).table = 'raw')],
    ['a chain with a line feed', (p) => (rewrite(p).name += '\n-F INPUT')],
    ['an action that is none', (p) => (rewrite(p).action = 'flush')],
    ['no action', (p) => Reflect.deleteProperty(rewrite(p), 'action')],
    [
      'lines of an edit',
      (p) => p.families[0]!.changes.push(Object.assign(partial('add', JUMP), { lines: [JUMP] })),
    ],
    ['lines of a deletion', (p) => (rewrite(p).action = 'delete')],
    ['a rewrite without lines', (p) => Reflect.deleteProperty(rewrite(p), 'lines')],
    ['a guard of a creation', (p) => (rewrite(p).action = 'create')],
    [
      'a guard of an edit',
      (p) => p.families[0]!.changes.push(Object.assign(partial('add', JUMP), { guard: JUMP })),
    ],
    ['a line of another chain', (p) => (rewrite(p).lines[0] = '-A INPUT -j ACCEPT')],
    ['a line feed in a line', (p) => (rewrite(p).lines[0] += '\n-F INPUT')],
    ['a line that is no rule', (p) => (rewrite(p).lines[0] = '-F')],
    ['a jump to a foreign chain', (p) => (rewrite(p).lines[0] = `-A ${rewrite(p).name} -j CNI`)],
    ['a goto', (p) => (rewrite(p).lines[0] = `-A ${rewrite(p).name} -g KUBE-MARK-MASQ`)],
    [
      'an unknown target',
      (p) => (rewrite(p).lines[0] = `-A ${rewrite(p).name} -j TEE --gateway 192.0.2.1`),
    ],
    [
      'an unknown match',
      (p) => (rewrite(p).lines[0] = `-A ${rewrite(p).name} -m owner --uid-owner 0 -j RETURN`),
    ],
    [
      'a second command',
      (p) => (rewrite(p).rules[0]!.line = `-A ${rewrite(p).name} -m x -F INPUT`),
    ],
    [
      'a second command in a guard',
      (p) => (rewrite(p).guard = `-A ${rewrite(p).name} -m x -t raw`),
    ],
    ['a guard of another chain', (p) => (rewrite(p).guard = '-A INPUT -j ACCEPT')],
    [
      'a rule for everybody in a built-in chain',
      (p) => p.families[0]!.changes.push(partial('add', '-A INPUT -j ACCEPT')),
    ],
    [
      'a rule of somebody else to delete',
      (p) => p.families[0]!.changes.push(partial('remove', '-A INPUT -s 192.0.2.1/32 -j DROP')),
    ],
    [
      'a rule of kubelet to delete',
      (p) =>
        p.families[0]!.changes.push({
          ...partial('remove', '-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP'),
          name: 'KUBE-FIREWALL',
        }),
    ],
    [
      'a built-in chain to delete',
      (p) =>
        p.families[0]!.leftovers.push({ ...partial('remove', ''), action: 'delete', rules: [] }),
    ],
    [
      'a chain of somebody else to write for its comments',
      (p) => p.families[0]!.uncommented.push({ ...rewrite(p), name: 'DOCKER' }),
    ],
    [
      'a rule of no Service to write for its comments',
      (p) =>
        p.families[0]!.uncommented.push({
          ...rewrite(p),
          lines: [`-A ${rewrite(p).name} -j DOCKER`],
        }),
    ],
    [
      'a chain to delete for its comments',
      (p) => {
        const { lines, ...rest } = rewrite(p);
        p.families[0]!.uncommented.push({ ...rest, action: 'delete' } as ForgedRewrite);
      },
    ],
    ['another sysctl', (p) => (p.host[0]!.name = 'kernel.core_pattern')],
    [
      'a sysctl outside of its folder',
      (p) => (p.host[0]!.name = 'net.netfilter.nf_conntrack_/../x'),
    ],
    ['a value that is no number', (p) => Object.assign(p.host[0]!, { after: '1\n' })],
    ['another nfacct object', (p) => (p.host[1]!.name = 'x')],
    ['an address that is none', (p) => (p.flows[0]!.flow.destination = '--help')],
    ['a prototype', (p) => (p.families[0]!.changes[0]!.table = '__proto__')],
  ];

  it('may create a chain of a layout of its own, and lead there, where there is none', () => {
    const own = forged((p) =>
      p.families[0]!.changes.push(Object.assign(partial('add', ''), { ...OWN, rules: [] }), {
        ...partial('add', '-A INPUT -s 10.0.0.0/8 -j OWN'),
      }),
    );
    expect(() => loadPlan(own, 'x', check)).to.not.throw();
    const there = checkOf(before.replace('*filter\n', '*filter\n:OWN - [0:0]\n'));
    expect(() => loadPlan(own, 'x', there)).to.throw(PlanError, 'filter OWN: no chain of ours');
  });

  function partial(op: 'add' | 'remove', line: string): ForgedChange {
    const rules = [{ op, line, origin: '', at: 'head' }];
    return { table: 'filter', kind: 'chain', name: 'INPUT', origin: '', action: 'edit', rules };
  }

  for (const [what, change] of FORGERIES) {
    it(`is refused with ${what}`, () => {
      const forgery = forged(change);
      expect(forgery).to.not.equal(JSON.stringify(JSON.parse(text)));
      expect(() => loadPlan(forgery, 'plan.json', check)).to.throw(PlanError, 'plan.json');
    });
  }

  it('may have a goto where layout fast has one', () => {
    const many = Array.from({ length: 20 }, (_, i) => `10.0.0.${i + 1}`);
    const names = Array.from({ length: 90 }, (_, i) => `s${i}`);
    const objects = names.flatMap((name, i) => [
      service(name, `10.96.0.${i + 1}`),
      slice(name, many),
    ]);
    const wanted = rulesetOf(objects, { layout: fast });
    expect(wanted.shared).to.have.lengthOf.above(0);
    const own = savePlan(planOf(before, wanted), check);
    expect(own)
      .to.match(/ -g KUBE-SPLIT-/)
      .and.match(/ -g KUBE-IP-/);
    expect(loadPlan(own, 'x', check).families).to.have.length(1);
  });

  it('is refused where it is no JSON, and never a defect', () => {
    for (const broken of ['', 'null', '[]', '{}', text.slice(0, -20), '{"version":2}', '"plan"'])
      expect(() => loadPlan(broken, 'x', check), broken).to.throw(PlanError);
  });

  it('takes a jump from a built-in chain to one of ours', () => {
    const good = forged((p) => p.families[0]!.changes.push(partial('add', JUMP)));
    expect(loadPlan(good, 'x', check).families[0]!.changes.at(-1)!.name).to.equal('INPUT');
  });
});
