/**
 * A whole agent whose API server ends, is away, comes back as another one, or comes back older than
 * it was.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { change, withAgent } from '../support/cluster/fault-cluster.js';
import { cluster, SERVICE_CIDR, shop } from './objects.js';

const service = (name: string) => ({ kind: 'Service', namespace: 'shop', name });

describe('an agent and an API server that restarts', () => {
  for (const how of ['term', 'kill'] as const) {
    it(`converges after the server ended (${how}) and was away for a minute and a half`, () =>
      withAgent(async ({ server, statuses, converged, pass, until }) => {
        await server.stop(how);
        change(server, 1);
        expect(server.delete(service('s4'))).to.equal(true);
        await pass(90);
        await until(() => statuses.at(-1)?.state === 'stale');
        await server.start();
        await converged();
      }));

    it(`takes the state of an older etcd (${how}): Services that are not in it go, the others have new uids`, () =>
      withAgent(async ({ server, kernel, asked, converged }) => {
        for (let round = 1; round <= 3; round++) change(server, round);
        await converged();
        const newer = server.objects();
        const older = [...cluster(3), ...shop('old', 55)];
        await server.restart({ how, restored: older, resourceVersion: 10, downMs: 50 });
        await converged();
        expect(server.stats().resourceVersion).to.be.lessThan(200);
        expect(await kernel.differences(newer)).not.to.equal('');
        expect(server.get(service('s4'))).to.equal(undefined);
        const before = asked.length;
        change(server, 4);
        await converged();
        expect(asked.length - before).to.be.lessThan(9);
      }));
  }

  it('takes the state of an older etcd though no connection broke: the watches are silent, and it asks', () =>
    withAgent(async ({ server, noticed, converged }) => {
      server.restore([SERVICE_CIDR, ...cluster(2).slice(0, 1), ...shop('old', 55)], 10);
      await converged();
      expect(noticed.map(({ message }) => message).join()).to.include('listed again');
    }));

  it('deletes a Service that was deleted while no watch was open', () =>
    withAgent(async ({ server, kernel, converged, pass }) => {
      const id = server.misbehave({ kind: 'reset' });
      server.resetWatches();
      const before = server.objects();
      server.delete(service('s2'));
      server.compact();
      await pass(10);
      expect(await kernel.differences(before)).to.equal('');
      server.heal(id);
      await converged();
      expect(await kernel.differences(before)).not.to.equal('');
    }));

  it('recovers from 403, then 429 in plain text, for some seconds after a start', () =>
    withAgent(async ({ server, converged, until }) => {
      await server.restart({ how: 'kill', unauthorizedMs: 40 });
      change(server, 1);
      for (const status of [403, 429]) {
        server.misbehave({ kind: 'status', status, text: true, times: 3 });
        server.resetWatches();
        await until(() => server.requests().some((request) => request.status === status));
      }
      await converged();
    }));

  it('asks no earlier than a server wants that shuts down with Retry-After', () =>
    withAgent(async ({ server, asked, clock, converged, until }) => {
      const began = clock.now();
      server.announceShutdown();
      server.resetWatches();
      const times = (): readonly (readonly number[])[] => {
        const paths = new Map<string, number[]>();
        for (const { path, at } of asked)
          if (at >= began) paths.set(path, [...(paths.get(path) ?? []), at]);
        return [...paths.values()];
      };
      await until(() => times().filter((all) => all.length >= 4).length === 4);
      expect(server.requests().at(-1)?.status).to.equal(429);
      expect(times()).to.have.length(4);
      for (const all of times()) {
        const waits = all.slice(1).map((at, i) => at - (all[i] ?? 0));
        // A timer of Node's may end a millisecond early, which is a tenth of a second here.
        expect(Math.min(...waits)).to.be.greaterThan(4800);
      }
      await server.stop('term');
      change(server, 1);
      await pause(20);
      await server.start();
      await converged();
    }));
});
