/**
 * `vipc/chai`: compares text with golden files, in the tests of vipc and of the repositories that
 * use it. Stands beside the pipeline and knows nothing of rules; chai itself is imported by whoever
 * uses this.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { use } from 'chai';

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * Asserts that the text equals the file, byte for byte. With `UPDATE_GOLDEN=1` in the
       * environment it writes the file instead, and its folders; where `CI` is set that is an
       * error, because a golden file that the machine under test accepts by itself proves nothing.
       * A relative path starts at the working directory of the process.
       */
      matchGolden(path: string | URL): Assertion;
    }
  }
}

/** Absolute paths that an assertion of this process has compared or written. */
const touched = new Set<string>();

/**
 * A chai plugin, as the types of chai itself have it; the import also brings the namespace that is
 * augmented above.
 */
type ChaiPlugin = Parameters<typeof use>[0];

/** The chai plugin that adds `matchGolden`: `use(goldenFiles)` from chai, once per process. */
export const goldenFiles: ChaiPlugin = ({ Assertion, AssertionError }, utils) => {
  Assertion.addMethod('matchGolden', function matchGolden(path: string | URL) {
    const file = resolve(typeof path === 'string' ? path : fileURLToPath(path));
    const actual: unknown = utils.flag(this, 'object');
    const prefix: unknown = utils.flag(this, 'message');
    const fail = (message: string, facts: object = {}): never => {
      const text = typeof prefix === 'string' ? `${prefix}: ${message}` : message;
      throw new AssertionError(text, facts, utils.flag(this, 'ssfi'));
    };
    if (utils.flag(this, 'negate') === true)
      return fail('not.matchGolden would accept any text but one: compare what should hold');
    if (typeof actual !== 'string')
      return fail(`only text can be compared with a golden file, this is of type ${typeof actual}`);
    touched.add(file);
    const expected = contentOf(file);
    if (expected === actual) return;
    const name = relative(process.cwd(), file);
    if (isSet('UPDATE_GOLDEN')) {
      if (isSet('CI'))
        return fail(
          `${name} would change, but golden files are not written in CI: ` +
            'write them on your machine with UPDATE_GOLDEN=1, look at the difference and commit it',
        );
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, actual);
      return;
    }
    if (expected === undefined)
      return fail(
        `the golden file ${name} does not exist: run the tests with UPDATE_GOLDEN=1 to create it, and read it before you commit it`,
      );
    return fail(
      `${differenceText(expected, actual, name)}\nIf the new text is right, accept it by running the tests with UPDATE_GOLDEN=1.`,
      { actual, expected, showDiff: true, operator: 'strictEqual' },
    );
  });
};

/**
 * Files anywhere under the directory that no `matchGolden` of this process has touched: outputs of
 * tests that are gone. Each path starts with `directory` as given; sorted. Ask after all tests have
 * run. A directory that does not exist has none.
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
