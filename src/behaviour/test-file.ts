/** Tests in YAML or JSON: untrusted text to checked tests, each fault with its place. */

import type { Diagnostic, Position } from '../diagnostics.js';
import { documentLocator, readSource } from '../input/documents.js';
import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import { withoutNulls } from '../input/project.js';
import { shapeCheck } from '../input/shape-check.js';
import { positionAt, type Source, type SourceDocument } from '../input/source.js';
import { isObject } from '../input/value.js';
import { checkTest } from './precompiled.js';
import { testProblems } from './test-rules.js';
import { type RawTest, TEST } from './test-shape.js';

/** A checked test. */
export interface TestDocument {
  readonly file: string;
  readonly test: RawTest;
  /** Where a field is in the file, or its nearest parent. */
  readonly position: (path: FieldPath, part?: 'key' | 'value') => Position;
}

/** The tests of a file, and what is wrong with them. */
export interface TestFile {
  readonly tests: readonly TestDocument[];
  /** Errors: with one of them nothing is to be run. */
  readonly diagnostics: readonly Diagnostic[];
}

const check = shapeCheck<RawTest>(TEST, checkTest);

/**
 * The tests of one file. Documents of other kinds, such as manifests beside the tests, are passed
 * over; one with `packets`, or of another kind of vipc, is a mistake. So is a key given twice.
 */
export function readTests(source: Source): TestFile {
  const { documents, diagnostics } = readSource(source);
  const own = documents.filter(({ value }) => isTest(value));
  const read = own.map((document) => readTest(source, document));
  const faults = own.length > 0 ? diagnostics : diagnostics.filter(isError);
  return {
    tests: read.flatMap(({ tests }) => tests),
    diagnostics: [
      ...faults.map((one): Diagnostic => ({ ...one, severity: 'error' })),
      ...read.flatMap((one) => one.diagnostics),
    ],
  };
}

function isTest(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { apiVersion, kind } = value;
  if (kind === 'Test' || 'packets' in value) return true;
  return typeof apiVersion === 'string' && apiVersion.startsWith('vipc/') && kind !== 'Host';
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function readTest(source: Source, document: SourceDocument): TestFile {
  const locate = documentLocator(source, document);
  const position: TestDocument['position'] = (path, part) => positionAt(source, locate(path, part));
  const value = withoutNulls(document.value);
  const problems = check.passes(value)
    ? [...testProblems(value), ...aliasProblems(value, source)]
    : check.problems(value);
  if (check.passes(value) && problems.length === 0)
    return { tests: [{ file: source.name, test: value, position }], diagnostics: [] };
  return { tests: [], diagnostics: problems.map((problem) => testFault(problem, position)) };
}

/** YAML aliases can make a small file hold endless objects, which are written out later. */
function aliasProblems({ objects = [] }: RawTest, { text }: Source): readonly Problem[] {
  // Without aliases a file has fewer values than characters.
  let rest = text.length;
  const open: unknown[] = [...objects];
  while (open.length > 0 && rest >= 0) {
    const value = open.pop();
    rest--;
    if (typeof value !== 'object' || value === null) continue;
    for (const member of Object.values(value)) open.push(member);
  }
  const message = 'must not repeat more by aliases than the file holds';
  return rest >= 0 ? [] : [invalid(['objects'], message, undefined, 'write it without aliases')];
}

const CODES: Readonly<Record<Problem['kind'], string>> = {
  required: 'test-missing-field',
  unknown: 'test-unknown-field',
  invalid: 'test-invalid-value',
};

/** A problem of a test as an error with its place. */
export function testFault(
  { kind, path, field, message, value, hint }: Problem,
  position: TestDocument['position'],
): Diagnostic {
  return {
    code: CODES[kind],
    severity: 'error',
    message,
    ...(field === '' ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(hint === undefined ? {} : { hint }),
    position: position(path, kind === 'unknown' ? 'key' : 'value'),
  };
}
