/** What becomes of packets, in the words in which promises say it. */

import { joinHostPort } from '../net/ip.js';
import type { PathStep } from '../netfilter/flow.js';
import type { Chain } from '../netfilter/program.js';
import type { Arrival } from '../netfilter/route.js';
import type { Action, Rule, Statement } from '../netfilter/rule.js';
import { DROPPED, type Fate, PASSES } from './expected.js';
import type { Sender } from './senders.js';

/** Whether a rule of a chain, or without one the chain's policy, is there for Services. */
export type Owns = (chain: Chain, rule: Rule | undefined) => boolean;

/** The fate of packets of a sender, with the mark that rules of Services leave on what goes out. */
export function fateOf(arrival: Arrival, { start }: Sender, owns: Owns): Fate {
  const { flow, ending, hook } = arrival;
  const { dnat, masquerade } = flow;
  switch (ending.kind) {
    case 'accept': {
      const to = dnat === undefined ? '' : ` to ${joinHostPort(dnat.to.ip, dnat.to.port)}`;
      const isOut = hook === 'postrouting' || start === 'output';
      const mark = isOut && flow.mark !== 0 ? (flow.mark & ownBits(flow.path, owns)) >>> 0 : 0;
      const marked = mark === 0 ? '' : ` with mark 0x${mark.toString(16)}`;
      return `accept${to}${masquerade ? ' masqueraded' : ''}${marked}`;
    }
    case 'drop':
      return DROPPED;
    case 'reject':
      return `reject ${ending.with}`;
    case 'unknown':
      return `unknown ${ending.text}`;
  }
}

/**
 * The fate of packets that concern no Service, as far as rules of Services decide it: what others
 * drop, translate or masquerade is their own affair.
 */
export function fateWithoutService(arrival: Arrival, sender: Sender, owns: Owns): Fate {
  const { flow, ending, policy } = arrival;
  if (ending.kind !== 'accept') {
    const isOwn =
      policy === undefined
        ? flow.path !== undefined && owns(flow.path.chain, flow.path.rule)
        : owns(policy, undefined);
    return isOwn ? fateOf(arrival, sender, owns) : PASSES;
  }
  const dnat = flow.dnat && actsOwn(flow.path, translates, owns) ? flow.dnat : undefined;
  const masquerade = flow.masquerade && actsOwn(flow.path, masquerades, owns);
  return fateOf({ ...arrival, flow: { ...flow, dnat, masquerade } }, sender, owns);
}

/** The bits of the mark that rules of Services wrote on the way. */
function ownBits(path: PathStep | undefined, owns: Owns): number {
  let bits = 0;
  for (let step = path; step !== undefined; step = step.before)
    if (owns(step.chain, step.rule))
      for (const part of step.rule.statements)
        if (part.kind === 'set-mark') bits |= part.mask | part.value;
  return bits;
}

/** Whether the last rule on the way that acts so is one of a Service. */
function actsOwn(
  path: PathStep | undefined,
  acts: (statement: Statement) => boolean,
  owns: Owns,
): boolean {
  for (let step = path; step !== undefined; step = step.before)
    if (step.rule.statements.some(acts)) return owns(step.chain, step.rule);
  return false;
}

function masquerades({ kind }: Statement): boolean {
  return kind === 'masquerade';
}

/** Whether a part of a rule sends packets to an endpoint. */
export function translates(statement: Statement): boolean {
  return statement.kind === 'dnat' || (statement.kind === 'choose' && choosesEndpoint(statement));
}

function choosesEndpoint({ choices }: Extract<Action, { kind: 'choose' }>): boolean {
  return choices.some(({ kind }) => kind === 'dnat');
}
