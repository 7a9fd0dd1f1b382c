/**
 * A shell in a namespace of its own that starts programs for the test. It is small, so that it
 * starts them several times faster than a process of Node.js that has loaded a test, and nothing
 * has to enter the namespace first.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Reads numbers of commands; prints each with the process ID of its program, then with its exit
 * code. The streams are files. Their folder goes with the shell, which ends with its standard
 * input.
 */
const LOOP = `
trap 'rm -rf "$0"' EXIT
echo ready
while read -r id; do
  {
    ( . "$0/$id.sh" ) > "$0/$id.out" 2> "$0/$id.err" < /dev/null &
    echo "pid-$id $!"
    wait $!
    echo "end-$id $?"
  } &
done`;

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

/** Makes a namespace. `name` is for messages, `env` is added to the environment of all programs. */
export async function openNamespaceShell(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<NamespaceShell> {
  const folder = await mkdtemp(join(tmpdir(), 'vipc-netns-'));
  const shell = spawn('unshare', ['-n', 'sh', '-c', LOOP, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const waiting = new Map<string, (line: string) => void>();
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    shell.once('error', reject);
    shell.once('close', () => reject(new Error(`the shell of namespace ${name} has ended`)));
  });
  // There may be no waiting caller when it ends.
  failed.catch(() => {});
  // What is written to a shell that has ended fails by that promise.
  shell.stdin.on('error', () => {});
  const answer = (key: string): Promise<string> =>
    Promise.race([failed, new Promise<string>((resolve) => waiting.set(key, resolve))]);
  createInterface(shell.stdout).on('line', (line) => {
    const [key = '', value = ''] = line.split(' ');
    waiting.get(key)?.(value);
    waiting.delete(key);
  });
  await answer('ready');

  let started = 0;
  const start: NamespaceShell['start'] = async (words, input = '', encoding = 'utf8') => {
    const id = String(started++);
    const path = join(folder, id);
    if (input !== '') await writeFile(`${path}.in`, input, encoding);
    const line = words.map(quoted).join(' ');
    await writeFile(`${path}.sh`, `exec ${line}${input === '' ? '' : ` < ${quoted(path)}.in`}\n`);
    const pid = answer(`pid-${id}`);
    const end = answer(`end-${id}`);
    shell.stdin.write(`${id}\n`);
    const ended = async () => {
      const code = Number(await end);
      const [stdout, stderr] = await Promise.all([
        readFile(`${path}.out`, encoding),
        readFile(`${path}.err`, encoding),
      ]);
      await Promise.all(['in', 'sh', 'out', 'err'].map((end) => rm(`${path}.${end}`, FORCE)));
      return { code, stdout, stderr };
    };
    return { pid: Number(await pid), ended: ended() };
  };
  const run: NamespaceShell['run'] = async (command, args, input) => {
    const { code, stdout, stderr } = await (await start([command, ...args], input)).ended;
    if (code === 0) return stdout;
    throw new Error(`${[command, ...args].join(' ')}: exit code ${code}\n${stderr}\n${stdout}`);
  };
  return {
    pid: shell.pid ?? 0,
    start,
    run,
    close: async () => {
      shell.stdin.end();
      await ended;
    },
  };
}

const FORCE = { force: true };

/** A word of a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
