/** The cases of fixtures/lint: for each rule an input that breaks it, and one that does not. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { type Ran, runIn } from '../process/run-in.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/lint/', import.meta.url));

/** The files of an input, by what they are. */
export type LintFiles = { readonly [part in Part]?: string };

export type Part = 'objects' | 'config' | 'host' | 'rules' | 'suppressions';

/** An input that breaks a rule, and what of it is otherwise in one that does not. */
export interface LintCase extends LintFiles {
  readonly code: string;
  readonly args?: readonly string[];
  readonly good: LintFiles;
}

const FLAGS: Readonly<Record<Part, string>> = {
  objects: '-f',
  config: '--config',
  host: '--host',
  rules: '--rules',
  suppressions: '--suppressions',
};
const PARTS: readonly Part[] = ['objects', 'config', 'host', 'rules', 'suppressions'];

/** Every case, by the code of its rule. */
export function lintCases(): readonly LintCase[] {
  return readdirSync(FOLDER).map((file) => ({
    code: file.replace(/\.yaml$/, ''),
    ...(load(readFileSync(join(FOLDER, file), 'utf8')) as Omit<LintCase, 'code'>),
  }));
}

/** What the file of a part is called. */
export function fileOf(part: Part): string {
  return part === 'rules' ? 'iptables.save' : `${part}.yaml`;
}

/** `vipc lint -f objects.yaml …`, without `vipc`. */
export function lintWords(files: LintFiles, args: readonly string[] = []): readonly string[] {
  const given = PARTS.filter((part) => files[part] !== undefined);
  return ['lint', ...given.flatMap((part) => [FLAGS[part], fileOf(part)]), ...args];
}

/** What lint says about these files, which it calls as {@link fileOf} does. */
export async function runLint(files: LintFiles, args: readonly string[] = []): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'vipc-lint-'));
  try {
    for (const part of PARTS)
      if (files[part] !== undefined) writeFileSync(join(folder, fileOf(part)), files[part]);
    const names = PARTS.map(fileOf);
    const words = lintWords(files, args).map((word) =>
      names.includes(word) ? join(folder, word) : word,
    );
    const { code, out, err } = await runIn(words);
    const short = (text: string): string => text.replaceAll(`${folder}/`, '');
    return { code, out: short(out), err: short(err) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
