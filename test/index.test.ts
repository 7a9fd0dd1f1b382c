/** The library as a user meets it: text in, rules out, step by step or at once. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  buildModel,
  compile,
  compileSnapshot,
  diagnosticText,
  equalDumps,
  equalNftDumps,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
  locate,
  modelSettings,
  parse,
  parseNft,
  planInput,
  print,
  readRules,
} from '../src/index.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';

function read(name: string): string {
  return readFileSync(`${CASE}/${name}`, 'utf8');
}

describe('the library', () => {
  const { snapshot } = loadSnapshot([{ name: 'snapshot.yaml', text: read('snapshot.yaml') }]);
  const { config } = loadConfig(read('config.yaml'), 'config.yaml');
  const host = loadHostFacts(read('host.yaml'), 'host.yaml');

  for (const mode of ['iptables', 'nftables'] as const) {
    it(`compiles in one step what it compiles in several, in mode ${mode}`, () => {
      for (const family of ['IPv4', 'IPv6'] as const) {
        const options = { config, host, mode };
        const model = buildModel(snapshot, modelSettings(options), family);
        const ruleset = compile(model, options);
        expect(ruleset.backend).to.equal(mode);
        expect(print(ruleset)).to.equal(print(compileSnapshot(snapshot, family, options).ruleset));
      }
    });
  }

  it('takes the mode from the configuration, and iptables where it names none', () => {
    const model = buildModel(snapshot, modelSettings({ config }), 'IPv4');
    expect(compile(model, { config }).backend).to.equal('iptables');
    expect(compile(model, { config: { ...config, mode: 'nftables' } }).backend).to.equal(
      'nftables',
    );
  });

  it('reads back what it prints', () => {
    const iptables = print(compileSnapshot(snapshot, 'IPv4', { config, host }).ruleset);
    expect(equalDumps(parse(iptables), parse(iptables))).to.equal(true);
    expect(parse(iptables).tables.get('nat')?.has('KUBE-SERVICES')).to.equal(true);
    const nft = print(
      compileSnapshot(snapshot, 'IPv4', { config, host, mode: 'nftables' }).ruleset,
    );
    expect(equalNftDumps(parseNft(nft), parseNft(nft))).to.equal(true);
    expect(parseNft(nft).tables.has('ip kube-proxy')).to.equal(true);
  });

  for (const mode of ['iptables', 'nftables'] as const)
    it(`reports what differs from a kernel, and how it is made right, in mode ${mode}`, () => {
      const { ruleset } = compileSnapshot(snapshot, 'IPv4', { config, host, mode });
      const wanted = print(ruleset);
      const { variant } = readRules(mode, wanted, { family: 'IPv4' });
      const input = (text: string): string =>
        planInput(readRules(mode, text, { family: 'IPv4' }).plan(ruleset), { variant })
          .map((transaction) => transaction.text)
          .join('');
      expect(input(wanted)).to.equal('');
      const [line = ''] = /^.*10\.\d+\.\d+\.\d+.*masq.*\n/im.exec(wanted) ?? [];
      expect(line).to.not.equal('');
      const damaged = wanted.replace(line, '');
      const rules = readRules(mode, damaged, { family: 'IPv4' });
      const plan = rules.plan(ruleset);
      expect(plan.changes).to.have.length(1);
      expect(rules.summary(plan, ruleset).services).to.have.length(1);
      expect(input(damaged)).to.include(line.trim().split(' ').at(-1));
    });

  it('says where something is wrong', () => {
    const sources = [
      { name: 'bad.yaml', text: 'apiVersion: v1\nkind: Service\nmetadata: {name: X}\nspec: {}\n' },
    ];
    const loaded = loadSnapshot(sources);
    const [first] = locate(loaded.diagnostics, loaded, sources);
    expect(first?.position).to.deep.equal({ file: 'bad.yaml', line: 3, column: 18 });
    expect(diagnosticText(first!)).to.match(
      /^bad\.yaml:3:18: Service default\/X left out: metadata\.name/,
    );
  });
});
