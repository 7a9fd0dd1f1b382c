/** Our own lock: waiting, taking it, and the error of the one that does not get it. */

import { expect } from 'chai';
import { type LockOptions, withLocks } from '../../src/apply/lock.js';
import { xtablesLockHolder } from '../../src/backends/iptables/kernel/restore.js';
import { InterruptedError, LockError } from '../../src/errors.js';
import { SHORTAGE_HINT } from '../../src/host/shortage.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const OPTIONS: LockOptions = { timeout: 1000, about: 'pid 1 (a test)' };

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe('withLocks', () => {
  it('one after the other, whoever asked for which family first', async () => {
    const host = new MemoryHost();
    let inside = 0;
    const work = async (): Promise<number> => {
      inside++;
      await pause(2);
      expect(inside).to.equal(1);
      return inside--;
    };
    await Promise.all([
      withLocks(host, ['IPv4', 'IPv6'], OPTIONS, work),
      withLocks(host, ['IPv6', 'IPv4'], OPTIONS, work),
      withLocks(host, ['IPv4', 'IPv6'], OPTIONS, work),
    ]);
  });

  it('families do not wait for each other', async () => {
    const host = new MemoryHost();
    await withLocks(host, ['IPv4'], OPTIONS, () =>
      withLocks(host, ['IPv6'], OPTIONS, async () => {}),
    );
  });

  it('gives the lock back when the work fails', async () => {
    const host = new MemoryHost();
    const fault = new Error('no');
    const failed = withLocks(host, ['IPv4'], OPTIONS, async () => {
      throw fault;
    });
    expect(await failed.catch((error: unknown) => error)).to.equal(fault);
    expect(await withLocks(host, ['IPv4'], OPTIONS, async () => 'free')).to.equal('free');
  });

  it('says what to do where there is no room for a lock', async () => {
    const cause = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const host = Object.assign(new MemoryHost(), { tryLock: () => Promise.reject(cause) });
    const found = await withLocks(host, ['IPv4'], OPTIONS, async () => {}).catch((error) => error);
    expect(found).to.be.instanceOf(LockError).with.property('hint', SHORTAGE_HINT);
  });

  it('names the holder when the time is up', async () => {
    const host = new MemoryHost();
    await withLocks(host, ['IPv4'], OPTIONS, async () => {
      const error = await withLocks(
        host,
        ['IPv4'],
        { ...OPTIONS, timeout: 20 },
        async () => {},
      ).catch((found: unknown) => found);
      expect(error).to.be.instanceOf(LockError).with.property('holder', 'pid 1 (a test)');
      expect(String(error)).to.contain('did not end within 0.02 s');
    });
  });

  it('ends the wait when interrupted', async () => {
    const host = new MemoryHost();
    const controller = new AbortController();
    await withLocks(host, ['IPv4'], OPTIONS, async () => {
      setTimeout(() => controller.abort(), 10);
      const options = { ...OPTIONS, timeout: 60_000, signal: controller.signal };
      const error = await withLocks(host, ['IPv4'], options, async () => {}).catch(
        (found: unknown) => found,
      );
      expect(error).to.be.instanceOf(InterruptedError);
    });
  });
});

describe('xtablesLockHolder', () => {
  const locks =
    '1: FLOCK  ADVISORY  WRITE 33 fe:00:5 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 44 fe:00:5 0 EOF\n';
  it('where the environment says that the lock is', async () => {
    const host = new MemoryHost({
      variables: { XTABLES_LOCKFILE: '/elsewhere' },
      inodes: { '/elsewhere': 5 },
      files: { '/proc/locks': locks, '/proc/33/comm': 'kube-proxy\n' },
    });
    expect(await xtablesLockHolder(host)).to.equal('pid 33 (kube-proxy)');
  });
  it('nothing where nobody knows', async () => {
    expect(await xtablesLockHolder(new MemoryHost())).to.equal('');
    const other = new MemoryHost({
      inodes: { '/run/xtables.lock': 6 },
      files: { '/proc/locks': locks },
    });
    expect(await xtablesLockHolder(other)).to.equal('');
  });
});
