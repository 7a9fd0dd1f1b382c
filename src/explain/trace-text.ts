/** What becomes of a packet, for people. */

import { inetNtop, joinHostPort } from '../net/ip.js';
import { MACHINE_ADDRESS } from '../netfilter/conditions.js';
import { fractionText, percentText, sameFraction } from '../netfilter/fraction.js';
import { MISSING_TABLE } from '../netfilter/program.js';
import type { FieldName } from '../netfilter/region.js';
import { printable } from '../printable.js';
import type { Coverage } from './coverage.js';
import type { KubeProxyListener } from './loopback-listener.js';
import type { TraceStep } from './path.js';
import type { MetRule, Packet, Trace, TraceOutcome } from './trace.js';

/**
 * The packet, one line for each thing that can become of it with its share, and the rules that
 * decide: first those that all ways have in common. With rules that were met, these follow.
 */
export function traceText(
  found: Trace,
  rules: string,
  { coverage, asked, listener }: TraceRemarks = {},
): string {
  const { packet, outcomes } = found;
  const shared = commonSteps(outcomes.map(({ path }) => path));
  const lines = [
    `${packetText(packet)}, ${arrivalText(packet)}  (${rules})`,
    ...nameLines(packet, asked),
    '',
    ...stepLines(shared, '    '),
    ...outcomes.flatMap((outcome) => [
      `${shareText(outcome)}  ${outcomeText(outcome, packet)}`,
      ...stepLines(outcome.path.slice(shared.length), '    '),
      ...listenerLines(outcome, listener),
      ...(outcome.untranslated === undefined ? [] : [`    ${endText(outcome.untranslated)}`]),
    ]),
    ...(coverage === undefined ? [] : coverageLines(coverage)),
    ...openLines(found),
    ...(found.met.length === 0 ? [] : ['', 'rules that it meets:', ...metLines(found.met)]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** What is known besides the rules. */
export interface TraceRemarks {
  readonly coverage?: Coverage | undefined;
  readonly asked?: AskedNames;
  readonly listener?: KubeProxyListener | undefined;
}

function listenerLines(
  { ending, dnat }: TraceOutcome,
  listener: KubeProxyListener | undefined,
): readonly string[] {
  if (listener === undefined || ending.kind !== 'accept' || dnat !== undefined) return [];
  const { service, endpoints } = listener;
  return [
    `    kube-proxy and vipc agent listen there: each connection gets an endpoint of ${service} (${endpoints.join(', ')})`,
  ];
}

/** The words that sender and destination were asked about with. */
export interface AskedNames {
  readonly from: string;
  readonly to: string;
}

/** The addresses that names and roles were resolved to. */
function nameLines(
  { source, destination, port }: Packet,
  asked: AskedNames | undefined,
): readonly string[] {
  if (asked === undefined) return [];
  const from = inetNtop(source);
  const to = joinHostPort(inetNtop(destination), port);
  const [fromText, toText] = [asked.from, asked.to.replace(/\/[a-z]+$/, '')];
  return [
    ...(fromText === from ? [] : [`  ${fromText} is ${from}`]),
    ...(toText === to ? [] : [`  ${toText} is ${to}`]),
  ];
}

/** `udp 10.244.1.5 -> 10.96.0.10:53`. */
export function packetText({ source, destination, protocol, port }: Packet): string {
  return `${protocol} ${inetNtop(source)} -> ${joinHostPort(inetNtop(destination), port)}`;
}

function arrivalText({ start, inInterface }: Packet): string {
  if (start === 'output') return 'sent by the machine';
  return inInterface === undefined ? 'arriving' : `arriving on ${inInterface}`;
}

function shareText({ least, most }: TraceOutcome): string {
  if (!sameFraction(least, most)) return `${percentText(least)} to ${percentText(most)}`;
  const text = fractionText(least);
  return /^(?:0|1)$/.test(text) || text.length > 12
    ? percentText(least)
    : `${percentText(least)} (${text})`;
}

/** `to 10.244.1.7:8080, source masqueraded`. */
export function outcomeText(outcome: TraceOutcome, packet: Packet): string {
  const { ending, hook, dnat, untranslated } = outcome;
  switch (ending.kind) {
    case 'drop':
      return `dropped in ${hook}`;
    case 'reject':
      return `refused in ${hook} with ${ending.with}`;
    case 'impossible':
      return `no kernel loads this: ${ending.text}`;
    case 'unknown':
      return dnat === undefined
        ? `unknown: ${ending.text}`
        : `to ${joinHostPort(inetNtop(dnat.ip), dnat.port)}, then unknown: ${ending.text}`;
    case 'accept': {
      const source = sourceText(outcome);
      if (dnat !== undefined)
        return `to ${joinHostPort(inetNtop(dnat.ip), dnat.port)}, ${source ?? 'source kept'}`;
      if (untranslated !== undefined) return leavingText(outcome, packet);
      return source === undefined ? 'untouched' : `destination untouched, ${source}`;
    }
  }
}

/** What becomes of its source; `undefined`: nothing. */
function sourceText({ masquerade, snat }: TraceOutcome): string | undefined {
  if (snat !== undefined) return `source becomes ${inetNtop(snat)}`;
  return masquerade ? 'source masqueraded' : undefined;
}

/** `not translated: leaves as 10.96.0.50:80`. */
function leavingText(outcome: TraceOutcome, { destination, port }: Packet): string {
  const { hook } = outcome;
  const source = sourceText(outcome);
  const way = hook === 'input' ? 'reaches the machine' : 'leaves';
  const as = joinHostPort(inetNtop(destination), port);
  return `not translated: ${way} as ${as}${source === undefined ? '' : `, ${source}`}`;
}

/** Why a chain of a Service translated nothing. */
export function endText({ name, rules }: NonNullable<TraceOutcome['untranslated']>): string {
  return rules.length === 0 ? `${name} is empty` : `${name} ended without a translation`;
}

function commonSteps(paths: readonly (readonly TraceStep[])[]): readonly TraceStep[] {
  const [first = [], ...others] = paths;
  const end = first.findIndex((step, i) => others.some((path) => path[i]?.line !== step.line));
  return end < 0 ? first : first.slice(0, end);
}

function stepLines(steps: readonly TraceStep[], indent: string): readonly string[] {
  return steps.map((step) => `${indent}${stepText(step)}`);
}

/** Lines of iptables with their table, which those of nft contain. */
export function stepText({ table, line }: TraceStep): string {
  return /^(?:-A|Chain) /.test(line) ? `${table} ${line}` : line;
}

function metLines(met: readonly MetRule[]): readonly string[] {
  return met.map(({ reason, ...step }) =>
    reason === '' ? `  + ${stepText(step)}` : `  - ${stepText(step)}   <- ${reason}`,
  );
}

/** `reaches 2 of 3 endpoints of shop/web:http; not 10.244.1.5:8080`. */
function coverageLines({ service, endpoints, unreached, unknown }: Coverage): readonly string[] {
  const count = `reaches ${endpoints - unreached.length} of ${endpoints} endpoints of ${service}`;
  return [
    unreached.length === 0 ? count : `${count}; not ${listText(unreached)}`,
    ...(unknown.length === 0
      ? []
      : [`the objects give ${service} no endpoint ${listText(unknown)}`]),
  ];
}

/** More are no help to a reader; JSON has them all. */
const MOST_LISTED = 5;

function listText(texts: readonly string[]): string {
  const more = texts.length - MOST_LISTED;
  const listed = texts.slice(0, MOST_LISTED).join(', ');
  return more > 0 ? `${listed} and ${more} more` : listed;
}

/** What the answer depends on, and how to say it. */
function openLines({ unknown, open }: Trace): readonly string[] {
  const isPlaceUnknown = unknown.some((text) => text.includes(MACHINE_ADDRESS));
  return [
    ...unknown.map((text) => `not known: ${text}`),
    ...(isPlaceUnknown
      ? ['  hint: say which addresses the machine has: --host, or its Node with -f and --node-name']
      : []),
    ...(unknown.some((text) => text.startsWith(MISSING_TABLE))
      ? ['  hint: save every table: iptables-save without -t']
      : []),
    ...open.flatMap((field) => openText(field) ?? []),
  ];
}

/** How a field that was not given affects the answer; `undefined`: not at all. */
export function openText(field: FieldName): string | undefined {
  return OPEN[field];
}

const OPEN: Partial<Readonly<Record<FieldName, string>>> = {
  iif: 'depends on the interface that it arrives on: --in-iface',
  oif: 'depends on the interface that it leaves by',
  sport: 'depends on its source port',
};
