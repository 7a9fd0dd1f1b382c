/** `vipc cleanup`: its words, its JSON and its exit codes. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type CleanupFlags, cleanup } from '../../src/cli/commands/cleanup.js';
import {
  type MachineOptions,
  type MemoryMachine,
  memoryMachine,
} from '../support/kernels/memory-machine.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';
import { runIn } from '../support/process/run-in.js';

const BEFORE = readFileSync(
  new URL('../../fixtures/cleanup/before.v4.save', import.meta.url),
  'latin1',
);
const FOREIGN_JUMP = '-A MINE -s 10.0.0.0/8 -j KUBE-SERVICES';
const FLAGS: CleanupFlags = { dryRun: false, family: 'dual', lockTimeout: 0, output: 'human' };

function machineWith(document: string, options: MachineOptions): MemoryMachine {
  const nftTables = document === '' ? [] : ['ip kube-proxy'];
  const machine = memoryMachine({ nftTables, ...options });
  machine.kernels['iptables-nft']!.restore(document);
  return machine;
}

async function clean(
  document: string,
  flags: Partial<CleanupFlags> = {},
  options: MachineOptions = {},
): Promise<{ readonly code: number; readonly out: string; readonly changes: readonly string[] }> {
  const machine = machineWith(document, options);
  const terminal = new MemoryTerminal();
  const code = await cleanup({ ...FLAGS, ...flags }, terminal, machine.host);
  return { code, out: terminal.out, changes: machine.changes() };
}

describe('cli: cleanup', () => {
  it('says what it removed', async () => {
    const { code, out } = await clean(BEFORE);
    expect(code).to.equal(0);
    expect(out).to.equal(
      'IPv4 rules (nf_tables): 52 chains deleted, 12 jumps removed\ntable ip kube-proxy: deleted\n',
    );
  });

  it('says that there is nothing to do', async () => {
    const { code, out, changes } = await clean('');
    expect([code, changes]).to.deep.equal([0, []]);
    expect(out).to.equal('nothing to do: no rules of kube-proxy or vipc are here\n');
  });

  it('does not claim that there are no rules where some could not be read', async () => {
    const first: MachineOptions['first'] = ({ command }) =>
      command.endsWith('-save')
        ? { kind: 'exited', code: 3, stdout: '', stderr: 'out of memory' }
        : undefined;
    const { code, out } = await clean('', { dryRun: true }, { first });
    expect([code, out]).to.deep.equal([1, '']);
  });

  it('names the foreign rule that keeps a chain, and exits with 1', async () => {
    const { code, out } = await clean(`${BEFORE}*nat\n${FOREIGN_JUMP}\nCOMMIT\n`);
    expect(code).to.equal(1);
    expect(out).to.contain('51 chains deleted, 12 jumps removed, 1 chain emptied');
    expect(out).to.contain(`KUBE-SERVICES of table nat stays, empty`);
    expect(out).to.contain(`  ${FOREIGN_JUMP}\n`);
  });

  it('--dry-run prints each input and command, and runs none', async () => {
    const { code, out, changes } = await clean(BEFORE, { dryRun: true });
    expect([code, changes]).to.deep.equal([0, []]);
    expect(out).to.match(/^# IPv4: load with iptables-nft-restore --noflush\n\*mangle\n/);
    expect(out).to.contain(
      '\n-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n',
    );
    expect(out).to.contain('\n-X KUBE-SERVICES\n');
    expect(out).to.match(/COMMIT\n# run nft delete table ip kube-proxy\n$/);
  });

  it('-o json has every step with its input', async () => {
    const { out } = await clean(`${BEFORE}*nat\n${FOREIGN_JUMP}\nCOMMIT\n`, { output: 'json' });
    const { dryRun, steps, kept, diagnostics } = JSON.parse(out);
    expect(dryRun).to.equal(false);
    expect(diagnostics).to.deep.equal([]);
    expect(
      steps.map(({ kind, family }: { kind: string; family: string }) => [kind, family]),
    ).to.deep.equal([
      ['rules', 'IPv4'],
      ['table', 'IPv4'],
    ]);
    expect(steps[0].program).to.equal('iptables-nft-restore');
    expect(steps[0].input).to.contain('-X KUBE-MARK-MASQ');
    expect(steps[0].chains).to.deep.include({
      table: 'mangle',
      chain: 'KUBE-PROXY-CANARY',
      action: 'delete',
      origin: '',
      rules: [],
    });
    expect(kept).to.deep.equal([
      {
        family: 'IPv4',
        variant: 'nf_tables',
        table: 'nat',
        chain: 'KUBE-SERVICES',
        by: FOREIGN_JUMP,
      },
    ]);
  });

  for (const [words, message] of [
    [['--iptables', 'ebtables'], 'must be one of nft, legacy'],
    [['--lock-timeout', 'soon'], 'must be a number of seconds'],
    [['--lock-timeout', '-1'], 'must be a number of seconds'],
    [['--family', 'ipv5'], 'must be one of ipv4, ipv6, dual'],
    [['--mode', 'ipvs'], 'must be one of iptables, nftables'],
    [['--mode', 'nftables', '--iptables', 'nft'], 'means nothing with --mode nftables'],
    [['-o', 'yaml'], 'must be one of human, json'],
    [['--force'], 'unknown flag: --force'],
  ] as const) {
    it(`refuses ${words.join(' ')}`, async () => {
      const { code, err } = await runIn(['cleanup', ...words]);
      expect(code).to.equal(64);
      expect(err).to.contain(message);
    });
  }

  it('restores the default signal handlers', async () => {
    const before = process.listenerCount('SIGINT');
    await clean(BEFORE);
    expect(process.listenerCount('SIGINT')).to.equal(before);
  });

  it('--help says what is kept', async () => {
    const { code, out } = await runIn(['cleanup', '--help']);
    expect(code).to.equal(0);
    expect(out).to.contain('--dry-run').and.to.contain('KUBE-FIREWALL');
  });
});
