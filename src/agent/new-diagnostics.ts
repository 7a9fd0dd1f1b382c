/** Diagnostics that come again with every sync -> those that are new. */

import type { Diagnostic } from '../diagnostics.js';

/** Remembers what was said. */
export class NewDiagnostics {
  #known: ReadonlySet<string> = new Set();

  /** Those that the state before did not have: `all` says everything that is wrong now, so what it leaves out is over. */
  ofState(all: readonly Diagnostic[]): readonly Diagnostic[] {
    const before = this.#known;
    this.#known = new Set(all.map(keyOf));
    return distinct(all).filter((diagnostic) => !before.has(keyOf(diagnostic)));
  }

  /** Those that were not said yet. The oldest are forgotten where there are many. */
  ofEvents(some: readonly Diagnostic[]): readonly Diagnostic[] {
    const before = this.#known;
    const found = distinct(some).filter((diagnostic) => !before.has(keyOf(diagnostic)));
    if (found.length > 0)
      this.#known = new Set([...before, ...found.map(keyOf)].slice(-MOST_KNOWN));
    return found;
  }

  /** What was wrong is over: when it comes again it is said again. */
  forget(): void {
    this.#known = new Set();
  }
}

const MOST_KNOWN = 10_000;

function distinct(all: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(all.map((diagnostic) => [keyOf(diagnostic), diagnostic])).values()];
}

/** All that a reader would see; not the place, which moves with every edit of a file. */
function keyOf({ code, severity, message, object, field, value }: Diagnostic): string {
  return JSON.stringify([code, severity, message, object, field, value]);
}
