/** Removals of most Services wait for the grace period; everything else does not. */

import { expect } from 'chai';
import type {
  DelayedRemovals,
  ObjectSource,
  SourceChange,
  SourceListener,
  SourceState,
} from '../../../src/agent/source.js';
import { holdRemovals } from '../../../src/agent/sources/removal-hold.js';
import { shareSnapshot } from '../../../src/snapshot/share.js';
import type { KubernetesObject } from '../../../src/snapshot/types.js';
import { node, service, slice, snapshotOf } from '../../model/support.js';
import { FakeClock } from '../../support/fake-clock.js';

/** The Services `shop/a`, `shop/b`, … of these letters, each with a slice. */
function objects(letters: string): readonly KubernetesObject[] {
  return [...letters].flatMap((name) => {
    const n = name.charCodeAt(0);
    return [service(name, { clusterIP: `10.96.0.${n}` }), slice(name, [`10.0.0.${n}`])];
  });
}

/** A held source whose files a test replaces, and all that it reported. */
class Bench {
  readonly clock = new FakeClock();
  readonly changes: SourceChange[] = [];
  readonly reported: DelayedRemovals[] = [];
  readonly held: ObjectSource;
  readonly #stop = new AbortController();
  #state: SourceState | undefined;
  #listener: SourceListener | undefined;

  constructor(gracePeriod = 30_000, loaded: readonly string[] = []) {
    const inner: ObjectSource = {
      state: () => this.#state,
      run: async (listener) => {
        this.#listener = listener;
      },
    };
    const { clock } = this;
    this.held = holdRemovals(inner, { gracePeriod, loaded: new Set(loaded), clock });
    void this.held.run(
      {
        changed: (changes) => this.changes.push(...changes),
        status: () => {},
        noticed: () => {},
        removals: (removals) => this.reported.push(removals),
      },
      this.#stop.signal,
    );
  }

  put(all: readonly KubernetesObject[], incomplete: readonly string[] = []): void {
    const snapshot = snapshotOf(...all);
    const before = this.#state?.snapshot;
    this.#state = {
      snapshot: before === undefined ? snapshot : shareSnapshot(before, snapshot),
      incomplete: new Set(incomplete),
    };
    if (before === undefined)
      this.#listener?.status({ kind: 'Service', state: 'following', reason: '' });
    else this.#listener?.changed([]);
  }

  async pass(seconds: number): Promise<void> {
    this.clock.pass(seconds);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The letters of the Services that are passed on. */
  get services(): string {
    const names = [...(this.held.state()?.snapshot.services.keys() ?? [])];
    return names
      .map((name) => name.replace('shop/', ''))
      .sort()
      .join('');
  }

  get outcomes(): readonly string[] {
    return this.reported.map(({ outcome, services }) =>
      [outcome, ...services].join(' ').replaceAll('shop/', ''),
    );
  }
}

describe('agent/sources/removal-hold', () => {
  it('removes half of the Services at once', () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    bench.put(objects('ab'));
    expect(bench.services).to.equal('ab');
    expect(bench.reported).to.deep.equal([]);
  });

  it('keeps more than half, with their slices, for the grace period', async () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    bench.changes.length = 0;
    bench.put(objects('d'));
    expect(bench.services).to.equal('abcd');
    expect([...(bench.held.state()?.snapshot.slices.keys() ?? [])]).to.have.members([
      ...['shop/a', 'shop/b', 'shop/c', 'shop/d'],
    ]);
    expect(bench.changes).to.deep.equal([]);
    expect(bench.reported).to.deep.equal([
      { outcome: 'held', services: ['shop/a', 'shop/b', 'shop/c'], gracePeriod: 30_000 },
    ]);
    await bench.pass(29);
    expect(bench.services).to.equal('abcd');
    await bench.pass(1);
    expect(bench.services).to.equal('d');
    expect(bench.changes.map(({ kind, service: name }) => `${kind} ${name}`)).to.have.members([
      ...['Service shop/a', 'Service shop/b', 'Service shop/c'],
      ...['EndpointSlice shop/a', 'EndpointSlice shop/b', 'EndpointSlice shop/c'],
    ]);
    expect(bench.outcomes).to.deep.equal(['held a b c', 'removed a b c']);
  });

  it('never removes what comes back in time', async () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    const before = bench.held.state()?.snapshot;
    bench.changes.length = 0;
    bench.put([]);
    await bench.pass(10);
    bench.put(objects('bc'));
    expect(bench.services).to.equal('abcd');
    bench.put(objects('abcd'));
    expect(bench.held.state()?.snapshot).to.equal(before);
    expect(bench.changes).to.deep.equal([]);
    expect(bench.outcomes).to.deep.equal(['held a b c d', 'held a d', 'restored a d']);
    await bench.pass(60);
    expect(bench.services).to.equal('abcd');
    expect(bench.reported).to.have.length(3);
  });

  it('a later one has a grace period of its own', async () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    bench.put([]);
    await bench.pass(20);
    bench.put(objects('abcd'));
    bench.put([]);
    await bench.pass(20);
    expect(bench.services).to.equal('abcd');
    await bench.pass(10);
    expect(bench.services).to.equal('');
  });

  it('passes on what is new or changed at once', async () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    bench.changes.length = 0;
    bench.put([
      service('d', { clusterIP: '10.96.1.1' }),
      slice('d', ['10.0.9.9']),
      ...objects('x'),
    ]);
    expect(bench.services).to.equal('abcdx');
    const { snapshot } = bench.held.state()!;
    expect(snapshot.services.get('shop/d')?.spec.clusterIP).to.equal('10.96.1.1');
    expect(snapshot.slices.get('shop/d')?.[0]?.endpoints?.[0]?.addresses).to.deep.equal([
      '10.0.9.9',
    ]);
    expect(new Set(bench.changes.map((change) => change.service))).to.deep.equal(
      new Set(['shop/d', 'shop/x']),
    );
    await bench.pass(30);
    expect(bench.services).to.equal('dx');
  });

  it('keeps Nodes as long', async () => {
    const bench = new Bench();
    bench.put([...objects('ab'), node(['192.0.2.1'])]);
    bench.put([]);
    expect(bench.held.state()?.snapshot.nodes.size).to.equal(1);
    await bench.pass(30);
    expect(bench.held.state()?.snapshot.nodes.size).to.equal(0);
  });

  it('does not keep a Service whose address another one has now', () => {
    const bench = new Bench();
    bench.put([service('a', { clusterIP: '10.96.0.1' })]);
    bench.put([service('b', { clusterIP: '10.96.0.1' })]);
    expect(bench.services).to.equal('b');
    expect(bench.reported).to.deep.equal([]);
  });

  it('keeps the rules of Services that only the kernel knows', async () => {
    const bench = new Bench(30_000, ['shop/a', 'shop/b', 'shop/c']);
    bench.put(objects('c'));
    expect(bench.services).to.equal('c');
    expect([...(bench.held.state()?.incomplete ?? [])]).to.deep.equal(['shop/a', 'shop/b']);
    await bench.pass(30);
    expect(bench.held.state()?.incomplete.size).to.equal(0);
    expect(bench.changes.slice(-2)).to.deep.equal([
      { kind: 'Service', service: 'shop/a' },
      { kind: 'Service', service: 'shop/b' },
    ]);
    expect(bench.outcomes).to.deep.equal(['held a b', 'removed a b']);
  });

  it('counts Services that an invalid object kept until now', () => {
    const bench = new Bench();
    bench.put(objects('abcd'));
    bench.put(objects('a'), ['*']);
    expect(bench.reported).to.deep.equal([]);
    bench.put(objects('a'));
    expect(bench.outcomes).to.deep.equal(['held b c d']);
    expect([...(bench.held.state()?.incomplete ?? [])]).to.deep.equal([
      'shop/b',
      'shop/c',
      'shop/d',
    ]);
  });

  it('without a grace period is the source itself', () => {
    const bench = new Bench(0);
    bench.put(objects('abcd'));
    bench.put([]);
    expect(bench.services).to.equal('');
  });
});
