/** A whole agent and any stream of good objects, however it is cut into pieces. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { ObjectSource, SourceChange, WatchedKind } from '../../src/agent/source.js';
import { ObjectStore } from '../../src/agent/sources/object-store.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { receive } from '../../src/snapshot/receive.js';
import { type KubernetesObject, objectRef } from '../../src/snapshot/types.js';
import { runs, seed } from '../support/arbitrary/property.js';
import * as arbitrary from '../support/arbitrary/snapshot.js';
import {
  type AgentKernel,
  memoryIptables,
  memoryNftables,
} from '../support/kernels/agent-kernels.js';
import { type ObservedAgent, observeAgent } from '../support/process/running-agent.js';
import { until } from '../support/until.js';

/**
 * One thing that happens in a stream; a pause lets the agent begin a sync, so that the others are
 * one.
 */
type Step =
  | { readonly do: 'set'; readonly object: KubernetesObject }
  | { readonly do: 'delete'; readonly object: KubernetesObject }
  | { readonly do: 'list'; readonly kind: WatchedKind }
  | { readonly do: 'pause'; readonly turns: number };

const cidrs: fc.Arbitrary<KubernetesObject> = fc
  .constantFrom(['10.96.0.0/16'], ['10.96.0.0/16', 'fd00:10:96::/112'], ['10.0.0.0/8'])
  .map((all) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: all },
  }));
const own: fc.Arbitrary<KubernetesObject> = arbitrary.node.map((node) => ({
  ...node,
  metadata: { ...node.metadata, name: 'node-a' },
}));
const object: fc.Arbitrary<KubernetesObject> = fc.oneof(
  { arbitrary: arbitrary.service, weight: 4 },
  { arbitrary: arbitrary.slice, weight: 5 },
  { arbitrary: own, weight: 1 },
  { arbitrary: cidrs, weight: 1 },
);
const KINDS: readonly WatchedKind[] = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'];
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: object.map((one): Step => ({ do: 'set', object: one })), weight: 8 },
  { arbitrary: object.map((one): Step => ({ do: 'delete', object: one })), weight: 3 },
  { arbitrary: fc.constantFrom(...KINDS).map((kind): Step => ({ do: 'list', kind })), weight: 1 },
  { arbitrary: fc.nat(6).map((turns): Step => ({ do: 'pause', turns })), weight: 4 },
);

/** A source that tells what the steps say, through the store that the cluster's source has. */
class Stream {
  readonly store = new ObjectStore();
  readonly there = new Map<string, KubernetesObject>();
  readonly source: ObjectSource = {
    run: (listener, signal) =>
      new Promise((resolve) => {
        this.#tell = (changes) => listener.changed(changes);
        signal.addEventListener('abort', () => resolve(), { once: true });
        for (const kind of KINDS) listener.status({ kind, state: 'following', reason: '' });
      }),
    state: () => this.store.state(),
  };
  #tell: (changes: readonly SourceChange[]) => void = () => {};

  async take(one: Step): Promise<void> {
    if (one.do === 'pause') {
      for (let turn = 0; turn < one.turns; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    if (one.do === 'list') {
      const all = [...this.there.values()].filter(({ kind }) => kind === one.kind);
      this.#changed(
        this.store.replace(
          one.kind,
          all.map((raw) => receive(one.kind, raw)),
        ).changes,
      );
      return;
    }
    const { kind } = one.object;
    if (!isWatched(kind)) return;
    const received = receive(kind, one.object);
    const key = JSON.stringify(objectRef(one.object));
    if (one.do === 'set') this.there.set(key, one.object);
    else this.there.delete(key);
    const { changes } =
      one.do === 'set' ? this.store.set(kind, received) : this.store.delete(kind, received.ref);
    this.#changed(changes);
  }

  #changed(changes: readonly SourceChange[]): void {
    if (changes.length > 0) this.#tell(changes);
  }
}

function isWatched(kind: string): kind is WatchedKind {
  return KINDS.some((one) => one === kind);
}

/** Metrics that are 0 where nothing waits and nothing was refused. */
const NOTHING_LEFT =
  /^(?:kubeproxy_sync_proxy_rules_(?:service|endpoint)_changes_pending|vipc_quarantined_services)(?:\{.*\})? (.*)$/gm;

describe('property: an agent and any stream of objects', () => {
  for (const open of [memoryIptables, memoryNftables])
    it(`has in the end the rules of a fresh compile, and is well: ${open().name}`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) =>
          endsWell(open(), steps),
        ),
        { seed, numRuns: Math.ceil(runs * 0.15) },
      ));
});

async function valuesLeft(agent: ObservedAgent): Promise<readonly (string | undefined)[]> {
  return [...(await agent.metrics()).matchAll(NOTHING_LEFT)].map(([, value]) => value);
}

async function endsWell(kernel: AgentKernel, steps: readonly Step[]): Promise<void> {
  slowDown(kernel);
  const stream = new Stream();
  const agent = observeAgent(kernel, stream.source);
  try {
    for (const one of steps) await stream.take(one);
    let found = 'nobody looked';
    // A family is ready a moment after its rules are in the kernel: once they are checked.
    const isReady = (): boolean => agent.health.readiness().ready;
    await until(
      async () => {
        agent.check();
        if (agent.synced.length >= 2) found = await kernel.differences([...stream.there.values()]);
        return found === '' && isReady();
      },
      () => `${found} ${JSON.stringify(agent.health.readiness())}`,
    );
    expect(agent.health.state().healthy).to.equal(true);
    expect(agent.health.readiness()).to.deep.equal({ ready: true, reasons: [] });
    let left: readonly (string | undefined)[] = [];
    // A change that means nothing to the kernel may still wait for its sync.
    await until(
      async () => {
        left = await valuesLeft(agent);
        return left.every((value) => value === '0');
      },
      () => left.join(' '),
    );
    expect(left).to.have.length.of.at.least(3);
  } finally {
    await agent.stop();
  }
}

/** Lets programs take some turns, so that things happen while a sync runs. */
function slowDown({ host }: AgentKernel): void {
  const run = host.run.bind(host);
  Object.assign(host, {
    run: async (command: Command): Promise<CommandResult> => {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      return run(command);
    },
  });
}
