/** Programs that are started before they are needed. */

import { systemClock } from './clock.js';
import type { Command, CommandResult } from './host.js';
import { runProgram, type Started, startWaiting, type WaitingProgram } from './program.js';
import { fitsPipe } from './program-input.js';

/**
 * Milliseconds from the end of a program until the next one is started, which takes some: what
 * waited for that end comes first.
 */
const PAUSE = 20;

/**
 * Runs programs that will be wanted again. After one has ended well, the next one is started and
 * waits for its input, as nft and iptables-restore do before they ask the kernel for anything. That
 * start takes longer than most changes, and grows with the memory of this process, which is copied
 * for it.
 */
export class WaitingPrograms {
  readonly #waiting = new Map<string, WaitingProgram>();
  /** What is being started, or will be after the pause. */
  readonly #coming = new Set<string>();

  /** As {@link runProgram}. */
  async run(request: Command, started: Started): Promise<CommandResult> {
    const key = keyOf(request);
    const waiting = fitsPipe(request) ? this.#take(key) : undefined;
    const result = await (waiting === undefined
      ? runProgram(request, started)
      : waiting.finish(request));
    if (result.kind === 'exited' && result.code === 0) this.#prepare(key, request, started);
    return result;
  }

  #take(key: string): WaitingProgram | undefined {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (waiting?.isThere()) return waiting;
    waiting?.end();
    return undefined;
  }

  #prepare(key: string, { signal: _, ...request }: Command, started: Started): void {
    if (this.#coming.has(key)) return;
    this.#coming.add(key);
    const timer = systemClock.after(PAUSE, () => void this.#start(key, request, started));
    timer.unref();
  }

  async #start(key: string, request: Command, started: Started): Promise<void> {
    const last = this.#waiting.get(key);
    try {
      if (last?.isThere()) return;
      last?.end();
      this.#waiting.delete(key);
      this.#waiting.set(key, await startWaiting(request, started));
    } catch {
      // It is started when it is needed, and what stands in the way is said then.
    } finally {
      this.#coming.delete(key);
    }
  }
}

/** What a program must be started with again. */
function keyOf({ command, args, bytes, variables, maxOutput, detached }: Command): string {
  return JSON.stringify([command, args, bytes, variables, maxOutput, detached]);
}
