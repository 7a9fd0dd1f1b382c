/** What a test expects to become of a packet, and whether it does. */

import { UsageError } from '../errors.js';
import { compareText } from '../model/order.js';
import { fractionText, sameFraction } from '../netfilter/fraction.js';
import { endpointText, parseShare, type Share } from './share.js';
import {
  boundsText,
  isThrough,
  type PacketOutcome,
  sharesByEndpoint,
  type TracedPacket,
} from './traced-packet.js';

/** Endpoints, `10.244.1.7:53`: one, several with any shares, or several with these shares. */
export type ExpectedEndpoints = string | readonly string[] | Readonly<Record<string, Share>>;

/** What is to become of all packets. */
export type Expectation =
  /** They reach these endpoints, and each of these some; without endpoints any. */
  | { readonly kind: 'reach'; readonly endpoints?: ExpectedEndpoints | undefined }
  /** They are refused, where it is said with this: `port-unreachable`. */
  | { readonly kind: 'refused'; readonly with?: string | undefined }
  | { readonly kind: 'dropped' }
  /** They go where they were sent to, as they were. */
  | { readonly kind: 'untouched' }
  /**
   * They get through, from an address of the machine; with endpoints those to these endpoints and
   * no others.
   */
  | { readonly kind: 'masquerade'; readonly endpoints?: readonly string[] | undefined };

/** Whether an expectation is met, and what it is in words. */
export interface Judgement {
  readonly holds: boolean;
  /** Goes on after `expected the packet to`. */
  readonly wanted: string;
  /** What is compared, where it is more than a word: for runners that show differences. */
  readonly compared?: { readonly actual: unknown; readonly expected: unknown } | undefined;
}

/**
 * Whether what becomes of a packet is as expected. Negated, no packet may be so: `not refused`
 * fails where some are refused, and `not reach` where one of the endpoints is reached; with shares,
 * where they are exactly these. Throws UsageError for an endpoint or a share that is not valid.
 */
export function judge(found: TracedPacket, expected: Expectation, negated: boolean): Judgement {
  switch (expected.kind) {
    case 'reach':
      return judgeReach(found, expected.endpoints, negated);
    case 'masquerade':
      return judgeMasquerade(found, expected.endpoints, negated);
    case 'refused': {
      const { with: answer } = expected;
      const isExpected = ({ verdict, refusedWith }: PacketOutcome): boolean =>
        verdict === 'refused' && (answer === undefined || refusedWith === answer);
      const wanted = answer === undefined ? 'be refused' : `be refused with ${answer}`;
      return { holds: allOrNone(found.outcomes, isExpected, negated), wanted };
    }
    case 'dropped':
    case 'untouched': {
      const isExpected = ({ verdict }: PacketOutcome): boolean => verdict === expected.kind;
      return {
        holds: allOrNone(found.outcomes, isExpected, negated),
        wanted: `be ${expected.kind}`,
      };
    }
  }
}

/** Whether all are meant; negated, none. */
function allOrNone(
  outcomes: readonly PacketOutcome[],
  isExpected: (outcome: PacketOutcome) => boolean,
  negated: boolean,
): boolean {
  return negated ? !outcomes.some(isExpected) : outcomes.length > 0 && outcomes.every(isExpected);
}

function judgeReach(
  { outcomes }: TracedPacket,
  endpoints: ExpectedEndpoints | undefined,
  negated: boolean,
): Judgement {
  const isReached = ({ verdict }: PacketOutcome): boolean => verdict === 'reached';
  const areReached = allOrNone(outcomes, isReached, negated);
  if (endpoints === undefined) return { holds: areReached, wanted: 'reach an endpoint' };
  if (typeof endpoints !== 'string' && !isList(endpoints))
    return judgeShares(outcomes, endpoints, negated);
  const names = endpointsOf(endpoints);
  const wanted = `reach ${[...names].join(', ')}`;
  const reached = sharesByEndpoint(outcomes);
  const met = [...names].filter((name) => reached.has(name));
  if (negated) return { holds: met.length === 0, wanted };
  const isExact = met.length === names.size && met.length === reached.size;
  const compared = { actual: [...reached.keys()].sort(), expected: [...names].sort() };
  return { holds: areReached && isExact, wanted, compared };
}

function judgeShares(
  outcomes: readonly PacketOutcome[],
  endpoints: Readonly<Record<string, Share>>,
  negated: boolean,
): Judgement {
  const entries = Object.entries(endpoints);
  if (entries.length === 0) throw noEndpoint();
  const shares = new Map(entries.map(([name, share]) => [endpointText(name), parseShare(share)]));
  const texts = [...shares].map(([name, share]) => `${name} (${fractionText(share)})`);
  const wanted = [...shares].filter(([, { numerator }]) => numerator > 0n);
  const reached = sharesByEndpoint(outcomes);
  const isSame =
    wanted.length === reached.size &&
    wanted.every(([name, share]) => {
      const bounds = reached.get(name);
      return bounds !== undefined && sameFraction(bounds.least, share);
    });
  const compared = {
    actual: sorted([...reached].map(([name, bounds]) => [name, boundsText(bounds)])),
    expected: sorted(wanted.map(([name, share]) => [name, fractionText(share)])),
  };
  return { holds: isSame !== negated, wanted: `reach ${texts.join(', ')}`, compared };
}

/** By name, as an object. */
function sorted(
  entries: readonly (readonly [name: string, share: string])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => compareText(a, b)));
}

function judgeMasquerade(
  { outcomes }: TracedPacket,
  endpoints: readonly string[] | undefined,
  negated: boolean,
): Judgement {
  const isMasqueraded = ({ masquerade }: PacketOutcome): boolean => masquerade;
  const through = outcomes.filter(({ verdict }) => isThrough(verdict));
  if (endpoints === undefined)
    return { holds: allOrNone(through, isMasqueraded, negated), wanted: 'be masqueraded' };
  const names = endpointsOf(endpoints);
  const wanted = `be masqueraded to ${[...names].join(', ')}`;
  const masqueraded = new Set(through.filter(isMasqueraded).map(({ endpoint }) => endpoint));
  const met = [...names].filter((name) => masqueraded.has(name));
  if (negated) return { holds: met.length === 0, wanted };
  const kept = through.filter(({ endpoint, masquerade }) => !masquerade && names.has(endpoint));
  const isExact = met.length === names.size && met.length === masqueraded.size;
  return { holds: isExact && kept.length === 0, wanted };
}

function endpointsOf(endpoints: string | readonly string[]): ReadonlySet<string> {
  const names = typeof endpoints === 'string' ? [endpoints] : endpoints;
  if (names.length === 0) throw noEndpoint();
  return new Set(names.map(endpointText));
}

function noEndpoint(): UsageError {
  return new UsageError('no endpoint is given', {
    hint: 'expect that none is reached by a negation without endpoints',
  });
}

function isList(endpoints: ExpectedEndpoints): endpoints is readonly string[] {
  return Array.isArray(endpoints);
}
