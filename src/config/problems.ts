/**
 * Problems of configuration files: with their place in the file, or as the error that ends it all.
 */

import { diagnosticText } from '../diagnostic-text.js';
import type { Diagnostic, Position } from '../diagnostics.js';
import { ConfigError } from '../errors.js';
import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';

/** One document of a configuration file. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Warnings about the text itself. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where a field, or its key, is in the file; `undefined` where there is no file. */
  readonly position: (path: FieldPath, part: 'key' | 'value') => Position | undefined;
}

/** What is wrong with one field, before it has a place in a file. */
export interface ConfigProblem extends Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** Whether the key itself is wrong, not its value. */
  readonly atKey?: boolean | undefined;
}

const CODES: Readonly<Record<Problem['kind'], string>> = {
  required: 'config-missing-field',
  unknown: 'config-unknown-field',
  invalid: 'config-wrong-type',
};

/** A problem that a shape found, as an error. */
export function shapeProblem(problem: Problem): ConfigProblem {
  const atKey = problem.kind === 'unknown';
  return { ...problem, code: CODES[problem.kind], severity: 'error', atKey };
}

/** A value that a rule refuses. */
export function invalidValue(
  path: FieldPath,
  value: unknown,
  message: string,
  hint?: string,
): ConfigProblem {
  const code = 'config-invalid-value';
  return { ...invalid(path, message, value, hint), code, severity: 'error' };
}

/** The diagnostic of a problem, with the place of its field in the file. */
export function placedDiagnostic(document: ConfigDocument, problem: ConfigProblem): Diagnostic {
  const { code, severity, message, field, value, hint } = problem;
  const position = document.position(problem.path, problem.atKey ? 'key' : 'value');
  return {
    code,
    severity,
    message,
    ...(field === '' ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position }),
  };
}

/** Throws the ConfigError that names every problem, one line each: `file:line:column: sentence`. */
export function refuse(document: ConfigDocument, problems: readonly ConfigProblem[]): never {
  const diagnostics = problems
    .map((problem) => placedDiagnostic(document, problem))
    .toSorted((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0));
  return refuseDiagnostics(diagnostics);
}

/** Throws the ConfigError of these diagnostics, a line for each error. */
export function refuseDiagnostics(diagnostics: readonly Diagnostic[]): never {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const hint = errors.find((diagnostic) => diagnostic.hint !== undefined)?.hint;
  throw new ConfigError(
    errors.map(diagnosticText).join('\n'),
    hint === undefined ? { diagnostics } : { hint, diagnostics },
  );
}
