/** Rules of both modes as one program: hooks in order, chains with origins, sets, and unknowns. */

import { expect } from 'chai';
import { type BackendName, compileSnapshot, print, readRules } from '../../src/index.js';
import {
  type Chain,
  type Hook,
  programOf as joined,
  type Program,
  programChains,
  withoutRulesOf,
} from '../../src/netfilter/program.js';
import type { Rule } from '../../src/netfilter/rule.js';
import { service, slice, snapshotOf } from '../model/support.js';
import { dumpText } from '../support/cases/dumps.js';

function programOf(mode: BackendName): Program {
  const snapshot = snapshotOf(
    service('web', { clusterIP: '10.96.0.9' }),
    slice('web', ['10.0.0.1', '10.0.0.2']),
  );
  return readRules(mode, print(compileSnapshot(snapshot, 'IPv4', { mode }).ruleset)).program();
}

function chainsOf({ hooks }: Program, hook: Hook): readonly (readonly [string, number])[] {
  return (hooks.get(hook) ?? []).map(({ table, name, base }) => [
    `${table} ${name}`,
    base?.priority ?? Number.NaN,
  ]);
}

describe('netfilter: programs', () => {
  it('have the base chains of a hook in the order of their priorities', () => {
    const { hooks } = readRules(
      'iptables',
      dumpText('iptables-1.8.9/nft.006-clusterip-sctp.v4.save'),
    ).program();
    for (const [hook, chains] of hooks) {
      const priorities = chains.map(({ base }) => base?.priority ?? Number.NaN);
      expect(priorities, hook).to.deep.equal(priorities.toSorted((a, b) => a - b));
    }
    expect(chainsOf(programOf('nftables'), 'output')).to.deep.equal([
      ['ip kube-proxy filter-output-pre-dnat', -110],
      ['ip kube-proxy nat-output', -100],
      ['ip kube-proxy filter-output', 0],
    ]);
  });

  it('place the chains of nat around routing', () => {
    const text = '*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING DROP [0:0]\n:X - [0:0]\nCOMMIT\n';
    const program = readRules('iptables', text).program();
    expect(chainsOf(program, 'prerouting')).to.deep.equal([['nat PREROUTING', -100]]);
    expect(chainsOf(program, 'postrouting')).to.deep.equal([['nat POSTROUTING', 100]]);
    expect(program.tables.get('nat')?.get('POSTROUTING')?.base?.policy).to.equal('drop');
    expect(program.tables.get('nat')?.get('X')?.base).to.equal(undefined);
  });

  it('trace chains back to their Service port, and rules to their line', () => {
    for (const mode of ['iptables', 'nftables'] as const) {
      const own = [...programChains(programOf(mode))].filter(({ origin }) => origin !== '');
      expect(new Set(own.map(({ origin }) => origin))).to.deep.equal(new Set(['shop/web TCP']));
      for (const { rules, name } of own)
        for (const { line } of rules) expect(line).to.include(name);
    }
  });

  it('have the elements of maps with their verdicts', () => {
    const { sets } = programOf('nftables');
    const [[key, value] = []] = sets.get('ip kube-proxy service-ips')?.elements ?? [];
    expect(key).to.equal('10.96.0.9 . tcp . 80');
    expect(value).to.have.property('kind', 'goto');
    expect([...(sets.get('ip kube-proxy cluster-ips')?.elements ?? [])]).to.deep.equal([
      ['10.96.0.9', undefined],
    ]);
  });

  it('keep what is not understood as unknown', () => {
    const text =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m nosuch --match 1 -j NOSUCH --target 2\nCOMMIT\n';
    const [rule] =
      readRules('iptables', text).program().tables.get('filter')?.get('INPUT')?.rules ?? [];
    const kinds = rule?.statements.map(({ kind }) => kind) ?? [];
    expect(kinds).to.include('unknown-condition').and.to.include('unknown-action');
  });
});

describe('netfilter: programs without the rules of one owner', () => {
  const chain = (name: string, ...statements: Rule['statements'][number][]): Chain => ({
    ...{ table: 'filter', name, origin: '' },
    rules: statements.map((one) => ({ statements: [one], line: one.kind, comment: '' })),
  });

  it('keeps chains and rules of others, without jumps to chains that are gone', () => {
    const set = { name: 'set', elements: new Map(), timeout: 0, changes: false };
    const program = joined(
      [
        chain('FORWARD', { kind: 'jump', chain: 'OURS' }, { kind: 'drop' }, { kind: 'accept' }),
        chain('OURS', { kind: 'accept' }),
      ],
      [
        { ...set, table: 'filter' },
        { ...set, table: 'nat' },
      ],
      ['ip other'],
    );
    const left = withoutRulesOf(
      program,
      ({ name }, rule) => name === 'OURS' || rule?.line === 'drop',
    );
    expect([...programChains(left)].map(({ name }) => name)).to.deep.equal(['FORWARD']);
    expect(
      left.tables
        .get('filter')
        ?.get('FORWARD')
        ?.rules.map(({ line }) => line),
    ).to.deep.equal(['accept']);
    expect([[...left.sets.keys()], left.unread]).to.deep.equal([['filter set'], ['ip other']]);
  });
});
