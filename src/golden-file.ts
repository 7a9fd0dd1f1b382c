/**
 * Text compared with golden files, in the tests of vipc and of the repositories that use it: what
 * the plugin for chai and the matchers for vitest and jest share. It does not depend on rules.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Why an assertion fails; where both texts are known, a test runner can show their difference. */
export interface GoldenFailure {
  readonly message: string;
  readonly texts?: { readonly actual: string; readonly expected: string };
}

/** Absolute paths that an assertion of this process has compared or written. */
const touched = new Set<string>();

/**
 * Compares text with a file, byte for byte; `undefined` where they are equal. With
 * `UPDATE_GOLDEN=1` in the environment the file, and its folders, are written instead; where `CI`
 * is set that is a failure, because a golden file that the machine under test accepts by itself
 * proves nothing. A relative path starts at the working directory of the process. `negated` is
 * always a failure.
 */
export function compareGolden(
  actual: unknown,
  path: string | URL,
  negated: boolean,
): GoldenFailure | undefined {
  if (negated) return { message: 'any text but one would be accepted: compare what should hold' };
  if (typeof actual !== 'string')
    return {
      message: `only text can be compared with a golden file, this is of type ${typeof actual}`,
    };
  const file = resolve(typeof path === 'string' ? path : fileURLToPath(path));
  touched.add(file);
  const expected = contentOf(file);
  if (expected === actual) return undefined;
  const name = relative(process.cwd(), file);
  if (isSet('UPDATE_GOLDEN')) return update(file, name, actual);
  if (expected === undefined)
    return {
      message: `the golden file ${name} does not exist: run the tests with UPDATE_GOLDEN=1 to create it, and read it before you commit it`,
    };
  return {
    message: `${differenceText(expected, actual, name)}\nIf the new text is right, accept it by running the tests with UPDATE_GOLDEN=1.`,
    texts: { actual, expected },
  };
}

function update(file: string, name: string, text: string): GoldenFailure | undefined {
  if (isSet('CI'))
    return {
      message:
        `${name} would change, but golden files are not written in CI: ` +
        'write them on your machine with UPDATE_GOLDEN=1, look at the difference and commit it',
    };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return undefined;
}

/**
 * Files anywhere under the directory that no assertion of this process has touched: outputs of
 * tests that no longer exist. Each path starts with `directory` as given; sorted. Call it after all
 * tests have run. A directory that does not exist has none.
 */
export function unusedGoldens(directory: string): readonly string[] {
  return filesUnder(directory)
    .filter((file) => !touched.has(resolve(file)))
    .sort();
}

function filesUnder(directory: string): readonly string[] {
  const entries = unlessMissing(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function contentOf(file: string): string | undefined {
  return unlessMissing(() => readFileSync(file, 'utf8'));
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether a switch of the environment is on; `0` and `false` are off, as most CI systems have it.
 */
function isSet(name: string): boolean {
  return !['', '0', 'false'].includes(process.env[name] ?? '');
}

/** Where two different texts part, in one sentence of two lines at most. */
function differenceText(expected: string, actual: string, name: string): string {
  const old = expected.split('\n');
  const fresh = actual.split('\n');
  const index = old.findIndex((line, i) => line !== fresh[i]);
  const at = index < 0 ? old.length : index;
  return `${name}:${at + 1}: the text differs from the golden file: expected ${lineText(old[at])}, got ${lineText(fresh[at])}`;
}

function lineText(line: string | undefined): string {
  if (line === undefined) return 'the end';
  return JSON.stringify(line.length > 160 ? `${line.slice(0, 157)}...` : line);
}
