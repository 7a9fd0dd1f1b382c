/**
 * A root of its own for what users install: the files of this machine without its Node.js, or those
 * of a minimal Debian.
 */

import { spawnSync } from 'node:child_process';
import { skipMissing } from '../skip-missing.js';

/** Lays a file system over that of the machine, below $1. */
const THIS_MACHINE = `
mkdir "$1/upper" "$1/work"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" vipc "$1/root"
`;

/** Installs release $4 of Debian from mirror $5. */
const DEBIAN = `
mmdebstrap --quiet --mode=root --variant=minbase --dpkgopt=force-unsafe-io "$4" "$1/root" "$5"
cp /etc/resolv.conf "$1/root/etc/"
mount --bind "$1/root" "$1/root"
`;

/** Runs $3 below $1, with the packages of $2. */
const inRoot = (laid: string): string => `
mkdir "$1"
mount -t tmpfs vipc "$1"
mkdir "$1/root"
${laid}
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
  skipMissing(context, 'packages need root and dpkg');
}

/**
 * Runs a script of a shell in the root of this machine without its Node.js, with a folder of this
 * machine at /packages. Returns what each step printed; `say NAME` begins one, and what comes
 * before the first is named `before`. Throws if the script fails. Nothing outlives it.
 */
export function runInCleanRoot(
  place: string,
  packages: string,
  script: string,
): ReadonlyMap<string, string> {
  return run(inRoot(THIS_MACHINE), [place, packages, PRELUDE + script]);
}

/** The same in a Debian with nothing but what each of them has, of a release such as `trixie`. */
export function runInDebian(
  release: string,
  place: string,
  packages: string,
  script: string,
): ReadonlyMap<string, string> {
  return run(inRoot(DEBIAN), [place, packages, PRELUDE + script, release, mirror()]);
}

/** Where this machine has its Debian from. */
function mirror(): string {
  const words = ['indextargets', '--format', '$(SITE)', 'Created-By: Packages', 'Origin: Debian'];
  const [site] = spawnSync('apt-get', words, { encoding: 'utf8' }).stdout.split('\n');
  return site || 'http://deb.debian.org/debian';
}

/** What it starts ends with it, and it ends with this process. */
function run(inside: string, words: readonly string[]): ReadonlyMap<string, string> {
  const unshare = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount'];
  const { status, stdout } = spawnSync(
    'setpriv',
    [...unshare, 'sh', '-euc', inside, 'sh', ...words],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [first = '', ...steps] = stdout.split(/^== /m);
  if (status !== 0) throw new Error(`code ${status} in step ${steps.at(-1) ?? first}`);
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
