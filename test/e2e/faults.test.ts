/**
 * A whole agent against an API server that misbehaves: in the end the kernel holds what a fresh
 * compile of the server's objects gives.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Api, WatchEvent } from '../../src/cluster/api.js';
import type { ApiServer, Misbehaviour } from '../support/api-server/index.js';
import { change, withAgent } from '../support/cluster/fault-cluster.js';
import { cluster, shop, slice } from './objects.js';

const HOUR = 3_600_000;

/**
 * What listens to the end of an agent that has nothing to do: four watches, what ends the wait for
 * the Node, and what ends a load that outlasts the agent. A sync adds one while it lasts.
 */
const LISTENERS_AT_REST = 4 + 1 + 1;

/** How many answers of this status the server gave. */
function answers(server: ApiServer, status: number): number {
  return server.requests().filter((request) => request.status === status).length;
}

/** Makes every resourceVersion that a client can know too old, and says so on open watches. */
function forget(server: ApiServer): void {
  server.advance();
  server.compact();
  server.endWatches({ errorCode: 410 });
}

describe('an agent and an API server that misbehaves', () => {
  /** Each with the reason reported while it lasts; those without one have no effect. */
  const faults: readonly (readonly [string, Misbehaviour, RegExp?])[] = [
    ['resets before the answer', { kind: 'reset' }, /connection was cut/],
    ['resets inside a line', { kind: 'reset-mid-line' }, /connection was cut/],
    ['bodies cut short', { kind: 'cut-short' }, /within a line|not JSON/],
    ['500 to lists', { kind: 'status', status: 500, verbs: ['list'] }, /500/],
    ['500 to watches', { kind: 'status', status: 500, verbs: ['watch'] }, /500/],
    ['429 to lists', { kind: 'status', status: 429, verbs: ['list'] }, /429/],
    ['429 to watches', { kind: 'status', status: 429, verbs: ['watch'] }, /429/],
    ['403 to lists', { kind: 'status', status: 403, verbs: ['list'] }, /403/],
    ['403 to watches', { kind: 'status', status: 403, verbs: ['watch'] }, /403/],
    ['410 to watches', { kind: 'status', status: 410, verbs: ['watch'] }, /410/],
    ['an in-stream 410', { kind: 'error-event' }, /410/],
    ['an in-stream 500', { kind: 'error-event', code: 500 }, /500/],
    ['duplicate events', { kind: 'duplicate-events' }],
    ['reordered events', { kind: 'reorder-events' }],
    ['empty lines and events without an object', { kind: 'empty-events' }],
    ['answers that begin 10 s late', { kind: 'slow', delayMs: 100 }],
  ];
  for (const [what, how, expected] of faults)
    it(`converges after a minute of ${what}`, () =>
      withAgent(async ({ server, statuses, converged, pass, until }) => {
        server.misbehave(how);
        server.endWatches({ errorCode: 410 });
        server.resetWatches({ midLine: true });
        for (let round = 1; round <= 3; round++) {
          change(server, round);
          await pass(20);
        }
        if (expected !== undefined) {
          const kinds = (): ReadonlySet<string> =>
            new Set(statuses.flatMap(({ kind, reason }) => (expected.test(reason) ? [kind] : [])));
          await until(() => kinds().size === 4);
        }
        server.heal();
        await converged();
      }));

  it('lists again after an in-stream 410 of open watches, and goes on after a reset within a line and one that is not JSON', () =>
    withAgent(async ({ server, asked, converged }) => {
      const lists = (): number => asked.filter(({ what }) => what === 'list').length;
      forget(server);
      change(server, 1);
      await converged();
      expect(lists()).to.equal(8);
      server.resetWatches({ midLine: true });
      change(server, 2);
      await converged();
      server.inject('endpointslices', '{"type":"ADDED","object":{"kind"\n');
      change(server, 3);
      await converged();
      expect(lists()).to.equal(8);
    }));

  it('has one watch per kind however often kept connections are reset', () =>
    withAgent(async ({ server, listeners, converged, until }) => {
      for (let round = 1; round <= 6; round++) {
        change(server, 2 * round);
        server.resetWatches();
        change(server, 2 * round + 1);
        await converged();
      }
      await until(() => listeners() === LISTENERS_AT_REST);
    }));

  it('starts a list over whose continue token has expired', () =>
    withAgent(
      async ({ server, noticed, converged }) => {
        server.misbehave({ kind: 'expired-continue', times: 2 });
        forget(server);
        change(server, 1);
        await converged();
        const expected = noticed.filter(({ message }) => /took too long/.test(message));
        expect(expected).to.have.length(2);
      },
      { objects: cluster(260) },
    ));

  it('leaves a stream that is open and silent', () =>
    withAgent(async ({ server, asked, converged, until }) => {
      const before = asked.length;
      server.misbehave({ kind: 'silent' });
      change(server, 1);
      await until(() => asked.length > before);
      change(server, 2);
      server.heal();
      await converged();
    }));

  it('gets events that were never sent when the watch ends', () =>
    withAgent(
      async ({ server, asked, kernel, converged, pass }) => {
        const id = server.misbehave({ kind: 'bookmarks-only' });
        change(server, 1);
        await pass(5);
        expect(await kernel.differences(server.objects())).not.to.equal('');
        server.heal(id);
        server.endWatches();
        await converged();
        expect(asked.filter(({ what }) => what === 'list')).to.have.length(4);
      },
      { bookmarkIntervalMs: HOUR },
    ));

  it('gets events of which bookmarks said that they had been sent by the list of every 6 to 12 hours', () =>
    withAgent(async ({ server, clock, kernel, converged, pass }) => {
      const id = server.misbehave({ kind: 'bookmarks-only' });
      change(server, 1);
      server.bookmark();
      await pass(5);
      server.heal(id);
      server.endWatches();
      await pass(30);
      expect(await kernel.differences(server.objects())).not.to.equal('');
      clock.skip(12 * HOUR);
      server.endWatches();
      await converged();
    }));

  for (const [what, historyLimit] of [
    ['that the server waits for', 100_000],
    ['that the server gives up', 100],
  ] as const) {
    let release = (): void => {};
    /** Stops to read until it is resumed. */
    const slow = (api: Api): Api => {
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      return {
        ...api,
        watch: async (...request) => {
          const stream = await api.watch(...request);
          async function* events(): AsyncGenerator<WatchEvent> {
            for await (const event of stream.events) {
              await released;
              yield event;
            }
          }
          return { ...stream, events: events() };
        },
      };
    };
    it(`follows as a slow reader ${what}`, () =>
      withAgent(
        async ({ server, asked, converged, until }) => {
          const text = 'x'.repeat(10_000);
          for (let n = 0; n < 1500; n++) {
            const { metadata, ...rest } = slice('s1', 'IPv4', [`10.9.${n >> 8}.${n & 255}`]);
            server.set({ ...rest, metadata: { ...metadata, annotations: { text } } });
          }
          change(server, 1);
          await pause(20);
          // The server may have given up already.
          await until(() => server.stats().unsentBytes > 0 || server.stats().openWatches < 4);
          release();
          await converged();
          const again = asked.filter(({ what: sort }) => sort === 'list').length > 4;
          expect(again).to.equal(historyLimit === 100);
        },
        { through: slow, historyLimit },
      ));
  }

  it('takes the token of a file that was rotated', () =>
    withAgent(async ({ server, folder, converged, until }) => {
      server.changeToken('another');
      change(server, 1);
      // Open watches are not asked for a token.
      await converged();
      server.resetWatches();
      await until(() => answers(server, 401) > 4);
      await writeFile(join(folder, 'kubeconfig.token'), 'another\n');
      change(server, 2);
      await converged();
    }));

  it('recovers when its token was refused for a while', () =>
    withAgent(async ({ server, converged, pass, until }) => {
      const { token } = server;
      server.changeToken('another');
      server.resetWatches();
      for (let round = 1; round <= 3; round++) {
        change(server, round);
        await pass(30);
      }
      await until(() => answers(server, 401) > 4);
      server.changeToken(token);
      await converged();
    }));

  it('follows 20,000 objects that come at once, and go at once', () =>
    withAgent(async ({ server, asked, synced, converged }) => {
      const shops = Array.from({ length: 300 }, (_, n) => shop(`many-${n}`, 1000 + n, 1)).flat();
      const others = Array.from({ length: 19_100 }, (_, n) =>
        slice(`none-${n}`, 'IPv4', ['10.7.7.7']),
      );
      server.setMany([...shops, ...others]);
      await converged();
      for (const { kind, metadata } of shops)
        server.delete({ kind, namespace: 'shop', name: metadata.name });
      await converged();
      expect(asked.filter(({ what }) => what === 'list')).to.have.length(4);
      expect(synced.length).to.be.lessThan(2000);
    }));
});
