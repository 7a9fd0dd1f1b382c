/** Findings of lint in SARIF 2.1.0, the form that code scanning of forges and editors reads. */

import type { Diagnostic, Position } from '../../diagnostics.js';
import type { LintFinding, LintRule } from '../../lint/rule.js';
import { ruleOf } from '../../lint/rules.js';
import { subjectOf } from '../../lint/suppressions.js';
import type { LintReport } from './lint.js';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** Names of sources that are no files: there is no artifact to point at. */
const NO_FILES: readonly string[] = ['<stdin>', 'cluster'];

/** What a run is reported with. */
export interface SarifOptions {
  /** Of vipc. */
  readonly version: string;
  /** About how the input was read. */
  readonly remarks: readonly Diagnostic[];
}

/**
 * One run: the rules that were broken, a result for each finding and, with a suppression, for each
 * that is suppressed.
 */
export function sarif(
  { findings, suppressed }: LintReport,
  { version, remarks }: SarifOptions,
): string {
  const all = [...findings, ...suppressed.map(({ finding }) => finding)];
  const rules = [...new Set(all.map(({ code }) => code))].sort();
  const index = new Map(rules.map((code, i) => [code, i]));
  const run = {
    tool: { driver: { name: 'vipc', version, rules: rules.map(descriptor) } },
    invocations: [
      { executionSuccessful: true, toolExecutionNotifications: remarks.map(notification) },
    ],
    columnKind: 'utf16CodeUnits',
    results: [
      ...findings.map((found) => ({ ...result(found, index), suppressions: [] })),
      ...suppressed.map(({ finding, reason }) => ({
        ...result(finding, index),
        suppressions: [{ kind: 'external', status: 'accepted', justification: reason }],
      })),
    ],
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function descriptor(code: string): object {
  const rule = ruleOf(code);
  if (rule === undefined) return { id: code };
  const [first] = rule.references;
  return {
    id: code,
    shortDescription: { text: `${rule.title}.` },
    fullDescription: { text: rule.why },
    help: { text: helpText(rule) },
    ...(first === undefined ? {} : { helpUri: first[1] }),
    defaultConfiguration: { level: rule.severity },
  };
}

function helpText({ why, remedy, references }: LintRule): string {
  const more = references.map(([text, url]) => `\n${text}: ${url}`).join('');
  return `${why}\n\nWhat to do: ${remedy}.${more === '' ? '' : `\n${more}`}`;
}

function result(found: LintFinding, index: ReadonlyMap<string, number>): object {
  const { code, severity, object, field, hint } = found;
  const about = [object === undefined ? '' : subjectOf(object), field ?? ''];
  const subject = about.filter((part) => part !== '').join(': ');
  return {
    ruleId: code,
    ruleIndex: index.get(code) ?? -1,
    level: severity,
    message: { text: messageText(found, subject, hint ?? '') },
    locations: locations(found),
    // The same after the file has moved or grown: what it is about, and not where.
    partialFingerprints: { 'vipc/v1': `${code} ${subject}`.trim() },
  };
}

function messageText({ message }: LintFinding, subject: string, hint: string): string {
  const sentence =
    subject === '' || message.startsWith(subject) ? message : `${subject}: ${message}`;
  return `${sentence}.${hint === '' ? '' : ` What to do: ${hint}.`}`;
}

function locations({ object, position }: LintFinding): readonly object[] {
  const physical =
    position === undefined || NO_FILES.includes(position.file)
      ? {}
      : { physicalLocation: physicalLocation(position) };
  const logical =
    object === undefined
      ? {}
      : {
          logicalLocations: [
            { name: object.name, fullyQualifiedName: subjectOf(object), kind: 'resource' },
          ],
        };
  const location = { ...physical, ...logical };
  return Object.keys(location).length === 0 ? [] : [location];
}

function physicalLocation({ file, line, column }: Position): object {
  return {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  };
}

/** The path as a URI reference: relative to where vipc ran, unless it is absolute. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

function notification({ severity, code, message }: Diagnostic): object {
  return { level: severity, descriptor: { id: code }, message: { text: `${message}.` } };
}
