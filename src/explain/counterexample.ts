/** One packet that shows a finding, and the rules that decide what becomes of it. */

import { addTo } from '../grouping.js';
import { type Family, familyOf, type Ip, parseIp } from '../net/ip.js';
import { compareFractions, NONE } from '../netfilter/fraction.js';
import { contains, type Intervals, type Point } from '../netfilter/intervals.js';
import {
  address,
  addressAt,
  addressPoint,
  FIELDS,
  type FieldName,
  numbers,
  type Region,
  word,
} from '../netfilter/region.js';
import type { Router } from '../netfilter/route.js';
import type { Judging } from './acceptance.js';
import { seenOutcomes } from './companions.js';
import type { Outcome } from './expected.js';
import { ownOutcomeOf } from './outcomes.js';
import { pathOf, type TraceStep } from './path.js';
import type { Finding } from './proof.js';

/** A packet of a finding. */
export interface Counterexample {
  readonly source: Ip;
  readonly destination: Ip;
  /** `tcp`; `''`: one that has no ports. */
  readonly protocol: string;
  readonly port: number;
  readonly start: 'prerouting' | 'output';
  /** Interface that it arrives on; `''`: any. */
  readonly inInterface: string;
  /** State of its tracked connection: `new`, `invalid`. */
  readonly state: string;
  /** Seconds since session affinity saw its client; `undefined`: never. */
  readonly age: number | undefined;
  /** The mark that it comes with; 0: none. */
  readonly mark: number;
  /** The rules that decide about what was not expected. */
  readonly path: readonly TraceStep[];
}

/** What one frontend does otherwise than expected: an example, and who meets it too. */
export interface BrokenFrontend {
  readonly finding: Finding;
  readonly example: Counterexample;
  /** Kinds of senders, that of the example first. */
  readonly senders: readonly string[];
}

/** The findings by frontend, each with an example. */
export function brokenFrontends(
  router: Router,
  findings: readonly Finding[],
  judging: Judging,
): readonly BrokenFrontend[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const { origin, what } = finding.traffic;
    const key = `${origin} ${what} ${finding.kind}`;
    addTo(groups, key, finding);
  }
  return [...groups.values()].map(([finding, ...others]) => ({
    finding,
    example: counterexampleOf(router, finding, judging),
    senders: [...new Set([finding, ...others].map(({ traffic }) => traffic.sender.name))],
  }));
}

/** A packet of the region of a finding, traced once more. */
function counterexampleOf(router: Router, finding: Finding, judging: Judging): Counterexample {
  const { region, client, mark, traffic } = finding;
  const { start } = traffic.sender;
  const one = singled(region);
  const unexpected = unexpectedOf(finding);
  const seen = seenOutcomes(router.program, judging);
  const arrivals = router
    .route(one, start, { client, mark })
    .filter((arrival) =>
      [ownOutcomeOf(arrival, traffic, judging), seen(arrival, traffic)].includes(unexpected ?? ''),
    );
  return {
    source: addressAt(pointOf(one.saddr)),
    destination: addressAt(pointOf(one.daddr)),
    protocol: String(pointOf(one.protocol)),
    port: Number(pointOf(one.dport)),
    start,
    inInterface: String(pointOf(one.iif)),
    state: String(pointOf(one.state)),
    age: client.size === 0 ? undefined : Number(pointOf(one.age)),
    mark,
    path: pathOf(arrivals),
  };
}

/** What happens although it was not expected, or not so often. */
function unexpectedOf({ expected, found }: Finding): Outcome | undefined {
  return [...found].find(
    ([outcome, share]) => compareFractions(share, expected.get(outcome) ?? NONE) > 0,
  )?.[0];
}

/** Values that people know, where they are among those of a field. */
const FAMILIAR: Readonly<Record<Family, Partial<Readonly<Record<FieldName, readonly Point[]>>>>> = {
  IPv4: familiar(['192.0.2.1', '198.51.100.1']),
  IPv6: familiar(['2001:db8::1']),
};

function familiar(addresses: readonly string[]): Partial<Record<FieldName, readonly Point[]>> {
  const points = addresses.flatMap((text) => parseIp(text) ?? []).map(addressPoint);
  return {
    saddr: points,
    daddr: points,
    protocol: ['tcp', 'udp', 'sctp', 'icmp'],
    dport: [80],
    sport: [32768],
    iif: ['eth0'],
    oif: ['eth0'],
    state: ['new'],
  };
}

/** One packet of a region. */
function singled(region: Region): Region {
  const family = familyOf(addressAt(pointOf(region.saddr)));
  const values = FIELDS.map((field) => {
    const set = region[field];
    const known = FAMILIAR[family][field]?.find((point) => contains(set, point));
    return [field, onePoint(field, known ?? pointOf(set))] as const;
  });
  return { ...region, ...Object.fromEntries(values) };
}

function onePoint(field: FieldName, point: Point): Intervals {
  if (field === 'saddr' || field === 'daddr') return address(addressAt(point));
  return typeof point === 'string' ? word(point) : numbers(Number(point), Number(point));
}

function pointOf([point = 0]: Intervals): Point {
  return point;
}
