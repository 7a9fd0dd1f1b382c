/**
 * A lock as a unix socket without a file: the kernel keeps the name in the network namespace, gives it to one
 * process, and takes it back when that process ends, however it ends.
 */

import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { LockAttempt } from './host.js';

/** The name is taken and its holder gone, again and again, between two steps of ours: somebody else's turn. */
const MOST_RACES = 100;
/** Longest answer of a holder that is believed, in characters. */
const MOST_WORDS = 200;
/** Milliseconds that a holder gets to introduce itself; it may be stopped, or none of ours. */
const INTRODUCTION = 500;

/**
 * Takes the lock, or tells who has it. The holder greets everybody who connects with `about` and leaves the connection
 * open until it is done, so that those who wait need not ask again and again.
 *
 * Any process of the network namespace may take the name: it keeps ours apart, and protects from nobody.
 */
export async function trySocketLock(name: string, about: string): Promise<LockAttempt> {
  const path = `\0vipc/${name}`;
  for (let i = 0; i < MOST_RACES; i++) {
    const held = await listen(path, about);
    if (held !== undefined) return held;
    const taken = await ask(path);
    if (taken !== undefined) return taken;
  }
  return { kind: 'taken', by: '', gone: Promise.resolve() };
}

function listen(path: string, about: string): Promise<LockAttempt | undefined> {
  const guests = new Set<Socket>();
  const server = createServer((guest) => {
    guests.add(guest);
    guest.on('error', () => {});
    guest.on('close', () => guests.delete(guest));
    guest.write(`${about}\n`);
    guest.unref();
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      // A lock keeps nobody from ending.
      server.unref();
      resolve({ kind: 'held', release: () => close(server, guests) });
    });
  });
}

/** The name is free before anybody who waits hears of it. */
function close(server: Server, guests: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const guest of guests) guest.destroy();
  });
}

/** What the holder says; `undefined` where it has gone meanwhile. */
function ask(path: string): Promise<LockAttempt | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let by = '';
    const gone = new Promise<void>((end) => socket.once('close', () => end()));
    const answer = (): void => {
      clearTimeout(timer);
      // Whoever gives up waiting may end.
      socket.unref();
      resolve({ kind: 'taken', by: by.split('\n')[0]?.slice(0, MOST_WORDS) ?? '', gone });
    };
    const timer = setTimeout(answer, INTRODUCTION);
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.on('data', (text: string) => {
      by += text;
      if (by.includes('\n') || by.length > MOST_WORDS) answer();
    });
  });
}
