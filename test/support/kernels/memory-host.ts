/** A scripted machine: tests say what its programs answer and read back what was run. */

import type {
  Command,
  CommandResult,
  Host,
  LockAttempt,
  NetworkInterface,
} from '../../../src/host/host.js';

/** A program that has ended. */
export function exited(code: number, stdout: string, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout, stderr };
}

/** What a MemoryHost is made of; everything left out is absent on that machine. */
export interface MemoryHostScript {
  /** Answers by command line (`nft --version`); a string is standard output of a good run. */
  readonly commands?: Readonly<Record<string, string | CommandResult>>;
  /** Answers what {@link commands} does not know; `undefined` is a missing program. */
  readonly answer?: (
    command: Command,
  ) => CommandResult | undefined | Promise<CommandResult | undefined>;
  /** Numbers of the programs that were started. */
  readonly started?: ReadonlySet<number>;
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly inodes?: Readonly<Record<string, number>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly interfaces?: readonly NetworkInterface[];
  readonly hostname?: string;
  readonly kernel?: string;
}

/** A host without a machine. A command line that the script does not have is a missing program. */
export class MemoryHost implements Host {
  /** Every command that was run, in order. */
  readonly ran: Command[] = [];
  /** The files as they are now. */
  readonly files: Map<string, string>;
  readonly #script: MemoryHostScript;
  readonly #locks = new Map<string, { readonly about: string; readonly released: Promise<void> }>();

  constructor(script: MemoryHostScript = {}) {
    this.#script = script;
    this.files = new Map(Object.entries(script.files ?? {}));
  }

  async run(command: Command): Promise<CommandResult> {
    this.ran.push(command);
    const line = [command.command, ...command.args].join(' ');
    const answer = this.#script.commands?.[line] ?? (await this.#script.answer?.(command));
    if (answer === undefined) return { kind: 'missing', reason: `spawn ${command.command} ENOENT` };
    return typeof answer === 'string'
      ? { kind: 'exited', code: 0, stdout: answer, stderr: '' }
      : answer;
  }

  async follow(command: Command, onLine: (line: string) => void): Promise<CommandResult> {
    const result = await this.run(command);
    if (result.kind === 'missing' || result.kind === 'unstarted') return result;
    const lines = result.stdout.split('\n');
    // What ends with a line feed has no line behind it.
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) onLine(line);
    return { ...result, stdout: '' };
  }

  hasStarted(pid: number): boolean {
    return this.#script.started?.has(pid) ?? false;
  }

  async readFile(path: string): Promise<string | undefined> {
    return this.files.get(path);
  }

  async writeFile(path: string, text: string): Promise<void> {
    if (!this.files.has(path)) throw new Error(`ENOENT: no such file, open '${path}'`);
    this.files.set(path, text);
  }

  async replaceFile(path: string, text: string | Iterable<string>): Promise<void> {
    this.files.set(path, typeof text === 'string' ? text : [...text].join(''));
  }

  async removeFile(path: string): Promise<void> {
    this.files.delete(path);
  }

  async readLink(path: string): Promise<string | undefined> {
    return this.#script.links?.[path];
  }

  async inode(path: string): Promise<number | undefined> {
    return this.#script.inodes?.[path];
  }

  variable(name: string): string {
    return this.#script.variables?.[name] ?? '';
  }

  async tryLock(name: string, about: string): Promise<LockAttempt> {
    const holder = this.#locks.get(name);
    if (holder !== undefined) return { kind: 'taken', by: holder.about, released: holder.released };
    let free = (): void => {};
    const released = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#locks.set(name, { about, released });
    const release = async (): Promise<void> => {
      this.#locks.delete(name);
      free();
    };
    return { kind: 'held', release };
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
