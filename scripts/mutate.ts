/**
 * Mutation testing of one source file: makes one small change at a time in a copy of the checkout
 * and runs the file's tests. A change that they do not notice has survived: a test is missing, or
 * the change has no effect.
 */

import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { execa } from 'execa';
import { mutantsOf } from './mutants.js';

/** Milliseconds until a run counts as endless. */
const ENDLESS = 120_000;
/** What a mutant changes is below these; the rest of the copy are links. */
const COPIED = new Set(['src', 'test', 'scripts']);
const NOT_LINKED = new Set(['.git', 'dist']);
/** Runs at a time. */
const JOBS = 2;

const root = process.cwd();
const [file = '', ...given] = process.argv.slice(2).map((path) => relative(root, resolve(path)));
if (!file.startsWith('src/') || !existsSync(file)) {
  console.error('usage: scripts/mutate src/FILE.ts [SUITE]...');
  process.exit(64);
}
const suites = given.length > 0 ? given : nearestSuites();

/** The suites of the same name, else all suites of the nearest folder that has any. */
function nearestSuites(): readonly string[] {
  const own = file.replace(/^src\/(.*)\.ts$/, 'test/$1');
  const named = ['', '.property', '.program'].map((kind) => `${own}${kind}.test.ts`);
  const there = named.filter((path) => existsSync(path));
  if (there.length > 0) return there;
  for (let folder = dirname(own); folder !== '.'; folder = dirname(folder)) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const found = names.filter((name) => name.endsWith('.test.ts'));
    if (found.length > 0) return found.map((name) => join(folder, name));
  }
  return [];
}

/** A copy of the checkout in which the file can be changed. */
async function copyCheckout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vipc-mutate-'));
  for (const name of readdirSync(root)) {
    if (COPIED.has(name)) await cp(name, join(folder, name), { recursive: true });
    else if (!NOT_LINKED.has(name)) await symlink(resolve(name), join(folder, name));
  }
  await mkdir(join(folder, 'dist'));
  return folder;
}

/** Whether the tests pass in a copy. */
async function passes(folder: string): Promise<boolean> {
  const args = ['--no-config', '--node-option', 'import=tsx', '--bail', '--timeout', '60000'];
  const { exitCode } = await execa('node_modules/.bin/mocha', [...args, ...suites], {
    cwd: folder,
    reject: false,
    timeout: ENDLESS,
    // Endless recursion and loops that fill memory are to end soon.
    env: { NODE_OPTIONS: '--max-old-space-size=1024', CI: '' },
  });
  return exitCode === 0;
}

const text = await readFile(file, 'utf8');
const mutants = mutantsOf(file);
const folders = await Promise.all(Array.from({ length: JOBS }, copyCheckout));
try {
  if (!(await passes(folders[0] ?? ''))) throw new Error(`${suites.join(' ')}: fails unchanged`);
  console.log(`${file}: ${mutants.length} mutants, ${suites.join(' ')}`);
  const open = [...mutants];
  let survived = 0;
  await Promise.all(
    folders.map(async (folder) => {
      for (let mutant = open.shift(); mutant !== undefined; mutant = open.shift()) {
        const { start, end, replacement, line } = mutant;
        const mutated = text.slice(0, start) + replacement + text.slice(end);
        await writeFile(join(folder, file), mutated);
        if (!(await passes(folder))) continue;
        survived++;
        const [from = ''] = text.slice(start, end).split('\n', 1);
        console.log(`${file}:${line}: survived: ${from}  ->  ${replacement || '(nothing)'}`);
      }
    }),
  );
  console.log(`${mutants.length - survived} killed, ${survived} survived`);
} finally {
  for (const folder of folders) await rm(folder, { recursive: true });
}
