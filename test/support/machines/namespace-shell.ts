/**
 * Shells in a namespace of its own that start programs for the test: as many as programs run at a
 * time. They are small, so that they start them several times faster than a process of Node.js
 * that has loaded a test, and nothing has to enter the namespace first.
 */

import { spawn } from 'node:child_process';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

/**
 * Reads numbers of commands and runs one after the other; prints the process ID of each program,
 * then its exit code. The streams are files, which this process reads and writes at once: threads
 * that wait for them cost more. One fork a program: where programs are short, forks are most of
 * what they cost.
 */
const LOOP = `
echo ready
while read -r id; do
  ( . "$0/$id.sh" ) > "$0/$id.out" 2> "$0/$id.err" < /dev/null &
  echo $!
  wait $!
  echo $?
done`;

/** The folder of the streams goes with the shell that has made the namespace. */
const FIRST_LOOP = `trap 'rm -rf "$0"' EXIT\n${LOOP}`;

/** A program that runs in the namespace. */
export interface StartedProgram {
  readonly pid: number;
  /** `code` is that of a shell: 127 for a program that is not there, 128 + n after signal n. */
  readonly ended: Promise<{
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export interface NamespaceShell {
  /** The process that holds the namespace. */
  readonly pid: number;
  /** Starts a program; its input and output are UTF-8 text, or bytes as latin1. */
  readonly start: (
    words: readonly string[],
    input?: string,
    encoding?: 'utf8' | 'latin1',
  ) => Promise<StartedProgram>;
  /** Standard output of a program; throws with what it printed if it fails. */
  readonly run: (command: string, args: readonly string[], input?: string) => Promise<string>;
  /** Ends the shell, and with it the namespace once nothing else runs inside. */
  readonly close: () => Promise<void>;
}

/** One shell, which runs one program at a time and ends with its standard input. */
class Shell {
  readonly pid: number;
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #input: Writable;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, [command, ...args]: readonly [string, ...string[]], env: Environment) {
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    const child = spawn(command, args, { stdio: [...stdio], env: { ...process.env, ...env } });
    // What is written to a shell that has ended, or never began, fails where its answer is read.
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    this.pid = child.pid ?? 0;
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    this.#name = name;
    this.#input = child.stdin;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  write(id: string): void {
    this.#input.write(`${id}\n`);
  }

  async read(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`a shell of namespace ${this.#name} has ended`);
    return value;
  }

  end(): Promise<void> {
    this.#input.end();
    return this.ended;
  }
}

type Environment = Readonly<Record<string, string>>;

/** Makes a namespace. `name` is for messages, `env` is added to the environment of all programs. */
export async function openNamespaceShell(name: string, env: Environment): Promise<NamespaceShell> {
  const folder = await mkdtemp(join(tmpdir(), 'vipc-netns-'));
  const first = new Shell(name, ['unshare', '-n', 'sh', '-c', FIRST_LOOP, folder], env);
  await first.read();
  const { pid } = first;
  const shells = [first];
  const idle = [first];
  /** A shell for one program more at a time. */
  const enter = async (): Promise<Shell> => {
    const words = ['nsenter', '-t', String(pid), '-n', 'sh', '-c', LOOP, folder] as const;
    const shell = new Shell(name, words, env);
    shells.push(shell);
    await shell.read();
    return shell;
  };

  let started = 0;
  const start: NamespaceShell['start'] = async (words, input = '', encoding = 'utf8') => {
    const path = join(folder, String(started));
    const id = String(started++);
    if (input !== '') writeFileSync(`${path}.in`, input, encoding);
    const line = words.map(quoted).join(' ');
    writeFileSync(`${path}.sh`, `exec ${line}${input === '' ? '' : ` < ${quoted(path)}.in`}\n`);
    const shell = idle.pop() ?? (await enter());
    shell.write(id);
    const pid = Number(await shell.read());
    const ended = async () => {
      const code = Number(await shell.read());
      idle.push(shell);
      const stdout = readFileSync(`${path}.out`, encoding);
      const stderr = readFileSync(`${path}.err`, encoding);
      const files = ['sh', 'out', 'err', ...(input === '' ? [] : ['in'])];
      for (const end of files) unlinkSync(`${path}.${end}`);
      return { code, stdout, stderr };
    };
    return { pid, ended: ended() };
  };
  const run: NamespaceShell['run'] = async (command, args, input) => {
    const { code, stdout, stderr } = await (await start([command, ...args], input)).ended;
    if (code === 0) return stdout;
    throw new Error(`${[command, ...args].join(' ')}: exit code ${code}\n${stderr}\n${stdout}`);
  };
  const close = async (): Promise<void> => {
    await Promise.all(shells.map((shell) => shell.end()));
  };
  return { pid, start, run, close };
}

/** A word of a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
