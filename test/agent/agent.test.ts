/**
 * What an agent begins with while its source knows nothing yet: the last good state, or nothing.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { runAgent } from '../../src/agent/agent.js';
import type { SyncFailure, SyncReport } from '../../src/agent/observer.js';
import type { ObjectSource, SourceListener, WatchedKind } from '../../src/agent/source.js';
import { ObjectStore } from '../../src/agent/sources/object-store.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import type { Command } from '../../src/host/host.js';
import { receive } from '../../src/snapshot/receive.js';
import { service, slice, snapshotOf } from '../model/support.js';
import { type AgentKernel, memoryIptables } from '../support/kernels/agent-kernels.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';
import { agentOptions, observeAgent } from '../support/process/running-agent.js';
import { until } from '../support/until.js';

/** A source that never hears anything. */
const SILENT: ObjectSource = {
  state: () => undefined,
  run: (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
};

interface Began {
  readonly synced: readonly SyncReport[];
  readonly noticed: readonly Diagnostic[];
}

/**
 * Runs an agent with a last good state until it has synced both families, or said something, and a
 * little longer.
 */
async function begin(kernel: AgentKernel, patience = 20_000): Promise<Began> {
  const synced: SyncReport[] = [];
  const noticed: Diagnostic[] = [];
  const ending = new AbortController();
  const running = runAgent(
    {
      ...agentOptions(kernel),
      source: SILENT,
      lastGood: async () => snapshotOf(service('web'), slice('web', ['10.0.0.1'])),
      observer: {
        synced: (report) => void synced.push(report),
        noticed: (some) => void noticed.push(...some),
      },
    },
    ending.signal,
  );
  const isOver = (): boolean => synced.length > 1 || noticed.some(isAboutLastGood);
  for (const deadline = Date.now() + patience; !isOver() && Date.now() < deadline; ) await pause(5);
  await pause(20);
  ending.abort();
  await running;
  return { synced, noticed };
}

function isAboutLastGood({ code }: Diagnostic): boolean {
  return code.startsWith('last-good');
}

/** A kernel in memory whose first reading fails. */
function unreadableAtFirst(): AgentKernel {
  let left = 1;
  const { host } = memoryMachine({
    first: ({ command }) => {
      if (command === 'nfacct') return { kind: 'exited', code: 0, stdout: '', stderr: '' };
      return command.endsWith('-save') && left-- > 0
        ? { kind: 'exited', code: 4, stdout: '', stderr: 'resource problem' }
        : undefined;
    },
  });
  return { ...memoryIptables(), host };
}

describe('runAgent: the last good state', () => {
  let kernel: AgentKernel;

  beforeEach(() => {
    kernel = memoryIptables();
  });
  afterEach(() => kernel.close());

  it('is loaded where the kernel has no rules for Services', async () => {
    const { synced } = await begin(kernel);
    expect(synced.map(({ family }) => family)).to.have.members(['IPv4', 'IPv6']);
    expect(synced[0]?.result.plan.changes.map(({ origin }) => origin)).to.include('shop/web TCP');
  });

  it('is not loaded over rules that are there', async () => {
    await begin(kernel);
    // Loading would take a tenth of that.
    const { synced, noticed } = await begin(kernel, 1000);
    expect(synced).to.deep.equal([]);
    expect(noticed.filter(isAboutLastGood)).to.deep.equal([]);
  });

  it('is not loaded where the kernel cannot be read, and the agent goes on', async () => {
    const { synced, noticed } = await begin(unreadableAtFirst());
    expect(synced).to.deep.equal([]);
    expect(noticed.find(isAboutLastGood)?.message).to.include('resource problem');
  });
});

describe('runAgent: the end', () => {
  it('waits for what is being loaded, but not longer than the grace', async () => {
    let loading = false;
    const ended: Command[] = [];
    const { host } = memoryMachine({
      first: (command) => {
        if (!command.command.endsWith('-restore')) return undefined;
        loading = true;
        return new Promise((resolve) =>
          command.signal?.addEventListener('abort', () => {
            ended.push(command);
            const by = { kind: 'killed', by: 'abort', signal: 'SIGTERM' } as const;
            resolve({ ...by, stdout: '', stderr: '' });
          }),
        );
      },
    });
    const failed: SyncFailure[] = [];
    const stop = new AbortController();
    const running = runAgent(
      {
        ...agentOptions({ ...memoryIptables(), host }),
        ...{ source: SILENT, lastGood: async () => snapshotOf(service('web')), loadGrace: 50 },
        observer: { failed: (failure) => void failed.push(failure) },
      },
      stop.signal,
    );
    await until(
      () => loading,
      () => 'nothing is loaded',
    );
    const before = performance.now();
    stop.abort();
    expect(ended).to.deep.equal([]);
    await running;
    expect(performance.now() - before).to.be.at.least(45);
    expect(ended).to.have.length(1);
    expect(failed).to.deep.equal([]);
  });
});

describe('runAgent: the families of a change', () => {
  it('events about one family sync no other', async () => {
    const store = new ObjectStore();
    let listener: SourceListener | undefined;
    const source: ObjectSource = {
      state: () => store.state(),
      run: (to, signal) => {
        listener = to;
        to.status({ kind: 'Service', state: 'following', reason: '' });
        return SILENT.run(to, signal);
      },
    };
    const agent = observeAgent(memoryIptables(), source);
    const syncs = (family: 'IPv4' | 'IPv6'): number =>
      agent.synced.filter((report) => report.family === family).length;
    const set = (object: { readonly kind: WatchedKind }): void =>
      listener?.changed(store.set(object.kind, receive(object.kind, object)).changes);
    try {
      await until(() => syncs('IPv4') === 1 && syncs('IPv6') === 1);
      for (let n = 1; n <= 5; n++) {
        const before = syncs('IPv4');
        const clusterIP = `10.96.0.${n}`;
        set(service('a', { clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'] }));
        set(slice('a', [`10.0.0.${n}`]));
        await until(() => syncs('IPv4') > before);
      }
      const v4 = syncs('IPv4');
      set(service('b', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'], ipFamilies: ['IPv6'] }));
      await until(() => syncs('IPv6') > 1);
      expect(syncs('IPv6')).to.equal(2);
      expect(syncs('IPv4')).to.equal(v4);
    } finally {
      await agent.stop();
    }
  });
});
