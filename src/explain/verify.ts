/**
 * Proves that rules do what a model promises: for every packet that the machine can meet, the
 * chance of everything that can become of it is the promised one, exactly.
 */

import type { Endpoint, Model } from '../model/types.js';
import { joinHostPort } from '../net/ip.js';
import { ALL, type Fraction, fraction, NONE, plus, sameFraction } from '../netfilter/fraction.js';
import { difference, sameIntervals } from '../netfilter/intervals.js';
import { FIELDS, numbers, type Region } from '../netfilter/region.js';
import type { Arrival, Router } from '../netfilter/route.js';
import { oneInNumerator } from '../netfilter/shares.js';
import { distributionIn, type Placed, worldsOf } from '../netfilter/worlds.js';
import {
  DROPPED,
  endpointShares,
  type Fate,
  type Promised,
  type Setting,
  type Share,
} from './expected.js';
import { promisesOf } from './promises.js';

/** A promise that the rules break, or that nobody can tell about. */
export interface Finding {
  readonly kind: 'refuted' | 'unknown';
  readonly promised: Promised;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  /** Packets for which it is so. */
  readonly region: Region;
  readonly expected: ReadonlyMap<Fate, Fraction>;
  readonly found: ReadonlyMap<Fate, Fraction>;
  /** Conditions that nobody understands. */
  readonly assumptions: readonly string[];
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** Promises with a Service. */
  readonly frontends: number;
  /** All promises, each a set of packets that together are all packets. */
  readonly promises: number;
}

/** Compares what a router does with what a model promises. */
export function verify(router: Router, model: Model, setting: Setting): Verdict {
  const findings: Finding[] = [];
  const frontends = new Set<string>();
  const lists = new Map<string, readonly string[]>();
  let promises = 0;
  for (const promised of promisesOf(model, setting)) {
    promises++;
    if (promised.origin !== '') frontends.add(`${promised.what} ${promised.origin}`);
    const arrivals = routed(router, promised, NOBODY);
    for (const found of compare(promised, promised.shares, arrivals, NOBODY)) findings.push(found);
    if (promised.affinity === undefined) continue;
    for (const found of stickiness(router, promised, promised.affinity, arrivals, lists, setting))
      findings.push(found);
  }
  return { findings, frontends: frontends.size, promises };
}

const NOBODY: ReadonlySet<string> = new Set();

function routed(
  router: Router,
  { region, sender }: Promised,
  client: ReadonlySet<string>,
): readonly Arrival[] {
  return router.route(region, sender.start, { client, chanceOf: meantChance });
}

/**
 * The chance that a numerator of 2^31 is meant to be: kube-proxy rounds one in n to ten decimals.
 */
export function meantChance(numerator: number): Fraction {
  if (numerator === 0) return NONE;
  const n = Math.round(2 ** 31 / numerator);
  return oneInNumerator(n) === numerator
    ? fraction(1n, BigInt(n))
    : fraction(BigInt(numerator), 1n << 31n);
}

/**
 * Whoever was sent to an endpoint comes back to it, through whichever address of the Service port,
 * until the time is over. A client is on the lists of one endpoint at a time.
 */
function* stickiness(
  router: Router,
  promised: Promised,
  { port, decision }: NonNullable<Promised['affinity']>,
  arrivals: readonly Arrival[],
  lists: Map<string, readonly string[]>,
  setting: Setting,
): Generator<Finding> {
  for (const { flow } of arrivals) {
    if (flow.dnat === undefined) continue;
    const key = `${promised.origin} ${flow.dnat.to.ip} ${flow.dnat.to.port}`;
    if (!lists.has(key)) lists.set(key, flow.lists);
  }
  const pool = port.pools[decision.pool];
  for (const endpoint of port.pools.reachable) {
    const key = `${promised.origin} ${endpoint.ip} ${endpoint.port}`;
    const client = new Set(lists.get(key) ?? []);
    const shares = pool.includes(endpoint)
      ? returning(promised, endpoint, { port, decision }, setting)
      : promised.shares;
    if (client.size === 0 && !pool.includes(endpoint)) continue;
    yield* compare(promised, shares, routed(router, promised, client), client);
  }
}

/** Within the time to the endpoint, later as if the client had never been here. */
function returning(
  promised: Promised,
  endpoint: Endpoint,
  { port, decision }: NonNullable<Promised['affinity']>,
  setting: Setting,
): readonly Share[] {
  const { region, sender } = promised;
  const back = { ...region, age: numbers(0, port.affinitySeconds - 1) };
  const late = difference(region.age, back.age);
  return [
    ...endpointShares(back, ALL, endpoint, decision.masquerade, port, sender, setting),
    ...promised.shares.map((share) => ({ ...share, region: { ...share.region, age: late } })),
  ];
}

/** What is promised and what is found, as shares of fates in parts of the same region. */
function compare(
  promised: Promised,
  shares: readonly Share[],
  arrivals: readonly Arrival[],
  client: ReadonlySet<string>,
): readonly Finding[] {
  const expected = shares.map(
    ({ region, share, fate }): Part => [fate, { region, share, assumptions: [] }],
  );
  const found = arrivals.map((arrival): Part => [fateOf(arrival, promised), arrival.flow]);
  if (sameTotals(totals(expected, promised.region), totals(found, promised.region))) return [];
  const worlds = worldsOf([...expected, ...found].map(([, part]) => part));
  if (worlds === undefined) return [finding('unknown', promised, client, promised.region)];
  const wrong = worlds.filter(
    (world) => !sameTotals(distributionIn(world, expected), distributionIn(world, found)),
  );
  const [first] = wrong;
  if (first === undefined) return [];
  // A condition that nobody understands may save a promise, or break it.
  const certain = wrong.find(({ region }) =>
    worlds.every((other) => !sameRegion(other.region, region) || wrong.includes(other)),
  );
  const world = certain ?? first;
  return [
    {
      kind: certain === undefined ? 'unknown' : 'refuted',
      promised,
      client,
      region: world.region,
      expected: distributionIn(world, expected),
      found: distributionIn(world, found),
      assumptions: world.assumptions.map(({ text }) => text),
    },
  ];
}

/** What becomes of packets, and as what. */
type Part = readonly [fate: Fate, part: Placed & { readonly share: Fraction }];

/** The fate, with the mark where packets that were masqueraded or sent out still bear one. */
function fateOf({ flow, hook, ending }: Arrival, { sender }: Promised): Fate {
  const { dnat, masquerade } = flow;
  switch (ending.kind) {
    case 'accept': {
      const to = dnat === undefined ? '' : ` to ${joinHostPort(dnat.to.ip, dnat.to.port)}`;
      const isOut = hook === 'postrouting' || sender.start === 'output';
      const mark = isOut && flow.mark !== 0 ? ` with mark ${flow.mark}` : '';
      return `accept${to}${masquerade ? ' masqueraded' : ''}${mark}`;
    }
    case 'drop':
      return DROPPED;
    case 'reject':
      return `reject ${ending.with}`;
    case 'unknown':
      return `unknown ${ending.text}`;
  }
}

/** Shares by fate and by the fields that are narrower than in the whole. */
function totals(parts: readonly Part[], whole: Region): ReadonlyMap<string, Fraction> {
  const sums = new Map<string, Fraction>();
  for (const [fate, { region, share, assumptions }] of parts) {
    const narrower = FIELDS.filter((field) => !sameIntervals(region[field], whole[field]));
    const fields = narrower.map((field) => `${field} ${region[field].join()}`);
    const guesses = assumptions.map(({ text, holds }) => `${text} ${holds}`);
    const key = [fate, ...fields, ...guesses].join('|');
    const known = sums.get(key);
    sums.set(key, known === undefined ? share : plus(known, share));
  }
  return sums;
}

function sameTotals(a: ReadonlyMap<string, Fraction>, b: ReadonlyMap<string, Fraction>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, share] of a) {
    const other = b.get(key);
    if (other === undefined || !sameFraction(share, other)) return false;
  }
  return true;
}

function sameRegion(a: Region, b: Region): boolean {
  return FIELDS.every((field) => sameIntervals(a[field], b[field]));
}

function finding(
  kind: Finding['kind'],
  promised: Promised,
  client: ReadonlySet<string>,
  region: Region,
): Finding {
  const nothing = new Map<Fate, Fraction>();
  return { kind, promised, client, region, expected: nothing, found: nothing, assumptions: [] };
}
