/** Tries promises one after the other on the rules of a machine. */

import type { Endpoint } from '../model/types.js';
import type { Flow } from '../netfilter/flow.js';
import { ALL } from '../netfilter/fraction.js';
import { difference } from '../netfilter/intervals.js';
import type { Chain } from '../netfilter/program.js';
import { numbers } from '../netfilter/region.js';
import type { Arrival, Router } from '../netfilter/route.js';
import type { Destination, Rule } from '../netfilter/rule.js';
import { meantChance } from '../netfilter/shares.js';
import { StraightWays } from '../netfilter/straight-ways.js';
import { Usage } from '../netfilter/usage.js';
import { healthChecksApart, judgingOf } from './acceptance.js';
import { type Deviation, deviationOf, type Part } from './comparison.js';
import { endpointShares, type Fate, type Promised, type Setting, type Share } from './expected.js';
import { fateOf, type Judging, type Owns, ownFateOf } from './fates.js';
import { type Unneeded, unneededOf } from './unneeded.js';

/** A promise that the rules break, or that nobody can tell about. */
export interface Finding extends Deviation {
  readonly promised: Promised;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  /** The mark that the packets come with. */
  readonly mark: number;
}

const NOBODY: ReadonlySet<string> = new Set();

/** What packets bring along. */
type Comer = Pick<Finding, 'client' | 'mark'>;

/** Tries one promise after the other, and remembers what was learned. */
export class Proof {
  private readonly router: Router;
  private readonly setting: Setting;
  private readonly judging: Judging;
  /** Bits of the mark that rules for Services read or write, and that are not kube-proxy's. */
  private otherBits = 0;
  private readonly usage = new Usage();
  private readonly ways: StraightWays;
  /** The lists that clients are put on, by the Service port and endpoint that they are sent to. */
  private readonly lists = new Map<string, readonly string[]>();

  constructor(router: Router, setting: Setting, owns: Owns) {
    this.router = router;
    this.setting = setting;
    this.judging = judgingOf(setting, owns);
    this.ways = new StraightWays(setting.context.family, this.usage);
  }

  /** What is wrong with a promise, for packets that come with a mark. */
  *findings(promised: Promised, mark = 0): Generator<Finding> {
    const fresh: Comer = { client: NOBODY, mark };
    const arrivals = this.route(promised, fresh);
    yield* this.compare(promised, promised.shares, arrivals, fresh);
    if (promised.affinity !== undefined)
      yield* this.stickiness(promised, promised.affinity, arrivals, mark);
  }

  /**
   * A mark that makes a difference to rules for Services, though it is not theirs; 0: there is
   * none. Known when all promises were tried.
   */
  get otherMark(): number {
    return this.otherBits >>> 0;
  }

  /** What no packet of the promises so far has matched of the rules for Services. */
  unneeded(): readonly Unneeded[] {
    const { family } = this.setting.context;
    return unneededOf(this.router.program, family, this.usage, this.judging.owns);
  }

  private route({ region, sender }: Promised, comer: Comer): readonly Arrival[] {
    const { usage, ways, marks } = this;
    const options = { ...comer, chanceOf: meantChance, usage, ways, marks, paths: false };
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
    promised: Promised,
    affinity: NonNullable<Promised['affinity']>,
    arrivals: readonly Arrival[],
    mark: number,
  ): Generator<Finding> {
    const { port, decision } = affinity;
    for (const { flow } of arrivals) {
      if (flow.dnat === undefined) continue;
      const key = listKey(promised.origin, flow.dnat.to);
      if (!this.lists.has(key)) this.lists.set(key, flow.lists);
    }
    const pool = port.pools[decision.pool];
    for (const endpoint of port.pools.reachable) {
      const client = new Set(this.lists.get(listKey(promised.origin, endpoint)) ?? []);
      const isOffered = pool.includes(endpoint);
      if (client.size === 0 && !isOffered) continue;
      const shares = isOffered
        ? returning(promised, endpoint, affinity, this.setting)
        : promised.shares;
      const comer: Comer = { client, mark };
      yield* this.compare(promised, shares, this.route(promised, comer), comer);
    }
  }

  private *compare(
    promised: Promised,
    shares: readonly Share[],
    arrivals: readonly Arrival[],
    comer: Comer,
  ): Generator<Finding> {
    const { region: whole, sender } = promised;
    const expected = shares.map(
      ({ region, share, fate }): Part => [fate, { region, share, assumptions: NONE_ASSUMED }],
    );
    const parts = this.parts(arrivals, promised, (arrival) =>
      fateOf(arrival, sender, this.judging),
    );
    if (deviationOf(whole, expected, parts) === undefined) return;
    const found = this.ownParts(promised, comer);
    const deviation = deviationOf(whole, expected, found);
    if (deviation !== undefined) yield { ...deviation, ...comer, promised };
  }

  /** What becomes of packets as far as it counts, which depends on the rules that decide. */
  private ownParts(promised: Promised, comer: Comer): readonly Part[] {
    const { region, sender } = promised;
    const arrivals = this.router.route(region, sender.start, { ...comer, chanceOf: meantChance });
    return this.parts(arrivals, promised, (arrival) => ownFateOf(arrival, promised, this.judging));
  }

  private parts(
    arrivals: readonly Arrival[],
    promised: Promised,
    fate: (arrival: Arrival) => Fate,
  ): readonly Part[] {
    return arrivals
      .flatMap((arrival) => healthChecksApart(arrival, this.judging))
      .map(
        (arrival): Part => [this.remembered(fate(arrival), promised, arrival.flow), arrival.flow],
      );
  }

  /** The fate, which tells where a client is not put on all lists of its endpoint, or again. */
  private remembered(fate: Fate, { affinity, origin }: Promised, { dnat, lists }: Flow): Fate {
    if (affinity === undefined || dnat === undefined) return fate;
    const wanted = this.lists.get(listKey(origin, dnat.to)) ?? [];
    return wanted.every((list) => lists.includes(list)) ? fate : `${fate} and not remembered`;
  }
}

/** Whose clients are on the same lists. */
function listKey(origin: string, { ip, port }: Destination): string {
  return `${origin} ${ip} ${port}`;
}

const NONE_ASSUMED: readonly [] = [];

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
