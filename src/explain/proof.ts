/** Routes expected traffic through the rules of a machine. */

import { addTo } from '../grouping.js';
import type { Endpoint } from '../model/types.js';
import type { Flow } from '../netfilter/flow.js';
import { ALL } from '../netfilter/fraction.js';
import { difference } from '../netfilter/intervals.js';
import type { Chain } from '../netfilter/program.js';
import { numbers } from '../netfilter/region.js';
import { type Arrival, NO_LISTS, type Router } from '../netfilter/route.js';
import type { Destination, Rule } from '../netfilter/rule.js';
import { nominalChance } from '../netfilter/shares.js';
import { Usage } from '../netfilter/usage.js';
import { WalkCache } from '../netfilter/walk-cache.js';
import { healthChecksApart, type Judging, judgingOf, type Owns } from './acceptance.js';
import { type SeenOutcome, seenOutcomes } from './companions.js';
import { type Deviation, deviationOf, type OutcomePart } from './comparison.js';
import {
  type ExpectedTraffic,
  endpointShares,
  type Outcome,
  type RegionShare,
  type Setting,
} from './expected.js';
import { outcomeOf, ownOutcomeOf } from './outcomes.js';
import { type Unneeded, unneededOf } from './unneeded.js';

/** Traffic with another outcome than the expected one, or with an unknown one. */
export interface Finding extends Omit<Deviation, 'kind'> {
  /** `changed`: by rules of others, and no client of a Service sees it. */
  readonly kind: Deviation['kind'] | 'changed';
  readonly traffic: ExpectedTraffic;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  /** The mark that the packets come with. */
  readonly mark: number;
}

/** What packets have before any rule: the affinity lists of their client, and their mark. */
type PriorState = Pick<Finding, 'client' | 'mark'>;

/** Takes expected traffic one by one, and remembers what was learned. */
export class Proof {
  private readonly router: Router;
  private readonly setting: Setting;
  private readonly judging: Judging;
  private readonly seen: SeenOutcome;
  /** Bits of the mark that rules for Services read or write, and that are not kube-proxy's. */
  private otherBits = 0;
  private readonly usage = new Usage();
  private readonly cache: WalkCache;
  /** The lists that clients are put on, by the Service port and endpoint that they are sent to. */
  private readonly lists = new Map<string, readonly string[]>();
  /** The Service ports that put clients on each list. */
  private readonly writers = new Map<string, Set<string>>();

  constructor(router: Router, setting: Setting, owns: Owns) {
    this.router = router;
    this.setting = setting;
    this.judging = judgingOf(setting, owns);
    this.seen = seenOutcomes(router.program, this.judging);
    this.cache = new WalkCache(setting.context.family, this.usage);
  }

  /** What deviates from expected traffic, for packets that come with a mark. */
  *findings(traffic: ExpectedTraffic, mark = 0): Generator<Finding> {
    const fresh: PriorState = { client: NO_LISTS, mark };
    const arrivals = this.route(traffic, fresh);
    yield* this.compare(traffic, traffic.shares, arrivals, fresh);
    for (const { flow } of arrivals)
      for (const list of flow.lists) this.isWrittenBy(list, traffic.origin);
    if (traffic.affinity !== undefined)
      yield* this.stickiness(traffic, traffic.affinity, arrivals, mark);
  }

  private isWrittenBy(list: string, origin: string): void {
    const known = this.writers.get(list);
    if (known === undefined) this.writers.set(list, new Set([origin]));
    else known.add(origin);
  }

  /**
   * The lists that clients of several Service ports are put on, by Service port; of right rules
   * none. Known when all traffic was routed.
   */
  sharedLists(): ReadonlyMap<string, readonly string[]> {
    const shared = new Map<string, string[]>();
    for (const [list, origins] of this.writers)
      if (origins.size > 1) for (const origin of origins) addTo(shared, origin, list);
    return shared;
  }

  /** What deviates for clients that another Service port put on a list. */
  *otherClients(traffic: ExpectedTraffic, lists: readonly string[]): Generator<Finding> {
    for (const list of lists) {
      const prior: PriorState = { client: new Set([list]), mark: 0 };
      yield* this.compare(traffic, traffic.shares, this.route(traffic, prior), prior);
    }
  }

  /**
   * A mark that makes a difference to rules for Services, though it is not theirs; 0: there is
   * none. Known when all traffic was routed.
   */
  get otherMark(): number {
    return this.otherBits >>> 0;
  }

  /** The rules for Services that no packet has matched so far. */
  unneeded(): readonly Unneeded[] {
    const { family } = this.setting.context;
    return unneededOf(this.router.program, family, this.usage, this.judging.owns);
  }

  private route(
    { region, sender }: ExpectedTraffic,
    { client, mark }: PriorState,
  ): readonly Arrival[] {
    const { usage, cache, marks } = this;
    const chanceOf = nominalChance;
    const options = { client, mark, chanceOf, usage, cache, marks, paths: false };
    return this.router.route(region, sender.start, options);
  }

  private readonly marks = (chain: Chain, rule: Rule, bits: number): void => {
    const others = bits & ~this.setting.context.masqueradeMark;
    if (others !== 0 && this.judging.owns(chain, rule)) this.otherBits |= others;
  };

  /**
   * Whoever was sent to an endpoint comes back to it, through whichever address of the Service
   * port, until the time is over. A client is on the lists of one endpoint at a time.
   */
  private *stickiness(
    traffic: ExpectedTraffic,
    affinity: NonNullable<ExpectedTraffic['affinity']>,
    arrivals: readonly Arrival[],
    mark: number,
  ): Generator<Finding> {
    const { port, decision } = affinity;
    for (const { flow } of arrivals) {
      if (flow.dnat === undefined) continue;
      const key = listKey(traffic.origin, flow.dnat.to);
      if (!this.lists.has(key)) this.lists.set(key, flow.lists);
    }
    const pool = port.pools[decision.pool];
    for (const endpoint of port.pools.reachable) {
      const client = new Set(this.lists.get(listKey(traffic.origin, endpoint)) ?? []);
      const isOffered = pool.includes(endpoint);
      if (client.size === 0 && !isOffered) continue;
      const shares = isOffered
        ? returning(traffic, endpoint, affinity, this.setting)
        : traffic.shares;
      const prior: PriorState = { client, mark };
      yield* this.compare(traffic, shares, this.route(traffic, prior), prior);
    }
  }

  private *compare(
    traffic: ExpectedTraffic,
    shares: readonly RegionShare[],
    arrivals: readonly Arrival[],
    prior: PriorState,
  ): Generator<Finding> {
    const { region: whole, sender } = traffic;
    const expected = shares.map(
      ({ region, share, outcome }): OutcomePart => [
        outcome,
        { region, share, assumptions: NONE_ASSUMED },
      ],
    );
    const parts = this.parts(arrivals, traffic, (arrival) =>
      outcomeOf(arrival, sender, this.judging),
    );
    if (deviationOf(whole, expected, parts) === undefined) return;
    const own = this.ownArrivals(traffic, prior);
    const found = this.parts(own, traffic, (arrival) =>
      ownOutcomeOf(arrival, traffic, this.judging),
    );
    const deviation = deviationOf(whole, expected, found);
    if (deviation === undefined) return;
    const seen = this.parts(own, traffic, (arrival) => this.seen(arrival, traffic));
    // Mostly nothing of others is in between, and the comparison would be the same one.
    const isAllSeen = seen.every(([outcome], i) => outcome === found[i]?.[0]);
    const worse = isAllSeen ? deviation : deviationOf(whole, expected, seen);
    yield { ...(worse ?? { ...deviation, kind: 'changed' }), ...prior, traffic };
  }

  /** With the rules that decide. */
  private ownArrivals({ region, sender }: ExpectedTraffic, prior: PriorState): readonly Arrival[] {
    return this.router.route(region, sender.start, { ...prior, chanceOf: nominalChance });
  }

  private parts(
    arrivals: readonly Arrival[],
    traffic: ExpectedTraffic,
    outcome: (arrival: Arrival) => Outcome,
  ): readonly OutcomePart[] {
    return arrivals
      .flatMap((arrival) => healthChecksApart(arrival, this.judging))
      .map(
        (arrival): OutcomePart => [
          this.remembered(outcome(arrival), traffic, arrival.flow),
          arrival.flow,
        ],
      );
  }

  /**
   * The outcome, which tells where a client is not put on all lists of its endpoint, or again. That
   * of the only endpoint decides nothing.
   */
  private remembered(
    outcome: Outcome,
    { affinity, origin }: ExpectedTraffic,
    { dnat, lists }: Flow,
  ): Outcome {
    if (affinity === undefined || dnat === undefined) return outcome;
    if (affinity.port.pools.reachable.length < 2) return outcome;
    const wanted = this.lists.get(listKey(origin, dnat.to)) ?? [];
    return wanted.every((list) => lists.includes(list)) ? outcome : `${outcome} and not remembered`;
  }
}

/** Whose clients are on the same lists. */
function listKey(origin: string, { ip, port }: Destination): string {
  return `${origin} ${ip} ${port}`;
}

const NONE_ASSUMED: readonly [] = [];

/** Within the time to the endpoint, later as if the client had never been here. */
function returning(
  traffic: ExpectedTraffic,
  endpoint: Endpoint,
  { port, decision }: NonNullable<ExpectedTraffic['affinity']>,
  setting: Setting,
): readonly RegionShare[] {
  const { region, sender } = traffic;
  const back = { ...region, age: numbers(0, port.affinitySeconds - 1) };
  const late = difference(region.age, back.age);
  return [
    ...endpointShares(back, ALL, endpoint, decision.masquerade, port, sender, setting),
    ...traffic.shares.map((share) => ({ ...share, region: { ...share.region, age: late } })),
  ];
}
