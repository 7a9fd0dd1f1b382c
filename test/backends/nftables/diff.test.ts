/**
 * What differs between a table and a Ruleset: nothing where they are the same, otherwise what
 * changed and no more.
 */

import { expect } from 'chai';
import { planFromDump, planFromRuleset } from '../../../src/backends/nftables/diff.js';
import { nftInput } from '../../../src/backends/nftables/script.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText } from '../../../src/backends/transaction.js';
import { type Family, ParseError, print, type Ruleset } from '../../../src/index.js';
import type { FamilyPlan } from '../../../src/plan/types.js';
import { conformanceCases, loadCase } from '../../support/cases/conformance-cases.js';
import { recordedNftDumps } from '../../support/cases/dumps.js';
import { rulesetOf, service, slice } from '../../support/cluster/small-cluster.js';
import { plainTables } from '../../support/kernels/nft-tables.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const ONE_STEP = { twoSteps: false };
const cases = conformanceCases().filter(({ recordedHere }) => recordedHere);

function isEmpty({ changes, leftovers, comments, pinned }: FamilyPlan): void {
  expect([...changes, ...leftovers, ...comments, ...pinned]).to.deep.equal([]);
}

function caseRuleset(name: string, family: Family): Ruleset {
  return loadCase(cases.find((found) => found.name === name)!, 'nftables').compile(family).ruleset;
}

describe('nftables: a plan for what is there already', () => {
  for (const found of cases)
    it(`${found.name}: is empty`, () => {
      const { compile } = loadCase(found, 'nftables');
      for (const family of FAMILIES) {
        const { ruleset } = compile(family);
        isEmpty(planFromDump(parseDump(print(ruleset)), ruleset));
        isEmpty(planFromRuleset(ruleset, { ...ruleset, ports: [...ruleset.ports] }));
      }
    });

  it('there are eight recorded cases of four versions', () => {
    const dumps = recordedNftDumps();
    expect(new Set(dumps.map(({ case: name }) => name)).size).to.equal(8);
    expect(new Set(dumps.map(({ version }) => version)).size).to.equal(4);
  });

  for (const { path, text, case: name, family } of recordedNftDumps())
    it(`${path}, as kube-proxy made it: is empty`, () => {
      const plan = planFromDump(parseDump(text), caseRuleset(name, family));
      isEmpty(plan);
      expect(nftInput(plan, ONE_STEP)).to.deep.equal([]);
    });

  it('every object of a listing counts: without any one of them there is a difference', () => {
    const recorded = recordedNftDumps().find(({ path }) => path.includes('1.1.3/268-'))!;
    const ruleset = caseRuleset(recorded.case, recorded.family);
    const { nftables }: { nftables: readonly object[] } = JSON.parse(recorded.text);
    let rules = 0;
    for (const [i, object] of nftables.entries()) {
      if (!('rule' in object)) continue;
      const text = JSON.stringify({ nftables: nftables.toSpliced(i, 1) });
      expect(planFromDump(parseDump(text), ruleset).changes).to.have.length(1);
      rules++;
    }
    expect(rules).to.be.greaterThan(50);
  });
});

/** The endpoints of all Services are on the node that the rules are for. */
function onNode(objects: readonly object[]): Ruleset {
  const text = JSON.stringify(objects).replaceAll('"addresses":', '"nodeName":"n1","addresses":');
  return rulesetOf(JSON.parse(text), { mode: 'nftables', nodeName: 'n1' });
}

describe('nftables: a plan', () => {
  const web = [service('web', '10.96.0.1'), slice('web', ['10.0.0.1', '10.0.0.2'])];
  const db = [service('db', '10.96.0.2'), slice('db', ['10.0.1.1'])];
  const rulesOf = (objects: readonly object[]): Ruleset => rulesetOf(objects, { mode: 'nftables' });
  const both = rulesOf([...web, ...db]);
  const update = (before: Ruleset, after: Ruleset): string =>
    inputText(nftInput(planFromRuleset(before, after), ONE_STEP));
  const chainOf = (name: string): string =>
    new RegExp(`service-\\S+-default/${name}/tcp/http`).exec(print(both))![0];

  it('for an empty kernel is the script without what takes the old table away', () => {
    for (const name of ['268-kitchen-sink', '190-ipv6-everything'])
      for (const family of FAMILIES) {
        const ruleset = caseRuleset(name, family);
        const plan = planFromDump(parseDump('{"nftables": []}'), ruleset);
        const script = inputText(nftInput(plan, ONE_STEP));
        const lines = new Set(print(ruleset).split('\n').slice(2));
        const adding = script.replace(/^create (?=chain |set |map )/gm, 'add ');
        expect(new Set(adding.split('\n'))).to.deep.equal(lines);
        expect(adding).to.not.equal(script);
        expect(plainTables(parseDump(script))).to.deep.equal(
          plainTables(parseDump(print(ruleset))),
        );
      }
  });

  it('for one endpoint more writes one chain', () => {
    const after = rulesOf([service('web', '10.96.0.1'), slice('web', ['10.0.0.1']), ...db]);
    const chain = chainOf('web');
    expect(update(both, after)).to.equal(
      `flush chain ip kube-proxy ${chain}\nadd rule ip kube-proxy ${chain} meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 8080 }\n`,
    );
  });

  it('for an empty kernel is many transactions where it is large, and no packet meets any but the last', () => {
    const many = Array.from({ length: 20 }, (_, i) => i);
    // With affinity each endpoint has a chain, a set and three rules.
    const objects = Array.from({ length: 130 }, (_, n) => [
      service(`s${n}`, `10.96.0.${n}`, { sessionAffinity: 'ClientIP' }),
      slice(
        `s${n}`,
        many.map((i) => `10.0.${n}.${i}`),
      ),
    ]).flat();
    const ruleset = rulesetOf(objects, { mode: 'nftables' });
    const plan = planFromDump(parseDump('{"nftables": []}'), ruleset);
    const input = nftInput(plan, ONE_STEP);
    const scripts = input.map(({ text }) => text);
    const purposes = input.map(({ purpose }) => purpose);
    expect([new Set(purposes.slice(0, -1)), purposes.at(-1)]).to.deep.equal([
      new Set(['fill']),
      'hook',
    ]);
    expect(scripts.length).to.be.greaterThan(5);
    const last = scripts.at(-1)!;
    expect(scripts.slice(0, -1).join('')).to.not.include(' hook ');
    expect(last.match(/ hook /g)).to.have.length(print(ruleset).match(/ hook /g)!.length);
    const all = scripts.join('').replace(/^create (?=chain |set |map )/gm, 'add ');
    const unlessElement = (text: string): ReadonlySet<string> =>
      new Set(text.split('\n').filter((line) => !line.startsWith('add element ')));
    expect(unlessElement(all)).to.deep.equal(
      unlessElement(print(ruleset).replace(/^.*\n.*\n/, '')),
    );
    expect(plainTables(parseDump(scripts.join('')))).to.deep.equal(
      plainTables(parseDump(print(ruleset))),
    );
  });

  it('for a new Service makes its chain and two elements', () => {
    const chain = chainOf('db');
    expect(update(rulesOf(web), both)).to.equal(
      [
        `create chain ip kube-proxy ${chain}`,
        'add element ip kube-proxy cluster-ips { 10.96.0.2 }',
        `add element ip kube-proxy service-ips { 10.96.0.2 . tcp . 80 : goto ${chain} }`,
        `add rule ip kube-proxy ${chain} meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.1.1 . 8080 }`,
        '',
      ].join('\n'),
    );
  });

  it('for a Service that is gone deletes its chain last, in a second transaction on an old kernel', () => {
    const chain = chainOf('db');
    const plan = planFromRuleset(both, rulesOf(web));
    const first = [
      `flush chain ip kube-proxy ${chain}`,
      'delete element ip kube-proxy cluster-ips { 10.96.0.2 }',
      'delete element ip kube-proxy service-ips { 10.96.0.2 . tcp . 80 }',
    ];
    const last = `delete chain ip kube-proxy ${chain}`;
    const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
    const sorted = (script: string): string[] => script.trimEnd().split('\n').sort();
    const whole = inputText(nftInput(plan, ONE_STEP));
    expect(sorted(whole)).to.deep.equal(sorted(text([...first, last])));
    expect(whole.endsWith(`${last}\n`)).to.equal(true);
    const [one, two, ...more] = nftInput(plan, { twoSteps: true });
    expect(one?.purpose).to.equal('change');
    expect(sorted(one?.text ?? '')).to.deep.equal(sorted(text(first)));
    expect(two).to.deep.equal({ purpose: 'delete', text: text([last]) });
    expect(more).to.deep.equal([]);
  });

  it('deletes no element that another Service needs as well', () => {
    const copy = [service('copy', '10.96.0.3'), slice('copy', ['10.0.0.1', '10.0.0.2'])];
    const others = [3, 4, 5, 6, 7, 8].map((n) => service(`s${n}`, `10.96.1.${n}`));
    const [a, b, c] = [[...web, ...copy], web, []].map((list) => onNode([...list, ...others]));
    const hairpins = (ruleset: Ruleset): number =>
      print(ruleset).match(/^add element ip kube-proxy hairpin-connections /gm)?.length ?? 0;
    expect([a, b, c].map((ruleset) => hairpins(ruleset!))).to.deep.equal([4, 2, 0]);
    const gone = 'delete element ip kube-proxy hairpin-connections ';
    expect(update(a!, b!)).to.include('delete element ip kube-proxy service-ips');
    expect(update(a!, b!)).to.not.include(gone);
    expect(update(b!, c!).split(gone)).to.have.length(3);
  });
});

describe('nftables: a dump that cannot be compared', () => {
  it('is one in which nft cannot list the rules of our table', () => {
    const dump = { tables: new Map(), unreadable: ['ip kube-proxy'] };
    const ruleset = caseRuleset('268-kitchen-sink', 'IPv4');
    expect(() => planFromDump(dump, ruleset)).to.throw(ParseError, 'ip kube-proxy');
    expect(() => planFromDump({ ...dump, unreadable: ['ip nat'] }, ruleset)).not.to.throw();
  });
});
