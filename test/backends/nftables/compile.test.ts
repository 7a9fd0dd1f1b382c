import { expect } from 'chai';
import type { Compilation } from '../../../src/backends/backend.js';
import { compileLayout } from '../../../src/backends/compile.js';
import { BACKENDS } from '../../../src/backends/index.js';
import type { Layout } from '../../../src/backends/layout.js';
import { print } from '../../../src/backends/nftables/print.js';
import { TemplateError } from '../../../src/errors.js';
import { buildModel } from '../../../src/model/build.js';
import { parseIp } from '../../../src/net/ip.js';
import type { Snapshot } from '../../../src/snapshot/types.js';
import {
  cidrs,
  node,
  type Settings,
  service,
  settings,
  slice,
  snapshotOf,
  withIngress,
} from '../../model/support.js';

const [layout] = BACKENDS.nftables.layouts;

/** Compiles a snapshot; after `previous`, ports of which nothing changed keep their identity. */
function compiled(snapshot: Snapshot, given: Settings = {}, previous?: Compilation): Compilation {
  const model = buildModel(snapshot, settings(given), 'IPv4', previous?.model);
  return { model, layout, ruleset: compileLayout(model, layout, previous) };
}

/** A Service whose rules depend on all of the context that rules of ports can depend on. */
const EVERYTHING = snapshotOf(
  withIngress(
    service('a', {
      type: 'LoadBalancer',
      ports: [{ port: 80, nodePort: 30080 }],
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['198.51.100.0/24'],
    }),
    '192.0.2.1',
  ),
  slice('a', ['10.0.0.1']),
  node(['192.168.0.1']),
);

describe('compile for nft: what rules of a port depend on', () => {
  const changes: readonly (readonly [what: string, given: Settings, kept: boolean])[] = [
    ['the mark', { backend: { masqueradeBit: 15 } }, false],
    [
      'node port addresses do not matter',
      { backend: { nodePortAddresses: cidrs('192.168.0.0/16') } },
      true,
    ],
    ['masqueradeAll does not matter', { backend: { masqueradeAll: true } }, true],
    ['the address of the node', { config: { bindAddress: parseIp('198.51.100.7')! } }, false],
    ['the detector', { config: { clusterCidrs: cidrs('10.0.0.0/8') } }, false],
  ];
  for (const [what, given, kept] of changes) {
    it(what, () => {
      const first = compiled(EVERYTHING);
      const fresh = compiled(EVERYTHING, given);
      const second = compiled(EVERYTHING, given, first);
      expect(second.ruleset.ports).to.have.length(1);
      expect(second.ruleset.ports[0] === first.ruleset.ports[0], 'the same value').to.equal(kept);
      expect(fresh.ruleset.ports[0]?.text === first.ruleset.ports[0]?.text, 'text').to.equal(kept);
      expect(print(second.ruleset)).to.equal(print(fresh.ruleset));
    });
  }
});

describe('compile for nft: what a user template may write', () => {
  const custom = (text: string): Layout => ({
    ...layout,
    name: 'mine',
    custom: true,
    templates: { frame: () => '', port: () => text, tail: () => '' },
  });
  const { model } = compiled(EVERYTHING);

  const good = [
    'add chain ip kube-proxy a',
    'add chain ip6 kube-proxy a { type filter hook input priority 0 ; comment "a; {b}" ; }',
    'add set ip kube-proxy s { type ipv4_addr ; flags dynamic,timeout ; timeout 60s ; }',
    'add map ip kube-proxy m { type mark : verdict ; }',
    'add element ip kube-proxy m { 1 comment "; flush ruleset" : goto a }',
    'add rule ip kube-proxy a ip saddr { 10.0.0.1, 10.0.0.2 } log prefix "a; # {" drop',
    `add rule ip kube-proxy a drop comment "${'x'.repeat(128)}"`,
    '# a comment; it may say anything',
    '',
  ];
  for (const line of good) {
    it(`may be ${line.slice(0, 100)}`, () => {
      expect(compileLayout(model, custom(`${line}\n`)).ports[0]?.text).to.equal(`${line}\n`);
    });
  }

  const bad = [
    'add table ip kube-proxy',
    'add chain ip filter a',
    'add chain inet kube-proxy a',
    'delete chain ip kube-proxy a',
    'flush ruleset',
    'insert rule ip kube-proxy a drop',
    'add rule ip kube-proxy a',
    'add rule ip kube-proxy a drop # why',
    'add rule ip kube-proxy a drop ; flush ruleset',
    'add rule ip kube-proxy a drop; flush ruleset',
    'add element ip kube-proxy m { 1 } ; flush ruleset',
    'add element ip kube-proxy m { 1 ; flush ruleset }',
    'add rule ip kube-proxy a;flush ruleset',
    'add rule ip kube-proxy a drop \\',
    '# a comment \\',
    'add chain ip kube-proxy a{',
    'add chain ip kube-proxy a; flush ruleset',
    'add chain ip kube-proxy a { comment "x" ; } ; flush ruleset ; add table ip x { }',
    'add rule ip kube-proxy a drop comment "open',
    `add rule ip kube-proxy a drop comment "${'x'.repeat(129)}"`,
    'add rule ip kube-proxy a drop comment "ü"',
    'add rule ip kube-proxy a\tdrop',
    'include "/etc/passwd"',
    '-A INPUT -j DROP',
  ];
  for (const line of bad) {
    it(`may not be ${line.slice(0, 100)}`, () => {
      expect(() => compileLayout(model, custom(`${line}\n`))).to.throw(
        TemplateError,
        /^mine: a template wrote a line that means nothing in mode nftables/,
      );
    });
  }
});

describe('print for nft', () => {
  it('puts chains before sets, maps, elements and rules, and Services in order', () => {
    const { ruleset } = compiled(EVERYTHING);
    const kinds = print(ruleset)
      .split('\n')
      .slice(3)
      .flatMap((line) => line.split(' ')[1] ?? []);
    expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).to.deep.equal([
      'chain',
      'set',
      'map',
      'element',
      'rule',
    ]);
  });

  it('makes the table anew, whatever was there', () => {
    expect(print(compiled(snapshotOf()).ruleset)).to.match(
      /^add table ip kube-proxy\ndelete table ip kube-proxy\nadd table ip kube-proxy \{/,
    );
  });

  it('without jumps leaves out the rules of base chains and no other', () => {
    const { ruleset } = compiled(EVERYTHING);
    const left = print(ruleset, { jumps: false }).split('\n');
    const gone = print(ruleset)
      .split('\n')
      .filter((line) => !left.includes(line));
    expect(gone).to.have.length(11);
    for (const line of gone) expect(line).to.match(/^add rule ip kube-proxy (?:nat|filter)-/);
  });
});
