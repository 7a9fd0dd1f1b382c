/** Who can send, from which address, and how a test has them send. */

import type { Family } from '../../src/index.js';
import type { Outcome, Probe, Transport } from '../support/machines/station-protocol.js';
import { CLIENT_ADDRESSES, PODS, type PodName } from './addresses.js';
import type { Target } from './services.js';
import type { Machine, Topology } from './topology.js';

/** Who sends. `client` and `stranger` are two addresses outside the cluster. */
export type Sender = 'node' | 'client' | 'stranger' | PodName;

/** A question: this sender asks there, over this transport and family, so many times. */
export interface Question {
  readonly from: Sender;
  readonly to: Target;
  readonly family: Family;
  readonly transport: Transport;
  readonly times: number;
  /** How long silence lasts before it counts as a timeout; default {@link PATIENCE_MS}. */
  readonly timeoutMs?: number;
  /** Source address instead of the sender's own. */
  readonly source?: string;
}

/** Asks and waits for what comes back, each time from a source port never used before. */
export type Ask = (question: Question) => Promise<readonly Outcome[]>;

/** Refused TCP connections may need this long: the second SYN comes one second after the first. */
const PATIENCE_MS = 4000;

/** A function that asks on this topology. */
export function asking(topology: Topology): Ask {
  return (question) => {
    const { from, to, family, transport, times, timeoutMs = PATIENCE_MS } = question;
    const source = question.source ?? sourceOf(from, family);
    const probe: Probe = {
      transport,
      host: to.addresses[family],
      port: to.port,
      timeoutMs,
      ...(source === undefined ? {} : { source }),
    };
    return topology.stations[machineOf(from)].probe(new Array<Probe>(times).fill(probe));
  };
}

/**
 * The address that the sender binds to; none for the node, which leaves the choice to its kernel.
 */
export function sourceOf(from: Sender, family: Family): string | undefined {
  if (from === 'node') return undefined;
  if (from === 'client') return CLIENT_ADDRESSES[0]?.[family];
  if (from === 'stranger') return CLIENT_ADDRESSES[1]?.[family];
  return PODS[from][family];
}

function machineOf(from: Sender): Machine {
  return from === 'stranger' ? 'client' : from;
}
