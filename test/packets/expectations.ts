/** What a row of a scenario expects, and how that is checked with packets. */

import { expect } from 'chai';
import type { Family } from '../../src/index.js';
import type { Outcome, Transport } from '../support/machines/station-protocol.js';
import type { Answerer } from './addresses.js';
import { type Ask, type Sender, sourceOf } from './asking.js';
import type { Refusal } from './refusals.js';
import type { Target } from './services.js';
import { answerText, masqueradedFor } from './traced.js';

/** Who sends where. */
export interface Path {
  readonly from: Sender;
  readonly to: Target;
  /** Default: both. */
  readonly transports?: readonly Transport[];
}

/**
 * What the pod sees as its client: `kept` is the sender's own address, `node` is the node's address
 * on the way to that pod, `kept-unless-itself` is `node` only for a pod that reached itself.
 */
type SourceSeen = 'kept' | 'node' | 'kept-unless-itself';

export type Expectation =
  | { readonly kind: 'answer'; readonly by: readonly Answerer[]; readonly source: SourceSeen }
  | { readonly kind: 'refused'; readonly with?: Refusal }
  | { readonly kind: 'dropped'; readonly control: Path };

/** Each of these pods answers, and no other. */
export function answeredBy(by: readonly Answerer[], source: SourceSeen): Expectation {
  return { kind: 'answer', by, source };
}

/** An ICMP port unreachable, or a reset, comes back. */
export const refused: Expectation = { kind: 'refused' };

/** As {@link refused}; and the node sends nothing but this to who asks over TCP. */
export function refusedWith(refusal: Refusal): Expectation {
  return { kind: 'refused', with: refusal };
}

/**
 * Nothing comes back, although the control, asked just before, is answered, and although a packet
 * that nobody stopped would be answered by `elsewhere`.
 */
export function droppedWhile(control: Path): Expectation {
  return { kind: 'dropped', control };
}

/** What a row asks over unless it says otherwise. */
export const TRANSPORTS: readonly Transport[] = ['tcp', 'udp'];

/**
 * How often a row asks, so that each of three pods answers at least once: all but 3·(2/3)^45 =
 * 4e-8.
 */
const ASKS = 45;
/** How long nothing has to come back; an answer takes a few milliseconds. */
export const SILENCE_MS = 400;

/**
 * Asks over all transports at the same time, and throws where what comes back is not what is
 * expected.
 */
export async function check(
  expected: Expectation,
  path: Path,
  family: Family,
  ask: Ask,
  refusals: () => Promise<Readonly<Record<Refusal, number>>>,
): Promise<void> {
  const transports = path.transports ?? TRANSPORTS;
  const overAll = async ({ from, to }: Path, times: number, timeoutMs?: number) => {
    const waiting = timeoutMs === undefined ? {} : { timeoutMs };
    const outcomes = await Promise.all(
      transports.map((transport) => ask({ from, to, family, transport, times, ...waiting })),
    );
    return outcomes.map(tally);
  };
  const onEach = (outcomes: readonly string[]) => transports.map(() => outcomes);
  if (expected.kind === 'dropped') {
    const control = await overAll(expected.control, 2);
    for (const answers of control) {
      expect(
        answers.every((answer) => answer.startsWith('pod-')),
        `the control: ${answers}`,
      ).to.equal(true);
    }
    const outcomes = await overAll(path, 2, SILENCE_MS);
    expect(outcomes).to.deep.equal(onEach(wordsOf(expected, path.from, family)));
  } else if (expected.kind === 'refused') {
    const outcomes = await overAll(path, 2);
    expect(outcomes).to.deep.equal(onEach(wordsOf(expected, path.from, family)));
    if (expected.with === undefined) return;
    const before = await refusals();
    await ask({ ...path, family, transport: 'tcp', times: 2 });
    const after = await refusals();
    const sent = (['reset', 'unreachable'] as const).filter((kind) => after[kind] > before[kind]);
    expect(sent).to.deep.equal([expected.with]);
  } else {
    const outcomes = await overAll(path, ASKS);
    expect(outcomes).to.deep.equal(onEach(wordsOf(expected, path.from, family)));
  }
}

/** Every outcome that is expected, in words. */
export function wordsOf(expected: Expectation, from: Sender, family: Family): readonly string[] {
  switch (expected.kind) {
    case 'dropped':
      return ['timeout'];
    case 'refused':
      return ['refused'];
    case 'answer':
      return expected.by
        .map((pod) => answerText(pod, sourceSeen(expected.source, from, pod, family)))
        .sort();
  }
}

/** The different outcomes, in words. */
function tally(outcomes: readonly Outcome[]): readonly string[] {
  return [...new Set(outcomes.map(inWords))].sort();
}

/** An outcome in words: `pod-a saw 10.244.1.12`, `refused`. */
export function inWords(outcome: Outcome): string {
  if (outcome.kind === 'answer') return answerText(outcome.by as Answerer, outcome.sourceSeen);
  return outcome.kind === 'error' ? outcome.message : outcome.kind;
}

function sourceSeen(rule: SourceSeen, from: Sender, pod: Answerer, family: Family): string {
  const masqueraded = rule === 'node' || (rule === 'kept-unless-itself' && from === pod);
  if (masqueraded) return masqueradedFor(pod, family);
  const kept = sourceOf(from, family);
  if (kept === undefined) throw new Error(`${from} has no one address that could be kept`);
  return kept;
}
