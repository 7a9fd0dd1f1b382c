import { expect } from 'chai';
import type { Compilation } from '../../../src/backends/backend.js';
import { compileLayout } from '../../../src/backends/compile.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { print } from '../../../src/backends/iptables/print.js';
import type { Layout } from '../../../src/backends/layout.js';
import type { HostFacts } from '../../../src/config/types.js';
import { TemplateError } from '../../../src/errors.js';
import { buildModel } from '../../../src/model/build.js';
import { parseIp } from '../../../src/net/ip.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type Node,
  objectRef,
  type Service,
  type Snapshot,
} from '../../../src/snapshot/types.js';
import { updateSnapshot } from '../../../src/snapshot/update.js';
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

const [layout] = BACKENDS.iptables.layouts;

interface Run extends Compilation {
  readonly snapshot: Snapshot;
}

/**
 * Compiles these objects; after `previous`, as a change of what was there, so that the rest keeps
 * its identity.
 */
function compiled(objects: readonly KubernetesObject[], given: Settings = {}, previous?: Run): Run {
  const snapshot = updateSnapshot(previous?.snapshot ?? snapshotOf(), {
    set: objects,
    delete:
      previous === undefined
        ? []
        : objectsOf(previous.snapshot)
            .filter((one) => !objects.includes(one))
            .map(objectRef),
  });
  const model = buildModel(snapshot, settings(given), 'IPv4', previous?.model);
  return { snapshot, model, layout, ruleset: compileLayout(model, layout, previous) };
}

function objectsOf({
  services,
  slices,
  nodes,
}: Snapshot): readonly (Service | EndpointSlice | Node)[] {
  return [...services.values(), ...[...slices.values()].flat(), ...nodes.values()];
}

const A = [service('a'), slice('a', ['10.0.0.1', '10.0.0.2'])];
/** A Service whose rules depend on all of the context that rules of ports can depend on. */
const EVERYTHING = withIngress(
  service('a', {
    type: 'LoadBalancer',
    ports: [{ port: 80, nodePort: 30080 }],
    loadBalancerSourceRanges: ['198.51.100.0/24'],
  }),
  '192.0.2.1',
);
const LIBERAL: HostFacts = {
  ...{ nodeName: 'here', interfaces: [], nfacct: true },
  sysctls: { 'net.netfilter.nf_conntrack_tcp_be_liberal': '1' },
};
const WITHOUT_NFACCT: HostFacts = { nodeName: 'here', interfaces: [], nfacct: false };
const B = [service('b', { clusterIP: '10.96.0.2' }), slice('b', ['10.0.0.3'])];
const C = [service('c', { clusterIP: '10.96.0.3' }), slice('c', ['10.0.0.4'])];

describe('compile: what is kept', () => {
  it('fragments of untouched Services stay the same values when one comes, changes or goes', () => {
    const first = compiled([...A, ...C]);
    const second = compiled([...A, ...B, ...C], {}, first);
    expect(second.ruleset.ports.map(({ origin }) => origin)).to.deep.equal([
      'shop/a TCP',
      'shop/b TCP',
      'shop/c TCP',
    ]);
    expect(second.ruleset.ports[0]).to.equal(first.ruleset.ports[0]);
    expect(second.ruleset.ports[2]).to.equal(first.ruleset.ports[1]);
    expect(second.ruleset.frame).to.equal(first.ruleset.frame);
    const third = compiled([...A, B[0]!, ...C], {}, second);
    expect(third.ruleset.ports[1]).to.not.equal(second.ruleset.ports[1]);
    expect(third.ruleset.ports[1]?.text).to.include('has no endpoints');
    expect(third.ruleset.ports[2]).to.equal(second.ruleset.ports[2]);
    const fourth = compiled([...A, ...C], {}, third);
    expect(fourth.ruleset.ports).to.deep.equal(first.ruleset.ports);
    expect(fourth.ruleset.ports[1]).to.equal(third.ruleset.ports[2]);
  });

  const changes: readonly (readonly [
    what: string,
    given: Settings,
    frame: boolean,
    ports: boolean,
  ])[] = [
    ['another mark is a matter of the frame', { backend: { masqueradeBit: 15 } }, false, true],
    [
      'other node port addresses are a matter of the frame',
      { backend: { nodePortAddresses: cidrs('192.168.0.0/16', '127.0.0.0/8') } },
      false,
      true,
    ],
    ['tcpBeLiberal is a matter of the frame', { config: { tcpBeLiberal: true } }, false, true],
    ['a kernel that is liberal is a matter of the frame', { host: LIBERAL }, false, true],
    ['a kernel without counters changes ports that count', { host: WITHOUT_NFACCT }, false, false],
    [
      'localhostNodePorts changes ports that count',
      { backend: { localhostNodePorts: false } },
      false,
      false,
    ],
    [
      'another address of the node changes ports with source ranges',
      { config: { bindAddress: parseIp('198.51.100.7')! } },
      false,
      false,
    ],
    ['masqueradeAll changes ports', { backend: { masqueradeAll: true } }, false, false],
    [
      'another detector changes ports',
      { config: { clusterCidrs: cidrs('10.0.0.0/8') } },
      false,
      false,
    ],
  ];
  for (const [what, given, frame, ports] of changes) {
    it(what, () => {
      const objects = [EVERYTHING, slice('a', ['10.0.0.1']), node(['192.168.0.1'])];
      const first = compiled(objects);
      const second = compiled(objects, given, first);
      expect(second.ruleset.frame === first.ruleset.frame, 'frame kept').to.equal(frame);
      expect(second.ruleset.ports[0] === first.ruleset.ports[0], 'port kept').to.equal(ports);
      expect(print(second.ruleset)).to.equal(print(compiled(objects, given).ruleset));
    });
  }

  it('shared fragments of the same text stay the same values', () => {
    const sharing: Layout = {
      ...layout,
      sharedFragments: ({ ports }) => [
        { origin: '', text: '*nat\n:KUBE-NODE - [0:0]\n' },
        { origin: '', text: `*nat\n# ${ports.length}\n` },
      ],
    };
    const first = compiled(A);
    const before = { ...first, layout: sharing, ruleset: compileLayout(first.model, sharing) };
    const { model } = compiled([...A, ...B], {}, first);
    const after = compileLayout(model, sharing, before);
    expect(after.shared.map(({ text }) => text)).to.deep.equal([
      '*nat\n:KUBE-NODE - [0:0]\n',
      '*nat\n# 2\n',
    ]);
    expect(after.shared[0]).to.equal(before.ruleset.shared[0]);
  });

  it('another layout keeps nothing', () => {
    const first = compiled(A);
    const other = { ...layout, templates: { ...layout.templates, port: () => '*nat\n' } };
    const ruleset = compileLayout(first.model, other, first);
    expect(ruleset.ports[0]?.text).to.equal('*nat\n');
  });
});

describe('compile: what a user template may write', () => {
  const custom = (text: string): Layout => ({
    ...layout,
    name: 'mine',
    custom: true,
    templates: { frame: () => '*nat\n', port: () => text, tail: () => '' },
  });

  for (const text of ['*nat\n:A - [0:0]\n-A A -j DROP\n', '# a comment\n\n*filter\n', '']) {
    it(`may be ${JSON.stringify(text)}`, () => {
      expect(compileLayout(compiled(A).model, custom(text)).ports[0]?.text).to.equal(text);
    });
  }

  const bad = [
    '-I A -j DROP',
    '-D A 1',
    ':A ACCEPT [0:0]',
    ':A - [1:2]',
    `:${'A'.repeat(29)} - [0:0]`,
    'COMMIT',
    '-A A',
    '-A A -j "ü"',
    '-A A\t-j DROP',
    '*NAT',
    'rm -rf /',
    '-X',
    '-F KUBE-FORWARD',
    ' -A A -j DROP',
    '-A A -j DROP\r',
  ];
  for (const line of bad) {
    it(`may not be ${JSON.stringify(line)}`, () => {
      expect(() => compileLayout(compiled(A).model, custom(`*nat\n${line}\n`))).to.throw(
        TemplateError,
        /^mine: a template wrote a line that /,
      );
    });
  }

  it('holds for the frame, the tail and shared fragments too', () => {
    const own = custom('');
    const text = '*nat\nCOMMIT\n';
    const layouts: readonly Layout[] = [
      { ...own, templates: { ...own.templates, frame: () => text } },
      { ...own, templates: { ...own.templates, tail: () => text } },
      { ...own, sharedFragments: () => [{ origin: '', text }] },
    ];
    for (const one of layouts)
      expect(() => compileLayout(compiled(A).model, one)).to.throw(TemplateError, /"COMMIT"/);
  });
});

describe('compile: large clusters', () => {
  it('leave out the comments of endpoint rules, for every Service', () => {
    const ips = Array.from({ length: 1001 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
    const crowd = [service('b', { clusterIP: '10.96.0.2' }), slice('b', ips)];
    const small = compiled(A);
    const large = compiled([...A, ...crowd], {}, small);
    expect(small.ruleset.ports[0]?.text).to.include('"shop/a -> 10.0.0.1:8080"');
    expect(large.ruleset.ports[0]?.text).to.not.include('->');
    expect(large.ruleset.ports[0]?.text).to.include('"shop/a cluster IP"');
    expect(print(large.ruleset)).to.equal(print(compiled([...A, ...crowd]).ruleset));
  });
});
