/** A clock that stands still until a test moves it. */

import type { Clock, Timer, Timers } from '../../src/host/clock.js';

interface Sleeper {
  until: number;
  readonly wake: () => void;
}

/**
 * Both of its clocks move together until {@link FakeClock.setWall}. Sleepers wake when the time has
 * passed.
 */
export class FakeClock implements Clock, Timers {
  #now = 0;
  #offset = Date.parse('2026-11-20T09:27:54.437Z');
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#offset + this.#now;
  }

  random(): number {
    return 0;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { until: this.#now + milliseconds, wake };
      signal.addEventListener('abort', wake);
      this.#sleepers.add(sleeper);
    });
  }

  after(milliseconds: number, action: () => void): Timer {
    const sleeper = {
      until: 0,
      wake: (): void => {
        this.#sleepers.delete(sleeper);
        action();
      },
    };
    const restart = (): void => {
      sleeper.until = this.#now + milliseconds;
      this.#sleepers.add(sleeper);
    };
    restart();
    return { restart, cancel: () => void this.#sleepers.delete(sleeper), unref: () => {} };
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
    for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
  }

  setWall(milliseconds: number): void {
    this.#offset = milliseconds - this.#now;
  }
}
