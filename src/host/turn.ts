/** Lets the event loop do what waits, between parts of long work. */

import type { Steps } from '../steps.js';
import { type Clock, systemClock } from './clock.js';

/**
 * A few turns of the event loop: one accepts a connection, the next reads a request and answers it.
 */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Milliseconds of work between two turns. */
const WORK = 20;

/** The result of the steps; the event loop turns after so many milliseconds of them. */
export async function inTurns<T>(
  steps: Steps<T>,
  work: number = WORK,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<T> {
  let began = clock.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.now() - began < work) continue;
    await turn();
    began = clock.now();
  }
}
