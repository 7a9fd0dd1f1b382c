/** Runs async work one after the other. */

export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** A mutex: each piece of work starts when the one before has ended, also where that failed. */
export function mutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}
