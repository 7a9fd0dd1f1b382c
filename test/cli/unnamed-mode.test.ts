/** Commands without a named mode, on a machine whose kernel has rules of mode nftables only. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApplyFlags, apply } from '../../src/cli/commands/apply.js';
import { type DiffFlags, diff } from '../../src/cli/commands/diff.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { exited } from '../support/kernels/memory-host.js';
import { type MemoryMachine, memoryMachine } from '../support/kernels/memory-machine.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';

const TABLE = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.9', release_name: 'Old Doc Yak #3', json_schema_version: 1 } },
    { table: { family: 'ip', name: 'kube-proxy', handle: 1 } },
  ],
});
const OBJECTS = {
  filename: ['fixtures/tutorial/web.yaml'],
  recursive: false,
  nodeName: 'worker-1',
  serviceCidr: [],
  family: 'ipv4',
  strict: false,
  verbose: false,
} satisfies Partial<ApplyFlags>;

/** nft with a table of kube-proxy; `broken`: it cannot list. */
function nft({ command, args }: Command, broken: boolean): CommandResult | undefined {
  if (command !== 'nft') return undefined;
  if (args.includes('--version')) return exited(0, 'nftables v1.0.9 (Old Doc Yak #3)\n');
  if (broken) return exited(1, '', 'Error: Could not process rule: Invalid argument');
  return exited(0, TABLE);
}

const machineWith = (broken = false): MemoryMachine =>
  memoryMachine({ first: (command) => nft(command, broken) });

describe('cli: no mode is named, and the kernel has rules of mode nftables', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-mode-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const applyFlags = (): ApplyFlags => ({
    ...{ ...OBJECTS, dryRun: 'none', output: 'human' },
    ...{ verify: true, lockTimeout: 0, timeout: 10, failedDir: folder },
  });

  for (const dryRun of ['none', 'client'] as const)
    it(`apply --dry-run=${dryRun} refuses, and changes nothing`, async () => {
      const { host, changes } = machineWith();
      const flags = { ...applyFlags(), dryRun };
      const failure = await apply(undefined, flags, new MemoryTerminal(), host).catch((e) => e);
      expect([failure.code, failure.message]).to.deep.equal([
        'usage',
        'neither --mode nor the configuration names a mode, and the kernel has rules of mode nftables',
      ]);
      expect(changes()).to.deep.equal([]);
    });

  for (const [name, broken, mode] of [
    ['the mode is named', false, { mode: 'iptables' }],
    ['nft cannot say what is there', true, {}],
  ] as const)
    it(`apply loads where ${name}`, async () => {
      const { host, changes } = machineWith(broken);
      const terminal = new MemoryTerminal();
      await apply(undefined, { ...applyFlags(), ...mode }, terminal, host);
      expect(changes()).to.not.deep.equal([]);
      expect(terminal.out).to.match(/^IPv4: .*; Service ports: 1 added$/m);
    });

  it('diff warns', async () => {
    const flags: DiffFlags = { ...OBJECTS, comments: false, output: 'human' };
    const terminal = new MemoryTerminal();
    expect(await diff(flags, terminal, machineWith().host)).to.equal(1);
    expect(terminal.err).to.match(
      /^warning: compiled for mode iptables, .*; the kernel has rules of mode nftables\n {2}hint: give --mode nftables$/m,
    );
  });
});
