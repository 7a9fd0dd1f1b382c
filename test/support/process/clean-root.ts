/** A root of its own for what users install: the files of this machine, without its Node.js. */

import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Lays a file system over that of the machine ($1), with the packages of $2 and what must run
 * there, $3.
 */
const IN_ROOT = `
mkdir "$1"
mount -t tmpfs vipc "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" vipc "$1/root"
mkdir -p "$1/root/run" "$1/root/packages"
mount --bind -o ro "$2" "$1/root/packages"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \\
  chroot "$1/root" sh -euc "$3"
`;

const PRELUDE = `
say() { echo "== $1"; }
present() { for path in "$@"; do [ ! -e "$path" ] || echo "$path"; done; }
for node in $(which -a node nodejs); do rm -f "$node"; done
`;

/** Skips the tests of a suite where a root cannot be made; an error where CI runs them. */
export function needCleanRoot(context: Mocha.Context): void {
  if (process.getuid?.() === 0 && spawnSync('dpkg-deb', ['--version']).status === 0) return;
  if (process.env.CI !== undefined) throw new Error('needs root and dpkg');
  console.log('      skipped: needs root and dpkg');
  context.skip();
}

/**
 * Runs a script of a shell in such a root, with a folder of this machine at /packages. Returns what
 * each step printed; `say NAME` begins one, and what comes before the first is named `before`.
 * Throws if the script fails. Nothing outlives it.
 */
export function runInCleanRoot(
  place: string,
  packages: string,
  script: string,
): ReadonlyMap<string, string> {
  const words = ['--mount', '--propagation', 'private', 'sh', '-euc', IN_ROOT, 'sh'];
  const text = execFileSync('unshare', [...words, place, packages, PRELUDE + script], {
    encoding: 'utf8',
  });
  const [first = '', ...steps] = text.split(/^== /m);
  return new Map([['before', first], ...steps.map(stepOf)]);
}

/** The lines that a step printed. */
export function linesOf(steps: ReadonlyMap<string, string>, step: string): readonly string[] {
  return (steps.get(step) ?? '').split('\n').filter((line) => line !== '');
}

function stepOf(text: string): readonly [string, string] {
  const end = text.indexOf('\n');
  return [text.slice(0, end), text.slice(end + 1)];
}
