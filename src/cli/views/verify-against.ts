/** Whether two rulesets do the same, for people and for scripts. */

import { printable } from '../../printable.js';
import type { ComparedFamily, IntendedDifference } from '../compared-rules.js';
import { count } from './counts.js';
import { brokenJson, brokenLines, grouped, triedText } from './verify.js';
import type { View } from './view.js';

export type Likeness = 'equal' | 'different' | 'unknown';

/** The result of the comparison; intended differences between the modes do not count. */
export function likenessOf(compared: readonly ComparedFamily[]): Likeness {
  const kinds = new Set(compared.flatMap(({ broken }) => broken.map((one) => one.finding.kind)));
  return kinds.has('refuted') ? 'different' : kinds.has('unknown') ? 'unknown' : 'equal';
}

/** What was compared in every family. */
export interface RulesCompared {
  readonly compared: readonly ComparedFamily[];
  readonly answer: Likeness;
  /** Services of which an object was left out. */
  readonly incomplete: readonly string[];
}

/**
 * As text, and as `{"answer", "families": {"ipv4": {"before", "after", "frontends", "sources",
 * "intended", "findings"}}, "incomplete"}`.
 */
export function comparedView(
  { compared, answer, incomplete }: RulesCompared,
  verbose: boolean,
): View {
  const families = (): object =>
    Object.fromEntries(compared.map((one) => [one.family.toLowerCase(), familyJson(one)]));
  return {
    text: () => comparedText(compared, verbose),
    kind: 'Comparison',
    content: () => ({ answer, families: families(), incomplete }),
  };
}

/** For each family the Services that differ, what the modes do differently, and one line. */
function comparedText(compared: readonly ComparedFamily[], verbose: boolean): string {
  const lines = compared.flatMap((one) => [
    ...brokenLines(one.broken, verbose, { expected: 'before', found: 'after' }),
    `${one.before} -> ${one.after} (${one.family}): ${answerText(one)}`,
    ...one.intended.flatMap((difference) => intendedLines(difference, verbose)),
  ]);
  return `${lines.map(printable).join('\n')}\n`;
}

function answerText({ frontends, sources, broken, intended }: ComparedFamily): string {
  const tried = triedText(frontends, sources);
  const but = intended.length === 0 ? '' : ', but for what the modes do differently by design:';
  if (broken.length === 0) return `${tried}: all the same${but}`;
  const unknown = broken.filter(({ finding }) => finding.kind === 'unknown').length;
  const refuted = broken.length - unknown;
  const parts = [
    ...(refuted === 0 ? [] : [`${grouped(refuted)} different`]),
    ...(unknown === 0 ? [] : [`${grouped(unknown)} unknown`]),
  ];
  const besides = intended.length === 0 ? '' : '; by design of the modes:';
  return `${tried}: ${parts.join(', ')}${besides}`;
}

/** More Service ports than this are counted. */
const MOST_PORTS = 5;

function intendedLines(
  { difference: { what, iptables, nftables }, frontends }: IntendedDifference,
  verbose: boolean,
): readonly string[] {
  const texts = [...frontends].map(([origin, whats]) => `${origin}: ${[...whats].join(', ')}`);
  const hidden = verbose ? 0 : texts.length - MOST_PORTS;
  return [
    `  ${what}`,
    `    iptables: ${iptables}; nftables: ${nftables}`,
    ...texts.slice(0, texts.length - Math.max(hidden, 0)).map((text) => `      ${text}`),
    ...(hidden > 0 ? [`      … and ${count(hidden, 'more Service port')} (-v shows all)`] : []),
  ];
}

function familyJson(family: ComparedFamily): object {
  const { before, after, frontends, sources, intended, broken } = family;
  return {
    ...{ before, after, frontends, sources },
    intended: intended.map(({ difference, frontends: concerned }) => ({
      ...difference,
      services: [...concerned].map(([origin, whats]) => ({ origin, frontends: [...whats] })),
    })),
    findings: broken.map((one) => {
      const { expected, found, ...finding } = brokenJson(one);
      return { ...finding, before: expected, after: found };
    }),
  };
}
