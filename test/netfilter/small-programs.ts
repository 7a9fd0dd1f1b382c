/** Programs of a few rules, and packets through them. */

import { expect } from 'chai';
import { machineOf } from '../../src/explain/machine.js';
import {
  type Packet,
  type Trace,
  type TraceOutcome,
  tracePacket,
} from '../../src/explain/trace.js';
import { type BackendName, parseIp, readRules } from '../../src/index.js';
import type { Ip } from '../../src/net/ip.js';
import { Router } from '../../src/netfilter/route.js';

export const ip = (text: string): Ip => parseIp(text) ?? expect.fail(text);

/** From elsewhere to elsewhere, unless given otherwise. */
const PACKET: Packet = {
  source: ip('10.0.0.1'),
  destination: ip('10.96.0.1'),
  protocol: 'tcp',
  port: 80,
  start: 'prerouting',
  inInterface: 'eth0',
};

const HOST = {
  nodeName: 'n',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

/** What a program does with a packet. */
export function traced(mode: BackendName, text: string, packet: Partial<Packet> = {}): Trace {
  const program = readRules(mode, text, { family: 'IPv4' }).program();
  return tracePacket(new Router(program, machineOf('IPv4', HOST, undefined)), {
    ...PACKET,
    ...packet,
  });
}

function textOf({ ending, dnat, masquerade, least, most }: TraceOutcome): string {
  const to = dnat === undefined ? '' : ` ${dnat.ip}:${dnat.port}`;
  const shares = [least, most].map((x) => `${x.numerator}/${x.denominator}`);
  return `${ending.kind}${to}${masquerade ? ' masqueraded' : ''} ${[...new Set(shares)].join('..')}`;
}

/** What becomes of it: `accept 10.0.0.5:8080 1/2`. */
export const outcomesOf = (found: Trace): readonly string[] => found.outcomes.map(textOf).sort();

/** A dump of iptables-save. */
export const nat = (...lines: string[]): string =>
  `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n${lines.join('\n')}\nCOMMIT\n`;
export const filter = (policy: string, ...lines: string[]): string =>
  `*filter\n:FORWARD ${policy} [0:0]\n:A - [0:0]\n:B - [0:0]\n${lines.join('\n')}\nCOMMIT\n`;
/** A listing of one rule with these statements. */
export function listing(...expr: readonly unknown[]): string {
  return listingOf([], expr);
}

/** The same after other objects of the table. */
export function listingOf(
  others: readonly unknown[],
  ...rules: readonly (readonly unknown[])[]
): string {
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6', json_schema_version: 1 } },
      { table: { family: 'inet', name: 'f', handle: 1 } },
      {
        chain: {
          family: 'inet',
          table: 'f',
          name: 'forward',
          handle: 2,
          type: 'filter',
          hook: 'forward',
          prio: 0,
          policy: 'accept',
        },
      },
      ...others,
      ...rules.map((expr) => ({
        rule: { family: 'inet', table: 'f', chain: 'forward', handle: 3, expr },
      })),
    ],
  });
}
