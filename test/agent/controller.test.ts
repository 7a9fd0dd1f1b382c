/**
 * What a source reports, given to the families that it concerns: when the first sync may begin, and
 * which family syncs.
 */

import { expect } from 'chai';
import {
  AgentController,
  type ControllerOptions,
  eligibilityOf,
} from '../../src/agent/controller.js';
import type { FamilyLoop } from '../../src/agent/family-loop.js';
import { type NodeEligibility, observers } from '../../src/agent/observer.js';
import type { SourceState } from '../../src/agent/source.js';
import type { Family } from '../../src/net/ip.js';
import type { Node } from '../../src/snapshot/types.js';
import { node, snapshotOf } from '../model/support.js';

const HERE: Node = { ...node(['192.0.2.1']), metadata: { name: 'here' } };

/** A work with a source that a test fills, and all that came of it. */
class Bench {
  state: SourceState | undefined;
  readonly asked: string[] = [];
  readonly queued: string[] = [];
  readonly nodes: NodeEligibility[] = [];
  readonly ended = new AbortController();
  readonly work: AgentController;

  constructor(over: Partial<ControllerOptions> = {}, isNodeExpected = true) {
    const families: readonly Family[] = ['IPv4', 'IPv6'];
    this.work = new AgentController({
      families,
      source: { state: () => this.state, run: async () => {} },
      first: undefined,
      nodeName: 'here',
      nodeWait: 0,
      eligibility: eligibilityOf('here', isNodeExpected),
      observer: observers([
        {
          queued: (some) => this.queued.push(some.join(' ')),
          node: (eligibility) => this.nodes.push(eligibility),
        },
      ]),
      signal: this.ended.signal,
      ...over,
    });
    const loops = families.map((family) => ({
      family,
      request: (triggered: readonly number[] = []) =>
        this.asked.push([family, ...triggered].join(' ')),
    }));
    this.work.start(loops as unknown as readonly FamilyLoop[]);
  }

  /** The source is complete, with these Nodes. */
  complete(...nodes: readonly Node[]): void {
    this.state = { snapshot: snapshotOf(...nodes), incomplete: new Set() };
    this.work.status({ kind: 'Node', state: 'following', reason: '' });
  }

  /** What was asked for since the last question. */
  news(): readonly string[] {
    return this.asked.splice(0);
  }
}

describe('AgentController', () => {
  let bench: Bench;
  const start = (...args: ConstructorParameters<typeof Bench>): Bench => {
    bench = new Bench(...args);
    return bench;
  };
  afterEach(() => bench.ended.abort());

  it('asks for a sync of everything once all is known, also where the cluster is empty', () => {
    const { work } = start();
    expect(bench.queued).to.deep.equal(['IPv4 IPv6']);
    work.status({ kind: 'Service', state: 'listing', reason: '' });
    expect(bench.news()).to.deep.equal([]);
    bench.complete(HERE);
    expect(bench.news()).to.deep.equal(['IPv4', 'IPv6']);
    bench.complete(HERE);
    expect(bench.news()).to.deep.equal([]);
  });

  it('asks only the family that a slice is of, with what triggered it', () => {
    const { work } = start();
    bench.complete(HERE);
    bench.news();
    work.changed([
      { kind: 'EndpointSlice', service: 'shop/a', family: 'IPv6', triggered: 5 },
      { kind: 'EndpointSlice', service: 'shop/b', family: 'IPv6', triggered: 7 },
    ]);
    expect(bench.news()).to.deep.equal(['IPv6 5 7']);
    work.changed([
      { kind: 'EndpointSlice', service: 'shop/a', family: 'IPv4', triggered: 5 },
      { kind: 'Service', service: 'shop/a' },
    ]);
    expect(bench.news()).to.deep.equal(['IPv4 5', 'IPv6']);
    expect(bench.queued).to.deep.equal(['IPv4 IPv6', 'IPv6', 'IPv4 IPv6']);
  });

  it('waits for the Node that must be there, and then goes on without it', async () => {
    const { work } = start({ nodeWait: 20 });
    bench.complete();
    expect(work.state()).to.equal(undefined);
    expect(bench.nodes).to.deep.equal(['missing']);
    bench.news();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(work.state()?.snapshot.nodes.size).to.equal(0);
    expect(bench.news()).to.deep.equal(['IPv4', 'IPv6']);
  });

  it('waits no longer than until the Node comes', () => {
    const { work } = start({ nodeWait: 60_000 });
    bench.complete();
    bench.state = { snapshot: snapshotOf(HERE), incomplete: new Set() };
    work.changed([{ kind: 'Node' }]);
    expect(work.state()).to.equal(bench.state);
    expect(bench.nodes).to.deep.equal(['missing', 'eligible']);
  });

  it('a machine without an expected Node is eligible, until a Node was there', () => {
    const { work } = start({}, false);
    bench.complete();
    expect(work.state()).to.equal(bench.state);
    bench.complete(HERE);
    work.changed([{ kind: 'Node' }]);
    bench.state = { snapshot: snapshotOf(), incomplete: new Set() };
    work.changed([{ kind: 'Node' }]);
    expect(bench.nodes).to.deep.equal(['eligible', 'missing']);
  });

  it('begins with what was applied last, until the source knows better', () => {
    const first: SourceState = { snapshot: snapshotOf(), incomplete: new Set() };
    const { work } = start({ first, nodeWait: 60_000 });
    expect(bench.news()).to.deep.equal(['IPv4', 'IPv6']);
    expect(work.state()).to.equal(first);
    bench.complete();
    expect(work.state()).to.equal(first);
    bench.complete(HERE);
    expect(work.state()).to.equal(bench.state);
  });
});

describe('eligibilityOf', () => {
  const rows: readonly (readonly [NodeEligibility, Partial<Node>])[] = [
    ['eligible', {}],
    ['eligible', { spec: { taints: [{ key: 'node.kubernetes.io/unschedulable' }] } }],
    ['tainted', { spec: { taints: [{ key: 'a' }, { key: 'ToBeDeletedByClusterAutoscaler' }] } }],
    ['deleting', { metadata: { name: 'here', deletionTimestamp: '2026-11-20T10:00:00Z' } }],
  ];
  for (const [wanted, over] of rows)
    it(`${wanted}: ${JSON.stringify(over)}`, () => {
      const snapshot = snapshotOf({ ...HERE, ...over });
      expect(eligibilityOf('here', true)(snapshot)).to.equal(wanted);
    });
});
