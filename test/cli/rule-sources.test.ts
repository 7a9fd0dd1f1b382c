/** Rules are read once, however often a command asks for them. */

import { expect } from 'chai';
import { allRules, rulesReader } from '../../src/cli/rule-sources.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { exited, MemoryHost } from '../support/kernels/memory-host.js';

/** A machine without iptables. */
function answer({ command, args }: Command): CommandResult {
  if (command !== 'nft') return { kind: 'missing', reason: 'not here' };
  return exited(0, args[0] === '--version' ? 'nftables v1.0.6' : '{"nftables": []}');
}

describe('cli/rule-sources', () => {
  it('reads a family of the kernel once for all questions about it', async () => {
    const host = new MemoryHost({ answer });
    const read = rulesReader(undefined, {}, host);
    const [rules] = await allRules(['IPv4'], read);
    const before = host.ran.length;
    expect(await read('IPv4')).to.equal(rules);
    expect(host.ran.length).to.equal(before);
  });
});
