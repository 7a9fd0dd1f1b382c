/** `vipc apply` on a machine in memory: what it says beside what it does. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApplyFlags, apply } from '../../src/cli/commands/apply.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';

describe('cli/apply', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-apply-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const flagsOf = (): ApplyFlags => ({
    ...{ filename: ['fixtures/tutorial/web.yaml'], recursive: false, nodeName: 'worker-1' },
    ...{ serviceCidr: [], family: 'ipv4', strict: false, dryRun: 'none', output: 'human' },
    ...{ verify: true, lockTimeout: 0, timeout: 10, failedDir: folder, verbose: false },
  });

  it('says which stage it has reached where a person reads along', async () => {
    const { host } = memoryMachine();
    const stages: string[] = [];
    const terminal = Object.assign(new MemoryTerminal(), {
      progress: (text: string) => void stages.push(text),
    });
    await apply(undefined, flagsOf(), terminal, host);
    const [read, load = '', again] = stages;
    expect(read).to.equal('reading the rules of the kernel');
    expect(load).to.match(/^loading \d{2,} lines of rules, IPv4$/);
    expect([again, stages.length]).to.deep.equal(['reading the rules again, IPv4', 3]);
  });

  it('says which mode it chose, unless the kernel has rules of it', async () => {
    const { host } = memoryMachine();
    const flags = flagsOf();
    const said = async (): Promise<readonly [string, string]> => {
      const terminal = new MemoryTerminal();
      await apply(undefined, flags, terminal, host);
      return [terminal.err, terminal.out];
    };
    const [first, done] = await said();
    expect(first).to.include('note: compiled for mode iptables, because neither --mode');
    expect(done).to.match(/^IPv4: \d+ chains, .*; Service ports: 1 added$/m);
    const [second, again] = await said();
    expect(second).to.not.include('compiled for mode');
    expect(again).to.not.include('added');
  });
});
