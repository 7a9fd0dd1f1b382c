/** The messages between a test and the process that it keeps in a namespace. */

/** Port on which every pod answers, over TCP and UDP. */
export const POD_PORT = 8080;

/** Where a station answers, over TCP and UDP. */
export interface Listening {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Every address of a pod. */
export const POD_LISTENING: Listening = { addresses: ['0.0.0.0', '::'], port: POD_PORT };

export type Transport = 'tcp' | 'udp';

/** One connection, or one datagram, from a source port of its own unless one is given. */
export interface Probe {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  /** Source address; without one the kernel chooses. */
  readonly source?: string;
  /** For a test that wants the connection tracking of an earlier probe. */
  readonly sourcePort?: number;
  /** How long silence lasts before it counts as a timeout. */
  readonly timeoutMs: number;
}

/** What came back. `refused` is a reset or an ICMP port unreachable. */
export type Outcome =
  | {
      readonly kind: 'answer';
      /** Name of the pod that answered. */
      readonly by: string;
      /** Address that the pod saw as its client's. */
      readonly sourceSeen: string;
      readonly ms: number;
    }
  | { readonly kind: 'refused' | 'timeout'; readonly ms: number }
  | { readonly kind: 'error'; readonly message: string; readonly ms: number };

/** Sends all probes, at most 64 at a time, and answers with their outcomes in the same order. */
export interface ProbeRequest {
  readonly id: number;
  readonly probes: readonly Probe[];
}

export interface ProbeReply {
  readonly id: number;
  readonly outcomes: readonly Outcome[];
}
