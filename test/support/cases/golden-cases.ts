/**
 * The cases under fixtures/golden, found by listing: an input, one sentence why, and what must come
 * out.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';

/**
 * Relative to the working directory: paths stand in messages, and must not depend on the machine.
 */
export const GOLDEN: string = relative(
  process.cwd(),
  fileURLToPath(new URL('../../../fixtures/golden', import.meta.url)),
);

export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  /** One sentence. */
  readonly why: string;
  /** Flags of `vipc compile` besides those for the files of the case; `{case}` is its folder. */
  readonly args: readonly string[];
}

/** Every case, in order. */
export function goldenCases(root: string = GOLDEN): readonly GoldenCase[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const folder = join(root, name);
      return { name, folder, ...caseFile(readFileSync(join(folder, 'case.yaml'), 'utf8'), name) };
    });
}

/**
 * The content of a case.yaml. Throws for anything but `why` and `args`: a misspelt key would test
 * nothing.
 */
export function caseFile(text: string, name: string): Pick<GoldenCase, 'why' | 'args'> {
  const raw: unknown = load(text);
  const refuse = (what: string): never => {
    throw new Error(`${name}/case.yaml: ${what}`);
  };
  if (typeof raw !== 'object' || raw === null) return refuse('must hold why and args');
  const { why, args = [], ...others } = raw as Readonly<Record<string, unknown>>;
  const extra = Object.keys(others);
  if (extra.length > 0) return refuse(`unknown: ${extra.join(', ')}`);
  if (typeof why !== 'string' || !/^[A-Z].*[^.]\.$/.test(why.trim()))
    return refuse('why must be a sentence');
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
    return refuse('args must be a list of strings');
  return { why: why.trim(), args };
}

/** The whole command line of a case but for where its output goes. */
export function commandOf({ folder, args }: GoldenCase): readonly string[] {
  const optional = (flag: string, file: string): string[] =>
    existsSync(join(folder, file)) ? [flag, join(folder, file)] : [];
  return [
    'compile',
    '-f',
    join(folder, 'snapshot.yaml'),
    ...optional('--config', 'config.yaml'),
    ...optional('--host', 'host.yaml'),
    ...args.map((arg) => arg.replace('{case}', folder)),
  ];
}
