/** Measures how the cost of a function grows with its input. */

/** Milliseconds of processor time: others on the machine cost none of it. */
function cost(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * How many times longer four times the count takes; at best of five, as garbage is collected. Where
 * that is too long, four times as many again are tried: what is not linear grows by as much again,
 * but a jump, such as where a heap no longer fits into the caches of a busy machine, is there once.
 * Then the result is the mean of both.
 */
export function growth(
  run: (count: number) => void,
  count: number,
  measure: (run: () => void) => number = cost,
): number {
  run(count);
  const ratio = (times: number): number => {
    const once = measure(() => run(count));
    return measure(() => run(times * count)) / Math.max(once, 5);
  };
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && best > LINEAR; attempt++) best = Math.min(best, ratio(4));
  for (let attempt = 0; attempt < 2 && best > LINEAR; attempt++)
    best = Math.min(best, Math.sqrt(ratio(16)));
  return best;
}

/** Linear time takes four times as long, quadratic time sixteen times. */
export const LINEAR = 9;
