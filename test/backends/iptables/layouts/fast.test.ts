/** Layout fast of mode iptables: what it writes, and that what it leaves out is noticed. */

import { expect } from 'chai';
import { BACKENDS } from '../../../../src/backends/index.js';
import { fast } from '../../../../src/backends/iptables/layouts/fast/layout.js';
import { unsupported, unsupportedFast } from '../../../../src/backends/iptables/versions.js';
import { defaultConfig } from '../../../../src/config/defaults.js';
import type { ProxyConfig } from '../../../../src/config/types.js';
import { settingOf } from '../../../../src/explain/expected.js';
import { machineOf } from '../../../../src/explain/machine.js';
import { verify } from '../../../../src/explain/verify.js';
import {
  type Compiled,
  compileSnapshot,
  loadSnapshot,
  print,
  readRules,
} from '../../../../src/index.js';
import { fractionText } from '../../../../src/netfilter/fraction.js';
import { Router } from '../../../../src/netfilter/route.js';
import { service, slice } from '../../../support/cluster/small-cluster.js';

const HOST = {
  nodeName: 'n',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

function compiled(
  objects: readonly object[],
  previous?: Compiled,
  config: ProxyConfig = defaultConfig,
): Compiled {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { snapshot } = loadSnapshot([{ name: 'cluster', text }]);
  return compileSnapshot(snapshot, 'IPv4', { layout: fast, host: HOST, config }, previous);
}

const addresses = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

const web = (count: number): readonly object[] => [
  service('web', '10.96.0.1', { type: 'NodePort', nodePort: 30080 }),
  slice('web', addresses(count)),
];

/** The first lines of what verify finds in rules. */
function findings({ model }: Compiled, text: string): readonly string[] {
  const machine = machineOf('IPv4', HOST, undefined);
  const setting = settingOf(model, machine, BACKENDS.iptables.behaviour);
  const rules = readRules('iptables', text, { family: 'IPv4' });
  return verify(new Router(rules.program(), machine), model, setting).findings.map(
    ({ kind }) => kind,
  );
}

describe('layout fast of mode iptables', () => {
  it('has no chain of an endpoint: that of the pool translates', () => {
    const { ruleset } = compiled(web(2));
    expect(print(ruleset)).to.not.include('KUBE-SEP-');
    const [text = ''] = ruleset.ports.map((fragment) => fragment.text);
    expect(text.split('\n').filter((line) => line.startsWith('-A KUBE-SVC-'))).to.deep.equal([
      '-A KUBE-SVC-CDGGSHYLG3RE2FKL -p tcp -m comment --comment "default/web:http -> 10.0.0.0:8080" -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.0.0.0:8080',
      '-A KUBE-SVC-CDGGSHYLG3RE2FKL -p tcp -m comment --comment "default/web:http -> 10.0.0.1:8080" -j DNAT --to-destination 10.0.0.1:8080',
    ]);
  });

  it('needs no chain for a single endpoint where nothing but the translation would be in it', () => {
    const lone = (spec: object = {}) => [
      service('web', '10.96.0.1', spec),
      slice('web', ['10.0.0.1']),
    ];
    const direct = compiled(lone());
    expect(print(direct.ruleset).match(/^.*default\/web.*$/gm)).to.deep.equal([
      '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080',
    ]);
    expect(findings(direct, print(direct.ruleset))).to.deep.equal([]);
    const { iptables } = defaultConfig;
    const all = { ...defaultConfig, iptables: { ...iptables, masqueradeAll: true } };
    const plain = service('web', '10.96.0.1') as { readonly spec: object };
    const sticky = { ...plain, spec: { ...plain.spec, sessionAffinity: 'ClientIP' } };
    const others = [
      compiled(lone({ type: 'NodePort', nodePort: 30080 })),
      compiled([sticky, slice('web', ['10.0.0.1'])]),
      compiled(lone(), undefined, all),
    ];
    for (const one of others) {
      expect(print(one.ruleset)).to.include(' -j KUBE-SVC-');
      expect(findings(one, print(one.ruleset))).to.deep.equal([]);
    }
  });

  it('says what a second endpoint means for the first, wherever their rules are', () => {
    const few = (count: number) => [service('web', '10.96.0.1'), slice('web', addresses(count))];
    const many = Array.from({ length: 20 }, (_, i) => [
      service(`s${i}`, `10.96.1.${i}`),
      slice(`s${i}`, [`10.1.0.${i}`]),
    ]).flat();
    for (const others of [[], many]) {
      const [before, after] = [compiled([...few(1), ...others]), compiled([...few(2), ...others])];
      expect(findings(before, print(before.ruleset))).to.deep.equal([]);
      const rules = readRules('iptables', print(before.ruleset), { family: 'IPv4' });
      expect(rules.settings()).to.include({ masqueradeAll: false });
      const { services } = rules.summary(rules.plan(after.ruleset), after.ruleset);
      expect(services.map(({ origin }) => origin)).to.deep.equal(['default/web:http TCP']);
      const [pool] = services.flatMap((one) => one.pools);
      expect(
        pool?.endpoints.map((one) => `${fractionText(one.before)} ${fractionText(one.after)}`),
      ).to.deep.equal(['1 1/2', '0 1/2']);
    }
  });

  it('cuts large pools into parts with equal shares, and says what a change means', () => {
    const [before, after] = [compiled(web(99)), compiled(web(100))];
    expect(findings(after, print(after.ruleset))).to.deep.equal([]);
    const rules = readRules('iptables', print(before.ruleset), { family: 'IPv4' });
    const plan = rules.plan(after.ruleset);
    const { services } = rules.summary(plan, after.ruleset);
    const [pool] = services.flatMap((one) => one.pools);
    expect(pool?.endpoints).to.have.length(100);
    expect(
      new Set(
        pool?.endpoints.map((one) => `${fractionText(one.before)} ${fractionText(one.after)}`),
      ),
    ).to.deep.equal(new Set(['1/99 1/100', '0 1/100']));
    expect(plan.changes.length).to.be.lessThan(5);
    const lines = services.flatMap((one) => one.chains.flatMap(({ rules: found }) => found));
    expect(new Set(lines.map(({ finding }) => finding))).to.deep.equal(
      new Set(['probability', 'missing']),
    );
  });

  it('is not right without its rules about hairpins, nor with another program in them', () => {
    const one = compiled(web(1));
    const text = print(one.ruleset);
    expect(findings(one, text)).to.deep.equal([]);
    for (const chain of ['KUBE-POSTROUTING', 'KUBE-FORWARD']) {
      const without = text.replace(new RegExp(`^-A ${chain} .* -m bpf .*\n`, 'm'), '');
      expect(findings(one, without), chain).to.include('refuted');
    }
    const other = text.replace(/(-A KUBE-POSTROUTING .*),32 0 0 16,/, '$1,32 0 0 20,');
    expect(findings(one, other)).to.include('unknown');
  });

  it('knows its own rules from foreign ones', () => {
    const { ruleset } = compiled(web(30));
    const text = print(ruleset);
    const part = /:(KUBE-SPLIT-\S+)/.exec(text)?.[1] ?? expect.fail('no part');
    const foreign = text.replace(
      `-A ${part} `,
      `-A ${part} -p tcp -j ACCEPT\n-A ${part} -p tcp -j DNAT --to-destination 10.9.9.9:8080\n-A ${part} `,
    );
    const rules = readRules('iptables', foreign, { family: 'IPv4' });
    const { services } = rules.summary(rules.plan(ruleset), ruleset);
    const found = services.flatMap((one) => one.chains.flatMap((chain) => chain.rules));
    expect(found.map(({ finding }) => finding)).to.deep.equal(['foreign', 'surplus']);
  });

  it('needs a module of the kernel, and its mode does not', () => {
    expect(unsupportedFast(undefined)).to.equal(undefined);
    expect(unsupportedFast(['xt_recent'])).to.equal(undefined);
    expect(unsupportedFast(['xt_bpf'])?.message).to.include('xt_bpf');
    expect(unsupported({ ...HOST, missingModules: ['xt_bpf'] })).to.deep.equal([]);
  });
});
