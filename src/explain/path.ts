/** Which rules decide what becomes of a packet, out of all that it met. */

import type { Flow, PathStep } from '../netfilter/flow.js';
import type { BaseChain, Chain } from '../netfilter/program.js';
import type { Arrival } from '../netfilter/route.js';
import type { Rule } from '../netfilter/rule.js';

export interface TraceStep {
  /** `nat`, `ip kube-proxy`. */
  readonly table: string;
  readonly chain: string;
  /** A rule as its tool prints it, or the policy of the chain: {@link policyStep}. */
  readonly line: string;
}

export function traceStep({ table, name }: Chain, { line }: Rule): TraceStep {
  return { table, chain: name, line };
}

/**
 * The policy of a base chain as `iptables -L` heads the chain, `Chain FORWARD (policy DROP)`, or as
 * the command of nft that declares it.
 */
export function policyStep({ table, name }: Chain, base: BaseChain): TraceStep {
  const { hook, priority, type, policy } = base;
  const line = table.includes(' ')
    ? `add chain ${table} ${name} { type ${type} hook ${hook} priority ${priority} ; policy ${policy} ; }`
    : `Chain ${name} (policy ${policy.toUpperCase()})`;
  return { table, chain: name, line };
}

/**
 * The rules that decide about all packets with one outcome. Where they were on their way to
 * different endpoints, those that all of them met.
 */
export function pathOf(arrivals: readonly Arrival[]): readonly TraceStep[] {
  const last = arrivals.at(-1);
  if (last === undefined) return [];
  const steps = decisive(last);
  if (haveOneTarget(arrivals)) return steps;
  const ways = arrivals.map((arrival) => new Set(decisive(arrival).map(keyOf)));
  return steps.filter((step) => ways.every((way) => way.has(keyOf(step))));
}

/** Whether all packets are translated to the same destination, or none is. */
export function haveOneTarget(arrivals: readonly Arrival[]): boolean {
  const targets = arrivals.map(({ flow: { dnat } }) => dnat && `${dnat.to.ip} ${dnat.to.port}`);
  return new Set(targets).size === 1;
}

function keyOf({ table, chain, line }: TraceStep): string {
  return `${table}\0${chain}\0${line}`;
}

/**
 * The rules of a way that decide: without those that only count, and without jumps into chains
 * where nothing happened. Where nothing is translated, jumps of a Service that came to nothing are
 * listed too: they are the reason. A policy that decides comes last.
 */
function decisive({ flow: { path, dnat }, policy }: Arrival): readonly TraceStep[] {
  const steps: TraceStep[] = policy?.base === undefined ? [] : [policyStep(policy, policy.base)];
  /** The chain that something happens in next. */
  let inside: Chain | undefined;
  for (let step = path; step !== undefined; step = step.before) {
    const isInVain = dnat === undefined && isOfService(step);
    const isTold =
      step.calls === undefined ? decides(step.rule) : step.calls === inside || isInVain;
    if (!isTold) continue;
    steps.push(traceStep(step.chain, step.rule));
    inside = step.chain;
  }
  return steps.reverse();
}

function isOfService({ chain, calls }: PathStep): boolean {
  return chain.origin !== '' || (calls !== undefined && calls.origin !== '');
}

/** Whether a rule does more than count, and is a rule of the dump. */
function decides({ statements, line }: Rule): boolean {
  return line !== '' && statements.at(-1)?.kind !== 'count';
}

/**
 * The last chain of a Service that was to translate the packets of a flow and did not; `undefined`
 * where they were translated, or no rule of a Service is about them.
 */
export function untranslatedIn({ path, dnat }: Flow): Chain | undefined {
  if (dnat !== undefined) return undefined;
  let last: Chain | undefined;
  for (let step = path; step !== undefined; step = step.before) {
    if (last === undefined && step.calls !== undefined && step.calls.origin !== '')
      last = step.calls;
    if (step.chain.base === undefined) continue;
    const { type, hook } = step.chain.base;
    if (type === 'nat' && hook !== 'postrouting' && last !== undefined) return last;
    last = undefined;
  }
  return undefined;
}
