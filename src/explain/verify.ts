/**
 * Proves that rules do what a model promises: for every packet that the machine can meet, the
 * chance of everything that can become of it is the promised one, exactly.
 */

import type { Endpoint, Model } from '../model/types.js';
import { ALL, type Fraction, fraction, NONE } from '../netfilter/fraction.js';
import { difference } from '../netfilter/intervals.js';
import type { Chain } from '../netfilter/program.js';
import { numbers } from '../netfilter/region.js';
import type { Arrival, Router } from '../netfilter/route.js';
import type { Rule } from '../netfilter/rule.js';
import { oneInNumerator } from '../netfilter/shares.js';
import { type Deviation, deviationOf, type Part } from './comparison.js';
import { endpointShares, type Promised, type Setting, type Share } from './expected.js';
import { fateOf, fateWithoutService, type Owns } from './fates.js';
import { unreachedOf } from './leftovers.js';
import { promisesOf } from './promises.js';
import { sendersOf } from './senders.js';

/** A promise that the rules break, or that nobody can tell about. */
export interface Finding extends Deviation {
  readonly promised: Promised;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** Addresses and ports of Services. */
  readonly frontends: number;
  /** Kinds of senders, each of which was tried with every frontend. */
  readonly senders: number;
  /** Chains that would translate packets, and that none reaches: what a Service left behind. */
  readonly unreached: readonly Chain[];
}

export interface VerifyOptions {
  /** Which rules are there for Services. Default: all. */
  readonly owns?: Owns;
  /** Which promises are looked at, by their origin; `''`: those without a Service. Default: all. */
  readonly selects?: (origin: string) => boolean;
}

/** Compares what a router does with what a model promises. */
export function verify(
  router: Router,
  model: Model,
  setting: Setting,
  { owns = everyRule, selects = everything }: VerifyOptions = {},
): Verdict {
  const findings: Finding[] = [];
  const frontends = new Set<string>();
  const proof = new Proof(router, setting, owns);
  for (const promised of promisesOf(model, setting)) {
    if (!selects(promised.origin)) continue;
    if (promised.origin !== '') frontends.add(`${promised.what} ${promised.origin}`);
    for (const found of proof.findings(promised)) findings.push(found);
  }
  return {
    findings,
    frontends: frontends.size,
    senders: sendersOf(setting.context, setting.machine).length,
    unreached: proof.unreached(),
  };
}

const everyRule: Owns = () => true;
const everything = (): boolean => true;
const NOBODY: ReadonlySet<string> = new Set();

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

/** Tries one promise after the other, and remembers what was learned. */
class Proof {
  private readonly router: Router;
  private readonly setting: Setting;
  private readonly owns: Owns;
  private readonly met = new Set<Rule>();
  /** The lists that clients are put on, by the Service port and endpoint that they are sent to. */
  private readonly lists = new Map<string, readonly string[]>();

  constructor(router: Router, setting: Setting, owns: Owns) {
    this.router = router;
    this.setting = setting;
    this.owns = owns;
  }

  /** What is wrong with a promise. */
  *findings(promised: Promised): Generator<Finding> {
    const arrivals = this.route(promised, NOBODY);
    yield* this.compare(promised, promised.shares, arrivals, NOBODY);
    if (promised.affinity !== undefined)
      yield* this.stickiness(promised, promised.affinity, arrivals);
  }

  /** Chains for Services that would translate packets, and that none reached. */
  unreached(): readonly Chain[] {
    return unreachedOf(this.router.chains, this.met).filter((chain) => this.owns(chain, undefined));
  }

  private route({ region, sender }: Promised, client: ReadonlySet<string>): readonly Arrival[] {
    return this.router.route(region, sender.start, {
      client,
      chanceOf: meantChance,
      visit: ({ rule, failed }) => {
        if (failed === undefined) this.met.add(rule);
      },
    });
  }

  /**
   * Whoever was sent to an endpoint comes back to it, through whichever address of the Service
   * port, until the time is over. A client is on the lists of one endpoint at a time.
   */
  private *stickiness(
    promised: Promised,
    affinity: NonNullable<Promised['affinity']>,
    arrivals: readonly Arrival[],
  ): Generator<Finding> {
    const { port, decision } = affinity;
    for (const { flow } of arrivals) {
      if (flow.dnat === undefined) continue;
      const key = `${promised.origin} ${flow.dnat.to.ip} ${flow.dnat.to.port}`;
      if (!this.lists.has(key)) this.lists.set(key, flow.lists);
    }
    const pool = port.pools[decision.pool];
    for (const endpoint of port.pools.reachable) {
      const key = `${promised.origin} ${endpoint.ip} ${endpoint.port}`;
      const client = new Set(this.lists.get(key) ?? []);
      const isOffered = pool.includes(endpoint);
      if (client.size === 0 && !isOffered) continue;
      const shares = isOffered
        ? returning(promised, endpoint, affinity, this.setting)
        : promised.shares;
      yield* this.compare(promised, shares, this.route(promised, client), client);
    }
  }

  private *compare(
    promised: Promised,
    shares: readonly Share[],
    arrivals: readonly Arrival[],
    client: ReadonlySet<string>,
  ): Generator<Finding> {
    const { origin, sender, region: whole } = promised;
    const fate = origin === '' ? fateWithoutService : fateOf;
    const expected = shares.map(
      ({ region, share, fate }): Part => [fate, { region, share, assumptions: [] }],
    );
    const found = arrivals.map((arrival): Part => [fate(arrival, sender, this.owns), arrival.flow]);
    const deviation = deviationOf(whole, expected, found);
    if (deviation !== undefined) yield { ...deviation, promised, client };
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
