/** Programs of the bench in C: what Node.js is too slow for, or cannot ask the kernel. */

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds `NAME.c` of this folder, and returns the program. Throws where there is no compiler. */
export function builtC(name: string, directory: string): string {
  const compiler = ['cc', 'gcc', 'clang'].find((one) => spawnSync(one, ['--version']).status === 0);
  if (compiler === undefined)
    throw new Error('this bench needs a C compiler: install cc, gcc or clang');
  const program = join(directory, name);
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  execFileSync(compiler, ['-O2', '-Wall', '-o', program, source], { stdio: 'inherit' });
  return program;
}
