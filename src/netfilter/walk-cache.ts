/** A cache of walks through base chains, which are the same for many packets. */

import type { Family } from '../net/ip.js';
import type { ChainWalk } from './chain-walk.js';
import { copyOf, type Ending, type Flow, type PathStep, valuesOf } from './flow.js';
import { type Intervals, isWithin } from './intervals.js';
import type { Chain } from './program.js';
import { everything, FIELDS, type FieldName, onlyPoint } from './region.js';
import type { FieldBounds, MatchedSet, Trail } from './trail.js';
import type { Usage } from './usage.js';

/** What becomes of all packets within some bounds. */
interface CachedWalk {
  readonly bounds: readonly { readonly field: FieldName; readonly set: Intervals }[];
  readonly isTranslated: boolean;
  readonly before: Written;
  readonly after: Written;
  /** What all packets matched besides rules. */
  readonly matches: readonly MatchedSet[];
  /** The rules that match, in order. */
  readonly steps: readonly PathStep[];
  /** `undefined`: no rule ends it. */
  readonly ending: Ending | undefined;
  /** Whether packets go on as they came. */
  readonly isPassed: boolean;
}

/** What rules write, other than a destination. */
type Written = Pick<
  Flow,
  'mark' | 'openMark' | 'connectionMark' | 'tracking' | 'masquerade' | 'snat' | 'ports'
>;

function writtenOf(flow: Flow): Written {
  const { mark, openMark, connectionMark, tracking, masquerade, snat, ports } = flow;
  return { mark, openMark, connectionMark, tracking, masquerade, snat, ports };
}

function sameWritten(a: Written, b: Written): boolean {
  return (
    a.mark === b.mark &&
    a.openMark === b.openMark &&
    a.connectionMark === b.connectionMark &&
    a.tracking === b.tracking &&
    a.masquerade === b.masquerade &&
    a.snat === b.snat &&
    a.ports === b.ports
  );
}

/** Named one by one, which takes less time than to spread both. */
function withWritten(flow: Flow, written: Written, path: PathStep | undefined): Flow {
  const next = copyOf(flow);
  next.mark = written.mark;
  next.openMark = written.openMark;
  next.connectionMark = written.connectionMark;
  next.tracking = written.tracking;
  next.masquerade = written.masquerade;
  next.snat = written.snat;
  next.ports = written.ports;
  next.path = path;
  return next;
}

/** A path with steps behind it. */
function joinedPath(path: PathStep | undefined, steps: readonly PathStep[]): PathStep | undefined {
  return steps.reduce<PathStep | undefined>(
    (before, { chain, rule, calls }) => ({ chain, rule, calls, before }),
    path,
  );
}

/** All packets of a flow at the end of a chain. */
interface Straight {
  readonly flow: Flow;
  /** `undefined`: no rule ends it. */
  readonly ending: Ending | undefined;
}

/** More ways than this through one chain are followed again each time. */
const MOST_WALKS = 32;
/** A way for one of these serves no other packets. */
const NARROW: readonly FieldName[] = ['saddr', 'daddr', 'dport'];

/** For one program, and one client. */
export class WalkCache {
  private readonly byChain = new Map<Chain, CachedWalk[]>();
  private readonly all;
  private readonly usage: Usage | undefined;

  /** `usage` records matches also of walks from the cache. */
  constructor(family: Family, usage?: Usage) {
    this.all = everything(family);
    this.usage = usage;
  }

  /** What becomes of a flow in a base chain, where that is known. */
  find(chain: Chain, flow: Flow): Straight | undefined {
    const walk = this.byChain.get(chain)?.find((known) => serves(known, flow));
    if (walk === undefined) return undefined;
    const { after, steps, ending } = walk;
    for (const { set, field } of walk.matches)
      this.usage?.matchValues(set, field, valuesOf(flow, field));
    if (walk.isPassed) return { flow, ending };
    return { flow: withWritten(flow, after, joinedPath(flow.path, steps)), ending };
  }

  /** Keeps the walk of a flow, if it applies to other flows. */
  keep(chain: Chain, flow: Flow, { back, ended }: ChainWalk, trail: Trail): void {
    const [first] = ended;
    const arrived = back[0] ?? first?.flow;
    if (!trail.isUniform || arrived === undefined || back.length + ended.length !== 1) return;
    const walks = this.byChain.get(chain) ?? [];
    const bounds = trail.bounds(this.all);
    const [before, after] = [writtenOf(flow), writtenOf(arrived)];
    const steps = stepsBetween(flow.path, arrived.path);
    if (walks.length >= MOST_WALKS || NARROW.some((field) => isSingle(bounds, field))) return;
    this.byChain.set(chain, walks);
    walks.push({
      bounds: FIELDS.flatMap((field) => {
        const set = bounds[field];
        return set === undefined ? [] : [{ field, set }];
      }),
      isTranslated: flow.dnat !== undefined,
      before,
      after,
      matches: trail.matchedSets,
      steps,
      ending: first?.ending,
      isPassed: first === undefined && steps.length === 0 && sameWritten(before, after),
    });
  }
}

function isSingle(bounds: FieldBounds, field: FieldName): boolean {
  const set = bounds[field];
  return set !== undefined && onlyPoint(set) !== undefined;
}

function serves({ bounds, before, isTranslated }: CachedWalk, flow: Flow): boolean {
  return (
    sameWritten(before, flow) &&
    isTranslated === (flow.dnat !== undefined) &&
    bounds.every(({ field, set }) => isWithin(valuesOf(flow, field), set))
  );
}

/** The steps after one of them, the first one first. */
function stepsBetween(start: PathStep | undefined, end: PathStep | undefined): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (let step = end; step !== undefined && step !== start; step = step.before) steps.push(step);
  return steps.reverse();
}
