/** The outcomes of packets, in the same words for expected and found ones. */

import { joinHostPort } from '../net/ip.js';
import type { Flow, PathStep } from '../netfilter/flow.js';
import type { Arrival } from '../netfilter/route.js';
import type { Action, Statement } from '../netfilter/rule.js';
import { writtenBits } from '../netfilter/writes.js';
import { acceptanceText, type Judging, type Owns } from './acceptance.js';
import { DROPPED, type ExpectedTraffic, type Outcome, PASSES } from './expected.js';
import type { Sender } from './senders.js';

/** The outcome of packets of a sender, with the mark that is left on those that go out. */
export function outcomeOf(arrival: Arrival, sender: Sender, judging: Judging): Outcome {
  const { flow, ending, hook } = arrival;
  switch (ending.kind) {
    case 'accept': {
      const { mark, sentMark } = flow;
      const isMarked = mark !== sentMark && (hook === 'postrouting' || sender.start === 'output');
      const outcome = `${acceptedOutcome(flow)}${acceptanceText(arrival, sender, judging)}`;
      return isMarked ? `${outcome} with mark 0x${mark.toString(16)}` : outcome;
    }
    case 'drop':
      return DROPPED;
    case 'reject':
      return `reject ${ending.with}`;
    case 'impossible':
      return `impossible: ${ending.text}`;
    case 'unknown':
      return `unknown ${ending.text}`;
  }
}

/** A source that becomes an address of the machine is masqueraded, whichever rule does it. */
function acceptedOutcome({ dnat, masquerade, ports, snat }: Flow): Outcome {
  const kept = dnat === undefined ? PASSES : `accept to ${joinHostPort(dnat.to.ip, dnat.to.port)}`;
  if (masquerade) return `${kept} masqueraded${ports}`;
  return snat === undefined ? kept : `${kept} from ${snat}`;
}

/**
 * The outcome as far as it counts: only bits of the mark that rules for Services wrote, and of
 * packets that concern no Service, or that rules for Services are to let pass as they are, only
 * what such rules decide. What others drop, translate or masquerade is no fault of these.
 */
export function ownOutcomeOf(
  arrival: Arrival,
  traffic: Pick<ExpectedTraffic, 'origin' | 'sender' | 'shares'>,
  judging: Judging,
): Outcome {
  const { flow, ending, policy } = arrival;
  const { sender, shares } = traffic;
  const { owns } = judging;
  const { path } = flow;
  const own = withOwnMark(flow, owns);
  if (isServed(traffic)) return outcomeOf({ ...arrival, flow: own }, sender, judging);
  if (ending.kind !== 'accept') {
    const isOwn =
      policy === undefined
        ? path !== undefined && owns(path.chain, path.rule)
        : owns(policy, undefined);
    return isOwn ? outcomeOf(arrival, sender, judging) : (shares[0]?.outcome ?? PASSES);
  }
  const dnat = flow.dnat && actsOwn(path, translates, owns) ? flow.dnat : undefined;
  const isSourceOwn =
    (flow.masquerade || flow.snat !== undefined) && actsOwn(path, changesSource, owns);
  const masquerade = flow.masquerade && isSourceOwn;
  const snat = isSourceOwn ? flow.snat : undefined;
  return outcomeOf({ ...arrival, flow: { ...own, dnat, masquerade, snat } }, sender, judging);
}

/** Whether rules for Services are to do anything with packets: all pass, or none does. */
export function isServed({ origin, shares }: Pick<ExpectedTraffic, 'origin' | 'shares'>): boolean {
  return origin !== '' && shares[0]?.outcome !== PASSES;
}

/**
 * Packets with what rules for Services did to their mark and source ports. Rules on the way are
 * read for that only where something of it is left.
 */
function withOwnMark(flow: Flow, owns: Owns): Flow {
  const { path, sentMark } = flow;
  const written = flow.mark ^ sentMark;
  const changed = written === 0 ? 0 : written & ownBits(path, owns);
  const ports = flow.ports !== '' && actsOwn(path, changesSource, owns) ? flow.ports : '';
  return { ...flow, mark: (sentMark ^ changed) >>> 0, ports };
}

/** The bits of the mark that rules of Services wrote on the way. */
function ownBits(path: PathStep | undefined, owns: Owns): number {
  let bits = 0;
  for (let step = path; step !== undefined; step = step.before)
    for (const part of step.rule.statements)
      if (part.kind === 'set-mark' || part.kind === 'write-mark')
        if (owns(step.chain, step.rule)) bits |= writtenBits(part);
  return bits;
}

/** Whether the last rule on the way that acts so is one of a Service. */
export function actsOwn(
  path: PathStep | undefined,
  acts: (statement: Statement) => boolean,
  owns: Owns,
): boolean {
  for (let step = path; step !== undefined; step = step.before)
    if (step.rule.statements.some(acts)) return owns(step.chain, step.rule);
  return false;
}

/** Whether a part of a rule changes the source. */
export function changesSource({ kind }: Statement): boolean {
  return kind === 'masquerade' || kind === 'snat';
}

/** Whether a part of a rule sends packets to an endpoint. */
export function translates(statement: Statement): boolean {
  return (
    statement.kind === 'dnat' ||
    statement.kind === 'drawn-lookup' ||
    (statement.kind === 'choose' && choosesEndpoint(statement))
  );
}

function choosesEndpoint({ choices }: Extract<Action, { kind: 'choose' }>): boolean {
  return choices.some(({ kind }) => kind === 'dnat');
}
