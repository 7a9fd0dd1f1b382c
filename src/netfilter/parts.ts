/** The parts of a flow that meet a condition, and those that do not. */

import { type Flow, splitByGuess } from './flow.js';

export interface Parts {
  readonly met: readonly Flow[];
  readonly rest: readonly Flow[];
}

const NOTHING: Parts = { met: [], rest: [] };

/** Each where there is one. */
export function parts(met: Flow | undefined, rest: Flow | undefined): Parts {
  return { met: met === undefined ? [] : [met], rest: rest === undefined ? [] : [rest] };
}

/** All of a flow, or none of it; nothing where there is no flow. */
export function allIf(isMet: boolean, flow: Flow | undefined): Parts {
  return isMet ? parts(flow, undefined) : parts(undefined, flow);
}

/** With `not`, what meets a condition does not. */
export function swapped({ met, rest }: Parts, not: boolean): Parts {
  return not ? { met: rest, rest: met } : { met, rest };
}

/** The parts of several flows. */
export function joined(all: readonly Parts[]): Parts {
  return { met: all.flatMap(({ met }) => met), rest: all.flatMap(({ rest }) => rest) };
}

/** A condition that may or may not hold; `occurs`: {@link Assumption.occurs}. */
export function guessed(
  flow: Flow | undefined,
  text: string,
  occurs: readonly boolean[] = [],
): Parts {
  if (flow === undefined) return NOTHING;
  // After a translation the same condition may get another answer.
  const about = flow.dnat === undefined ? text : `${text}, translated`;
  const { met, rest } = splitByGuess(flow, about, occurs);
  return parts(met, rest);
}
