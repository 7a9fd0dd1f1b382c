/** Applies suppressions: findings that the owner of a cluster lives with, each with a reason. */

import type { ObjectRef } from '../diagnostics.js';
import { finding, type LintFinding, type LintRule } from './rule.js';
import type { Suppression } from './suppression-file.js';

/** A finding that is not reported, and why. */
export interface Suppressed {
  readonly finding: LintFinding;
  readonly reason: string;
}

const UNUSED: LintRule = {
  code: 'suppression-unused',
  severity: 'note',
  title: 'A suppression suppresses nothing',
  why: 'The finding was corrected, or the entry does not match it. An entry that stays may hide a later finding.',
  remedy: 'remove it from the file, or correct its code and object',
  references: [],
};

const EXPIRED: LintRule = {
  code: 'suppression-expired',
  severity: 'warning',
  title: 'A suppression has expired',
  why: 'Its last day has passed, so its findings are reported again.',
  remedy: 'correct what it is about, or set a later day',
  references: [],
};

/** The rules about the file itself. They cannot be suppressed. */
export const SUPPRESSION_RULES: readonly LintRule[] = [UNUSED, EXPIRED];

/** Findings, parted by whether a suppression counts for them. */
export interface Sifted {
  /** Those that are reported, with findings about the suppressions themselves. */
  readonly findings: readonly LintFinding[];
  readonly suppressed: readonly Suppressed[];
}

/** Applies suppressions on a day, `2027-01-31`. */
export function suppress(
  findings: readonly LintFinding[],
  suppressions: readonly Suppression[],
  today: string,
): Sifted {
  const lookup = lookupOf(suppressions);
  const used = new Set<Suppression>();
  const kept: LintFinding[] = [];
  const suppressed: Suppressed[] = [];
  for (const found of findings) {
    const matching = lookup(found);
    for (const one of matching) used.add(one);
    const counting = matching.find((one) => !isExpired(one, today));
    if (counting === undefined) kept.push(found);
    else suppressed.push({ finding: found, reason: counting.reason });
  }
  for (const one of suppressions) {
    if (isExpired(one, today)) kept.push(about(EXPIRED, one, `expired on ${one.expires}`));
    else if (!used.has(one)) kept.push(about(UNUSED, one, 'suppresses nothing'));
  }
  return { findings: kept, suppressed };
}

function isExpired({ expires }: Suppression, today: string): boolean {
  return expires !== undefined && expires < today;
}

function about(
  rule: LintRule,
  { code, object, position }: Suppression,
  words: string,
): LintFinding {
  const what = object === undefined ? code : `${code} of ${object}`;
  return finding(
    rule,
    `suppression of ${what} ${words}`,
    position === undefined ? {} : { position },
  );
}

/** Finds the suppressions that are about a finding: by its name, and among the few patterns. */
function lookupOf(
  suppressions: readonly Suppression[],
): (finding: LintFinding) => readonly Suppression[] {
  const named = new Map(suppressions.map((one) => [`${one.code} ${one.object ?? ''}`, one]));
  const patterns = suppressions.filter(({ object }) => object?.includes('*') === true);
  return ({ code, object }) => {
    const subject = object === undefined ? '' : subjectOf(object);
    const exact = new Set([named.get(`${code} ${subject}`), named.get(`${code} `)]);
    return [
      ...[...exact].filter((one) => one !== undefined),
      ...patterns.filter((one) => one.code === code && matches(one.object ?? '', subject)),
    ];
  };
}

/** `Service shop/web`, `Node worker-1`. */
export function subjectOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Whether a text is a pattern in which `*` stands for any text. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < at) return false;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
