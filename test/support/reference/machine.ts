/**
 * What becomes of one packet, by the book: an implementation of the hooks of netfilter that shares
 * nothing with the one that is tested.
 */

import type { Packet } from './packet.js';
import {
  type Asked,
  type Base,
  type Chain,
  type Deed,
  isLocal,
  type Part,
  type Ruleset,
  type State,
} from './ruleset.js';

/** One way that a packet can go, and how often. */
export interface Way {
  readonly chance: number;
  readonly state: State;
  /** `accept`, `drop`, `reject port-unreachable`; `undefined`: it goes on. */
  readonly end: string | undefined;
}

export class ReferenceMachine {
  private readonly ruleset: Ruleset;
  private readonly isOwn: (ip: bigint) => boolean;
  private readonly hooks = new Map<string, Chain[]>();

  constructor(ruleset: Ruleset, isOwn: (ip: bigint) => boolean) {
    this.ruleset = ruleset;
    this.isOwn = isOwn;
    const chains = [...ruleset.values()].filter(({ base }) => base !== undefined);
    chains.sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
    for (const chain of chains) {
      const hook = chain.base?.hook ?? '';
      this.hooks.set(hook, [...(this.hooks.get(hook) ?? []), chain]);
    }
  }

  /** Every way of a packet that arrives (`prerouting`) or that the machine sends (`output`). */
  ways(packet: Packet, start: string, mark: number, client: ReadonlySet<string>): readonly Way[] {
    const state: State = {
      ...{ mark, dnat: undefined, masquerade: undefined, lists: [], accepted: [] },
    };
    const came = this.through(start, { chance: 1, state, end: undefined }, packet, client, true);
    return came.flatMap((way) => {
      if (way.end !== undefined) return [way];
      const asked = { packet, state: way.state, client, isOwn: this.isOwn };
      const hooks = this.path(start, isLocal('daddr')(asked));
      return this.onward(hooks, way, packet, client);
    });
  }

  private path(start: string, isOwn: boolean): readonly string[] {
    if (start === 'prerouting') return isOwn ? ['input'] : ['forward', 'postrouting'];
    return isOwn ? ['postrouting', 'again prerouting', 'again input'] : ['postrouting'];
  }

  private onward(
    [name, ...others]: readonly string[],
    way: Way,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Way[] {
    if (name === undefined) return [way];
    const hook = name.replace('again ', '');
    return this.through(hook, way, packet, client, hook === name).flatMap((next) =>
      next.end === undefined ? this.onward(others, next, packet, client) : [next],
    );
  }

  /** All base chains of a hook. `isFirst`: the connection was not translated on another way in. */
  private through(
    hook: string,
    start: Way,
    packet: Packet,
    client: ReadonlySet<string>,
    isFirst: boolean,
  ): readonly Way[] {
    let ways: readonly Way[] = [start];
    for (const chain of this.hooks.get(hook) ?? []) {
      const { base } = chain;
      if (base === undefined || (base.isNat && !isFirst)) continue;
      ways = ways.flatMap((way) =>
        way.end === undefined ? this.basic(chain, base, way, packet, client) : [way],
      );
    }
    return ways;
  }

  private basic(
    chain: Chain,
    base: Base,
    way: Way,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Way[] {
    const { state } = way;
    const isSource = base.hook === 'postrouting' || base.hook === 'input';
    const isDone = isSource ? state.masquerade !== undefined : state.dnat !== undefined;
    if (base.isNat && (isDone || !packet.is('state', (word) => word === 'new'))) return [way];
    return this.chain(chain, way, packet, client).map((after): Way => {
      if (after.end !== 'accept')
        return after.end === undefined && this.drops(base, after)
          ? { ...after, end: 'drop' }
          : after;
      const isTranslated =
        after.state.dnat !== state.dnat || after.state.masquerade !== state.masquerade;
      const name = `${chain.table} ${chain.name}`;
      const accepted =
        isTranslated || !base.isShared ? after.state.accepted : [...after.state.accepted, name];
      return { ...after, state: { ...after.state, accepted }, end: undefined };
    });
  }

  /** What a policy that others set does to packets that are not for Services is not asked. */
  private drops({ drops, isShared }: Base, { state }: Way): boolean {
    return drops && (!isShared || state.dnat !== undefined);
  }

  /** The rules of a chain; what no rule ends, returns. */
  private chain(
    chain: Chain,
    start: Way,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Way[] {
    let open: readonly Way[] = [start];
    const gone: Way[] = [];
    for (const rule of chain.rules) {
      const next: Way[] = [];
      for (const way of open) this.rule(chain, rule, way, packet, client, next, gone);
      open = next;
      if (open.length === 0) break;
    }
    return [...gone, ...open];
  }

  private rule(
    chain: Chain,
    [part, ...others]: readonly Part[],
    way: Way,
    packet: Packet,
    client: ReadonlySet<string>,
    next: Way[],
    gone: Way[],
  ): void {
    if (part === undefined) {
      next.push(way);
      return;
    }
    const asked: Asked = { packet, state: way.state, client, isOwn: this.isOwn };
    if ('test' in part) {
      if (part.test(asked)) this.rule(chain, others, way, packet, client, next, gone);
      else next.push(way);
    } else if ('chance' in part) {
      const rest = way.chance * (1 - part.chance);
      if (rest > 0) next.push({ ...way, chance: rest });
      const met = { ...way, chance: way.chance * part.chance };
      if (part.chance > 0) this.rule(chain, others, met, packet, client, next, gone);
    } else {
      for (const done of this.deed(chain, part.deed, way, asked))
        if (done.to === 'rule') this.rule(chain, others, done.way, packet, client, next, gone);
        else if (done.to === 'next') next.push(done.way);
        else gone.push(done.way);
    }
  }

  private deed(chain: Chain, deed: Deed, way: Way, asked: Asked): readonly Done[] {
    const { state } = way;
    switch (deed.does) {
      case 'nothing':
        return [{ to: 'rule', way }];
      case 'accept':
      case 'drop':
        return [{ to: 'gone', way: { ...way, end: deed.does } }];
      case 'reject':
        return [{ to: 'gone', way: { ...way, end: `reject ${deed.with}` } }];
      case 'return':
        return [{ to: 'gone', way }];
      case 'dnat': {
        const { ip, port } = deed;
        return [
          { to: 'gone', way: { ...way, state: { ...state, dnat: { ip, port } }, end: 'accept' } },
        ];
      }
      case 'masquerade':
        return [
          { to: 'gone', way: { ...way, state: { ...state, masquerade: deed.how }, end: 'accept' } },
        ];
      case 'mark': {
        const mark = ((state.mark & deed.and) ^ deed.xor) >>> 0;
        return [{ to: 'rule', way: { ...way, state: { ...state, mark } } }];
      }
      case 'remember':
        return [
          { to: 'rule', way: { ...way, state: { ...state, lists: [...state.lists, deed.list] } } },
        ];
      case 'jump':
      case 'goto':
        return this.call(chain, deed, way, asked);
      case 'draw': {
        const one = { ...way, chance: way.chance / deed.of };
        const rest = { ...way, chance: (way.chance * (deed.of - deed.deeds.length)) / deed.of };
        return [
          ...deed.deeds.flatMap((each) => this.deed(chain, each, one, asked)),
          ...(rest.chance > 0 ? [{ to: 'next', way: rest } as const] : []),
        ];
      }
      case 'look up': {
        const found = deed.find(asked);
        return found === undefined ? [{ to: 'next', way }] : this.deed(chain, found, way, asked);
      }
    }
  }

  private call(
    { table }: Chain,
    { does, chain }: Extract<Deed, { readonly chain: string }>,
    way: Way,
    { packet, client }: Asked,
  ): readonly Done[] {
    const target = this.ruleset.get(`${table} ${chain}`);
    if (target === undefined) throw new Error(`there is no chain ${table} ${chain}`);
    return this.chain(target, way, packet, client).map((after) => ({
      to: after.end === undefined && does === 'jump' ? 'next' : 'gone',
      way: after,
    }));
  }
}

/** Where a packet goes from a part of a rule. */
interface Done {
  readonly to: 'rule' | 'next' | 'gone';
  readonly way: Way;
}
