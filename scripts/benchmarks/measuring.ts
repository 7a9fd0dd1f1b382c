/**
 * Collects measurements by name: wall time, and the processor time of this process and of the
 * programs that it has started.
 */

import { processorTime } from './process-usage.js';

/** Milliseconds of each measurement, by name; several where it was repeated. */
export type Measured = Readonly<Record<string, readonly number[]>>;

/** Under this name stands the processor time of what was measured. */
export function cpuName(name: string): string {
  return `${name}, processor`;
}

export class Measuring {
  readonly #values = new Map<string, number[]>();

  /** Measures an action; a number that it gives counts as its wall time. */
  async run(name: string, action: () => Promise<number | undefined>): Promise<void> {
    const cpu = used();
    const start = performance.now();
    const own = await action();
    this.note(name, own ?? performance.now() - start);
    this.note(cpuName(name), used() - cpu);
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

/**
 * Milliseconds in user and kernel mode, children that have ended included; other work on the
 * machine hardly changes it.
 */
function used(): number {
  const { own, children } = processorTime('self');
  return own + children;
}
