/**
 * The reflector over TLS against a server that misbehaves: whatever happens, in the end it knows
 * what is there.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ApiObject, Misbehaviour } from '../support/api-server/index.js';
import { type FollowedServer, followServices } from '../support/cluster/followed-server.js';

const service = (name: string, port = 80): ApiObject => ({
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name, namespace: 'a' },
  spec: { clusterIP: '10.0.0.1', ports: [{ port }] },
});
const reference = (name: string) => ({ kind: 'Service', namespace: 'a', name });

/** A few changes of each sort. */
function change(server: FollowedServer['server'], round: number): void {
  server.set(service(`new-${round}`));
  server.set(service('kept', 1_000 + round));
  server.delete(reference(`new-${round - 1}`));
  server.delete(reference('again'));
  server.set(service('again'));
}

async function withServer(
  work: (followed: FollowedServer) => Promise<void>,
  options: Parameters<typeof followServices>[0] = {},
): Promise<void> {
  const followed = await followServices({
    objects: ['kept', 'again', 'new-0'].map((name) => service(name)),
    ...options,
  });
  try {
    await followed.converged();
    await work(followed);
  } finally {
    await followed.close();
  }
}

describe('cluster/reflector over TLS', () => {
  /** Each with the reason reported while it lasts; those without one have no effect. */
  const faults: readonly (readonly [string, Misbehaviour, RegExp?])[] = [
    ['resets before the answer', { kind: 'reset', times: 3 }, /connection was cut/],
    ['resets inside a line', { kind: 'reset-mid-line', times: 3 }, /connection was cut/],
    ['bodies cut short', { kind: 'cut-short', times: 3 }, /within a line|not JSON/],
    ['an in-stream 410', { kind: 'error-event', times: 2 }, /410 Expired/],
    ['an in-stream 500', { kind: 'error-event', code: 500, times: 2 }, /500/],
    ['500 to everything', { kind: 'status', status: 500, times: 3 }, /500/],
    ['503 to everything', { kind: 'status', status: 503, times: 3 }, /503/],
    ['403 to everything', { kind: 'status', status: 403, times: 3 }, /403 Forbidden/],
    ['401 to everything', { kind: 'status', status: 401, times: 3 }, /401 Unauthorized/],
    [
      '429 in plain text',
      { kind: 'status', status: 429, retryAfter: 1, times: 2 },
      /429: Too many requests/,
    ],
    ['410 to watches', { kind: 'status', status: 410, verbs: ['watch'], times: 2 }, /410/],
    ['410 to everything', { kind: 'status', status: 410, times: 3 }, /410/],
    ['duplicate events', { kind: 'duplicate-events', times: 8 }],
    ['reordered events', { kind: 'reorder-events', times: 8 }],
    ['empty lines and events without an object', { kind: 'empty-events', times: 8 }],
    ['late answers', { kind: 'slow', delayMs: 60, times: 4 }],
  ];
  for (const [what, how, reason] of faults) {
    it(`converges after ${what}`, () =>
      withServer(async ({ server, converged, statuses }) => {
        server.misbehave(how);
        server.resetWatches();
        for (let round = 1; round <= 4; round++) {
          change(server, round);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await converged();
        if (reason !== undefined) {
          const reasons = statuses.filter(({ state }) => state === 'stale');
          expect(reasons.map((status) => status.reason).join('; ')).to.match(reason);
        }
        server.heal();
        change(server, 5);
        await converged();
      }));
  }

  it('starts over after an in-stream 410 of an open watch, a reset within a line, and a line that is not JSON', () =>
    withServer(async ({ server, converged, replaced }) => {
      server.endWatches({ errorCode: 410 });
      change(server, 1);
      await converged();
      expect(replaced()).to.equal(2);
      change(server, 2);
      server.resetWatches({ midLine: true });
      change(server, 3);
      await converged();
      server.inject('services', '{"type":"ADDED","object":{"kind"\n');
      change(server, 4);
      await converged();
      expect(replaced()).to.equal(2);
    }));

  it('notices a silent half-open stream and tries again', () =>
    withServer(async ({ server, converged, until }) => {
      const id = server.misbehave({ kind: 'silent' });
      change(server, 1);
      const before = server.requests().length;
      await until(() => server.requests().length > before);
      server.heal(id);
      await converged();
    }));

  it('does not list anew while watches are quiet and without bookmarks', () =>
    withServer(
      async ({ server, converged, until, replaced }) => {
        server.forgetRequests();
        const watches = (): number =>
          server.requests().filter(({ verb }) => verb === 'watch').length;
        await until(() => watches() >= 3);
        change(server, 1);
        await converged();
        expect(replaced()).to.equal(1);
        expect(server.requests().filter(({ line }) => /limit=500/.test(line))).to.deep.equal([]);
      },
      { bookmarkIntervalMs: 3_600_000 },
    ));

  for (const how of ['kill', 'term'] as const) {
    it(`converges after the server ended (${how}), was away and forgot the past`, () =>
      withServer(async ({ server, converged, until, statuses }) => {
        await server.stop(how);
        server.delete(reference('kept'));
        server.set(service('came-meanwhile'));
        await until(() => statuses.at(-1)?.state === 'stale');
        expect(statuses.at(-1)?.reason).to.match(/connection|ended/);
        await server.start();
        await converged();
      }));
  }

  it('takes the state of an etcd that was restored from a backup, though its resourceVersions are smaller', () =>
    withServer(async ({ server, converged, known }) => {
      change(server, 1);
      await converged();
      await server.restart({ how: 'kill', restored: [service('old')], resourceVersion: 10 });
      await converged();
      expect(known()).to.have.length(1);
    }));

  it('takes it also if no connection broke: the watch is silent, and a probe finds it', () =>
    withServer(
      async ({ server, converged, known, notices }) => {
        server.restore([service('old')], 10);
        await converged();
        expect(known()).to.have.length(1);
        expect(notices.join()).to.include('listed again');
      },
      { bookmarkIntervalMs: 3_600_000 },
    ));

  it('recovers from 403 for a while after the start', () =>
    withServer(async ({ server, converged }) => {
      await server.restart({ how: 'kill', unauthorizedMs: 200 });
      change(server, 1);
      await converged();
    }));

  it('goes on when continue tokens expire', () =>
    withServer(async ({ server, converged, notices }) => {
      server.setMany(Array.from({ length: 1_200 }, (_, index) => service(`s${index}`)));
      server.misbehave({ kind: 'expired-continue', times: 2 });
      server.compact();
      server.endWatches({ errorCode: 410 });
      change(server, 1);
      await converged();
      expect(notices.filter((text) => /took too long/.test(text))).to.have.length(2);
    }));

  it('reads the token anew for each request', () =>
    withServer(async ({ server, converged, folder, until, statuses }) => {
      server.changeToken('another');
      server.resetWatches();
      await until(() => /401/.test(statuses.at(-1)?.reason ?? ''));
      await writeFile(join(folder, 'kubeconfig.token'), 'another\n');
      change(server, 1);
      await converged();
    }));

  it('leaves out what is not an object, with a notice', () =>
    withServer(async ({ server, converged, notices }) => {
      server.misbehave({ kind: 'extra-items', items: ['null', '7', '[]'], times: 1 });
      server.endWatches({ errorCode: 410 });
      change(server, 1);
      await converged();
      expect(notices.filter((text) => /not an object/.test(text))).to.have.length(3);
    }));

  it('understands events in pieces of 7 bytes', () =>
    withServer(
      async ({ server, converged }) => {
        server.setMany(Array.from({ length: 300 }, (_, index) => service(`s${index}`)));
        await converged();
      },
      { chunkBytes: 7 },
    ));

  it('keeps up with 20,000 objects at once', () =>
    withServer(async ({ server, converged, replaced }) => {
      server.setMany(Array.from({ length: 20_000 }, (_, index) => service(`s${index}`)));
      await converged();
      expect(replaced()).to.equal(1);
    }));
});
