/** Whether rules do what objects say, for people and for scripts. */

import { brokenText, EXPECTED_FOUND, type Labels } from '../../explain/broken-text.js';
import type { BrokenFrontend } from '../../explain/counterexample.js';
import type { Outcome } from '../../explain/expected.js';
import type { Finding } from '../../explain/proof.js';
import type { Unneeded } from '../../explain/unneeded.js';
import type { VerifyResult } from '../../explain/verify.js';
import type { Family } from '../../net/ip.js';
import { type Fraction, fractionText } from '../../netfilter/fraction.js';
import { printable } from '../../printable.js';
import type { OtherSetting } from '../node-settings.js';
import { count } from './counts.js';
import type { View } from './view.js';

/** The rules of one family, and what was found about them. */
export interface Verified {
  readonly family: Family;
  /** Whose rules these are. */
  readonly against: string;
  readonly verdict: VerifyResult;
  readonly broken: readonly BrokenFrontend[];
  /** Settings that the rules have and that were taken from them. */
  readonly settings: readonly OtherSetting[];
}

export type Answer = 'proven' | 'refuted' | 'unknown';

/** The result of all findings. Changes by other programs that no client sees refute nothing. */
export function answerOf(verified: readonly Verified[], isWhole = true): Answer {
  const kinds = new Set(verified.flatMap(({ verdict }) => verdict.findings.map((f) => f.kind)));
  if (kinds.has('refuted')) return 'refuted';
  return isWhole && !kinds.has('unknown') ? 'proven' : 'unknown';
}

/** What was verified in every family. */
export interface Verification {
  readonly verified: readonly Verified[];
  readonly answer: Answer;
  /** Services of which an object was left out. */
  readonly incomplete: readonly string[];
}

/**
 * As text, and as `{"answer", "families": {"ipv4": {"against", "frontends", "sources", "settings",
 * "findings", "unneeded"}}, "incomplete"}`.
 */
export function verifiedView(
  { verified, answer, incomplete }: Verification,
  verbose: boolean,
): View {
  const families = (): object =>
    Object.fromEntries(verified.map((one) => [one.family.toLowerCase(), familyJson(one)]));
  return {
    text: () => verifiedText(verified, verbose),
    kind: 'Verification',
    content: () => ({ answer, families: families(), incomplete }),
  };
}

/** More Services than this are counted instead of shown. */
const MOST_SERVICES = 10;

/** For each family one line that says what was proven, or the Services that are wrong. */
function verifiedText(verified: readonly Verified[], verbose: boolean): string {
  const lines = verified.flatMap((one) => [
    ...settingLines(one),
    ...brokenLines(one.broken, verbose),
    `${one.against} (${one.family}): ${answerText(one)}`,
    ...unneededLines(one, verbose),
  ]);
  return `${lines.map(printable).join('\n')}\n`;
}

function settingLines({ settings }: Verified): readonly string[] {
  return settings.map(
    ({ name, kernel }) =>
      `taken from the rules: ${kernel === '' ? `no ${name}` : `${name} ${kernel}`}`,
  );
}

/** `6 frontends x 4 sources: all as expected`. */
export function answerText({ verdict, broken }: Pick<Verified, 'verdict' | 'broken'>): string {
  return `${triedText(verdict.frontends, verdict.senders)}: ${kindsText(broken)}`;
}

/** `1 frontend x 4 sources`. */
export function triedText(frontends: number, sources: number): string {
  const what = frontends === 1 ? 'frontend' : 'frontends';
  return `${grouped(frontends)} ${what} x ${count(sources, 'source')}`;
}

/** `2 not as expected, 1 unknown`; packets of no Service that others change break no promise. */
export function kindsText(broken: readonly BrokenFrontend[]): string {
  const ofKind = (kind: Finding['kind']): number =>
    broken.filter(({ finding }) => finding.kind === kind).length;
  const [refuted, unknown, changed] = [ofKind('refuted'), ofKind('unknown'), ofKind('changed')];
  const parts = [
    ...(refuted === 0 ? [] : [`${grouped(refuted)} not as expected`]),
    ...(unknown === 0 ? [] : [`${grouped(unknown)} unknown`]),
  ];
  const wrong = parts.length === 0 ? 'all as expected' : parts.join(', ');
  const where = changed === 1 ? 'one place' : `${grouped(changed)} places`;
  return changed === 0
    ? wrong
    : `${wrong}; changed by the rules of others in ${where}, which no client of a Service sees`;
}

/** `20,412`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** One example for each Service port, or with `verbose` for each of its addresses. */
export function brokenLines(
  broken: readonly BrokenFrontend[],
  verbose: boolean,
  labels: Labels = EXPECTED_FOUND,
): readonly string[] {
  const byOrigin = new Map<string, [BrokenFrontend, ...BrokenFrontend[]]>();
  for (const one of broken) {
    const known = byOrigin.get(one.finding.traffic.origin);
    if (known === undefined) byOrigin.set(one.finding.traffic.origin, [one]);
    else known.push(one);
  }
  const groups = [...byOrigin.values()];
  if (verbose) return groups.flat().flatMap((one) => [...brokenText(one, labels), '']);
  const hidden = groups.length - MOST_SERVICES;
  return [
    ...groups
      .slice(0, MOST_SERVICES)
      .flatMap(([first, ...others]) => [...brokenText(first, labels), '', ...otherLines(others)]),
    ...(hidden > 0 ? [`… and ${count(hidden, 'more Service port')} (-v shows all)`, ''] : []),
  ];
}

function otherLines(others: readonly BrokenFrontend[]): readonly string[] {
  if (others.length === 0) return [];
  const whats = others.map(({ finding }) => finding.traffic.what);
  return [`  the same Service: ${[...new Set(whats)].join(', ')} (-v shows all)`, ''];
}

const UNNEEDED: Readonly<Record<Unneeded['kind'], string>> = {
  stale: 'stale, no packet comes there',
  unmatched: 'no packet matches',
};

function unneededLines({ verdict: { unneeded } }: Verified, verbose: boolean): readonly string[] {
  if (!verbose) return [];
  return unneeded.flatMap(({ kind, table, name, origin, lines }) => [
    `unneeded: ${table} ${name}${origin === '' ? '' : ` (${origin})`}: ${UNNEEDED[kind]}`,
    ...lines.map((line) => `    ${line}`),
  ]);
}

/** The rules of one family for scripts. */
export function familyJson({ against, verdict, broken, settings }: Verified): object {
  const { frontends, senders, unneeded } = verdict;
  return {
    against,
    frontends,
    sources: senders,
    settings: settings.map(({ name, kernel, wanted }) => ({
      name,
      rules: kernel,
      objects: wanted,
    })),
    findings: broken.map(brokenJson),
    unneeded,
  };
}

interface BrokenJson extends Readonly<Record<string, unknown>> {
  readonly expected: object;
  readonly found: object;
}

/** A finding for scripts. */
export function brokenJson({ finding, example, senders }: BrokenFrontend): BrokenJson {
  const { kind, traffic, expected, found, assumptions } = finding;
  const { path, age, mark, ...packet } = example;
  return {
    kind,
    origin: traffic.origin,
    frontend: traffic.what,
    sources: senders,
    packet: { ...packet, ...(age === undefined ? {} : { age }), ...(mark === 0 ? {} : { mark }) },
    expected: sharesJson(expected),
    found: sharesJson(found),
    path,
    unknown: assumptions,
  };
}

function sharesJson(shares: ReadonlyMap<Outcome, Fraction>): object {
  return [...shares].map(([outcome, share]) => ({ outcome, share: fractionText(share) }));
}
