/** Builds the Debian package of the built program. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { broughtNode } from './brought-node.js';
import { debName, writeDebTree } from './deb-tree.js';

const USAGE = `usage: scripts/deb --maintainer 'NAME <MAIL>' [--out FOLDER] [--compression xz|zstd|gzip|none] [--node FILE]
  --maintainer: of the package; default: DEBFULLNAME and DEBEMAIL, as with the tools of Debian
  --node: the program node to bring, also for another processor; default: the one that runs this
`;

/** The maintainer that is named, else that of the environment; `undefined`: neither is valid. */
function maintainerOf(named: string | undefined): string | undefined {
  const { DEBFULLNAME = '', DEBEMAIL = '' } = process.env;
  const maintainer = named ?? `${DEBFULLNAME} <${DEBEMAIL}>`;
  return /^[^<>\p{Cc}]+ <[^<>@\s]+@[^<>@\s]+>$/u.test(maintainer) ? maintainer : undefined;
}

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ out: text, compression: text, maintainer: text, node: text },
    help: { type: 'boolean' },
  },
});
const maintainer = maintainerOf(values.maintainer);
if (values.help === true) {
  process.stdout.write(USAGE);
} else if (maintainer === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else {
  const { out = '.', compression = 'xz' } = values;
  const node = broughtNode(values.node);
  const file = join(out, debName(node));
  const root = mkdtempSync(join(tmpdir(), 'vipc-deb-'));
  // The folders of the package have the mode that all may read.
  process.umask(0o022);
  try {
    const tree = join(root, 'vipc');
    writeDebTree(tree, maintainer, node);
    mkdirSync(out, { recursive: true });
    const words = ['--root-owner-group', `-Z${compression}`, '--build', tree, file];
    execFileSync('dpkg-deb', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    console.log(file);
  } finally {
    rmSync(root, { recursive: true });
  }
}
