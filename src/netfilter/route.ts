/**
 * The path of packets through the hooks of a machine: prerouting or output, the routing decision,
 * input or forward, postrouting. As in linux/netfilter.h and nf_nat_core.c: a nat chain sees the
 * first packet of a connection alone, and the first translation counts.
 */

import type { Family, Ip } from '../net/ip.js';
import type { ChainWalk, Surroundings, WalkOptions } from './chain-walk.js';
import { Compiler } from './compiled-rules.js';
import { byLocal } from './conditions.js';
import { isTranslated } from './endings.js';
import { copyOf, type Ending, type Flow, splitByField } from './flow.js';
import type { Fraction } from './fraction.js';
import { difference, type Intervals, union } from './intervals.js';
import { LEAVING, LOOPING_IN, LOOPING_OUT, linked } from './links.js';
import { type BaseChain, type Chain, type Hook, type Program, seesFamily } from './program.js';
import { type Region, word } from './region.js';
import { sentFlow } from './sent.js';
import { kernelChance } from './shares.js';
import { isBeforeTracking, tracked } from './tracking.js';
import { Trail } from './trail.js';
import { Walker } from './walk.js';
import type { WalkCache } from './walk-cache.js';

/** The machine, as far as rules depend on it. */
export interface Machine {
  readonly family: Family;
  /** Its addresses, loopback included. */
  readonly local: Intervals;
  /** Addresses that are surely not its own; every other one may be. */
  readonly remote: Intervals;
  /** The networks of Pods: what rules translate to an address in them goes to a Pod. */
  readonly pods: Intervals;
  /** The first address of each interface. Default: not known of any. */
  readonly interfaces?: ReadonlyMap<string, Ip>;
}

export interface RouteOptions extends WalkOptions {
  /** Affinity lists that the client is on: `ip kube-proxy affinity-…`, or names of recent lists. */
  readonly client?: ReadonlySet<string>;
  /** The mark that packets come with. Default: 0. */
  readonly mark?: number;
  /** The chance that a numerator of 2^31 stands for. Default: the kernel's own arithmetic. */
  readonly chanceOf?: (numerator: number) => Fraction;
  /** Walks of other packets with the same options, which are used and added to. */
  readonly cache?: WalkCache;
}

/** The lists of a client that was sent to no endpoint before. */
export const NO_LISTS: ReadonlySet<string> = new Set();

/** What becomes of a part of the packets. */
export interface Arrival {
  readonly flow: Flow;
  readonly ending: Ending;
  /** The last hook that they passed. */
  readonly hook: Hook;
  /** The base chain whose policy dropped them. */
  readonly policy?: Chain | undefined;
}

/** Sends packets through a program. Keeps compiled rules: one router serves many questions. */
export class Router {
  readonly program: Program;
  private readonly machine: Machine;
  private readonly compiler: Compiler;
  private readonly remoteTargets: Intervals;
  private readonly hooks: ReadonlyMap<Hook, readonly Chain[]>;

  constructor(program: Program, machine: Machine) {
    this.program = program;
    this.machine = machine;
    this.compiler = new Compiler(machine.family);
    const { local, remote, pods } = machine;
    this.remoteTargets = difference(union([remote, pods]), local);
    this.hooks = new Map(
      [...program.hooks].map(([hook, chains]) => [
        hook,
        chains.filter(({ table }) => seesFamily(table, machine.family)),
      ]),
    );
  }

  /** Tables that packets of the family meet and whose rules are not known. */
  get unread(): readonly string[] {
    return this.program.unread.filter((table) => seesFamily(table, this.machine.family));
  }

  /** What becomes of packets that arrive (prerouting) or that the machine sends (output). */
  route(
    region: Region,
    start: 'prerouting' | 'output',
    options: RouteOptions = {},
  ): readonly Arrival[] {
    const around: Surroundings = {
      program: this.program,
      compiler: this.compiler,
      family: this.machine.family,
      interfaces: this.machine.interfaces ?? NO_INTERFACES,
      local: this.machine.local,
      remote: this.machine.remote,
      remoteTargets: this.remoteTargets,
      client: options.client ?? NO_LISTS,
      usage: options.usage,
      chanceOf: options.chanceOf ?? kernelChance,
    };
    const traversal = new Traversal(this.hooks, new Walker(around, options), around, options.cache);
    traversal.send(sentFlow(region, start, options.mark ?? 0), start);
    return traversal.arrivals;
  }
}

const NO_INTERFACES: ReadonlyMap<string, Ip> = new Map();

/** One walk through the hooks. */
class Traversal {
  readonly arrivals: Arrival[] = [];
  private readonly hooks: ReadonlyMap<Hook, readonly Chain[]>;
  private readonly walker: Walker;
  private readonly around: Surroundings;
  private readonly cache: WalkCache | undefined;

  constructor(
    hooks: ReadonlyMap<Hook, readonly Chain[]>,
    walker: Walker,
    around: Surroundings,
    cache: WalkCache | undefined,
  ) {
    this.hooks = hooks;
    this.walker = walker;
    this.around = around;
    this.cache = cache;
  }

  send(flow: Flow, start: 'prerouting' | 'output'): void {
    for (const sent of this.hook(start, [flow], true)) {
      const { met: local, rest: others } = byLocal(sent, 'daddr', this.around);
      if (start === 'prerouting') {
        this.arrive('input', this.hook('input', local, true));
        const forwarded = this.hook('forward', linked(others, LEAVING), true);
        this.arrive('postrouting', this.hook('postrouting', forwarded, true));
      } else {
        this.arrive('postrouting', this.hook('postrouting', others, true));
        this.loop(this.hook('postrouting', linked(local, LOOPING_OUT), true));
      }
    }
  }

  /** What a machine sends to itself comes in again, and is not translated twice. */
  private loop(flows: readonly Flow[]): void {
    const arriving = this.hook('prerouting', linked(flows, LOOPING_IN), false);
    this.arrive('input', this.hook('input', arriving, false));
  }

  private arrive(hook: Hook, flows: readonly Flow[]): void {
    for (const flow of flows) this.arrivals.push({ flow, ending: ACCEPTED, hook });
  }

  /** Runs the base chains of a hook in order, and returns what goes on. */
  private hook(hook: Hook, flows: readonly Flow[], translates: boolean): readonly Flow[] {
    if (flows.length === 0) return flows;
    let here = flows;
    for (const chain of this.hooks.get(hook) ?? []) {
      if (chain.base === undefined || here.length === 0) continue;
      here = tracked(here, translates && isBeforeTracking(hook, chain.base) ? 'unseen' : 'seen');
      if (chain.base.type !== 'nat') here = this.through(hook, chain, chain.base, here);
      else if (translates) here = this.translated(hook, chain, chain.base, here);
    }
    return tracked(here, 'seen');
  }

  private through(hook: Hook, chain: Chain, base: BaseChain, flows: readonly Flow[]): Flow[] {
    const goesOn: Flow[] = [];
    for (const flow of flows) this.decide(hook, chain, base, flow, goesOn);
    return goesOn;
  }

  /** A nat chain sees the first packet of a connection that nothing was done to yet. */
  private translated(hook: Hook, chain: Chain, base: BaseChain, flows: readonly Flow[]): Flow[] {
    const goesOn: Flow[] = [];
    for (const flow of flows) {
      if (isTranslated(hook, flow)) {
        goesOn.push(flow);
        continue;
      }
      const { met, rest } = splitByField(flow, 'state', NEW);
      if (met !== undefined) this.decide(hook, chain, base, met, goesOn);
      if (rest !== undefined) goesOn.push(rest);
    }
    return goesOn;
  }

  private decide(hook: Hook, chain: Chain, base: BaseChain, flow: Flow, goesOn: Flow[]): void {
    const known = this.cache?.find(chain, flow);
    if (known !== undefined) {
      this.end(hook, chain, base, known.flow, known.ending, goesOn);
      return;
    }
    const { back, ended } = this.walk(chain, flow);
    for (const part of back) this.end(hook, chain, base, part, undefined, goesOn);
    for (const { flow: part, ending } of ended) this.end(hook, chain, base, part, ending, goesOn);
  }

  private walk(chain: Chain, flow: Flow): ChainWalk {
    if (this.cache === undefined) return this.walker.walk(chain, flow);
    const trail = new Trail();
    const recorded = copyOf(flow);
    recorded.trail = trail;
    const found = this.walker.walk(chain, recorded);
    this.cache.keep(chain, flow, found, trail);
    return found;
  }

  private end(
    hook: Hook,
    chain: Chain,
    { policy, type }: BaseChain,
    flow: Flow,
    ending: Ending | undefined,
    goesOn: Flow[],
  ): void {
    if (ending?.kind === 'accept' && !(type === 'nat' && isTranslated(hook, flow)))
      goesOn.push(acceptedBy(chain, flow));
    else if (ending !== undefined && ending.kind !== 'accept')
      this.arrivals.push({ flow, ending, hook });
    else if (ending === undefined && policy === 'drop')
      this.arrivals.push({ flow, ending: { kind: 'drop' }, hook, policy: chain });
    else goesOn.push(flow);
  }
}

function acceptedBy(chain: Chain, flow: Flow): Flow {
  const next = copyOf(flow);
  next.accepted = [...flow.accepted, { chain, by: flow.path }];
  return next;
}

const ACCEPTED: Ending = { kind: 'accept' };
const NEW = word('new');
