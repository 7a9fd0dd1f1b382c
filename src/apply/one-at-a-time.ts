/** A door that lets one piece of work through at a time. */

/** A function that runs what it is given, each piece after the one before, whatever became of that. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
