/** What cleanup takes, and what it leaves to others. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { planRemoval } from '../../../src/backends/iptables/plan.js';
import { restoreInput } from '../../../src/backends/iptables/restore-input.js';
import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { toTables } from '../../support/kernels/iptables-tables.js';
import { MemoryKernel } from '../../support/kernels/memory-kernel.js';

function fixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/cleanup/${name}`, import.meta.url), 'latin1');
}

/** The rules after the removal, with the tables of {@link MemoryKernel}. */
function removed(text: string): { readonly after: string; readonly again: string } {
  const kernel = new MemoryKernel();
  expect(kernel.restore(text).error).to.equal('');
  const input = restoreInput(planRemoval(parseDump(text), 'IPv4'), { variant: 'nf_tables' });
  expect(kernel.restore(input).error).to.equal('');
  const after = kernel.save();
  const again = restoreInput(planRemoval(parseDump(after), 'IPv4'), { variant: 'nf_tables' });
  return { after, again };
}

function table(name: string, ...lines: readonly string[]): string {
  return [`*${name}`, ...lines, 'COMMIT', ''].join('\n');
}

const CHAINS = [':KUBE-SERVICES - [0:0]', ':KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]'];
const JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const DISPATCH =
  '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA';

describe('iptables: removal', () => {
  it('leaves what kube-proxy --cleanup was seen to leave', () => {
    const { after, again } = removed(fixture('before.v4.save'));
    expect(toTables(parseDump(after))).to.deep.equal(toTables(parseDump(fixture('after.v4.save'))));
    expect(again).to.equal('');
  });

  it('has nothing to do where nothing is ours', () => {
    const plan = planRemoval(parseDump(fixture('after.v4.save')), 'IPv4');
    expect(plan.changes).to.deep.equal([]);
    expect(planRemoval(parseDump(''), 'IPv4').changes).to.deep.equal([]);
  });

  it('names the Service of every chain and rule', () => {
    const plan = planRemoval(parseDump(table('nat', ...CHAINS, JUMP, DISPATCH)), 'IPv4');
    expect(
      plan.changes.map(({ action, name: chain, origin, rules }) => [
        action,
        chain,
        origin,
        rules.map((rule) => rule.origin),
      ]),
    ).to.deep.equal([
      ['edit', 'PREROUTING', '', ['']],
      ['delete', 'KUBE-SERVICES', '', ['a/b TCP']],
      ['delete', 'KUBE-SVC-AAAAAAAAAAAAAAAA', 'a/b TCP', []],
    ]);
  });

  it('empties and keeps a chain that a foreign chain jumps to, and deletes the rest', () => {
    const theirs = '-A MINE -s 10.0.0.0/8 -j KUBE-SERVICES';
    const text = table('nat', ...CHAINS, ':MINE - [0:0]', JUMP, DISPATCH, theirs);
    const plan = planRemoval(parseDump(text), 'IPv4');
    expect(plan.pinned).to.deep.equal([{ table: 'nat', chain: 'KUBE-SERVICES', by: theirs }]);
    const { after, again } = removed(text);
    expect(toTables(parseDump(after)).nat).to.deep.equal({
      INPUT: [],
      'KUBE-SERVICES': [],
      MINE: [theirs],
      OUTPUT: [],
      POSTROUTING: [],
      PREROUTING: [],
    });
    expect(again, 'a second time there is nothing left to do').to.equal('');
  });

  for (const theirs of [
    '-A PREROUTING -s 10.0.0.0/8 -j KUBE-SERVICES',
    '-A PREROUTING -m mark --mark 0x1 -j KUBE-SERVICES',
    '-A PREROUTING -g KUBE-SERVICES',
  ]) {
    it(`takes for foreign: ${theirs}`, () => {
      const plan = planRemoval(parseDump(table('nat', ...CHAINS, JUMP, theirs)), 'IPv4');
      expect(plan.pinned.map(({ by }) => by)).to.deep.equal([theirs]);
      expect(plan.changes.flatMap(({ rules }) => rules.map(({ line }) => line))).to.deep.equal([
        JUMP,
      ]);
    });
  }

  for (const [name, rule] of [
    ['filter', '-A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES'],
    ['filter', '-A FORWARD -j KUBE-FORWARD'],
    ['nat', '-A OUTPUT -m comment --comment "words of another release" -j KUBE-SERVICES'],
  ] as const) {
    it(`takes for ours: ${rule}`, () => {
      const chain = rule.slice(rule.lastIndexOf(' ') + 1);
      const { after } = removed(table(name, `:${chain} - [0:0]`, rule));
      expect(after).to.not.contain('KUBE-');
    });
  }

  const FOREIGN = [
    '-A FORWARD -s 10.9.0.0/16 -j KUBE-FORWARD',
    '-A FORWARD -m conntrack --ctstate NEW,RELATED -j KUBE-FORWARD',
    '-A FORWARD -m conntrack ! --ctstate NEW -j KUBE-FORWARD',
    '-A FORWARD -g KUBE-FORWARD',
  ];
  for (const rule of FOREIGN)
    it(`takes for somebody else's: ${rule}`, () => {
      const { pinned } = planRemoval(
        parseDump(table('filter', ':KUBE-FORWARD - [0:0]', rule)),
        'IPv4',
      );
      expect(pinned).to.deep.equal([{ table: 'filter', chain: 'KUBE-FORWARD', by: rule }]);
    });

  it('touches no chain of kubelet or kube-router, whatever its name begins with', () => {
    const theirs = [
      'KUBE-ROUTER-FORWARD',
      'KUBE-POD-FW-AAAAAAAAAAAAAAAA',
      'KUBE-NWPLCY-AAAAAAAAAAAAAAAA',
      'KUBE-MARK-DROP',
      'KUBE-IPTABLES-HINT',
      'KUBE-KUBELET-CANARY',
      'KUBE-SVC-TOOSHORT',
      'KUBE-SVC-AAAAAAAAAAAAAAAA',
    ];
    const lines = theirs.flatMap((chain) => [`-A FORWARD -j ${chain}`, `-A ${chain} -j ACCEPT`]);
    // In filter the hashed name is not one of ours either.
    const text = table('filter', ...theirs.map((chain) => `:${chain} - [0:0]`), ...lines);
    expect(planRemoval(parseDump(text), 'IPv4').changes).to.deep.equal([]);
  });

  it('leaves KUBE-FIREWALL, its rule and the jumps to it', () => {
    const text = table(
      'filter',
      ':KUBE-FIREWALL - [0:0]',
      '-A INPUT -j KUBE-FIREWALL',
      '-A OUTPUT -j KUBE-FIREWALL',
      '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    );
    expect(planRemoval(parseDump(text), 'IPv4').changes).to.deep.equal([]);
  });
});

describe('iptables: removal of a KUBE-FIREWALL that vipc created', () => {
  const MADE = { chains: new Set(['filter KUBE-FIREWALL']), rules: new Set<string>() };
  const OURS = [
    ':KUBE-FIREWALL - [0:0]',
    ':MINE - [0:0]',
    '-A INPUT -j KUBE-FIREWALL',
    '-A OUTPUT -j KUBE-FIREWALL',
    '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
  ];

  function inputFor(text: string): string {
    return restoreInput(planRemoval(parseDump(text), 'IPv4', MADE), { variant: 'nf_tables' });
  }

  it('takes the chain, its rule and the jumps to it', () => {
    const kernel = new MemoryKernel();
    const text = table('filter', ...OURS);
    expect(kernel.restore(text).error).to.equal('');
    expect(kernel.restore(inputFor(text)).error).to.equal('');
    expect(kernel.save()).to.contain(':MINE ').and.to.not.contain('KUBE-');
    expect(inputFor(kernel.save())).to.equal('');
  });

  const OTHERS: readonly (readonly [string, string])[] = [
    ['a canary of kubelet', table('filter', ...OURS, ':KUBE-KUBELET-CANARY - [0:0]')],
    [
      'a hint of kubelet in another table',
      table('filter', ...OURS) + table('mangle', ':KUBE-IPTABLES-HINT - [0:0]'),
    ],
    [
      'KUBE-MARK-DROP of an older kubelet',
      table('filter', ...OURS) + table('nat', ':KUBE-MARK-DROP - [0:0]'),
    ],
    ['another rule in it', table('filter', ...OURS, '-A KUBE-FIREWALL -s 10.9.0.0/16 -j DROP')],
    ['a jump of somebody else', table('filter', ...OURS, '-A MINE -j KUBE-FIREWALL')],
  ];
  for (const [what, text] of OTHERS)
    it(`leaves all of it beside ${what}`, () => {
      expect(inputFor(text)).to.equal('');
    });
});
