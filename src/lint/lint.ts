/** Looks for everything in a cluster and on a node that its owner should know before it fails. */

import type { Diagnostic } from '../diagnostics.js';
import type { LintInput } from './input.js';
import type { LintFinding } from './rule.js';
import { CHECKS, ruleOf } from './rules.js';

/** What lint has to say. */
export interface LintResult {
  /** At most {@link MOST_ALIKE} of one code about one object, then one that counts the rest. */
  readonly findings: readonly LintFinding[];
  /** Diagnostics that are about how the input was read, and no findings. */
  readonly remarks: readonly Diagnostic[];
}

/**
 * Every finding: those that reading and compiling made, with the severity that their rule has
 * here, then those of each group of checks.
 */
export function lint(input: LintInput): LintResult {
  const findings: LintFinding[] = [];
  const remarks: Diagnostic[] = [];
  for (const diagnostic of input.diagnostics) {
    const rule = ruleOf(diagnostic.code);
    if (rule === undefined) remarks.push(diagnostic);
    else findings.push({ hint: rule.remedy, ...diagnostic, severity: rule.severity });
  }
  for (const { check } of CHECKS) for (const found of check(input)) findings.push(found);
  return { findings: capped(findings), remarks };
}

/** How many findings of one code are kept for one object. */
const MOST_ALIKE = 10;

/** One Service may have a hundred thousand addresses that are all wrong. */
function capped(findings: readonly LintFinding[]): readonly LintFinding[] {
  const counts = new Map<string, number>();
  const kept = findings.filter((finding) => {
    const key = aboutKey(finding);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= MOST_ALIKE;
  });
  const last = new Map(kept.map((finding) => [aboutKey(finding), finding]));
  return kept.flatMap((finding) => {
    const more = (counts.get(aboutKey(finding)) ?? 0) - MOST_ALIKE;
    if (more <= 0 || last.get(aboutKey(finding)) !== finding) return finding;
    const { code, severity, object } = finding;
    const rest = { code, severity, message: `${more} more ${code}` };
    return [finding, object === undefined ? rest : { ...rest, object }];
  });
}

function aboutKey({ code, object }: LintFinding): string {
  return `${code} ${object === undefined ? '' : `${object.kind} ${object.namespace}/${object.name}`}`;
}
