/** The lock between processes: exclusive, and safe from what is said on its sockets. */

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { LockAttempt } from '../../src/host/host.js';
import { tryNamespaceLock } from '../../src/host/namespace-lock.js';

type Held = Extract<LockAttempt, { kind: 'held' }>;
type Taken = Extract<LockAttempt, { kind: 'taken' }>;

describe('host/namespace-lock', () => {
  let root = '';
  let folder = '';

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vipc-lock-'));
    folder = join(root, 'ns-1-aa');
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const take = async (about = 'pid 7 (first)'): Promise<Held> => {
    const attempt = await tryNamespaceLock(folder, 'a', about);
    if (attempt.kind !== 'held') throw new Error(`taken by ${attempt.by}`);
    return attempt;
  };
  const fail = async (): Promise<Taken> => {
    const attempt = await tryNamespaceLock(folder, 'a', 'pid 8 (second)');
    if (attempt.kind !== 'taken') throw new Error('not taken');
    return attempt;
  };

  it('is held once, names its holder, and wakes waiters when it is free', async () => {
    const first = await take();
    const second = await fail();
    expect(second.by).to.equal('pid 7 (first)');
    let isFree = false;
    const waiting = second.released.then(() => {
      isFree = true;
    });
    await fail();
    expect(isFree).to.equal(false);
    await first.release();
    await waiting;
    await (await take()).release();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('other names do not wait for it', async () => {
    const first = await take();
    const other = await tryNamespaceLock(folder, 'b', 'x');
    expect(other.kind).to.equal('held');
    if (other.kind === 'held') await other.release();
    await first.release();
  });

  describe('with a hostile holder', () => {
    /** Listens as a holder that is not vipc. */
    const rogue = async (greet: (socket: Socket) => void): Promise<() => Promise<void>> => {
      await (await take()).release();
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        greet(socket);
      });
      await new Promise<void>((resolve) => server.listen(join(folder, 'a.0'), resolve));
      return async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      };
    };

    it('is cut and printable', async () => {
      const close = await rogue((socket) => socket.write(`\u001b[2J${'x'.repeat(1000)}\n`));
      const { by } = await fail();
      expect(by)
        .to.match(/^\?\[2Jx+$/)
        .and.have.length(200);
      await close();
    });

    it('is not kept: one that talks without end is disconnected', async () => {
      let sent = 0;
      const close = await rogue((socket) => {
        const talk = (): void => {
          if (socket.destroyed) return;
          sent += 1;
          socket.write('y'.repeat(64 * 1024), talk);
        };
        talk();
      });
      const { released } = await fail();
      await released;
      await pause(50);
      const before = sent;
      await pause(50);
      expect(sent).to.equal(before);
      await close();
    });

    it('nothing, and closing at once, costs no loop without a pause', async () => {
      let connections = 0;
      const close = await rogue((socket) => {
        connections += 1;
        socket.destroy();
      });
      const started = performance.now();
      for (let attempts = 0; attempts < 5; attempts++) await (await fail()).released;
      expect(performance.now() - started).to.be.greaterThan(80);
      expect(connections).to.be.lessThan(250);
      await close();
    });
  });

  it('is taken again where its folder was removed meanwhile', async () => {
    await (await take()).release();
    await rm(folder, { recursive: true });
    await (await take()).release();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is refused in a folder that others may write to', async () => {
    await (await take()).release();
    await chmod(root, 0o777);
    const fault = await tryNamespaceLock(folder, 'a', 'x').catch((error: unknown) => String(error));
    expect(fault).to.equal(`Error: ${root} may be written by others: chmod 0700 ${root}`);
  });
});
