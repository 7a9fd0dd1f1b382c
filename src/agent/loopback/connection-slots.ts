/** The connections that all node ports on loopback addresses may have together. */

import type { Diagnostic } from '../../diagnostics.js';
import { connectionsFull } from './messages.js';

/** At most so many at once, and a warning where more are needed. */
export class ConnectionSlots {
  readonly #limit: number;
  readonly #noticed: (diagnostics: readonly Diagnostic[]) => void;
  #used = 0;
  #hasWarned = false;

  constructor(limit: number, noticed: (diagnostics: readonly Diagnostic[]) => void) {
    this.#limit = limit;
    this.#noticed = noticed;
  }

  /** Whether there was one left; {@link give} gives it back. */
  take(): boolean {
    const isLeft = this.#used < this.#limit;
    if (isLeft) this.#used += 1;
    else if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#noticed([connectionsFull(this.#limit)]);
    }
    return isLeft;
  }

  give(): void {
    this.#used -= 1;
  }

  /** Allows another warning: a client that tries on and on would fill the log. */
  warnAgain(): void {
    this.#hasWarned = false;
  }
}
