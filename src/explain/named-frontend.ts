/** One port of some addresses, and what it does with packets. */

import type { ServicePort } from '../model/types.js';
import type { Intervals } from '../netfilter/intervals.js';
import type { Decision } from './expected.js';
import type { Sender } from './senders.js';

/** What a sender gets at a frontend. */
export type Decide = (sender: Sender) => Decision;

/** The sources of a sender that may use a frontend; `undefined`: all. */
export type Allowed = (sender: Sender) => Intervals | undefined;

/** One port of some addresses. */
export interface NamedFrontend {
  readonly port: ServicePort;
  /** `cluster IP 10.96.0.1:80`. */
  readonly what: string;
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string;
  readonly number: number;
  readonly decide: Decide;
  /** The sources that may use it, of a sender; `undefined`: all. */
  readonly allowed: Allowed | undefined;
}
