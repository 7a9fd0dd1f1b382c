/**
 * What becomes of one packet, by the book: an implementation of the hooks of netfilter that shares
 * nothing with the one that is tested.
 */

import type { Packet } from './packet.js';
import {
  type Action,
  type Asked,
  type Base,
  type Chain,
  isLocal,
  type Part,
  type Ruleset,
  type State,
} from './ruleset.js';

/** What can become of a packet, and its chance. */
export interface Branch {
  readonly chance: number;
  readonly state: State;
  /** `accept`, `drop`, `reject port-unreachable`; `undefined`: it goes on. */
  readonly end: string | undefined;
}

function isNew(state: string): boolean {
  return state === 'new';
}

export class ReferenceMachine {
  private readonly ruleset: Ruleset;
  private readonly isOwn: (ip: bigint) => boolean;
  private readonly hooks = new Map<string, Chain[]>();
  /** The chain that the packet entered from a hook. */
  private base: Base | undefined;

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

  /**
   * All that can become of a packet that arrives (`prerouting`) or that the machine sends
   * (`output`).
   */
  branches(
    packet: Packet,
    start: string,
    mark: number,
    client: ReadonlySet<string>,
  ): readonly Branch[] {
    const state: State = {
      ...{
        mark,
        isTracked: false,
        dnat: undefined,
        masquerade: undefined,
        lists: [],
        accepted: [],
      },
    };
    const came = this.through(start, { chance: 1, state, end: undefined }, packet, client, true);
    return came.flatMap((branch) => {
      if (branch.end !== undefined) return [branch];
      const asked = { packet, state: branch.state, client, isOwn: this.isOwn };
      const hooks = this.path(start, isLocal('daddr')(asked));
      return this.onward(hooks, branch, packet, client);
    });
  }

  private path(start: string, isOwn: boolean): readonly string[] {
    if (start === 'prerouting') return isOwn ? ['input'] : ['forward', 'postrouting'];
    return isOwn ? ['postrouting', 'again prerouting', 'again input'] : ['postrouting'];
  }

  private onward(
    [name, ...others]: readonly string[],
    branch: Branch,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Branch[] {
    if (name === undefined) return [branch];
    const hook = name.replace('again ', '');
    return this.through(hook, branch, packet, client, hook === name).flatMap((next) =>
      next.end === undefined ? this.onward(others, next, packet, client) : [next],
    );
  }

  /** All base chains of a hook. `isFirst`: the connection was not translated before. */
  private through(
    hook: string,
    start: Branch,
    packet: Packet,
    client: ReadonlySet<string>,
    isFirst: boolean,
  ): readonly Branch[] {
    let branches: readonly Branch[] = [start];
    for (const chain of this.hooks.get(hook) ?? []) {
      const { base } = chain;
      if (base === undefined || (base.isNat && !isFirst)) continue;
      // Connections are looked for at priority -200 of the first hook.
      const isTracked = start.state.isTracked || base.priority > -200;
      branches = branches.flatMap((branch) =>
        branch.end === undefined
          ? this.basic(chain, base, tracked(branch, isTracked), packet, client)
          : [branch],
      );
    }
    return branches.map((branch) => tracked(branch, true));
  }

  private basic(
    chain: Chain,
    base: Base,
    branch: Branch,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Branch[] {
    const { state } = branch;
    const isSource = base.hook === 'postrouting' || base.hook === 'input';
    const isDone = isSource ? state.masquerade !== undefined : state.dnat !== undefined;
    const isFirst = state.isTracked && !isDone;
    if (base.isNat && !(isFirst && packet.is('state', isNew))) return [branch];
    this.base = base;
    return this.chain(chain, branch, packet, client).map((after): Branch => {
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

  /** A policy that others set is ignored for packets that are not for Services. */
  private drops({ drops, isShared }: Base, { state }: Branch): boolean {
    return drops && (!isShared || state.dnat !== undefined);
  }

  /** The rules of a chain; what no rule ends, returns. */
  private chain(
    chain: Chain,
    start: Branch,
    packet: Packet,
    client: ReadonlySet<string>,
  ): readonly Branch[] {
    let open: readonly Branch[] = [start];
    const left: Branch[] = [];
    for (const rule of chain.rules) {
      const next: Branch[] = [];
      for (const branch of open) this.rule(chain, rule, branch, packet, client, next, left);
      open = next;
      if (open.length === 0) break;
    }
    return [...left, ...open];
  }

  private rule(
    chain: Chain,
    [part, ...others]: readonly Part[],
    branch: Branch,
    packet: Packet,
    client: ReadonlySet<string>,
    next: Branch[],
    left: Branch[],
  ): void {
    if (part === undefined) {
      next.push(branch);
      return;
    }
    const asked: Asked = { packet, state: branch.state, client, isOwn: this.isOwn };
    if ('test' in part) {
      if (part.test(asked)) this.rule(chain, others, branch, packet, client, next, left);
      else next.push(branch);
    } else if ('chance' in part) {
      const rest = branch.chance * (1 - part.chance);
      if (rest > 0) next.push({ ...branch, chance: rest });
      const met = { ...branch, chance: branch.chance * part.chance };
      if (part.chance > 0) this.rule(chain, others, met, packet, client, next, left);
    } else {
      for (const done of this.action(chain, part.action, branch, asked))
        if (done.to === 'rule') this.rule(chain, others, done.branch, packet, client, next, left);
        else if (done.to === 'next') next.push(done.branch);
        else left.push(done.branch);
    }
  }

  private action(chain: Chain, action: Action, branch: Branch, asked: Asked): readonly Step[] {
    const { state } = branch;
    // A kernel does not load such rules.
    if (this.base !== undefined && !isLoaded(action, this.base))
      return [{ to: 'left', branch: { ...branch, end: `${action.does} in a wrong chain` } }];
    switch (action.does) {
      case 'nothing':
        return [{ to: 'rule', branch }];
      case 'accept':
      case 'drop':
        return [{ to: 'left', branch: { ...branch, end: action.does } }];
      case 'reject':
        return [{ to: 'left', branch: { ...branch, end: `reject ${action.with}` } }];
      case 'return':
        return [{ to: 'left', branch }];
      case 'dnat': {
        const { ip, port } = action;
        return [
          {
            to: 'left',
            branch: { ...branch, state: { ...state, dnat: { ip, port } }, end: 'accept' },
          },
        ];
      }
      case 'masquerade':
        return [
          {
            to: 'left',
            branch: { ...branch, state: { ...state, masquerade: action.how }, end: 'accept' },
          },
        ];
      case 'mark': {
        const mark = ((state.mark & action.and) ^ action.xor) >>> 0;
        return [{ to: 'rule', branch: { ...branch, state: { ...state, mark } } }];
      }
      case 'remember':
        return [
          {
            to: 'rule',
            branch: { ...branch, state: { ...state, lists: [...state.lists, action.list] } },
          },
        ];
      case 'jump':
      case 'goto':
        return this.call(chain, action, branch, asked);
      case 'draw': {
        const one = { ...branch, chance: branch.chance / action.of };
        const rest = {
          ...branch,
          chance: (branch.chance * (action.of - action.actions.length)) / action.of,
        };
        return [
          ...action.actions.flatMap((each) => this.action(chain, each, one, asked)),
          ...(rest.chance > 0 ? [{ to: 'next', branch: rest } as const] : []),
        ];
      }
      case 'look up': {
        const found = action.find(asked);
        return found === undefined
          ? [{ to: 'next', branch }]
          : this.action(chain, found, branch, asked);
      }
    }
  }

  private call(
    { table }: Chain,
    { does, chain }: Extract<Action, { readonly chain: string }>,
    branch: Branch,
    { packet, client }: Asked,
  ): readonly Step[] {
    const target = this.ruleset.get(`${table} ${chain}`);
    if (target === undefined) throw new Error(`there is no chain ${table} ${chain}`);
    return this.chain(target, branch, packet, client).map((after) => ({
      to: after.end === undefined && does === 'jump' ? 'next' : 'left',
      branch: after,
    }));
  }
}

/** Whether a kernel lets rules in such a chain translate so. */
function isLoaded({ does }: Action, { isNat, hook }: Base): boolean {
  if (does === 'dnat') return isNat && (hook === 'prerouting' || hook === 'output');
  return does !== 'masquerade' || (isNat && hook === 'postrouting');
}

function tracked(branch: Branch, isTracked: boolean): Branch {
  return branch.state.isTracked === isTracked
    ? branch
    : { ...branch, state: { ...branch.state, isTracked } };
}

/** Where a packet goes from a part of a rule. */
interface Step {
  readonly to: 'rule' | 'next' | 'left';
  readonly branch: Branch;
}
