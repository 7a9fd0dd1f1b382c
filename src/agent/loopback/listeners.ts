/**
 * Serves TCP node ports on 127.0.0.1 and ::1, as kube-proxy 1.38 does in mode nftables, whose rules
 * leave them alone there (KEP-6032).
 */

import type { Diagnostic } from '../../diagnostics.js';
import { type Clock, systemClock, type Timers } from '../../host/clock.js';
import { type LoopbackPort, servedOnLoopback } from '../../model/loopback.js';
import { type Family, LOOPBACK_IP } from '../../net/ip.js';
import type { LoopbackLimits } from '../descriptors.js';
import { listenError } from '../listen.js';
import type { AgentObserver, SyncReport } from '../observer.js';
import { ConnectionSlots } from './connection-slots.js';
import { LoopbackListener } from './listener.js';
import { portOpen, portTaken, tooManyPorts, type Wanted } from './messages.js';
import type { Dialer } from './relay.js';

export interface LoopbackOptions {
  /** Milliseconds after which a port that could not be opened is tried again without a sync. */
  readonly retry: number;
  readonly clock?: (Clock & Timers) | undefined;
  readonly connect?: Dialer['connect'];
}

type Noticed = (diagnostics: readonly Diagnostic[]) => void;

/** What new listeners need while they run. */
interface Running {
  readonly noticed: Noticed;
  readonly listeners: number;
  readonly slots: ConnectionSlots;
}

/** Opens and closes ports after each sync, so that they are those of its model. */
export class LoopbackListeners implements AgentObserver {
  readonly #options: LoopbackOptions;
  readonly #clock: Clock & Timers;
  readonly #wanted = new Map<Family, readonly LoopbackPort[]>();
  /** By {@link keyOf}, also while they are being opened. */
  readonly #open = new Map<string, LoopbackListener>();
  /** The keys of ports that could not be opened when that was last tried. */
  readonly #failing = new Set<string>();
  readonly #failures = new Map<Family, number>();
  #running: Running | undefined;

  constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  synced({ family, model }: Pick<SyncReport, 'family' | 'model'>): void {
    if (!model.context.loopbackServed) return;
    this.#wanted.set(family, servedOnLoopback(model));
    this.#settle();
  }

  /** How many ports are open, of each family whose node ports are to be served on loopback. */
  listening(): ReadonlyMap<Family, number> {
    return new Map(
      [...this.#wanted].map(([family, ports]) => [
        family,
        ports.filter((port) => this.#open.get(keyOf({ family, port }))?.isListening).length,
      ]),
    );
  }

  /** How often a port could not be opened, of each family in which that happened. */
  failures(): ReadonlyMap<Family, number> {
    return this.#failures;
  }

  /** Serves until the signal. Resolves when everything is closed. */
  async run(
    noticed: Noticed,
    { listeners, connections }: LoopbackLimits,
    signal: AbortSignal,
  ): Promise<void> {
    const slots = new ConnectionSlots(connections, noticed);
    this.#running = { noticed, listeners, slots };
    while (!signal.aborted) {
      slots.warnAgain();
      this.#settle();
      await this.#clock.sleep(this.#options.retry, signal);
    }
    this.#running = undefined;
    await Promise.all([...this.#open.values()].map((one) => one.close()));
    this.#open.clear();
  }

  #settle(): void {
    const running = this.#running;
    if (running === undefined) return;
    const wanted = new Map<string, Wanted>();
    for (const [family, ports] of this.#wanted)
      for (const port of ports) wanted.set(keyOf({ family, port }), { family, port });
    for (const [key, listener] of this.#open) {
      if (wanted.has(key)) continue;
      void listener.close();
      this.#open.delete(key);
    }
    for (const key of this.#failing) if (!wanted.has(key)) this.#failing.delete(key);
    for (const one of wanted.values()) {
      const open = this.#open.get(keyOf(one));
      if (open === undefined) void this.#start(one, running);
      else open.update(one.port);
    }
  }

  async #start(wanted: Wanted, { noticed, listeners, slots }: Running): Promise<void> {
    const { family, port } = wanted;
    const key = keyOf(wanted);
    if (this.#open.size >= listeners) {
      this.#fail(wanted, tooManyPorts(listeners), noticed);
      return;
    }
    const { connect } = this.#options;
    const clock = this.#clock;
    const dialer = { timers: clock, connect };
    const listener = new LoopbackListener(port, { ip: LOOPBACK_IP[family], clock, dialer, slots });
    this.#open.set(key, listener);
    try {
      await listener.listen();
      if (this.#failing.delete(key)) noticed([portOpen(wanted)]);
    } catch (cause) {
      if (this.#open.get(key) !== listener) return;
      this.#open.delete(key);
      const { message } = listenError({ ip: LOOPBACK_IP[family], port: port.nodePort }, cause);
      this.#fail(wanted, message, noticed);
    }
  }

  /** Reported once for a series of attempts. */
  #fail(wanted: Wanted, reason: string, noticed: Noticed): void {
    const { family } = wanted;
    const key = keyOf(wanted);
    this.#failures.set(family, (this.#failures.get(family) ?? 0) + 1);
    if (!this.#failing.has(key)) noticed([portTaken(wanted, reason)]);
    this.#failing.add(key);
  }
}

function keyOf({ family, port }: Wanted): string {
  return `${family} ${port.nodePort}`;
}
