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
 * Reads numbers of commands and prints each again with an exit code; the streams are files. The
 * folder of these files goes with the shell, which ends with its standard input.
 */
const LOOP = `
trap 'rm -rf "$0"' EXIT
echo ready
while read -r id; do
  { ( . "$0/$id.sh" ) > "$0/$id.out" 2> "$0/$id.err" < /dev/null; echo "$id $?"; } &
done`;

export interface NamespaceShell {
  /** The process that holds the namespace. */
  readonly pid: number;
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
  // Nobody may be waiting when it ends.
  failed.catch(() => {});
  // What is written to a shell that has ended fails by that promise.
  shell.stdin.on('error', () => {});
  const answer = (id: string): Promise<string> =>
    Promise.race([failed, new Promise<string>((resolve) => waiting.set(id, resolve))]);
  createInterface(shell.stdout).on('line', (line) => {
    const [id = '', code = ''] = line.split(' ');
    waiting.get(id)?.(code);
    waiting.delete(id);
  });
  await answer('ready');

  let started = 0;
  const run: NamespaceShell['run'] = async (command, args, input = '') => {
    const id = String(started++);
    const path = join(folder, id);
    if (input !== '') await writeFile(`${path}.in`, input);
    const words = [command, ...args].map(quoted).join(' ');
    await writeFile(`${path}.sh`, `exec ${words}${input === '' ? '' : ` < ${quoted(path)}.in`}\n`);
    const code = answer(id);
    shell.stdin.write(`${id}\n`);
    if ((await code) === '0') {
      const out = await readFile(`${path}.out`, 'utf8');
      await Promise.all(['in', 'sh', 'out', 'err'].map((end) => rm(`${path}.${end}`, FORCE)));
      return out;
    }
    const said = await Promise.all(['err', 'out'].map((end) => readFile(`${path}.${end}`, 'utf8')));
    throw new Error(`${words}: exit code ${await code}\n${said.join('\n')}`);
  };
  return {
    pid: shell.pid ?? 0,
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
