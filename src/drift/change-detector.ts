/** Detects cheaply whether nf_tables has changed, so that an unchanged kernel need not be read. */

import { systemClock } from '../host/clock.js';
import type { CommandResult, Host } from '../host/host.js';

/**
 * Prints every transaction, unlike `nft monitor` without reading any rules first: 2 MB, and nothing
 * to do while nothing changes. Part of iptables since 1.8.0. What it prints is not needed.
 */
const LISTENER = 'exec xtables-monitor --event >/dev/null';

/** Milliseconds between two looks whether the listener has begun, and how often to look. */
const START_POLL = 20;
const START_POLLS = 25;

/**
 * Runs a program that sleeps until the kernel reports a transaction, and takes how often it has
 * slept for the state of the kernel. The kernel has a number for its state, the generation, but no
 * program prints it without reading the rules.
 *
 * The kernel queues its report when it commits. So after a change there is something in the queue,
 * or the program is awake, or it has slept once more.
 */
export class ChangeDetector {
  readonly #host: Host;
  readonly #signal: AbortSignal;
  #start: Promise<void> | undefined;
  /** The process ID of the listener while it runs. */
  #pid: number | undefined;
  #isMissing = false;

  constructor(host: Host, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  /**
   * The same text as before if no transaction was made in between; `undefined` where that cannot be
   * known: right after a transaction, or without the program.
   */
  async mark(): Promise<string | undefined> {
    if (this.#isMissing || this.#signal.aborted) return undefined;
    this.#start ??= this.#listen();
    await this.#start;
    return this.#pid === undefined ? undefined : restingMark(this.#host, this.#pid);
  }

  /**
   * Starts the program, and waits a moment until it listens. On a busy machine it may take longer,
   * and gives no mark until then.
   */
  async #listen(): Promise<void> {
    let hasEnded = false;
    void this.#host
      .follow(
        { command: 'sh', args: ['-c', LISTENER], signal: this.#signal },
        () => {},
        (pid) => {
          this.#pid = pid;
        },
      )
      .then((result) => {
        hasEnded = true;
        this.#isMissing = isMissing(result);
        // One that ended, such as for events that it had no room for, is started again.
        this.#start = undefined;
        this.#pid = undefined;
      });
    for (let i = 0; i < START_POLLS && !hasEnded; i++) {
      await systemClock.sleep(START_POLL, this.#signal);
      const pid = this.#pid;
      if (pid !== undefined && (await queueOf(this.#host, pid)) !== undefined) return;
    }
  }
}

/** The shell says with its exit code that there is no such program, or that it may not run it. */
function isMissing(result: CommandResult): boolean {
  if (result.kind === 'exited') return result.code === 126 || result.code === 127;
  return result.kind === 'missing';
}

/** How often a listener has slept, if it sleeps now and has nothing to read. */
async function restingMark(host: Host, pid: number): Promise<string | undefined> {
  const status = (await host.readFile(`/proc/${pid}/status`)) ?? '';
  const sleeps = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1];
  if (sleeps === undefined || !/^State:\s+S /m.test(status)) return undefined;
  const queue = await queueOf(host, pid);
  return queue?.unread === 0 && queue.lost === 0 ? `${pid} ${sleeps}` : undefined;
}

/** What waits for a listener, in bytes, and how many messages it had no room for. */
interface Queue {
  readonly unread: number;
  readonly lost: number;
}

/** Numbers of files that a program that has just started may have its sockets at. */
const FILES = Array.from({ length: 16 }, (_, i) => i);
const NETLINK_NETFILTER = '12';
/** As a set of bits: NFNLGRP_NFTABLES is group 7. */
const NFTABLES_GROUP = 1 << 6;

/** The queue of the socket with which a program listens; `undefined` as long as it has none. */
async function queueOf(host: Host, pid: number): Promise<Queue | undefined> {
  const links = await Promise.all(FILES.map((file) => host.readLink(`/proc/${pid}/fd/${file}`)));
  const sockets = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1]));
  const table = (await host.readFile('/proc/net/netlink')) ?? '';
  for (const line of table.split('\n')) {
    const [, protocol, , groups = '', unread, , , , lost, inode] = line.trim().split(/\s+/);
    if (protocol !== NETLINK_NETFILTER || inode === undefined || !sockets.has(inode)) continue;
    const isListening = (Number.parseInt(groups, 16) & NFTABLES_GROUP) !== 0;
    if (isListening) return { unread: Number(unread), lost: Number(lost) };
  }
  return undefined;
}
