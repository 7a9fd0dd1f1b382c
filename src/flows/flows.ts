/**
 * Parses the output of `conntrack -L` into flows: client, destination, and the endpoint that the
 * kernel translates it to.
 */

import { type Ip, parseIp } from '../net/ip.js';

/**
 * The protocols whose flows outlive the endpoint: no close ends them, and every datagram renews
 * them.
 */
export type FlowProtocol = 'UDP' | 'SCTP';

/** One entry of the connection tracking table. */
export interface ConntrackFlow {
  readonly protocol: FlowProtocol;
  readonly source: Ip;
  readonly sourcePort: number;
  /** Where the client sends to: the address of a Service, if it is about one. */
  readonly destination: Ip;
  readonly destinationPort: number;
  /**
   * Who answers: the endpoint that DNAT chose, or {@link destination} where nothing was translated.
   */
  readonly replySource: Ip;
  readonly replySourcePort: number;
  /** `true` where the entry belongs to a zone other than 0, which rules for Services do not use. */
  readonly zoned: boolean;
}

/** One direction: `src=10.0.0.1 dst=10.96.0.10 sport=1000 dport=53`. */
const DIRECTION = / src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)(?= |$)/g;

/** `ipv4     2 udp      17 29 src=…`, and without `-o extended` `udp      17 29 src=…`. */
const START = /^(?:ipv[46] +\d+ +)?(udp|sctp) +\d+ /;

/**
 * The UDP and SCTP flows of what `conntrack -L` of conntrack-tools 1.4 prints, with or without `-o
 * extended,id`. Other protocols and lines that cannot be parsed are skipped, so that their
 * flows are never deleted.
 */
export function parseFlows(text: string): readonly ConntrackFlow[] {
  const flows: ConntrackFlow[] = [];
  for (const line of text.split('\n')) {
    const flow = parseFlow(line);
    if (flow !== undefined) flows.push(flow);
  }
  return flows;
}

function parseFlow(line: string): ConntrackFlow | undefined {
  const protocol = START.exec(line)?.[1];
  if (protocol === undefined) return undefined;
  const directions = [...line.matchAll(DIRECTION)];
  const [original, reply] = directions;
  if (original === undefined || reply === undefined || directions.length > 2) return undefined;
  const source = parseIp(original[1] ?? '');
  const destination = parseIp(original[2] ?? '');
  const replySource = parseIp(reply[1] ?? '');
  if (source === undefined || destination === undefined || replySource === undefined)
    return undefined;
  return {
    protocol: protocol === 'udp' ? 'UDP' : 'SCTP',
    source,
    sourcePort: Number(original[3]),
    destination,
    destinationPort: Number(original[4]),
    replySource,
    replySourcePort: Number(reply[3]),
    zoned: / zone(?:-orig|-reply)?=(?!0(?: |$))/.test(line),
  };
}

/** Whether the kernel translates the destination of the flow. */
export function isTranslatedFlow(flow: ConntrackFlow): boolean {
  return flow.replySource !== flow.destination || flow.replySourcePort !== flow.destinationPort;
}
