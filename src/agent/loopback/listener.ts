/** One node port on a loopback address: the socket that listens, and the connections to it. */

import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../host/clock.js';
import type { LoopbackPort } from '../../model/loopback.js';
import type { Ip } from '../../net/ip.js';
import { listen } from '../listen.js';
import type { ConnectionSlots } from './connection-slots.js';
import { EndpointChoice } from './endpoint-choice.js';
import { type Dialer, type Relay, relay, SOCKET_OPTIONS } from './relay.js';

export interface ListenerOptions {
  readonly ip: Ip;
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly dialer: Dialer;
  /** Shared with other listeners. */
  readonly slots: ConnectionSlots;
}

/** Listens once, until it is closed. */
export class LoopbackListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #choice: EndpointChoice;
  readonly #relays = new Set<Relay>();
  #port: LoopbackPort;
  #isClosed = false;

  constructor(port: LoopbackPort, options: ListenerOptions) {
    this.#port = port;
    this.#options = options;
    this.#choice = new EndpointChoice(options.clock);
    this.#server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true }, (client) =>
      this.#accept(client),
    );
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  /** Fulfilled when it listens, or was closed before. Rejects with the system's error. */
  async listen(): Promise<void> {
    const address = { ip: this.#options.ip, port: this.#port.nodePort };
    await listen(this.#server, address, true);
    if (this.#isClosed) this.#server.close();
  }

  /** New connections go to the endpoints of this port; those that are open stay. */
  update(port: LoopbackPort): void {
    this.#port = port;
  }

  /** Closes the socket and all connections. Fulfilled when they are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server.close();
    const all = [...this.#relays];
    for (const one of all) one.close();
    await Promise.all(all.map(({ closed }) => closed));
  }

  #accept(client: Socket): void {
    const { dialer, slots } = this.#options;
    const endpoint = this.#choice.next(this.#port);
    if (endpoint === undefined || this.#isClosed || !slots.take()) {
      client.destroy();
      return;
    }
    const one = relay(client, endpoint, dialer);
    this.#relays.add(one);
    void one.closed.then(() => {
      this.#relays.delete(one);
      slots.give();
    });
  }
}
