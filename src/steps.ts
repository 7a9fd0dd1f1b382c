/** Long work in short steps, so that a server can answer in between. */

/** Yields after each step, which takes milliseconds at most, and returns the result. */
export type Steps<T> = Generator<undefined, T>;

/** The result of all steps, at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
