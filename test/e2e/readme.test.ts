/** Every `console` block of the README, in order, as somebody types it who has a checkout and no node. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { PROGRAM } from '../support/process/program.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The commands of each block with what is shown below them. */
const BLOCKS = [
  ...readFileSync(`${ROOT}README.md`, 'utf8').matchAll(/^```console\n(.*?)^```/gms),
].map(([, block = '']) =>
  [...block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', shown = '']) => ({
    command,
    shown: withoutVersions(shown),
  })),
);

/** The version of iptables is that of the machine. */
function withoutVersions(text: string): string {
  return text.replace(/\b(iptables-nft) \d+\.\d+\.\d+/g, '$1');
}

/** Quoted for a shell. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

describe('README', () => {
  let folder: string;
  let machine: Namespace;
  before(async function () {
    requireKernel(this, [
      'iptables-nft-restore',
      'iptables-nft-save',
      'ip6tables-nft-restore',
      'nfacct',
    ]);
    folder = mkdtempSync(join(tmpdir(), 'vipc-readme-'));
    symlinkSync(`${ROOT}fixtures`, join(folder, 'fixtures'));
    for (const [name, words] of [
      ['vipc', PROGRAM],
      ['iptables', ['iptables-nft']],
    ] as const) {
      writeFileSync(join(folder, name), `#!/bin/sh\nexec ${quoted(words)} "$@"\n`);
      chmodSync(join(folder, name), 0o755);
    }
    machine = await openNamespace('readme');
  });
  after(async () => {
    await machine?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('has blocks', () => {
    expect(BLOCKS.length).to.be.above(7);
  });

  for (const block of BLOCKS)
    it(`shows what is printed by ${block
      .map(({ command }) => command)
      .join('; ')
      .slice(0, 120)}`, () => {
      let status = 0;
      for (const { command, shown } of block) {
        const script = `cd ${folder}\nexec 2>errors\n(exit ${status})\n${command}\ncode=$?\nprintf '\\n%s' $code`;
        const said = execFileSync(
          'nsenter',
          ['-t', String(machine.pid), '-n', 'bash', '-c', script],
          {
            encoding: 'utf8',
            env: { ...process.env, ...machine.env, PATH: `${folder}:${machine.env.PATH}` },
          },
        );
        const end = said.lastIndexOf('\n');
        status = Number(said.slice(end + 1));
        const output = withoutVersions(said.slice(0, end));
        const errors = readFileSync(join(folder, 'errors'), 'utf8');
        // The README has what is on standard error where it says something about the example.
        if (shown !== output) expect(shown, command).to.equal(errors + output);
      }
    });
});
