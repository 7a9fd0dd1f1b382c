/** A terminal that keeps what is written to it. */

import type { Terminal } from '../../../src/cli/terminal.js';

/** How the streams behave. */
export interface StreamOptions {
  /** Whether a person reads; not if absent. */
  readonly interactive?: boolean;
  readonly colour?: boolean;
}

export class MemoryTerminal implements Terminal {
  out = '';
  err = '';
  readonly interactive: boolean;
  readonly colour: Terminal['colour'];
  readonly #input: string;

  /** `input`: what standard input holds. */
  constructor(input = '', { interactive = false, colour = false }: StreamOptions = {}) {
    this.#input = input;
    this.interactive = interactive;
    this.colour = { output: colour, error: colour };
  }

  async readInput(): Promise<string> {
    return this.#input;
  }

  async writeOutput(text: string): Promise<void> {
    this.out += text;
  }

  async writeError(text: string): Promise<void> {
    this.err += text;
  }
}
