/** What a lint rule is, and how it words a finding. */

import type { Diagnostic, Severity } from '../diagnostics.js';
import { objectRef } from '../snapshot/types.js';

/** One kind of finding. */
export interface LintRule {
  /** Stable kebab-case identifier: `external-ip-overlap`. */
  readonly code: string;
  /** Of every finding of this rule. */
  readonly severity: Severity;
  /** What is wrong, as a heading without a final full stop. */
  readonly title: string;
  /** What follows from it, in sentences. */
  readonly why: string;
  /** What to do about it, as a part of a sentence; the hint of findings that have no other. */
  readonly remedy: string;
  /** The first version of Kubernetes that it is about. */
  readonly since?: string;
  /** The version of Kubernetes that brings the change. */
  readonly until?: string;
  /** KEPs, CVEs, issues and manual pages, as `[text, address]`. */
  readonly references: readonly (readonly [text: string, url: string])[];
}

/** A finding: a diagnostic whose code names a rule. */
export type LintFinding = Diagnostic;

/** Where a finding is: a field of an object or of a file. */
export type FindingPlace = Pick<LintFinding, 'object' | 'field' | 'position'>;

/** A finding of a rule. The message is one sentence without a final full stop. */
export function finding(
  { code, severity, remedy }: LintRule,
  message: string,
  place: FindingPlace,
): LintFinding {
  return { code, severity, message, ...place, hint: remedy };
}

/** An object of the input, or one of its fields. */
export function inObject(object: Parameters<typeof objectRef>[0], field?: string): FindingPlace {
  return { object: objectRef(object), ...(field !== undefined && { field }) };
}

/** A file as a whole, which is its start, or one of its fields; nothing where there is no file. */
export function inFile(file: string | undefined, field?: string): FindingPlace {
  return {
    ...(field !== undefined && { field }),
    ...(file !== undefined && { position: { file, line: 1, column: 1 } }),
  };
}

/** A Kubernetes enhancement proposal as a reference. */
export function kep(number: number): readonly [text: string, url: string] {
  return [`KEP-${number}`, `https://kep.k8s.io/${number}`];
}
