/** The host that code under test works on when its kernel is to be a namespace of the test. */

import { constants } from 'node:os';
import type { Command, CommandResult, NetworkInterface } from '../../../src/host/host.js';
import { DEFAULT_TIMEOUT } from '../../../src/host/program.js';
import { SystemHost } from '../../../src/host/system-host.js';
import type { Namespace } from './netns.js';

/**
 * This machine, but with the network of a namespace: programs run inside, and `/proc` shows what
 * they see.
 */
export class NamespaceHost extends SystemHost {
  /** Every command that was run, in order. */
  readonly ran: Command[] = [];
  readonly #namespace: Namespace;
  readonly #started: number[] = [];

  constructor(namespace: Namespace) {
    super();
    this.#namespace = namespace;
  }

  /** By the small shell of the namespace; a process of Node.js takes several times longer. */
  override async run(command: Command): Promise<CommandResult> {
    this.ran.push(command);
    const { args, input, bytes, timeout = DEFAULT_TIMEOUT, signal } = command;
    const words = [command.command, ...args];
    const { pid, ended } = await this.#namespace.start(words, input, bytes ? 'latin1' : 'utf8');
    this.#started.push(pid);
    const limit = AbortSignal.timeout(timeout);
    const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const kill = (): boolean => process.kill(pid);
    if (stop.aborted) kill();
    stop.addEventListener('abort', kill);
    const { code, stdout, stderr } = await ended;
    stop.removeEventListener('abort', kill);
    if (code === 126 || code === 127) return { kind: 'missing', reason: stderr };
    if (code <= 128) return { kind: 'exited', code, stdout, stderr };
    const by = signal?.aborted ? 'abort' : limit.aborted ? 'timeout' : 'signal';
    return { kind: 'killed', by, signal: signalName(code - 128), stdout, stderr };
  }

  override hasStarted(pid: number): boolean {
    return this.#started.includes(pid) || super.hasStarted(pid);
  }

  override async follow(
    command: Command,
    onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult> {
    this.ran.push(command);
    return super.follow(this.#inside(command), onLine, onStart);
  }

  #inside(command: Command): Command {
    const { pid, env } = this.#namespace;
    const words = [`XTABLES_LOCKFILE=${env.XTABLES_LOCKFILE}`, command.command, ...command.args];
    return { ...command, command: 'nsenter', args: ['-t', String(pid), '-n', 'env', ...words] };
  }

  /** The kernel shows these files per reader, so something inside has to read them. */
  override async readFile(path: string): Promise<string | undefined> {
    if (path.startsWith('/proc/sys/net/'))
      return this.#namespace.run('cat', [path]).catch(() => undefined);
    return super.readFile(path.replace(/^\/proc\/net\//, `/proc/${this.#namespace.pid}/net/`));
  }

  override async writeFile(path: string, text: string): Promise<void> {
    if (!path.startsWith('/proc/sys/')) return super.writeFile(path, text);
    await this.#namespace.run('sh', ['-c', 'cat > "$0"', path], text);
  }

  /** What is remembered per namespace must not be remembered of the test's own. */
  override async readLink(path: string): Promise<string | undefined> {
    return super.readLink(path.replace(/^\/proc\/self\/ns\//, `/proc/${this.#namespace.pid}/ns/`));
  }

  override interfaces(): readonly NetworkInterface[] {
    return [];
  }
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? String(number);
}
