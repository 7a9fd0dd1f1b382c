/** Lets the event loop do what waits, between parts of long work. */

/**
 * A few turns of the event loop: one accepts a connection, the next reads a request and answers it.
 */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
