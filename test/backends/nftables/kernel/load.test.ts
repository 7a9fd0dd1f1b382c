/**
 * Running nft with a script: which line it names, what is tried and what is not, and ends that are
 * not about the script.
 */

import { expect } from 'chai';
import { faultIn, loadNft } from '../../../../src/backends/nftables/kernel/load.js';
import type { Tools } from '../../../../src/backends/tools.js';
import { type LoadInput, oneTransaction } from '../../../../src/backends/transaction.js';
import {
  InterruptedError,
  PermissionError,
  TimeoutError,
  ToolError,
} from '../../../../src/errors.js';
import type { CommandResult } from '../../../../src/host/host.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const TOOLS: Tools = {
  family: 'IPv4',
  variant: 'nf_tables',
  save: 'nft',
  restore: 'nft',
  version: '1.0.6',
};
const OPTIONS = { lockTimeout: 1, timeout: 1 };
const TWO: LoadInput = ['one\n', 'two\n'].flatMap(oneTransaction);
const SCRIPT = 'flush chain ip kube-proxy a\nadd rule ip kube-proxy a jump b\n';
const NAMED =
  '/dev/stdin:2:1-31: Error: Could not process rule: No such file or directory\nadd rule ip kube-proxy a jump b\n^^^^^\n';

function exited(code: number, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout: '', stderr };
}

describe('apply/load-nft', () => {
  it('finds the line that nft names', () => {
    expect(faultIn(NAMED, SCRIPT)).to.deep.equal({
      kind: 'refused',
      table: 'ip kube-proxy',
      lines: ['add rule ip kube-proxy a jump b'],
      reason: 'Could not process rule: No such file or directory',
    });
  });

  it('blames nobody for a loop, and no line that only takes away', () => {
    const loop = '/dev/stdin:2:1-31: Error: Could not process rule: Too many links\n';
    expect(faultIn(loop, SCRIPT)?.lines).to.deep.equal([]);
    const busy = '/dev/stdin:1:1-20: Error: Could not process rule: Device or resource busy\n';
    expect(faultIn(busy, SCRIPT)?.lines).to.deep.equal([]);
    expect(faultIn('nft: out of memory', SCRIPT)).to.equal(undefined);
  });

  it('blames no line that adds many elements, and one that adds a single one', () => {
    const element = 'add element ip kube-proxy m { tcp . 80 comment "a, b" : goto c }';
    const many =
      'add element ip kube-proxy m { tcp . 80 comment "a, b" : goto c, tcp . 81 : drop }';
    expect(faultIn(NAMED, `\n${element}\n`)?.lines).to.deep.equal([element]);
    expect(faultIn(NAMED, `\n${many}\n`)?.lines).to.deep.equal([]);
  });

  it('loads one transaction after the other, up to one that is refused', async () => {
    const good = new MemoryHost({ answer: () => exited(0) });
    expect(await loadNft(good, TOOLS, TWO, OPTIONS)).to.equal(undefined);
    expect(good.ran.map(({ input }) => input)).to.deep.equal(['one\n', 'two\n']);
    expect(good.ran.every(({ detached }) => detached)).to.equal(true);
    const bad = new MemoryHost({ answer: () => exited(1, NAMED) });
    expect(
      await loadNft(bad, TOOLS, [...oneTransaction(SCRIPT), ...TWO], OPTIONS),
    ).to.have.property('lines');
    expect(bad.ran).to.have.length(1);
  });

  it('stops between two transactions, and lets nobody but the other signal end nft', async () => {
    const stop = new AbortController();
    const kill = new AbortController();
    const host = new MemoryHost({
      answer: () => {
        stop.abort();
        return exited(0);
      },
    });
    const options = { ...OPTIONS, signal: stop.signal, kill: kill.signal };
    const error = await loadNft(host, TOOLS, TWO, options).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(InterruptedError);
    expect(host.ran.map(({ signal }) => signal)).to.deep.equal([kill.signal]);
    // A transaction alone is not kept from being loaded.
    expect(await loadNft(host, TOOLS, oneTransaction(SCRIPT), options)).to.equal(undefined);
  });

  it('tries only what does not need another transaction before it', async () => {
    const host = new MemoryHost({ answer: () => exited(0) });
    await loadNft(host, TOOLS, TWO, { ...OPTIONS, test: true });
    expect(host.ran.map(({ args, input }) => [args.join(' '), input])).to.deep.equal([
      ['-c -f -', 'one\n'],
    ]);
  });

  it('throws what is not about the script', async () => {
    const killed = (by: 'timeout' | 'signal' | 'abort', signal: string): CommandResult => ({
      kind: 'killed',
      by,
      signal,
      stdout: '',
      stderr: '',
    });
    const ends = [
      [exited(1, 'Operation not permitted (you must be root)'), PermissionError],
      [killed('timeout', 'SIGTERM'), TimeoutError],
      [killed('signal', 'SIGSEGV'), ToolError],
      [killed('abort', 'SIGTERM'), InterruptedError],
      [exited(1, 'strange'), ToolError],
    ] as const;
    for (const [end, type] of ends) {
      const host = new MemoryHost({ answer: () => end });
      const error = await loadNft(host, TOOLS, TWO, OPTIONS).catch((found: unknown) => found);
      expect(error).to.be.instanceOf(type);
    }
  });
});
