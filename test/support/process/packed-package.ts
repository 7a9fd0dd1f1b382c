/**
 * The package as it is published, built from a copy of this checkout, and beside it a project that
 * uses it.
 */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url));

/** What a build reads, and what the list of published files could take by mistake. */
const COPIED = [
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json', '.npmrc', 'src', 'scripts'],
  ...['bin', 'schema', 'templates', 'deploy', 'docs', 'README.md', 'CHANGELOG.md', 'LICENSE'],
  ...['test', 'fixtures/golden'],
];

/** What `npm pack` prints about the package. */
export interface Listing {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

export interface PackedPackage {
  /** The package. */
  readonly folder: string;
  readonly listing: Listing;
  readonly tarball: Uint8Array;
  /**
   * A project whose node_modules have the package, and what else {@link PackedPackage.give} puts
   * there.
   */
  readonly user: string;
  /** Gives a package of this checkout to the project. */
  readonly give: (name: string) => void;
  /**
   * What a program of the project prints; the ending of its name decides which kind of module it
   * is.
   */
  readonly run: (name: string, code: string, node?: string) => string;
  readonly remove: () => void;
}

/** Builds and packs a copy. */
export function packPackage(): PackedPackage {
  const root = mkdtempSync(join(tmpdir(), 'vipc-package-'));
  const folder = join(root, 'vipc');
  mkdirSync(folder);
  for (const name of COPIED)
    if (existsSync(join(ROOT, name)))
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const npm = (...words: readonly string[]): string =>
    execFileSync('npm', words, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  npm('run', '--silent', 'build');
  const listed: unknown = JSON.parse(
    npm('pack', '--json', '--ignore-scripts', '--pack-destination', root),
  );
  const [listing] = listed as readonly [Listing];
  const user = join(root, 'user');
  mkdirSync(join(user, 'node_modules'), { recursive: true });
  writeFileSync(join(user, 'package.json'), '{}');
  symlinkSync(folder, join(user, 'node_modules/vipc'));
  return {
    folder,
    listing,
    tarball: readFileSync(join(root, listing.filename)),
    user,
    give: (name) => {
      const place = join(user, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), place);
    },
    run: (name, code, node = process.execPath) => {
      // Whether this run updates golden files is not its business.
      const { UPDATE_GOLDEN: _, CI: __, ...env } = process.env;
      writeFileSync(join(user, name), code);
      return execFileSync(node, [name], { cwd: user, env, encoding: 'utf8' });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
