/**
 * Which packets the rules of kube-proxy accept in chains that they share with those of others.
 * What they accept, no rule behind them sees, and no policy drops: KUBE-FORWARD lets through what
 * is masqueraded, and connections that exist; KUBE-NODEPORTS lets in health checks.
 */

import { type Flow, splitByField, valuesOf } from '../netfilter/flow.js';
import { type Intervals, isWithin } from '../netfilter/intervals.js';
import type { Chain, Hook } from '../netfilter/program.js';
import { word, words } from '../netfilter/region.js';
import type { Arrival } from '../netfilter/route.js';
import type { Rule } from '../netfilter/rule.js';
import type { Setting } from './expected.js';
import type { Sender } from './senders.js';

const LATER = words(['established', 'related']);
const TCP = word('tcp');
/** NF_IP_PRI_FILTER. */
const FILTER_PRIORITY = 0;

/** Whether a rule of a chain, or without one the chain's policy, is there for Services. */
export type Owns = (chain: Pick<Chain, 'table' | 'name'>, rule: Rule | undefined) => boolean;

/** What an outcome depends on besides the packets. */
export interface Judging {
  /** Which rules are there for Services. */
  readonly owns: Owns;
  /** {@link ModeBehaviour.sharesChains} */
  readonly sharesChains: boolean;
  /** Where health checks of load balancers are answered, in any Service. */
  readonly healthPorts: Intervals;
}

/** How accepted packets are accepted otherwise than they should be; `''`: as they should be. */
export function acceptanceText(arrival: Arrival, sender: Sender, judging: Judging): string {
  const { owns, sharesChains } = judging;
  if (!sharesChains) return '';
  const due = dueHook(arrival, sender, judging);
  const early = arrival.flow.accepted.find(
    ({ chain, by }) => !isFilter(chain, due) && (by === undefined || owns(by.chain, by.rule)),
  );
  if (early !== undefined) return ` past other rules of ${early.chain.table} ${early.chain.name}`;
  const isMissing =
    due !== undefined && !arrival.flow.accepted.some(({ chain }) => isFilter(chain, due));
  return isMissing ? ` if others accept it in filter ${due.toUpperCase()}` : '';
}

/** The hook in which kube-proxy's rules accept packets; `undefined`: others decide. */
function dueHook({ flow, hook }: Arrival, { start }: Sender, judging: Judging): Hook | undefined {
  if (hook === 'input') return isHealthCheck(flow, judging) ? hook : undefined;
  const isDue = flow.masquerade || isWithin(flow.region.state, LATER);
  return start === 'prerouting' && hook === 'postrouting' && isDue ? 'forward' : undefined;
}

function isHealthCheck(flow: Flow, { healthPorts }: Judging): boolean {
  return isWithin(flow.region.protocol, TCP) && isWithin(valuesOf(flow, 'dport'), healthPorts);
}

function isFilter({ base }: Chain, hook: Hook | undefined): boolean {
  return base?.hook === hook && base?.priority === FILTER_PRIORITY;
}

/** The packets of an arrival, with health checks apart from others. */
export function healthChecksApart(
  arrival: Arrival,
  { sharesChains, healthPorts }: Judging,
): readonly Arrival[] {
  const { flow, hook, ending } = arrival;
  const isTold = !sharesChains || hook !== 'input' || ending.kind !== 'accept';
  if (isTold || healthPorts.length === 0) return [arrival];
  const tcp = splitByField(flow, 'protocol', TCP);
  const checks = tcp.met && splitByField(tcp.met, 'dport', healthPorts);
  const parts = [tcp.rest, checks?.met, checks?.rest];
  return parts.flatMap((part) => (part === undefined ? [] : [{ ...arrival, flow: part }]));
}

/** How the outcomes of a setting are judged. */
export function judgingOf({ behaviour, healthPorts }: Setting, owns: Owns): Judging {
  return { owns, sharesChains: behaviour.sharesChains, healthPorts };
}
