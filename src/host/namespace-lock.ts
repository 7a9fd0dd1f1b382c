/**
 * A lock between the processes of one network namespace, made of unix sockets in a folder that only
 * its owner may enter. The kernel releases it with the process, however that ends.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { systemClock } from './clock.js';
import type { LockAttempt } from './host.js';

/** Rounds among candidates that all withdraw; then the lock counts as taken for {@link RETRY}. */
const MAX_ROUNDS = 20;
/** Milliseconds until the next attempt where there is nothing to wait for. */
const RETRY = 20;
/** Bytes of a holder's introduction that are read. */
const MAX_INTRODUCTION = 200;
/** Milliseconds that a holder has for its introduction; it may be stopped. */
const INTRODUCTION_TIMEOUT = 500;

/** A listening socket of this process, visible to the others. */
interface Candidate {
  readonly path: string;
  /** Introduces the holder to everybody who is or will be connected. */
  readonly introduce: () => void;
  readonly withdraw: () => Promise<void>;
}

/**
 * Takes the lock `name` in `folder`, or reports its holder. `about` is what the holder introduces
 * itself with. Rejects with the system's error where the folder cannot be used, and where others
 * may write to it.
 *
 * Each candidate publishes a listening socket of its own, `NAME.ID`, and then looks for others:
 * a process that sees no other listener has the lock. Of two that publish at once, at least one
 * sees the other; the one with the greater file name withdraws. A socket that refuses connections
 * was left by a process that has ended; names are never reused, so any process may remove it.
 */
export async function tryNamespaceLock(
  folder: string,
  name: string,
  about: string,
): Promise<LockAttempt> {
  await makePrivateFolder(folder);
  const candidate = await publish(folder, name, about);
  if (candidate === undefined) return { kind: 'taken', by: '', released: retryLater() };
  let taken: LockAttempt | undefined;
  try {
    for (let round = 0; round < MAX_ROUNDS && taken === undefined; round++) {
      const rivals = await findRivals(folder, name, candidate.path);
      if (rivals.length === 0) {
        candidate.introduce();
        return { kind: 'held', release: candidate.withdraw };
      }
      const first = rivals.find((rival) => rival < candidate.path);
      if (first !== undefined) {
        // It may be waiting for this candidate to withdraw before it introduces itself.
        await candidate.withdraw();
        return (await readHolder(first)) ?? { kind: 'taken', by: '', released: retryLater() };
      }
      for (const rival of rivals) taken ??= await readHolder(rival);
    }
  } catch (error) {
    await candidate.withdraw();
    throw error;
  }
  await candidate.withdraw();
  return taken ?? { kind: 'taken', by: '', released: retryLater() };
}

/** Makes it where it is missing. Throws where others may write to it, or to the one around it. */
async function makePrivateFolder(folder: string): Promise<void> {
  const paths = [dirname(folder), folder];
  const modesOf = (): Promise<readonly number[]> =>
    Promise.all(paths.map(async (path) => (await stat(path)).mode));
  // Mostly it is there: every change takes the lock.
  const modes = await modesOf().catch(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return modesOf();
  });
  for (const [i, path] of paths.entries())
    if (((modes[i] ?? 0) & 0o022) !== 0)
      throw new Error(`${path} may be written by others: chmod 0700 ${path}`);
}

/** `undefined` if another process removed the socket as stale before it listened. */
async function publish(
  folder: string,
  name: string,
  about: string,
): Promise<Candidate | undefined> {
  const file = `${name}.${randomUUID()}`;
  // No other process treats this name as a candidate before it listens.
  const draft = join(folder, `.${file}`);
  const path = join(folder, file);
  const clients = new Set<Socket>();
  let greeting: string | undefined;
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
    client.unref();
    if (greeting !== undefined) client.write(greeting);
  });
  await listen(server, draft);
  const withdraw = async (): Promise<void> => {
    await rm(path, { force: true }).catch(() => {});
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const client of clients) client.destroy();
    });
  };
  const isPublished = await rename(draft, path).then(
    () => true,
    () => false,
  );
  if (!isPublished) {
    await withdraw();
    return undefined;
  }
  const introduce = (): void => {
    greeting = `${about}\n`;
    for (const client of clients) client.write(greeting);
  };
  return { path, introduce, withdraw };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => {});
      // A lock does not keep the process alive.
      server.unref();
      resolve();
    });
  });
}

/**
 * The paths of all other candidates that listen, sorted. Removes the sockets of processes that have
 * ended.
 */
async function findRivals(folder: string, name: string, own: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) =>
    file.replace(/^\./, '').startsWith(`${name}.`),
  );
  const found = await Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      if (path === own || (await isListening(path))) return path;
      await rm(path, { force: true }).catch(() => {});
      return own;
    }),
  );
  return found.filter((path) => path !== own && !basename(path).startsWith('.')).sort();
}

/** Whether a process listens; also true where that cannot be found out. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!isGone(error)));
  });
}

/**
 * Waits until a rival introduces itself as the holder; `undefined` where it withdraws instead.
 * Reads one line; a peer that sends more is disconnected.
 */
function readHolder(path: string): Promise<LockAttempt | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let said = '';
    let isIntroduced = false;
    let fault: Error | undefined;
    const released = new Promise<void>((end) => {
      socket.once('close', () => end(fault === undefined ? undefined : retryLater()));
    });
    const introduce = (): void => {
      timer.cancel();
      isIntroduced = true;
      // A process that stops waiting may exit.
      socket.unref();
      const [by = ''] = said.slice(0, MAX_INTRODUCTION).split('\n');
      resolve({ kind: 'taken', by: by.replace(/[^\x20-\x7e]/g, '?'), released });
    };
    const timer = systemClock.after(INTRODUCTION_TIMEOUT, introduce);
    socket.setEncoding('latin1');
    socket.on('error', (error) => {
      fault = error;
    });
    socket.once('close', () => {
      if (fault === undefined || isGone(fault)) resolve(undefined);
      else introduce();
      timer.cancel();
    });
    socket.on('data', (text: string) => {
      if (isIntroduced) socket.destroy(new Error('it says more than one line'));
      said = (said + text).slice(0, MAX_INTRODUCTION);
      if (!isIntroduced && (said.includes('\n') || said.length === MAX_INTRODUCTION)) introduce();
    });
  });
}

function isGone(error: Error): boolean {
  return 'code' in error && ['ECONNREFUSED', 'ECONNRESET', 'ENOENT'].includes(String(error.code));
}

function retryLater(): Promise<void> {
  return new Promise((resolve) => systemClock.after(RETRY, resolve));
}
