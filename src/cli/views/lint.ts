/** Findings and rules of lint, for people and as JSON. */

import { diagnosticText } from '../../diagnostic-text.js';
import type { Severity } from '../../diagnostics.js';
import type { LintFinding, LintRule } from '../../lint/rule.js';
import type { Suppressed } from '../../lint/suppressions.js';
import { printable } from '../../printable.js';
import { count } from './counts.js';
import { diagnosticLines, shown } from './diagnostics.js';
import { jsonDocument } from './json-document.js';

/** What lint found, in order, each finding with its place. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly suppressed: readonly Suppressed[];
  /** What was not looked at, because nothing about it was given. */
  readonly unchecked: readonly Unchecked[];
}

/** A part of the input that may be missing. */
export type Unchecked = 'objects' | 'config' | 'host' | 'rules';

const FLAGS: Readonly<Record<Unchecked, string>> = {
  objects: 'Services (-f)',
  config: "the node's configuration (--config)",
  host: 'the machine (--host)',
  rules: 'its rules (--rules)',
};

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/**
 * A line for each finding, with its code, and one that counts them; with `verbose` those that are
 * suppressed too.
 */
export function lintText(
  { findings, suppressed, unchecked }: LintReport,
  verbose: boolean,
  colour: boolean,
): string {
  const visible = shown(findings, verbose);
  const lines = diagnosticLines(
    visible,
    findings.length - visible.length,
    { colour: { output: colour, error: colour } },
    (found) => `${diagnosticText(found)} [${found.code}]`,
  );
  const hidden = verbose ? suppressed.map(suppressedLine).join('') : '';
  const parts = unchecked.map((part) => FLAGS[part]);
  const rest = parts.length === 0 ? '' : `; not checked: ${parts.join(', ')}`;
  const aside = suppressed.length === 0 ? '' : `; ${suppressed.length} suppressed`;
  return `${lines}${hidden}${countText(findings)}${aside}${rest}\n`;
}

function suppressedLine({ finding, reason }: Suppressed): string {
  return `suppressed: ${diagnosticText(finding)} [${finding.code}]\n  reason: ${printable(reason)}\n`;
}

/** `2 errors, 1 warning`, or `no findings`. */
function countText(findings: readonly LintFinding[]): string {
  const counts = countsOf(findings);
  const parts = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) =>
    count(counts[severity], severity),
  );
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}

function countsOf(findings: readonly LintFinding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** `{"counts", "findings", "suppressed", "unchecked"}`. */
export function lintContent({ findings, suppressed, unchecked }: LintReport): object {
  return { counts: countsOf(findings), findings, suppressed, unchecked };
}

/** A line for each rule: its code, severity and title. */
export function ruleLines(rules: readonly LintRule[]): string {
  const width = rules.reduce((most, { code }) => Math.max(most, code.length), 0);
  return rules
    .map(({ code, severity, title }) => `${code.padEnd(width)}  ${severity.padEnd(7)}  ${title}\n`)
    .join('');
}

/** A rule in full. */
export function ruleText(rule: LintRule): string {
  const { code, severity, title, why, remedy, references } = rule;
  return [
    `${code} (${severity})`,
    `${title}.`,
    '',
    why,
    '',
    `What to do: ${remedy}.`,
    ...(versionText(rule) === '' ? [] : ['', versionText(rule)]),
    ...(references.length === 0 ? [] : ['']),
    ...references.map(([text, url]) => `${text}: ${url}`),
    '',
  ].join('\n');
}

/** `Kubernetes 1.36 to 1.43`, as far as a rule names versions. */
export function versionText({ since, until }: Pick<LintRule, 'since' | 'until'>): string {
  if (since === undefined) return until === undefined ? '' : `Kubernetes up to ${until}.`;
  return until === undefined
    ? `Kubernetes ${since} and newer.`
    : `Kubernetes ${since} to ${until}.`;
}

/** Rules as a document. */
export function rulesJson(rules: readonly LintRule[]): string {
  return jsonDocument('LintRules', {
    rules: rules.map(({ references, ...rule }) => ({
      ...rule,
      references: references.map(([text, url]) => ({ text, url })),
    })),
  });
}
