/** Collects measurements by name: wall time, and the processor time of this process and of the programs that it has started. */

import { readFileSync } from 'node:fs';

/** Milliseconds of each measurement, by name; several where it was repeated. */
export type Measured = Readonly<Record<string, readonly number[]>>;

/** Under this name stands the processor time of what was measured. */
export function cpuName(name: string): string {
  return `${name}, processor`;
}

export class Measuring {
  readonly #values = new Map<string, number[]>();

  /** Measures an action; a number that it gives is its wall time, where it knows better. */
  async run(name: string, action: () => Promise<number | undefined>): Promise<void> {
    const cpu = processorTime();
    const start = performance.now();
    const own = await action();
    this.note(name, own ?? performance.now() - start);
    this.note(cpuName(name), processorTime() - cpu);
  }

  note(name: string, value: number): void {
    const known = this.#values.get(name);
    if (known === undefined) this.#values.set(name, [value]);
    else known.push(value);
  }

  result(): Measured {
    return Object.fromEntries(this.#values);
  }
}

/** Ticks of `/proc/self/stat` in milliseconds; it is 100 ticks a second on every Linux that Node runs on. */
const TICK = 10;

/** Milliseconds in user and kernel mode, children that have ended included; other work on the machine hardly changes it. */
function processorTime(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // Behind the name, which may hold anything: utime is the 12th field, then stime, cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field) * TICK, 0);
}
