/** Builds the Debian package of the built program. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { debName, writeDebTree } from './deb-tree.js';

const USAGE = `usage: scripts/deb [--out FOLDER] [--compression xz|zstd|gzip|none] [--maintainer 'NAME <MAIL>']
  --maintainer: who answers for the package; without it DEBFULLNAME and DEBEMAIL, else nobody in particular
`;

/** Whoever builds the package answers for it, as with the tools of Debian. */
function maintainerOf(named: string | undefined): string {
  const { DEBFULLNAME = 'vipc contributors', DEBEMAIL = 'vipc@localhost' } = process.env;
  const maintainer = named ?? `${DEBFULLNAME} <${DEBEMAIL}>`;
  if (!/^[^<>\p{Cc}]+ <[^<>@\s]+@[^<>@\s]+>$/u.test(maintainer))
    throw new Error(`--maintainer ${JSON.stringify(maintainer)}: must be NAME <MAIL>`);
  return maintainer;
}

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { out: text, compression: text, maintainer: text, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(USAGE);
} else {
  const { out = '.', compression = 'xz' } = values;
  const maintainer = maintainerOf(values.maintainer);
  const file = join(out, debName());
  const root = mkdtempSync(join(tmpdir(), 'vipc-deb-'));
  // The folders of the package have the mode that all may read.
  process.umask(0o022);
  try {
    const tree = join(root, 'vipc');
    writeDebTree(tree, maintainer);
    mkdirSync(out, { recursive: true });
    const words = ['--root-owner-group', `-Z${compression}`, '--build', tree, file];
    execFileSync('dpkg-deb', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    console.log(file);
  } finally {
    rmSync(root, { recursive: true });
  }
}
