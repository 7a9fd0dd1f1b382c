/** `vipc version`, beside the one word of `--version`. */

import { expect } from 'chai';
import { showVersion } from '../../src/cli/commands/version.js';
import { version } from '../../src/cli/version.js';
import { MemoryHost } from '../support/kernels/memory-host.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';

/** A machine with nft alone. */
const MACHINE = new MemoryHost({
  kernel: '6.1.0',
  answer: ({ command, args }) =>
    command === 'nft' && args.join(' ') === '--version'
      ? { kind: 'exited', code: 0, stdout: 'nftables v1.0.6 (Lester Gooch #5)\n', stderr: '' }
      : undefined,
});

async function shown(output: 'human' | 'json'): Promise<string> {
  const terminal = new MemoryTerminal();
  expect(await showVersion({ output }, terminal, MACHINE)).to.equal(0);
  return terminal.out;
}

describe('cli/version', () => {
  it('names what there is, a line each, and nothing that is missing', async () => {
    const lines = (await shown('human')).split('\n');
    expect(lines).to.include.members([
      `vipc: ${version()}`,
      `Node.js: ${process.version.slice(1)}`,
      'default profile: 1.36',
      'kernel: 6.1.0',
      'nft: 1.0.6',
    ]);
    expect(lines.filter((line) => line.includes('iptables'))).to.deep.equal([]);
  });

  it('lists the profiles, with the modes that each has', async () => {
    const { profiles, tools } = JSON.parse(await shown('json'));
    const found = (name: string): object =>
      profiles.find((one: { readonly name: string }) => one.name === name);
    expect(found('1.30')).to.deep.equal({ name: '1.30', default: false, modes: ['iptables'] });
    expect(found('1.36')).to.deep.include({ default: true, modes: ['iptables', 'nftables'] });
    expect(tools).to.deep.equal({ kernel: '6.1.0', iptables: [], nft: '1.0.6' });
  });
});
