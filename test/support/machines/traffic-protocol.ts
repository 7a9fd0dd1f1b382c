/**
 * The messages between a test and its traffic process. Times are milliseconds of the clock that all
 * processes share.
 */

/** The messages to the process. */
export type TrafficCommand =
  /** Answer on this address with its name. */
  | { readonly id: number; readonly kind: 'serve'; readonly address: string; readonly port: number }
  /** Answer there no more. */
  | { readonly id: number; readonly kind: 'end'; readonly address: string }
  /**
   * Open new connections, each with a port of its own, at this rate until `stop`, beside those to
   * other hosts.
   */
  | {
      readonly id: number;
      readonly kind: 'connect';
      readonly host: string;
      readonly port: number;
      readonly perSecond: number;
    }
  /** The reply holds every connection since the first `connect`. */
  | { readonly id: number; readonly kind: 'stop' };

/** One connection. */
export interface Connection {
  readonly start: number;
  readonly end: number;
  /** The host that was asked for. */
  readonly to: string;
  /** Address of the server that answered; `''` where none did. */
  readonly by: string;
  /** Why there was no answer. */
  readonly error: string;
}

export interface TrafficReply {
  readonly id: number;
  readonly connections: readonly Connection[];
}

/** The clock: it is the same in every process, and never set. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
