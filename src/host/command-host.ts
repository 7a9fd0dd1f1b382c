/** This machine, for the time of one command. */

import type { Command, CommandResult } from './host.js';
import { SystemHost } from './system-host.js';

/**
 * The machine for a command that ends within seconds: each program is asked for its version once.
 * Starting one costs more than most of what a command does. An agent asks again, because programs
 * are upgraded while it runs.
 */
export class CommandHost extends SystemHost {
  readonly #versions = new Map<string, Promise<CommandResult>>();

  override run(request: Command): Promise<CommandResult> {
    if (!asksForVersion(request)) return super.run(request);
    const known = this.#versions.get(request.command);
    if (known !== undefined) return known;
    const answer = super.run(request);
    this.#versions.set(request.command, answer);
    return answer;
  }
}

/** Whether nothing but the program itself decides the answer. */
function asksForVersion({ args: [first, ...others], signal, variables }: Command): boolean {
  return (
    first === '--version' && others.length === 0 && signal === undefined && variables === undefined
  );
}
