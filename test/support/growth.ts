/** Measures how the cost of a function grows with its input. */

/** Milliseconds of processor time: others on the machine cost none of it. */
function cost(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** How many times longer four times the count takes; at best of five, as garbage is collected. */
export function growth(run: (count: number) => void, count: number): number {
  run(count);
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && best > LINEAR; attempt++) {
    const once = cost(() => run(count));
    best = Math.min(best, cost(() => run(4 * count)) / Math.max(once, 5));
  }
  return best;
}

/** Linear time takes four times as long, quadratic time sixteen times. */
export const LINEAR = 9;
