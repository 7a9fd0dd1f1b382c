/**
 * Builds the single executable: a Node.js with the whole program in it, as a single executable
 * application of Node.js. Nothing of it is read from other files.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { type BroughtNode, broughtNode } from './brought-node.js';
import { VERSION } from './deploy-documents.js';
import { withNote } from './elf-note.js';

const USAGE = `usage: scripts/executable [--out FOLDER] [--node FILE]
  --node: the program node of the same version for another processor; default: the one that runs this
`;

/** Where Node.js looks for its application, and the mark that says that there is one. */
const NOTE_NAME = 'NODE_SEA_BLOB';
const MARK = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * What src/cli/main.ts does, as a script: an application is none of the modules that may wait. As
 * there, a command that never ends its work is a failure.
 */
const MAIN = `
import { run } from './run.js';
import { processTerminal } from './terminal.js';
const argv = process.argv.slice(2);
process.exitCode = 13;
run(argv, processTerminal(argv), { debug: process.env.VIPC_DEBUG === '1' }).then((code) => {
  process.exitCode = code;
});
`;

/** There is no package.json beside the executable. */
const versionInside: Plugin = {
  name: 'version',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\]src[/\\]cli[/\\]version\.ts$/ }, () => ({
      contents: `export const version = () => ${JSON.stringify(VERSION)};`,
    }));
  },
};

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { out: text, node: text, help: { type: 'boolean' } } });
if (values.help === true) {
  process.stdout.write(USAGE);
} else {
  const { out = '.' } = values;
  const node = broughtNode(values.node);
  // It reads what another version packed, but only its own is promised.
  if (node.version !== process.version)
    throw new Error(`${node.path} is ${node.version}: run this with that version`);
  const file = join(out, `vipc-${VERSION}-linux-${node.processor}`);
  mkdirSync(out, { recursive: true });
  writeFileSync(file, withApplication(node, await application()), { mode: 0o755 });
  console.log(file);
}

/** The program as Node.js packs it. */
async function application(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'vipc-executable-'));
  try {
    const main = join(folder, 'main.cjs');
    const output = join(folder, 'application');
    const config = join(folder, 'config.json');
    await bundle(main);
    // Experimental in Node.js 20, which would say so on stderr at each start.
    const facts = { main, output, disableExperimentalSEAWarning: true };
    writeFileSync(config, JSON.stringify(facts));
    execFileSync(process.execPath, ['--experimental-sea-config', config], {
      // What it writes is in its error, if there is one.
      stdio: 'pipe',
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    stdin: { contents: MAIN, resolveDir: 'src/cli' },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Names stay, for stacks of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    // An application can only require what is built into Node.js.
    supported: { 'dynamic-import': false },
    // Licenses have to go where the code goes.
    legalComments: 'inline',
    plugins: [versionInside],
  });
}

function withApplication({ path, content }: BroughtNode, packed: Uint8Array): Buffer {
  const executable = withNote(content, NOTE_NAME, packed);
  const mark = executable.indexOf(`${MARK}:0`);
  if (mark < 0) throw new Error(`${path} cannot hold an application`);
  executable.write('1', mark + MARK.length + 1);
  return executable;
}
