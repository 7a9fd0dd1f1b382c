/** Long work in short steps, so that a server can answer in between. */

/** Yields after each step, which takes milliseconds at most, and returns the result. */
export type Steps<T> = Generator<undefined, T>;

/** What `make` gives for each item, one a step. */
export function* eachInSteps<Item, Made>(
  items: Iterable<Item>,
  make: (item: Item) => Made,
): Steps<Made[]> {
  const made: Made[] = [];
  for (const item of items) {
    made.push(make(item));
    yield;
  }
  return made;
}

/** The same for what gives several; a spread of many would overflow the stack. */
export function* allInSteps<Item, Made>(
  items: Iterable<Item>,
  make: (item: Item) => readonly Made[],
): Steps<Made[]> {
  const made: Made[] = [];
  for (const item of items) {
    for (const one of make(item)) made.push(one);
    yield;
  }
  return made;
}

/** The result of all steps, at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
