/** What a cleanup does where tools are missing or do not work: every part that it can. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type CleanupOptions, cleanUp, planCleanup } from '../../src/apply/cleanup.js';
import { InterruptedError, ToolError } from '../../src/errors.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import {
  type MachineOptions,
  type MemoryMachine,
  memoryMachine,
} from '../support/kernels/memory-machine.js';

const BEFORE = readFileSync(
  new URL('../../fixtures/cleanup/before.v4.save', import.meta.url),
  'latin1',
);
const OPTIONS: CleanupOptions = {
  families: ['IPv4', 'IPv6'],
  lock: { timeout: 0, about: 'a test' },
};
const ALL = ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy'];
const NO_LEGACY_TABLES = { '/proc/net/ip_tables_names': '', '/proc/net/ip6_tables_names': '' };
/** What nft lists of tables that iptables-nft made. */
const CHAINS = `table ip nat {
\tchain PREROUTING {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t}

\tchain KUBE-SERVICES {
\t}

\tchain KUBE-SVC-AAAAAAAAAAAAAAAA {
\t}
}
table ip mine {
\tchain KUBE-SERVICES {
\t}
}
`;

function used(options: MachineOptions = {}): MemoryMachine {
  const machine = memoryMachine({ nftTables: ['ip kube-proxy', 'ip6 kube-proxy'], ...options });
  for (const kernel of Object.values(machine.kernels))
    expect(kernel.restore(BEFORE).error).to.equal('');
  return machine;
}

/** The programs whose variant still holds rules of Services. */
function dirty({ kernels }: MemoryMachine): readonly string[] {
  return Object.keys(kernels).filter((name) => kernels[name]?.save().includes('KUBE-SERVICES'));
}

async function messages(machine: MemoryMachine): Promise<readonly string[]> {
  const { diagnostics } = await cleanUp(machine.host, OPTIONS);
  return diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

const exited = (stdout: string): CommandResult => ({ kind: 'exited', code: 0, stdout, stderr: '' });

const HANGS: CommandResult = {
  ...{ kind: 'killed', by: 'timeout', signal: 'SIGTERM', stdout: '', stderr: '' },
};

const BROKEN: readonly (readonly [how: string, answer: CommandResult])[] = [
  ['prints junk', exited('Segmentation fault? No.\n')],
  ['prints nothing', exited('')],
  ['fails', { kind: 'exited', code: 4, stdout: '', stderr: 'out of memory' }],
  ['hangs', HANGS],
  ['is killed', { kind: 'killed', by: 'signal', signal: 'SIGKILL', stdout: '', stderr: '' }],
];

describe('apply: cleanup without some tools', () => {
  it('without ip6tables removes the rules of IPv4', async () => {
    const machine = used({
      programs: ['iptables-nft', 'iptables-legacy'],
      files: { '/proc/net/ip6_tables_names': '' },
    });
    expect(await messages(machine)).to.deep.equal([]);
    expect(dirty(machine)).to.deep.equal([]);
    expect([...machine.nftTables]).to.deep.equal([]);
  });

  it('without iptables-legacy reports the tables of that variant', async () => {
    const machine = used({
      programs: ['iptables-nft', 'ip6tables-nft'],
      files: { ...NO_LEGACY_TABLES, '/proc/net/ip_tables_names': 'nat\nraw\n' },
    });
    expect(await messages(machine)).to.deep.equal([
      'error: left as it was: iptables-legacy holds IPv4 tables (nat), and the program iptables-legacy is not installed or does not answer',
    ]);
    expect(dirty(machine)).to.deep.equal([]);
  });

  it('without iptables-nft reports the chains that nft lists', async () => {
    const machine = used({
      programs: ['iptables-legacy', 'ip6tables-legacy'],
      first: ({ args }) => (args.join(' ') === 'list chains ip' ? exited(CHAINS) : undefined),
    });
    expect(await messages(machine)).to.deep.equal([
      'error: left as it was: iptables-nft holds IPv4 chains of kube-proxy or vipc (nat KUBE-SERVICES, nat KUBE-SVC-AAAAAAAAAAAAAAAA), and the program iptables-nft is not installed or does not answer',
    ]);
    expect(dirty(machine)).to.deep.equal([]);
  });

  it('without any iptables deletes the tables of mode nftables and reports the others', async () => {
    const machine = used({
      programs: [],
      files: NO_LEGACY_TABLES,
      first: ({ args }) => (args.join(' ') === 'list chains ip' ? exited(CHAINS) : undefined),
    });
    expect(await messages(machine)).to.have.length(1);
    expect([...machine.nftTables]).to.deep.equal([]);
  });

  it('without nft removes the rules of iptables and says what it did not look at', async () => {
    const machine = used({ nftTables: undefined });
    expect(await messages(machine)).to.deep.equal([
      'note: not looked at: the program nft is not installed',
    ]);
    expect(dirty(machine)).to.deep.equal([]);
  });

  it('has nothing to report of a kernel without nf_tables', async () => {
    const stderr = 'Unable to initialize Netlink socket: Protocol not supported\n';
    const machine = used({
      programs: ['iptables-legacy', 'ip6tables-legacy'],
      first: ({ command }) =>
        command === 'nft' ? { kind: 'exited', code: 1, stdout: '', stderr } : undefined,
    });
    expect(await messages(machine)).to.deep.equal([]);
  });
});

describe('apply: cleanup with broken tools', () => {
  for (const [how, answer] of BROKEN) {
    for (const program of ALL)
      it(`reports ${program} that ${how}, and removes all else`, async () => {
        const isProgram = ({ command }: Command): boolean => command === program;
        const machine = used({
          first: (command) => (isProgram(command) ? answer : undefined),
        });
        const left = await messages(machine);
        // nft sees that iptables-nft holds nothing, and no file shows it of the legacy variant.
        expect(left).to.have.length(program.endsWith('-legacy') ? 1 : 0);
        for (const message of left)
          expect(message)
            .to.match(/^error: /)
            .and.to.contain(program);
        expect(dirty(machine)).to.deep.equal([program]);
        expect([...machine.nftTables]).to.deep.equal([]);
      });

    for (const program of ALL)
      it(`reports ${program}-save that ${how}, once, and removes all else`, async () => {
        const machine = used({
          first: ({ command }) => (command === `${program}-save` ? answer : undefined),
        });
        const left = await messages(machine);
        expect(new Set(left).size).to.equal(left.length);
        expect(left).to.have.length.of.at.least(1);
        for (const message of left)
          expect(message)
            .to.match(/^error: /)
            .and.to.contain(program);
        expect(dirty(machine)).to.deep.equal([program]);
        expect([...machine.nftTables]).to.deep.equal([]);
      });
  }

  for (const [how, answer] of BROKEN.slice(2)) {
    for (const program of ALL)
      it(`reports ${program}-restore that ${how}, and removes all else`, async () => {
        const machine = used({
          first: ({ command }) => (command === `${program}-restore` ? answer : undefined),
        });
        const [left, ...others] = await messages(machine);
        expect(left)
          .to.match(/^error: /)
          .and.to.contain(`${program}-restore`);
        expect(others).to.deep.equal([]);
        expect(dirty(machine)).to.deep.equal([program]);
        expect([...machine.nftTables]).to.deep.equal([]);
      });
  }

  for (const [how, answer] of BROKEN.filter(([how]) => how !== 'prints nothing'))
    it(`reports an nft that ${how}, and removes the rules of iptables`, async () => {
      const machine = used({
        first: ({ command }) => (command === 'nft' ? answer : undefined),
      });
      const [left, ...others] = await messages(machine);
      expect(left)
        .to.match(/^error: /)
        .and.to.contain('nft');
      expect(others).to.deep.equal([]);
      expect(dirty(machine)).to.deep.equal([]);
    });

  it('waits for a program that hangs only once, however often the kernel is read', async () => {
    const machine = used({
      first: ({ command }) => (command === 'ip6tables-nft-save' ? HANGS : undefined),
    });
    expect(await messages(machine)).to.have.length(1);
    const runs = (name: string): number =>
      machine.host.ran.filter(({ command }) => command === name).length;
    // One for each table, side by side.
    expect(runs('ip6tables-nft-save')).to.equal(3);
    expect(runs('iptables-nft-save')).to.be.greaterThan(3);
  });

  it('names the programs of every family where all are missing', async () => {
    const machine = memoryMachine({ programs: [], files: NO_LEGACY_TABLES });
    const error = await cleanUp(machine.host, OPTIONS).catch((thrown: Error) => thrown);
    expect(error).to.be.instanceOf(ToolError);
    for (const name of ['program nft', 'iptables-nft', 'ip6tables-nft'])
      expect(String(error), name).to.include(name);
    expect(error).to.have.property(
      'hint',
      'install iptables where the rules may be of mode iptables; install nftables where the rules may be of mode nftables',
    );
  });

  it('reports a broken iptables-nft where no nft can look in its place', async () => {
    const machine = used({
      nftTables: undefined,
      first: ({ command }) => (command === 'iptables-nft' ? exited('junk') : undefined),
    });
    const [first] = await messages(machine);
    expect(first).to.match(/^error: .*iptables-nft --version .*"junk"/);
    expect(dirty(machine)).to.deep.equal(['iptables-nft']);
  });

  it('ends where a program was interrupted', async () => {
    const interrupted: CommandResult = {
      kind: 'killed',
      by: 'signal',
      signal: 'SIGINT',
      stdout: '',
      stderr: '',
    };
    for (const program of ['iptables-nft', 'iptables-nft-save', 'nft']) {
      const machine = used({
        first: ({ command }) => (command === program ? interrupted : undefined),
      });
      const error: unknown = await planCleanup(machine.host, OPTIONS).catch((thrown) => thrown);
      expect(error, program).to.be.instanceOf(InterruptedError);
    }
  });
});
