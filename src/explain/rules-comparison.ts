/** Compares what two rulesets do, packet by packet, without a word of what they should do. */

import { addTo } from '../grouping.js';
import type { Family } from '../net/ip.js';
import { lazy } from '../netfilter/program.js';
import { type Arrival, NO_LISTS, type Router } from '../netfilter/route.js';
import { nominalChance } from '../netfilter/shares.js';
import { WalkCache } from '../netfilter/walk-cache.js';
import type { Judging } from './acceptance.js';
import { type Deviation, deviationsOf, type OutcomePart } from './comparison.js';
import { outcomeOf, ownOutcomeOf } from './outcomes.js';
import type { RuleQuestion } from './rule-questions.js';

/** One of the two rulesets. */
export interface RulesSide extends Judging {
  readonly router: Router;
}

/** Packets to which the second ruleset does something else than the first. */
export interface Difference extends Deviation {
  readonly question: RuleQuestion;
  /** The affinity lists that the client is on, of the first ruleset and of the second. */
  readonly clients: Clients;
}

export type Clients = readonly [before: Client, after: Client];
type Client = ReadonlySet<string>;

const NO_WRITER: readonly [origin: string, endpoint: string] = ['', ''];

/** Compares both rulesets, question by question. */
export class RulesComparison {
  private readonly before: Asked;
  private readonly after: Asked;

  constructor(before: RulesSide, after: RulesSide, family: Family) {
    this.before = new Asked(before, family);
    this.after = new Asked(after, family);
  }

  /** What differs in the packets of a question. */
  *differences(question: RuleQuestion): Generator<Difference> {
    const [before, after] = [
      this.before.arrivals(question, NO_LISTS),
      this.after.arrivals(question, NO_LISTS),
    ];
    yield* this.compare(question, [NO_LISTS, NO_LISTS], before, after);
    if (question.origin === '') return;
    // Clients that were sent to an endpoint before, through whichever address of the Service port.
    for (const endpoint of new Set([
      ...this.before.remember(question, before),
      ...this.after.remember(question, after),
    ])) {
      const clients: Clients = [this.before.client(endpoint), this.after.client(endpoint)];
      if (clients.every(({ size }) => size === 0)) continue;
      const back = [
        this.before.arrivals(question, clients[0]),
        this.after.arrivals(question, clients[1]),
      ] as const;
      yield* this.compare(question, clients, ...back);
    }
  }

  /** Whether clients of several Service ports are put on one list. Known when all was asked. */
  get sharesLists(): boolean {
    return this.before.otherClients.size + this.after.otherClients.size > 0;
  }

  /** What differs for clients that another Service port put on a list of this one. */
  *otherClientsDifferences(question: RuleQuestion): Generator<Difference> {
    const { origin } = question;
    for (const endpoint of new Set([
      ...(this.before.otherClients.get(origin) ?? []),
      ...(this.after.otherClients.get(origin) ?? []),
    ])) {
      const clients: Clients = [this.before.client(endpoint), this.after.client(endpoint)];
      const back = [
        this.before.arrivals(question, clients[0]),
        this.after.arrivals(question, clients[1]),
      ] as const;
      yield* this.compare(question, clients, ...back);
    }
  }

  private *compare(
    question: RuleQuestion,
    clients: Clients,
    before: readonly Arrival[],
    after: readonly Arrival[],
  ): Generator<Difference> {
    const { region, sender } = question;
    const parts = (arrivals: readonly Arrival[], { side }: Asked): readonly OutcomePart[] =>
      arrivals.map((arrival): OutcomePart => [outcomeOf(arrival, sender, side), arrival.flow]);
    const all = [parts(before, this.before), parts(after, this.after)] as const;
    if (deviationsOf(region, ...all).length === 0) return;
    const own = [
      this.before.ownParts(question, clients[0]),
      this.after.ownParts(question, clients[1]),
    ] as const;
    for (const deviation of deviationsOf(region, ...own)) yield { ...deviation, question, clients };
  }
}

/** One ruleset, and what was learned about it. */
class Asked {
  readonly side: RulesSide;
  private readonly cache: WalkCache;
  /** The lists that clients are put on, by the Service port and endpoint that they are sent to. */
  private readonly lists = new Map<string, Client>();
  private readonly byOrigin = new Map<string, Set<string>>();
  /** The Service ports that put clients on each list, each with an endpoint of these clients. */
  private readonly writers = new Map<string, Map<string, string>>();
  private readonly found = lazy(() => this.findOtherClients());

  constructor(side: RulesSide, family: Family) {
    this.side = side;
    this.cache = new WalkCache(family);
  }

  arrivals({ region, sender }: RuleQuestion, client: Client): readonly Arrival[] {
    const options = { client, chanceOf: nominalChance, cache: this.cache, paths: false };
    return this.side.router.route(region, sender.start, options);
  }

  /** What becomes of packets as far as rules of Services decide it. */
  ownParts(question: RuleQuestion, client: Client): readonly OutcomePart[] {
    const { region, sender } = question;
    const asked = { ...question, shares: [] };
    return this.side.router
      .route(region, sender.start, { client, chanceOf: nominalChance })
      .map((arrival): OutcomePart => [ownOutcomeOf(arrival, asked, this.side), arrival.flow]);
  }

  /** Learns the lists of endpoints, and returns the endpoints of the Service port known so far. */
  remember({ origin }: RuleQuestion, arrivals: readonly Arrival[]): ReadonlySet<string> {
    const known = this.byOrigin.get(origin) ?? new Set<string>();
    this.byOrigin.set(origin, known);
    for (const { flow } of arrivals) {
      if (flow.dnat === undefined || flow.lists.length === 0) continue;
      const key = `${origin} ${flow.dnat.to.ip} ${flow.dnat.to.port}`;
      known.add(key);
      if (this.lists.has(key)) continue;
      this.lists.set(key, new Set(flow.lists));
      for (const list of flow.lists) this.isWrittenBy(list, origin, key);
    }
    return known;
  }

  private isWrittenBy(list: string, origin: string, endpoint: string): void {
    const known = this.writers.get(list);
    if (known === undefined) this.writers.set(list, new Map([[origin, endpoint]]));
    else if (!known.has(origin)) known.set(origin, endpoint);
  }

  /** By Service port an endpoint of another one whose clients are put on each list of both. */
  get otherClients(): ReadonlyMap<string, readonly string[]> {
    return this.found();
  }

  private findOtherClients(): ReadonlyMap<string, readonly string[]> {
    const otherClients = new Map<string, string[]>();
    for (const writers of this.writers.values()) {
      const [[first, endpoint] = NO_WRITER, [, other] = NO_WRITER] = writers;
      if (writers.size < 2) continue;
      for (const origin of writers.keys())
        addTo(otherClients, origin, origin === first ? other : endpoint);
    }
    return otherClients;
  }

  client(endpoint: string): Client {
    return this.lists.get(endpoint) ?? NO_LISTS;
  }
}

/** Whether packets of a region that do not arrive are stopped by rules that are not of Services. */
export function isStoppedByOthers(
  { router, owns }: RulesSide,
  { question, region }: Difference,
  client: Client,
): boolean {
  const stopped = router
    .route(region, question.sender.start, { client, chanceOf: nominalChance })
    .filter(({ ending }) => ending.kind !== 'accept');
  return (
    stopped.length > 0 &&
    stopped.every(({ policy, flow: { path } }) =>
      policy === undefined
        ? path !== undefined && !owns(path.chain, path.rule)
        : !owns(policy, undefined),
    )
  );
}
