/** In which order and in how many transactions a plan is carried out. */

import { expect } from 'chai';
import { planFromDump } from '../../../src/backends/nftables/diff.js';
import { print } from '../../../src/backends/nftables/print.js';
import { nftInput } from '../../../src/backends/nftables/script.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText } from '../../../src/backends/transaction.js';
import { unitLabel } from '../../../src/plan/unit.js';
import type { Ruleset } from '../../../src/ruleset/types.js';
import { nftRuleset } from '../../support/kernels/nft-ruleset.js';

/** The commands without our table's name. */
function commands(before: string, after: Ruleset, twoSteps: boolean): readonly string[] {
  const input = nftInput(planFromDump(parseDump(before), after), { twoSteps });
  return inputText(input)
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(' ip kube-proxy', ''));
}

const BASE = 'add chain input { type filter hook input priority 0 ; }';
/** What {@link inputText} writes between two transactions. */
const NEXT = '# the next transaction';
const MAP = 'add map m { type inet_proto . inet_service : verdict ; }';

interface Case {
  readonly what: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly script: readonly string[];
  /** With two steps; absent where it is the same. */
  readonly twoSteps?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'a chain is created before what refers to it, and fails where somebody has made it',
    before: [BASE],
    after: [BASE, 'add chain a', 'add rule a drop', 'add rule input jump a'],
    script: ['flush chain input', 'create chain a', 'add rule input jump a', 'add rule a drop'],
  },
  {
    what: 'a chain is deleted after what referred to it',
    before: [BASE, 'add chain a', 'add rule a drop', 'add rule input jump a'],
    after: [BASE],
    script: ['flush chain input', 'flush chain a', 'delete chain a'],
    twoSteps: ['flush chain input', 'flush chain a', NEXT, 'delete chain a'],
  },
  {
    what: 'an element that leads elsewhere is deleted by its key and added again',
    before: [MAP, 'add element m { tcp . 80 : drop }', 'add element m { tcp . 81 : drop }'],
    after: [MAP, 'add element m { tcp . 80 : accept }', 'add element m { tcp . 81 : drop }'],
    script: ['delete element m { tcp . 80 }', 'add element m { tcp . 80 : accept }'],
  },
  {
    what: 'a new chain that an element of before is to lead to is there before the element is',
    before: [BASE, MAP, 'add chain a', 'add rule a drop', 'add element m { tcp . 80 : goto a }'],
    after: [
      ...[BASE, MAP, 'add chain b', 'add chain c', 'add rule b goto c', 'add rule c drop'],
      ...['add chain new', 'add rule new drop'],
      ...['add element m { tcp . 80 : goto b }', 'add element m { tcp . 81 : goto new }'],
    ],
    script: [
      ...['create chain b', 'create chain c', 'add rule b goto c', 'add rule c drop', NEXT],
      ...['delete element m { tcp . 80 }', 'flush chain a', 'create chain new'],
      ...['add element m { tcp . 80 : goto b }', 'add element m { tcp . 81 : goto new }'],
      ...['add rule new drop', 'delete chain a'],
    ],
    twoSteps: [
      ...['create chain b', 'create chain c', 'add rule b goto c', 'add rule c drop', NEXT],
      ...['delete element m { tcp . 80 }', 'flush chain a', 'create chain new'],
      ...['add element m { tcp . 80 : goto b }', 'add element m { tcp . 81 : goto new }'],
      ...['add rule new drop', NEXT, 'delete chain a'],
    ],
  },
  {
    what: 'not where it needs a set that is made anew',
    before: [
      ...[BASE, MAP, 'add set s { type ipv4_addr ; }', 'add chain a', 'add rule a drop'],
      'add element m { tcp . 80 : goto a }',
    ],
    after: [
      ...[BASE, MAP, 'add set s { type inet_proto ; }', 'add chain b'],
      ...['add rule b meta l4proto @s drop', 'add element m { tcp . 80 : goto b }'],
    ],
    script: [
      ...['delete element m { tcp . 80 }', 'flush chain a', 'delete set s', 'create chain b'],
      ...['add set s { type inet_proto ; }', 'add element m { tcp . 80 : goto b }'],
      ...['add rule b meta l4proto @s drop', 'delete chain a'],
    ],
    twoSteps: [
      ...['delete element m { tcp . 80 }', 'flush chain a', 'delete set s', 'create chain b'],
      ...['add set s { type inet_proto ; }', 'add element m { tcp . 80 : goto b }'],
      ...['add rule b meta l4proto @s drop', NEXT, 'delete chain a'],
    ],
  },
  {
    what: 'a map goes with its elements, and is flushed where the kernel counts late',
    before: [BASE, MAP, 'add element m { tcp . 80 : drop }'],
    after: [BASE],
    script: ['delete map m'],
    twoSteps: ['flush map m', NEXT, 'delete map m'],
  },
  {
    what: 'a set of another type is replaced with what refers to it',
    before: [BASE, 'add set s { type ipv4_addr ; }', 'add rule input ip saddr @s drop'],
    after: [BASE, 'add set s { type inet_proto ; }', 'add rule input ip saddr @s drop'],
    script: [
      'flush chain input',
      'delete set s',
      'add set s { type inet_proto ; }',
      'add rule input ip saddr @s drop',
    ],
  },
  {
    what: 'a set becomes a map',
    before: ['add set m { type inet_proto ; }', 'add element m { tcp }'],
    after: ['add map m { type inet_proto : verdict ; }', 'add element m { tcp : drop }'],
    script: [
      'delete set m',
      'add map m { type inet_proto : verdict ; }',
      'add element m { tcp : drop }',
    ],
  },
  {
    what: 'another priority: the base chain is replaced',
    before: [BASE, 'add rule input drop'],
    after: [BASE.replace('priority 0', 'priority 5'), 'add rule input drop'],
    script: [
      'flush chain input',
      'delete chain input',
      'add chain input { type filter hook input priority 5 ; }',
      'add rule input drop',
    ],
  },
];

describe('nftables: the script of a plan', () => {
  for (const { what, before, after, script, twoSteps = script } of CASES)
    it(what, () => {
      const there = print(nftRuleset(...before));
      expect(commands(there, nftRuleset(...after), false)).to.deep.equal(script);
      expect(commands(there, nftRuleset(...after), true)).to.deep.equal(twoSteps);
    });

  it('deletes a counter behind the rule that uses it', () => {
    const counted = `${print(nftRuleset(BASE))}add rule ip kube-proxy input counter name "x"\n`;
    const plan = planFromDump(parseDump(counted), nftRuleset(BASE));
    expect(nftInput(plan, { twoSteps: false })).to.deep.equal([
      { purpose: 'change', text: 'flush chain ip kube-proxy input\n' },
    ]);
    const listing = JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 'kube-proxy', handle: 1 } },
        { counter: { family: 'ip', table: 'kube-proxy', name: 'x', packets: 5, bytes: 7 } },
        { 'ct helper': { family: 'ip', table: 'kube-proxy', name: 'h', type: 'ftp' } },
      ],
    });
    const empty = nftRuleset();
    const { changes, leftovers } = planFromDump(parseDump(listing), empty);
    expect([changes.length, leftovers.map(unitLabel)]).to.deep.equal([
      0,
      ['counter x', 'ct helper h'],
    ]);
    expect(commands(listing, empty, false)).to.deep.equal([
      'delete counter x',
      'delete ct helper h',
    ]);
  });

  it('reads a script that makes a counter, and one that deletes it', () => {
    const script = [
      'add counter ip kube-proxy a',
      'add counter ip kube-proxy b { packets 3 bytes 120 ; comment "x" ; }',
      'add counter ip kube-proxy c',
      'delete counter ip kube-proxy c',
    ];
    const { leftovers } = planFromDump(parseDump(`${script.join('\n')}\n`), nftRuleset());
    expect(leftovers.map(unitLabel)).to.deep.equal(['counter a', 'counter b']);
  });

  it('takes no chain for a base chain because its comment says so', () => {
    const left = 'add chain left { comment "no hook here" ; }';
    const before = print(nftRuleset(BASE, left, 'add rule left drop'));
    const { changes, leftovers } = planFromDump(parseDump(before), nftRuleset(BASE));
    expect(changes).to.deep.equal([]);
    expect(leftovers.map(({ name }) => name)).to.deep.equal(['left']);
  });

  it('fills a large table in parts, and hooks it in last', () => {
    const chains = Array.from({ length: 6300 }, (_, i) => `add chain c${i}`);
    const rules = Array.from({ length: 6300 }, (_, i) => `add rule c${i} drop`);
    const elements = chains.map((_, i) => `add element m { tcp . ${i} : goto c${i} }`);
    const ruleset = nftRuleset(BASE, MAP, ...chains, ...elements, ...rules, 'add rule input drop');
    const plan = planFromDump(parseDump('{"nftables": []}'), ruleset);
    const scripts = nftInput(plan, { twoSteps: false }).map(({ text }) => text);
    expect(scripts.length).to.be.greaterThan(5);
    for (const script of scripts.slice(0, -1)) expect(script).to.not.include(' input');
    expect(scripts.at(-1)).to.equal(
      'create chain ip kube-proxy input { type filter hook input priority 0 ; }\nadd rule ip kube-proxy input drop\n',
    );
    const held = parseDump(scripts.join('').replaceAll('create ', 'add '));
    expect(planFromDump(held, ruleset).changes).to.deep.equal([]);
  });

  it('adds many elements in one transaction, many in a command', () => {
    const elements = Array.from(
      { length: 26_000 },
      (_, i) => `add element m { tcp . ${i} comment "a, b" : drop }`,
    );
    const ruleset = nftRuleset(BASE, MAP, ...elements);
    const plan = planFromDump(parseDump('{"nftables": []}'), ruleset);
    const [script, ...others] = nftInput(plan, { twoSteps: false }).map(({ text }) => text);
    expect(others).to.deep.equal([]);
    expect(script!.split('\n').filter((line) => line.startsWith('add element '))).to.have.length(
      52,
    );
    const held = parseDump(script!.replaceAll('create ', 'add '));
    expect(planFromDump(held, ruleset).changes).to.deep.equal([]);
  });
});
