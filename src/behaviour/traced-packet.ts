/** What becomes of a packet, in a shape that is good to compare with what should. */

import type { NamedRules } from '../backends/named-rules.js';
import { UsageError } from '../errors.js';
import type { TraceStep } from '../explain/path.js';
import { isDecided, type Packet, type Trace, type TraceOutcome } from '../explain/trace.js';
import { openText, packetText, stepText, traceText } from '../explain/trace-text.js';
import { isObject } from '../input/value.js';
import { inetNtop, joinHostPort } from '../net/ip.js';
import {
  ALL,
  compareFractions,
  type Fraction,
  fractionText,
  NONE,
  plus,
  sameFraction,
} from '../netfilter/fraction.js';

/** What can become of a packet, as one word. */
export type PacketVerdict =
  /** It is sent to an endpoint. */
  | 'reached'
  | 'refused'
  | 'dropped'
  /** It goes where it was sent to, from an address of the machine. */
  | 'masqueraded'
  /** It goes where it was sent to, as it was. */
  | 'untouched'
  /** Something on its way is not understood. */
  | 'unknown';

/** One thing that can become of the packet. */
export interface PacketOutcome {
  readonly verdict: PacketVerdict;
  /** `10.244.1.7:53`; `''`: its destination is not translated. */
  readonly endpoint: string;
  /** Whether its source becomes an address of the machine. */
  readonly masquerade: boolean;
  /** The rule that does so; `''`: none. */
  readonly masqueradedBy: string;
  /** What it is refused with, `port-unreachable`; `''`: it is not. */
  readonly refusedWith: string;
  /** At least this part of all packets, and at most; equal unless something is not known. */
  readonly least: Fraction;
  readonly most: Fraction;
}

/** The answer to a question about a packet. */
export interface TracedPacket {
  /** `udp 10.244.1.5 -> 10.96.0.10:53`. */
  readonly packet: string;
  /** What becomes of it always; `mixed`: not always the same. */
  readonly verdict: PacketVerdict | 'mixed';
  /**
   * The share of each endpoint in all packets, as an exact fraction: `{'10.244.1.7:53': '1/2'}`.
   * Where something is not known, `1/3 to 1`.
   */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Whether the source of all, of some or of none of those that get through is masqueraded. */
  readonly masquerade: 'all' | 'some' | 'none';
  /** The rules that masquerade. */
  readonly masqueradedBy: readonly string[];
  /** What it is refused with. */
  readonly refusedWith: readonly string[];
  /** What is not known and would make a difference; none where everything is decided. */
  readonly unknown: readonly string[];
  /** Likeliest first. */
  readonly outcomes: readonly PacketOutcome[];
  /** The packet, its outcomes and the rules that decide, as `vipc trace` prints them. */
  readonly text: string;
}

/** A trace by what it means for a test. */
export function tracedPacket(found: Trace, rules: NamedRules): TracedPacket {
  const { packet } = found;
  const outcomes = found.outcomes.map((outcome) => outcomeOf(outcome, packet, rules));
  return {
    packet: packetText(packet),
    verdict: verdictOf(outcomes, isDecided(found)),
    endpoints: endpointsOf(outcomes),
    masquerade: masqueradeOf(outcomes),
    masqueradedBy: distinct(outcomes.map(({ masqueradedBy }) => masqueradedBy)),
    refusedWith: distinct(outcomes.map(({ refusedWith }) => refusedWith)),
    unknown: isDecided(found) ? [] : unknownOf(found),
    outcomes,
    text: traceText(found, rules.name),
  };
}

/** The traced packet that a value is. Throws UsageError for any other. */
export function tracedFrom(value: unknown): TracedPacket {
  if (isObject(value) && 'verdict' in value && 'outcomes' in value)
    return value as unknown as TracedPacket;
  throw new UsageError('this is about a packet, and the value is none', {
    hint: 'give what trace(rules, { from, to }) returns',
  });
}

function outcomeOf(outcome: TraceOutcome, packet: Packet, rules: NamedRules): PacketOutcome {
  const { ending, dnat, least, most } = outcome;
  const masquerade = changesSource(outcome);
  const verdict = outcomeVerdict(outcome);
  const passes = isThrough(verdict);
  const target =
    dnat === undefined ? '' : joinHostPort(inetNtop(dnat.ip), dnat.port || packet.port);
  return {
    verdict,
    endpoint: passes ? target : '',
    masquerade: passes && masquerade,
    masqueradedBy: passes && masquerade ? masqueradingRule(outcome.path, rules) : '',
    refusedWith: ending.kind === 'reject' ? ending.with : '',
    least,
    most,
  };
}

/** Whether its source becomes another address. */
function changesSource({ masquerade, snat }: TraceOutcome): boolean {
  return masquerade || snat !== undefined;
}

function outcomeVerdict(outcome: TraceOutcome): PacketVerdict {
  switch (outcome.ending.kind) {
    case 'accept':
      if (outcome.dnat !== undefined) return 'reached';
      return changesSource(outcome) ? 'masqueraded' : 'untouched';
    case 'drop':
      return 'dropped';
    case 'reject':
      return 'refused';
    case 'impossible':
    case 'unknown':
      return 'unknown';
  }
}

/** The last rule of a way that masquerades. */
function masqueradingRule(path: readonly TraceStep[], { program }: NamedRules): string {
  const step = path.findLast(({ table, chain, line }) =>
    program.tables
      .get(table)
      ?.get(chain)
      ?.rules.some(
        (rule) =>
          rule.line === line &&
          rule.statements.some(({ kind }) => kind === 'masquerade' || kind === 'snat'),
      ),
  );
  return step === undefined ? '' : stepText(step);
}

function verdictOf(outcomes: readonly PacketOutcome[], decided: boolean): TracedPacket['verdict'] {
  if (!decided) return 'unknown';
  const [first, ...others] = new Set(outcomes.map(({ verdict }) => verdict));
  return others.length > 0 ? 'mixed' : (first ?? 'unknown');
}

/** The bounds of a share: several outcomes of one endpoint add up. */
export interface ShareBounds {
  readonly least: Fraction;
  readonly most: Fraction;
}

/** What each endpoint gets. */
export function sharesByEndpoint(
  outcomes: readonly PacketOutcome[],
): ReadonlyMap<string, ShareBounds> {
  const shares = new Map<string, ShareBounds>();
  for (const { endpoint, least, most } of outcomes) {
    if (endpoint === '') continue;
    const known = shares.get(endpoint) ?? { least: NONE, most: NONE };
    const sum = plus(known.most, most);
    shares.set(endpoint, {
      least: plus(known.least, least),
      most: compareFractions(sum, ALL) > 0 ? ALL : sum,
    });
  }
  return shares;
}

function endpointsOf(outcomes: readonly PacketOutcome[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...sharesByEndpoint(outcomes)].map(([endpoint, bounds]) => [endpoint, boundsText(bounds)]),
  );
}

/** `1/3`, `0 to 1/2`. */
export function boundsText({ least, most }: ShareBounds): string {
  return sameFraction(least, most)
    ? fractionText(least)
    : `${fractionText(least)} to ${fractionText(most)}`;
}

function masqueradeOf(outcomes: readonly PacketOutcome[]): TracedPacket['masquerade'] {
  const through = outcomes.filter(({ verdict }) => isThrough(verdict));
  const masqueraded = through.filter(({ masquerade }) => masquerade);
  if (masqueraded.length === 0) return 'none';
  return masqueraded.length === through.length ? 'all' : 'some';
}

/** Whether packets of this verdict get through to where they are sent. */
export function isThrough(verdict: PacketVerdict): boolean {
  return verdict === 'reached' || verdict === 'masqueraded' || verdict === 'untouched';
}

function unknownOf({ unknown, open }: Trace): readonly string[] {
  const texts = [...unknown, ...open.flatMap((field) => openText(field) ?? [])];
  return texts.length > 0 ? texts : ['there are too many cases'];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}
