/** What an agent says and does about rules of the mode that it does not run in. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { removeOtherModes } from '../../../src/agent/observers/other-modes.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import type { CommandResult } from '../../../src/host/host.js';
import type { Family } from '../../../src/index.js';
import { type MemoryMachine, memoryMachine } from '../../support/kernels/memory-machine.js';
import { until } from '../../support/until.js';
import { report } from '../serving/stage.js';

const BEFORE = readFileSync(
  new URL('../../../fixtures/cleanup/before.v4.save', import.meta.url),
  'latin1',
);
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const HANGS: CommandResult & { readonly kind: 'killed' } = {
  ...{ kind: 'killed', by: 'timeout', signal: 'SIGTERM', stdout: '', stderr: '' },
};

/**
 * An agent of mode nftables on a machine with rules of mode iptables, of which a program may hang.
 */
function agentOn(hangs: () => string, ending?: AbortController) {
  const machine: MemoryMachine = memoryMachine({
    nftTables: [],
    first: ({ command }) => {
      if (command !== hangs()) return undefined;
      ending?.abort();
      return ending === undefined ? HANGS : { ...HANGS, by: 'abort' };
    },
  });
  for (const kernel of Object.values(machine.kernels)) kernel.restore(BEFORE);
  const said: Diagnostic[] = [];
  const observer = removeOtherModes({
    ...{ host: machine.host, mode: 'nftables', families: FAMILIES },
    lock: { timeout: 0, about: 'a test', signal: ending?.signal },
    noticed: (diagnostics) => said.push(...diagnostics),
  });
  const synced = async (): Promise<void> => {
    const before = said.length;
    for (const family of FAMILIES) observer.synced?.(report(family));
    await until(() => said.length > before);
    // What follows the report.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { machine, observer, said, synced };
}

describe('agent/observers/other-modes', () => {
  it('removes the rules of the other mode after the first sync of every family', async () => {
    const { machine, observer, said, synced } = agentOn(() => '');
    observer.synced?.(report('IPv4'));
    expect(machine.host.ran).to.deep.equal([]);
    await synced();
    expect(said.map(({ code }) => code)).to.deep.equal(['other-mode-removed']);
    for (const kernel of Object.values(machine.kernels))
      expect(kernel.save()).to.not.include('KUBE-SERVICES');
  });

  it('reports what is left of a part, not that all is removed, and tries again', async () => {
    let hanging = 'ip6tables-nft-save';
    const { said, synced } = agentOn(() => hanging);
    await synced();
    expect(said.map(({ code }) => code)).to.deep.equal(['other-mode-left']);
    expect(said[0]?.message).to.include('ip6tables-nft-save did not end in time');
    hanging = '';
    await synced();
    expect(said.map(({ code }) => code)).to.deep.equal(['other-mode-left', 'other-mode-removed']);
  });

  for (const command of ['ip6tables-nft-save', 'iptables-nft'])
    it(`says nothing where the agent ends meanwhile, in ${command}`, async () => {
      const ending = new AbortController();
      const { observer, said } = agentOn(() => command, ending);
      for (const family of FAMILIES) observer.synced?.(report(family));
      await until(() => ending.signal.aborted);
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(said).to.deep.equal([]);
    });

  it('gives up on a program that hangs every time', async () => {
    const { machine, observer, said, synced } = agentOn(() => 'ip6tables-nft-save');
    for (let i = 0; i < 5; i++) await synced();
    expect(said).to.have.length(5);
    const ran = machine.host.ran.length;
    for (const family of FAMILIES) observer.synced?.(report(family));
    expect(machine.host.ran.length).to.equal(ran);
  });
});
