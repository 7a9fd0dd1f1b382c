/**
 * What rules of other programs take from those of kube-proxy without a client of a Service seeing
 * it: they accept, translate or do not track packets of no Service that kube-proxy would drop, or
 * masquerade packets before kube-proxy does, which leaves its mark on them.
 */

import type { Flow, PathStep } from '../netfilter/flow.js';
import { type BaseChain, lazy, type Program } from '../netfilter/program.js';
import type { Arrival } from '../netfilter/route.js';
import type { Judging } from './acceptance.js';
import type { ExpectedTraffic, Outcome } from './expected.js';
import { actsOwn, changesSource, isServed, ownOutcomeOf, translates } from './outcomes.js';

type Place = Pick<BaseChain, 'hook' | 'type'>;

/** Gives the outcome of packets, the expected one where clients of Services see no other. */
export type SeenOutcome = (
  arrival: Arrival,
  traffic: Pick<ExpectedTraffic, 'origin' | 'sender' | 'shares'>,
) => Outcome;

/** The outcomes that clients of Services see of the rules of a machine. */
export function seenOutcomes(program: Program, judging: Judging): SeenOutcome {
  const places = lazy(() => placesOfServices(program, judging));
  const comesFirst = (step: PathStep, place: Place): boolean =>
    !judging.owns(step.chain, step.rule) &&
    places().has(placeKey(place)) &&
    !metBefore(step, place, judging);
  return (arrival, traffic) => {
    const { flow, ending } = arrival;
    const [share] = traffic.shares;
    if (!isServed(traffic) && share !== undefined) {
      const isEarly =
        ending.kind === 'accept' &&
        flow.accepted.some(
          ({ chain: { base }, by }) => base && by !== undefined && comesFirst(by, base),
        );
      if (isEarly || isOthers(flow, judging)) return share.outcome;
    }
    const step = sourceStep(flow.path);
    const seen =
      step !== undefined && comesFirst(step, TRANSLATION)
        ? { ...arrival, flow: { ...flow, mark: flow.sentMark } }
        : arrival;
    return ownOutcomeOf(seen, traffic, judging);
  };
}

/** Whether rules of others translate packets, or have them belong to no connection. */
function isOthers({ dnat, tracking, path }: Flow, { owns }: Judging): boolean {
  const isTranslated = dnat !== undefined && !actsOwn(path, translates, owns);
  return (
    isTranslated || (tracking === 'never' && !actsOwn(path, ({ kind }) => kind === 'untrack', owns))
  );
}

/** Where sources are translated. */
const TRANSLATION: Place = { hook: 'postrouting', type: 'nat' };

function placeKey({ hook, type }: Place): string {
  return `${hook} ${type}`;
}

/** Where base chains have rules for Services. */
function placesOfServices({ hooks }: Program, { owns }: Judging): ReadonlySet<string> {
  const found = new Set<string>();
  for (const chain of [...hooks.values()].flat())
    if (chain.base && chain.rules.some((rule) => owns(chain, rule)))
      found.add(placeKey(chain.base));
  return found;
}

/** Whether a rule for Services was met at a place, up to a step. */
function metBefore(last: PathStep, place: Place, { owns }: Judging): boolean {
  for (let step: PathStep | undefined = last; step !== undefined; step = step.before) {
    const { base } = step.chain;
    if (base && placeKey(base) === placeKey(place) && owns(step.chain, step.rule)) return true;
  }
  return false;
}

/** The last rule on the way that changes the source. */
function sourceStep(path: PathStep | undefined): PathStep | undefined {
  for (let step = path; step !== undefined; step = step.before)
    if (step.rule.statements.some(changesSource)) return step;
  return undefined;
}
