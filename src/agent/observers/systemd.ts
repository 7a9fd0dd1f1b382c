/**
 * Notifies systemd: READY, STOPPING, WATCHDOG and STATUS. Runs systemd-notify, because Node has no
 * unix datagram sockets; so the unit needs `NotifyAccess=all`.
 */

import type { Diagnostic } from '../../diagnostics.js';
import { systemClock, type Timer } from '../../host/clock.js';
import type { CommandResult, Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { AgentObserver, SyncReport } from '../observer.js';

export interface SystemdOptions {
  readonly host: Host;
  /** Those that must be synced before the agent is ready. */
  readonly families: readonly Family[];
  /** Whether the agent is healthy; systemd restarts it after missed watchdog messages. */
  readonly alive: () => boolean;
  /** Called when systemd cannot be notified. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
}

export interface Systemd {
  readonly observer: AgentObserver;
  /**
   * Sends STOPPING and ends the watchdog messages. Resolves when it was sent.
   */
  readonly stopping: () => Promise<void>;
}

/** Milliseconds between two reads of the status without a watchdog. */
const STATUS_PERIOD = 30_000;

/**
 * Connects an agent with the systemd that started it; `undefined` where none did (NOTIFY_SOCKET is
 * not set).
 *
 * `READY=1` after the first sync of every family. From then on `WATCHDOG=1` twice per WATCHDOG_USEC
 * as long as `alive` says so, and `STATUS=` when it changed.
 */
export function openSystemd(options: SystemdOptions): Systemd | undefined {
  const { host, families, alive } = options;
  if (host.variable('NOTIFY_SOCKET') === '') return undefined;
  const messages = new Messages(options);
  const status = new Status(families);
  const watchdog = watchdogPeriod(host);
  let beat: Timer | undefined;
  let toldStatus = '';
  const statusWords = (): readonly string[] => {
    const text = status.text();
    if (text === toldStatus) return [];
    toldStatus = text;
    return [`STATUS=${text}`];
  };
  const onBeat = (): void => {
    messages.send([...(watchdog !== undefined && alive() ? ['WATCHDOG=1'] : []), ...statusWords()]);
  };
  /**
   * Sends a change of health at once. Everything else waits for the next period, because each
   * message starts a process.
   */
  const onTurn = (before: string): void => {
    if (status.state() === before) return;
    const isReady = before === 'starting' && status.state() !== 'starting';
    messages.send([...(isReady ? ['READY=1'] : []), ...statusWords()]);
    if (!isReady) return;
    beat = systemClock.after(watchdog ?? STATUS_PERIOD, () => {
      onBeat();
      beat?.restart();
    });
    beat.unref();
  };
  const turning = <T>(update: (what: T) => void): ((what: T) => void) => {
    return (what) => {
      const before = status.state();
      update(what);
      onTurn(before);
    };
  };
  return {
    observer: {
      synced: turning((report) => status.synced(report)),
      failed: turning(({ family, error }) => status.failed(family, error.message)),
      source: turning(({ kind, state, reason }) =>
        status.source(kind, state === 'stale' ? reason : ''),
      ),
    },
    stopping: async () => {
      beat?.cancel();
      messages.send(['STOPPING=1']);
      await messages.sent();
    },
  };
}

/** Milliseconds between two WATCHDOG=1 messages; `undefined` without a watchdog. */
function watchdogPeriod(host: Host): number | undefined {
  const micros = Number(host.variable('WATCHDOG_USEC'));
  const pid = host.variable('WATCHDOG_PID');
  if (!(micros > 0) || (pid !== '' && pid !== String(process.pid))) return undefined;
  return micros / 2 / 1000;
}

/** The status as one line. */
class Status {
  readonly #families: readonly Family[];
  readonly #synced = new Map<Family, string>();
  readonly #failed = new Map<Family, string>();
  readonly #stale = new Map<string, string>();
  #ready = false;

  constructor(families: readonly Family[]) {
    this.#families = families;
  }

  synced({ family, model, result }: SyncReport): void {
    this.#failed.delete(family);
    const endpoints = model.ports.reduce((sum, { endpointCount }) => sum + endpointCount, 0);
    const { length } = result.refused;
    const refused = length === 0 ? '' : `, ${length} refused`;
    this.#synced.set(
      family,
      `${family}: ${model.ports.length} Service ports, ${endpoints} endpoints${refused}`,
    );
    this.#ready ||= this.#families.every((one) => this.#synced.has(one));
  }

  failed(family: Family, reason: string): void {
    this.#failed.set(family, `${family} failed: ${reason}`);
  }

  source(kind: string, reason: string): void {
    if (reason === '') this.#stale.delete(kind);
    else this.#stale.set(kind, reason);
  }

  state(): 'starting' | 'fine' | 'failing' | 'stale' {
    if (!this.#ready) return 'starting';
    if (this.#failed.size > 0) return 'failing';
    return this.#stale.size > 0 ? 'stale' : 'fine';
  }

  /** The worst first; on one line, because a second one would be another message to systemd. */
  text(): string {
    const reasons = [...new Set(this.#stale.values())].map((reason) => {
      const kinds = [...this.#stale].flatMap(([kind, why]) => (why === reason ? [kind] : []));
      return `${kinds.join(', ')} not followed: ${reason}`;
    });
    const parts = [...this.#failed.values(), ...reasons, ...this.#synced.values()];
    const text = parts.length === 0 ? 'waiting for the first sync' : parts.join('; ');
    return text.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
  }
}

/** Sends messages one after the other; those that wait are sent together. */
class Messages {
  readonly #options: SystemdOptions;
  #waiting: string[] = [];
  #sending: Promise<void> | undefined;
  /** Whether a missing systemd-notify was reported. */
  #missing = false;

  constructor(options: SystemdOptions) {
    this.#options = options;
  }

  send(words: readonly string[]): void {
    if (this.#missing || words.length === 0) return;
    // A newer status replaces a pending one, and one pending WATCHDOG=1 is enough.
    const keys = new Set(words.map(keyOf));
    this.#waiting = [...this.#waiting.filter((word) => !keys.has(keyOf(word))), ...words];
    this.#sending ??= this.#run();
  }

  async sent(): Promise<void> {
    await this.#sending;
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const args = this.#waiting;
        this.#waiting = [];
        const fault = faultOf(await this.#options.host.run({ command: 'systemd-notify', args }));
        if (fault === undefined) continue;
        this.#missing = fault.missing;
        this.#options.noticed([fault.diagnostic]);
        if (fault.missing) this.#waiting = [];
      }
    } finally {
      // In the same turn as the check for pending messages: one queued in between would be stuck.
      this.#sending = undefined;
    }
  }
}

function keyOf(word: string): string {
  return word.slice(0, word.indexOf('='));
}

function faultOf(
  result: CommandResult,
): { readonly missing: boolean; readonly diagnostic: Diagnostic } | undefined {
  if (result.kind === 'exited' && result.code === 0) return undefined;
  const missing = result.kind === 'missing';
  const why =
    result.kind === 'exited'
      ? result.stderr.trim()
      : result.kind === 'missing'
        ? 'the program systemd-notify cannot be started'
        : result.kind === 'unstarted'
          ? result.reason
          : `systemd-notify was ended by ${result.signal}`;
  const diagnostic: Diagnostic = {
    code: 'systemd-notify-failed',
    severity: 'warning',
    message: `systemd cannot be notified: ${why}`,
  };
  // systemd answers late on a machine that is too busy: no setting of the unit mends that.
  if (/timed out/i.test(why) || result.kind === 'unstarted') return { missing, diagnostic };
  const hint = missing
    ? 'install systemd, or set Type=exec in the unit'
    : 'the unit needs NotifyAccess=all';
  return { missing, diagnostic: { ...diagnostic, hint } };
}
