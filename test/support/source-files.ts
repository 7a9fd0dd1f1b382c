/** The source files of src/ with their imports, read as text: what the architecture test judges. */

import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Import {
  /** A path relative to src/ ending in `.ts`, or the name of a package without a path inside it. */
  readonly to: string;
  readonly ours: boolean;
  /** Removed by the compiler. */
  readonly typeOnly: boolean;
  /** Runs only when the program gets there. */
  readonly dynamic: boolean;
}

export interface SourceFile {
  /** Relative to src/: `model/build.ts`. */
  readonly path: string;
  /** The folder below src/, or for a file right there its own name: `model`, `errors`. */
  readonly unit: string;
  readonly text: string;
  /** Without comments. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

export function sourceFiles(): readonly SourceFile[] {
  return textsBelow('src').map(({ path, text }) => sourceFile(path, text));
}

/** The TypeScript files below a folder of the checkout, by their paths from there. */
export function textsBelow(folder: string): readonly Pick<SourceFile, 'path' | 'text'>[] {
  const root = posix.join(ROOT, folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(posix.join(root, path), 'utf8') }));
}

/** A file of this text, for the tests of the reader itself. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  return {
    path,
    unit: path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, ''),
    text,
    code,
    lines: text.split('\n').length - 1,
    imports: importsOf(path, code),
  };
}

function importsOf(path: string, code: string): readonly Import[] {
  const found: Import[] = [];
  const statement = /^(?:import|export)\s+(?:(type\s+)?([^'";=()]*?)\s+from\s+)?'([^']+)'/gm;
  for (const [, type, names = '', specifier = ''] of code.matchAll(statement)) {
    const typeOnly =
      type !== undefined || /^\{(?:\s*type\s+[\w$]+(?:\s+as\s+\w+)?,?)+\s*\}$/.test(names);
    found.push({ ...target(path, specifier), typeOnly, dynamic: false });
  }
  for (const [, specifier = ''] of code.matchAll(/\bimport\(\s*['"`]([^'"`]+)['"`]\s*\)/g)) {
    found.push({ ...target(path, specifier), typeOnly: false, dynamic: true });
  }
  return found;
}

function target(from: string, specifier: string): Pick<Import, 'to' | 'ours'> {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
    return { to: path, ours: true };
  }
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  return { to: name, ours: false };
}

/** A chain of nodes that ends where it began, or undefined. */
export function findCycle(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): readonly string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
