/**
 * Every `console` block of the README and of docs/, in the order of its page, as somebody types it
 * who has a checkout and no node. Each page has an empty network namespace.
 */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  consoleBlocks,
  DOCUMENTS,
  documentText,
  ROOT,
  type ShownCommand,
} from '../support/documents.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { PROGRAM } from '../support/process/program.js';

/** What the folder has in which the commands are typed: as in a checkout. */
const LINKED = ['fixtures', 'schema', 'templates'];
const TOOLS = ['iptables-nft-restore', 'iptables-nft-save', 'ip6tables-nft-restore'];

/** The version of iptables is that of the machine. */
function withoutVersions(text: string): string {
  return text.replace(/\b(iptables-nft|nft) \d+\.\d+\.\d+/g, '$1');
}

/** Quoted for a shell. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

/** A folder where `vipc` and `iptables` are those that the tests are about. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vipc-documents-'));
  for (const name of LINKED) symlinkSync(`${ROOT}${name}`, join(folder, name));
  for (const [name, words] of [
    ['vipc', PROGRAM],
    ['iptables', ['iptables-nft']],
  ] as const) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${quoted(words)} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Ends what a page that failed half-way left running, such as an agent. */
function endPrograms(machine: Namespace): void {
  const namespace = readlinkSync(`/proc/${machine.pid}/ns/net`);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const isInside = readlinkSync(`/proc/${pid}/ns/net`) === namespace;
      if (isInside && Number(pid) !== machine.pid) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
}

/** Types the commands of a block one after the other, and compares what is printed. */
function type(block: readonly ShownCommand[], folder: string, machine: Namespace): void {
  let status = 0;
  for (const { command, shown } of block) {
    const script = `cd ${folder}\nexec 2>errors\n(exit ${status})\n${command}\ncode=$?\nprintf '\\n%s' $code`;
    const words = ['-t', String(machine.pid), '-n', 'bash', '-c', script];
    const said = execFileSync('nsenter', words, {
      encoding: 'utf8',
      env: { ...process.env, ...machine.env, PATH: `${folder}:${machine.env.PATH}` },
    });
    const end = said.lastIndexOf('\n');
    status = Number(said.slice(end + 1));
    const expected = withoutVersions(shown);
    const output = withoutVersions(said.slice(0, end));
    const errors = withoutVersions(readFileSync(join(folder, 'errors'), 'utf8'));
    // A page has what is on standard error where it says something about the example.
    if (expected !== output) expect(expected, command).to.equal(errors + output);
  }
}

for (const path of DOCUMENTS) {
  const blocks = consoleBlocks(documentText(path));
  if (blocks.length === 0) continue;
  describe(path, () => {
    let folder: string;
    let machine: Namespace;
    before(async function () {
      requireKernel(this, [...TOOLS, 'nfacct', 'nft']);
      folder = makeFolder();
      machine = await openNamespace(path);
    });
    after(async () => {
      if (machine !== undefined) {
        endPrograms(machine);
        await machine.close();
      }
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    for (const block of blocks)
      it(`shows what is printed by ${block
        .map(({ command }) => command)
        .join('; ')
        .slice(0, 120)}`, () => {
        type(block, folder, machine);
      });
  });
}

describe('documents', () => {
  it('have blocks', () => {
    expect(DOCUMENTS.flatMap((path) => consoleBlocks(documentText(path))).length).to.be.above(12);
  });
});
