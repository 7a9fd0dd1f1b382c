/** Starts programs so that this process survives where no file descriptor is left for one. */

import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Node.js names each child process here, before it is started. */
const CHANNEL = 'child_process';

/** A program that was started, in an object because it may be a promise of its own. */
export type Spawned<Program> = { readonly program: Program } | { readonly error: Error };

/**
 * Starts one program. Where no file descriptor is left, the child process of Node.js has no
 * streams: execa fails on that, and nobody hears the event with the reason, which would end this
 * process. Throws what `spawn` throws for any other reason.
 */
export async function spawned<Program>(spawn: () => Program): Promise<Spawned<Program>> {
  const children: ChildProcess[] = [];
  const note = (message: unknown): void => {
    children.push((message as { readonly process: ChildProcess }).process);
  };
  subscribe(CHANNEL, note);
  try {
    return { program: spawn() };
  } catch (error) {
    const child = children.find(({ stdio }) => stdio === undefined);
    if (child === undefined) throw error;
    return { error: await new Promise<Error>((resolve) => child.once('error', resolve)) };
  } finally {
    unsubscribe(CHANNEL, note);
  }
}
