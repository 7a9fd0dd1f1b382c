/** A scripted machine: tests say what its programs answer and read back what was run. */

import type { Command, CommandResult, Host, NetworkInterface } from './host.js';

/** What a MemoryHost is made of; everything left out is absent on that machine. */
export interface MemoryHostScript {
  /** Answers by command line (`nft --version`); a string is standard output of a good run. */
  readonly commands?: Readonly<Record<string, string | CommandResult>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly interfaces?: readonly NetworkInterface[];
  readonly hostname?: string;
  readonly kernel?: string;
}

/** A host without a machine. A command line that the script does not have is a missing program. */
export class MemoryHost implements Host {
  /** Every command that was run, in order. */
  readonly ran: Command[] = [];
  readonly #script: MemoryHostScript;

  constructor(script: MemoryHostScript = {}) {
    this.#script = script;
  }

  async run(command: Command): Promise<CommandResult> {
    this.ran.push(command);
    const line = [command.command, ...command.args].join(' ');
    const answer = this.#script.commands?.[line];
    if (answer === undefined) return { kind: 'missing', reason: `spawn ${command.command} ENOENT` };
    return typeof answer === 'string'
      ? { kind: 'exited', code: 0, stdout: answer, stderr: '' }
      : answer;
  }

  async readFile(path: string): Promise<string | undefined> {
    return this.#script.files?.[path];
  }

  interfaces(): readonly NetworkInterface[] {
    return this.#script.interfaces ?? [];
  }

  hostname(): string {
    return this.#script.hostname ?? 'memory';
  }

  kernel(): string {
    return this.#script.kernel ?? '';
  }
}
