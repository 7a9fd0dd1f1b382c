/** The order of a cleanup, and what it does on machines that are not as they should be. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type CleanupOptions, cleanUp, planCleanup } from '../../src/apply/cleanup.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import {
  ContentionError,
  InterruptedError,
  LockError,
  PermissionError,
  ToolError,
  type VipcError,
} from '../../src/errors.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { toTables } from '../support/kernels/iptables-tables.js';
import {
  type MachineOptions,
  type MemoryMachine,
  memoryMachine,
} from '../support/kernels/memory-machine.js';

const BEFORE = fixture('before.v4.save');
const AFTER = fixture('after.v4.save');
const OPTIONS: CleanupOptions = {
  families: ['IPv4', 'IPv6'],
  lock: { timeout: 0, about: 'a test' },
};

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/cleanup/${name}`, import.meta.url), 'latin1');
}

/** A machine that kube-proxy left its rules on, in every variant and mode. */
function used(options: MachineOptions = {}): MemoryMachine {
  const machine = memoryMachine({
    nftTables: ['ip kube-proxy', 'ip6 kube-proxy', 'ip mine', 'inet kube-proxy'],
    ...options,
  });
  for (const kernel of Object.values(machine.kernels))
    expect(kernel.restore(BEFORE).error).to.equal('');
  return machine;
}

function isClean({ kernels }: MemoryMachine, ...programs: readonly string[]): void {
  for (const program of programs)
    expect(toTables(parseDump(kernels[program]!.save())), program).to.deep.equal(
      toTables(parseDump(AFTER)),
    );
}

async function thrown(promise: Promise<unknown>): Promise<VipcError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: VipcError) => error,
  );
}

function failed(stderr: string): CommandResult {
  return { kind: 'exited', code: 1, stdout: '', stderr };
}

const DONE: CommandResult = { kind: 'exited', code: 0, stdout: '', stderr: '' };

const isRestore = ({ command }: Command): boolean => command.endsWith('-restore');

describe('apply: cleanup', () => {
  it('cleans both variants, both families and the tables of mode nftables', async () => {
    const machine = used();
    const { steps, kept } = await cleanUp(machine.host, OPTIONS);
    isClean(machine, ...Object.keys(machine.kernels));
    expect([...machine.nftTables]).to.deep.equal(['ip mine', 'inet kube-proxy']);
    expect(kept).to.deep.equal([]);
    expect(machine.changes()).to.deep.equal([
      'iptables-nft-restore --noflush -w 1',
      'iptables-legacy-restore --noflush -w 1',
      'ip6tables-nft-restore --noflush -w 1',
      'ip6tables-legacy-restore --noflush -w 1',
      'nft delete table ip kube-proxy',
      'nft delete table ip6 kube-proxy',
    ]);
    expect(steps).to.have.length(6);
  });

  it('has nothing to do a second time', async () => {
    const machine = used();
    await cleanUp(machine.host, OPTIONS);
    const changes = machine.changes().length;
    expect(await cleanUp(machine.host, OPTIONS)).to.deep.equal({
      steps: [],
      settings: [],
      kept: [],
      diagnostics: [],
    });
    expect(machine.changes()).to.have.length(changes);
  });

  it('only plans when asked for a plan', async () => {
    const machine = used();
    const { steps } = await planCleanup(machine.host, OPTIONS);
    expect(steps).to.have.length(6);
    expect(machine.changes()).to.deep.equal([]);
  });

  it('looks into one variant and one family alone if that is given', async () => {
    const machine = used();
    await cleanUp(machine.host, { ...OPTIONS, families: ['IPv6'], iptables: 'legacy' });
    isClean(machine, 'ip6tables-legacy');
    expect(machine.changes()).to.deep.equal([
      'ip6tables-legacy-restore --noflush -w 1',
      'nft delete table ip6 kube-proxy',
    ]);
  });

  it('removes the rules of one mode alone if that is given, and takes no setting back', async () => {
    const machine = used();
    await cleanUp(machine.host, { ...OPTIONS, modes: ['nftables'] });
    expect(machine.changes()).to.deep.equal([
      'nft delete table ip kube-proxy',
      'nft delete table ip6 kube-proxy',
    ]);
    const other = used();
    await cleanUp(other.host, { ...OPTIONS, modes: ['iptables'] });
    isClean(other, ...Object.keys(other.kernels));
    expect([...other.nftTables])
      .to.include('ip kube-proxy')
      .and.to.include('ip6 kube-proxy');
    expect(other.host.ran.filter(({ command }) => command === 'nft')).to.deep.equal([]);
  });

  it('needs the tool of the mode that is given', async () => {
    const none = used({ programs: [] });
    const iptables = await thrown(cleanUp(none.host, { ...OPTIONS, modes: ['iptables'] }));
    expect(iptables).to.be.instanceOf(ToolError);
    const machine = memoryMachine();
    const nft = await thrown(cleanUp(machine.host, { ...OPTIONS, modes: ['nftables'] }));
    expect(nft).to.be.instanceOf(ToolError).with.property('message').that.includes('nft');
  });

  it('works where one variant is installed', async () => {
    const machine = used({ programs: ['iptables-legacy', 'ip6tables-legacy'] });
    await cleanUp(machine.host, OPTIONS);
    isClean(machine, 'iptables-legacy', 'ip6tables-legacy');
  });

  it('asks the legacy tools only for tables that exist, because asking makes them', async () => {
    const files = { '/proc/net/ip_tables_names': 'nat\n', '/proc/net/ip6_tables_names': '' };
    const machine = memoryMachine({ files });
    await planCleanup(machine.host, OPTIONS);
    const asked = machine.host.ran
      .filter(({ command }) => command.endsWith('-legacy-save'))
      .map(({ command, args }) => [command, ...args].join(' '));
    expect(asked).to.deep.equal(['iptables-legacy-save -t nat']);
  });

  it('works where nft alone is installed', async () => {
    const machine = used({ programs: [] });
    const { steps } = await cleanUp(machine.host, OPTIONS);
    expect(steps.map(({ kind }) => kind)).to.deep.equal(['table', 'table']);
  });

  it('works without nft, and without IPv6', async () => {
    const machine = memoryMachine();
    machine.kernels['iptables-nft']!.restore(BEFORE);
    machine.host.files.delete('/proc/net/if_inet6');
    await cleanUp(machine.host, OPTIONS);
    isClean(machine, 'iptables-nft');
    expect(machine.host.ran.some(({ command }) => command.startsWith('ip6tables'))).to.equal(false);
  });

  it('keeps a chain that a foreign rule needs, and says which', async () => {
    const machine = memoryMachine();
    const theirs = '-A MINE -s 10.0.0.0/8 -j KUBE-SERVICES';
    const kernel = machine.kernels['iptables-nft']!;
    kernel.restore(`${BEFORE}*nat\n${theirs}\nCOMMIT\n`);
    const expected = [
      { family: 'IPv4', variant: 'nf_tables', table: 'nat', chain: 'KUBE-SERVICES', by: theirs },
    ];
    for (const steps of [1, 0]) {
      const result = await cleanUp(machine.host, OPTIONS);
      expect(result.kept).to.deep.equal(expected);
      expect(result.steps).to.have.length(steps);
    }
    expect(kernel.rules('nat', 'KUBE-SERVICES')).to.deep.equal([]);
    expect(kernel.chains().filter((chain) => / KUBE-/.test(chain))).to.deep.equal([
      'filter KUBE-FIREWALL',
      'nat KUBE-SERVICES',
    ]);
  });

  it('plans anew where the rules moved between reading and loading', async () => {
    const moved: string[] = [];
    const machine = used({
      programs: ['iptables-nft'],
      first: (command) => {
        if (!isRestore(command) || moved.length > 0) return undefined;
        moved.push('once');
        // Another program begins to use one of our chains just now; the tool refuses the whole
        // table.
        machine.kernels['iptables-nft']!.restore('*nat\n-A MINE -j KUBE-SERVICES\nCOMMIT\n');
        return undefined;
      },
    });
    const { kept } = await cleanUp(machine.host, { ...OPTIONS, families: ['IPv4'] });
    expect(moved).to.have.length(1);
    expect(machine.changes().filter((line) => line.includes('restore'))).to.have.length(2);
    expect(kept.map(({ chain }) => chain)).to.deep.equal(['KUBE-SERVICES']);
  });
});

const STATE = '/run/vipc/ns-4026531840-1a2b3c4d/settings.json';
const BOOT = { '/proc/sys/kernel/random/boot_id': '1a2b3c4d-7c5e-4a1b-9d35-4f1c7a2e6b90\n' };
const ROUTE_LOCALNET = '/proc/sys/net/ipv4/conf/all/route_localnet';
const SETTINGS = [
  { kind: 'nfacct', name: 'ct_state_invalid_dropped_pkts' },
  { kind: 'sysctl', name: 'net.ipv4.conf.all.route_localnet', before: '0', after: '1' },
];

/** A machine on which vipc has set what its rules needed. */
function withSettings(options: MachineOptions = {}): MemoryMachine {
  return used({
    ...options,
    links: { '/proc/self/ns/net': 'net:[4026531840]' },
    files: { ...BOOT, [STATE]: JSON.stringify(SETTINGS), [ROUTE_LOCALNET]: '1\n' },
    commands: options.commands ?? { 'nfacct delete ct_state_invalid_dropped_pkts': '' },
  });
}

describe('apply: cleanup of settings', () => {
  it('takes them back when the rules are gone, and forgets them', async () => {
    const machine = withSettings();
    const planned = await planCleanup(machine.host, OPTIONS);
    expect(planned.settings).to.deep.equal(SETTINGS);
    expect(machine.host.files.get(ROUTE_LOCALNET)).to.equal('1\n');
    const { settings } = await cleanUp(machine.host, OPTIONS);
    expect(settings).to.have.deep.members(SETTINGS);
    expect(machine.host.files.get(ROUTE_LOCALNET)).to.equal('0');
    expect(machine.changes().at(-1)).to.equal('nfacct delete ct_state_invalid_dropped_pkts');
    expect((await cleanUp(machine.host, OPTIONS)).settings).to.deep.equal([]);
  });

  it('closes 127.0.0.0/8 before the rule that guards it goes, and not after', async () => {
    const seen: (string | undefined)[] = [];
    const machine: MemoryMachine = withSettings({
      first: (command) => {
        if (isRestore(command)) seen.push(machine.host.files.get(ROUTE_LOCALNET));
        return undefined;
      },
    });
    await cleanUp(machine.host, OPTIONS);
    expect(seen.length).to.be.greaterThan(1);
    expect(new Set(seen)).to.deep.equal(new Set(['0']));
  });

  it('leaves a value that somebody has changed since', async () => {
    const machine = withSettings();
    machine.host.files.set(ROUTE_LOCALNET, '2\n');
    const { settings } = await cleanUp(machine.host, OPTIONS);
    expect(settings.map(({ kind }) => kind)).to.deep.equal(['nfacct']);
    expect(machine.host.files.get(ROUTE_LOCALNET)).to.equal('2\n');
  });

  for (const part of [{ iptables: 'nft' }, { families: ['IPv6'] }] as const) {
    it(`leaves them to the rules that stay with ${JSON.stringify(part)}`, async () => {
      const machine = withSettings();
      expect((await planCleanup(machine.host, { ...OPTIONS, ...part })).settings).to.deep.equal([]);
      expect((await cleanUp(machine.host, { ...OPTIONS, ...part })).settings).to.deep.equal([]);
      expect(machine.host.files.has(STATE)).to.equal(true);
      expect(machine.host.files.get(ROUTE_LOCALNET)).to.equal('1\n');
    });
  }

  it('takes them back also where rules stay', async () => {
    const machine = withSettings({
      first: (command) => (isRestore(command) ? failed('Device or resource busy\n') : undefined),
    });
    expect((await planCleanup(machine.host, OPTIONS)).settings).to.deep.equal(SETTINGS);
    const { settings, diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect(settings).to.have.deep.members(SETTINGS);
    expect(diagnostics.map(({ code }) => code)).to.include('cleanup-incomplete');
    expect(machine.host.files.get(ROUTE_LOCALNET)).to.equal('0');
  });

  it('takes them back where nothing else can be done, and reports that', async () => {
    const machine = withSettings({ programs: [], nftTables: undefined });
    const { settings, steps, diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect(settings).to.have.deep.members(SETTINGS);
    expect(steps).to.deep.equal([]);
    expect(diagnostics.map(({ code }) => code)).to.include('cleanup-incomplete');
    expect(await thrown(cleanUp(machine.host, OPTIONS))).to.be.instanceOf(ToolError);
  });

  for (const [title, answer, reason] of [
    ['that rules still use', failed('nfacct v1.0.2: error: Device or resource busy\n'), 'busy'],
    ['where nfacct is missing', { kind: 'missing', reason: 'ENOENT' }, 'does not answer'],
  ] as const)
    it(`reports an object ${title}, and deletes it the next time`, async () => {
      let isFirst = true;
      const machine = withSettings({
        first: ({ command }) => (command === 'nfacct' ? (isFirst ? answer : DONE) : undefined),
        commands: {},
      });
      const { settings, diagnostics } = await cleanUp(machine.host, OPTIONS);
      expect(settings.map(({ kind }) => kind)).to.deep.equal(['sysctl']);
      expect(diagnostics.map(({ code }) => code)).to.deep.equal(['host-setting-refused']);
      expect(diagnostics[0]?.message)
        .to.contain('ct_state_invalid_dropped_pkts')
        .and.to.contain(reason);
      isFirst = false;
      expect((await cleanUp(machine.host, OPTIONS)).settings).to.deep.equal(SETTINGS.slice(0, 1));
      expect(machine.host.files.has(STATE)).to.equal(false);
    });

  it('forgets an object that somebody else has deleted', async () => {
    const machine = withSettings({
      first: ({ command }) =>
        command === 'nfacct'
          ? failed('nfacct v1.0.2: error: No such file or directory\n')
          : undefined,
      commands: {},
    });
    const { settings, diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect(settings.map(({ kind }) => kind)).to.deep.equal(['sysctl']);
    expect(diagnostics).to.deep.equal([]);
    expect(machine.host.files.has(STATE)).to.equal(false);
  });
});

describe('apply: cleanup that cannot', () => {
  it('keeps the input that the kernel refuses', async () => {
    const machine = used({
      first: (command) =>
        isRestore(command)
          ? failed('iptables-nft-restore v1.8.9 (nf_tables): \nline 3: CHAIN_DEL failed (busy)\n')
          : undefined,
    });
    const { steps, diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect(steps.map(({ kind }) => kind)).to.deep.equal(['table', 'table']);
    const [left] = diagnostics;
    expect(left?.severity).to.equal('error');
    expect(left?.message).to.contain('CHAIN_DEL failed');
    const file = left?.hint?.split(' ').at(-1) ?? '';
    expect(machine.host.files.get(file)).to.contain('-X KUBE-SERVICES');
  });

  it('reports each part that the tool refuses for good, and removes the others', async () => {
    const machine = used({
      first: (command) => (isRestore(command) ? failed('Device or resource busy\n') : undefined),
    });
    const { diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect([...machine.nftTables]).to.deep.equal(['ip mine', 'inet kube-proxy']);
    expect(diagnostics.map(({ code }) => code)).to.include('cleanup-incomplete');
    expect(diagnostics[0]?.message).to.contain('Device or resource busy');
  });

  it('fails where nothing at all can be removed', async () => {
    const machine = used({
      nftTables: [],
      first: (command) => (isRestore(command) ? failed('Device or resource busy\n') : undefined),
    });
    const error = await thrown(cleanUp(machine.host, OPTIONS));
    expect(error).to.be.instanceOf(ToolError);
    expect(error.message).to.contain('Device or resource busy');
  });

  it('gives up where the rules come back forever', async () => {
    const machine = used({
      programs: ['iptables-nft'],
      nftTables: [],
      first: (command) => {
        if (!isRestore(command)) return undefined;
        const kernel = machine.kernels['iptables-nft']!;
        expect(kernel.restore(command.input!).error).to.equal('');
        expect(kernel.restore(BEFORE).error).to.equal('');
        return { kind: 'exited', code: 0, stdout: '', stderr: '' };
      },
    });
    const error = await thrown(cleanUp(machine.host, { ...OPTIONS, families: ['IPv4'] }));
    expect(error).to.be.instanceOf(ContentionError);
    expect(error.hint).to.contain('kube-proxy');
  });

  it('leaves a variant whose dump is incomplete, says so, and removes the others', async () => {
    const machine = used({
      first: ({ command, args }) =>
        command === 'ip6tables-legacy-save' && args.includes('nat')
          ? { kind: 'exited', code: 0, stdout: '*nat\n:PREROUTING ACCEPT [0:0]\n', stderr: '' }
          : undefined,
    });
    const planned = await planCleanup(machine.host, OPTIONS);
    expect(planned.diagnostics.map(({ code }) => code)).to.deep.equal(['cleanup-incomplete']);
    expect(machine.changes()).to.deep.equal([]);
    const { diagnostics } = await cleanUp(machine.host, OPTIONS);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(['cleanup-incomplete']);
    expect(diagnostics[0]?.message).to.contain('ip6tables-legacy-save');
    expect([...machine.nftTables]).to.deep.equal(['ip mine', 'inet kube-proxy']);
    expect(machine.kernels['iptables-nft']?.save()).to.not.contain('KUBE-SERVICES');
    expect(machine.kernels['ip6tables-legacy']?.save()).to.contain('KUBE-SERVICES');
  });

  it('changes nothing for those who are not root', async () => {
    const machine = used({ files: { '/proc/self/status': 'CapEff:\t0000000000000000\n' } });
    expect(await thrown(cleanUp(machine.host, OPTIONS))).to.be.instanceOf(PermissionError);
    expect(machine.host.ran).to.deep.equal([]);
  });

  it('fails where neither iptables nor nft is installed, or not the variant asked for', async () => {
    const bare = memoryMachine({ programs: [] });
    expect(await thrown(cleanUp(bare.host, OPTIONS))).to.be.instanceOf(ToolError);
    const other = memoryMachine({ programs: ['iptables-nft', 'ip6tables-nft'], nftTables: [] });
    const error = await thrown(cleanUp(other.host, { ...OPTIONS, iptables: 'legacy' }));
    expect(error).to.be.instanceOf(ToolError);
    expect(error.message).to.contain('legacy');
  });

  it('waits no longer than its timeout', async () => {
    const machine = used();
    await machine.host.tryLock('apply-IPv4', 'pid 1 (vipc apply)');
    const error = await thrown(cleanUp(machine.host, OPTIONS));
    expect(error).to.be.instanceOf(LockError);
    expect(error.message).to.contain('pid 1 (vipc apply)');
  });

  it('stops between two steps when interrupted', async () => {
    const stop = new AbortController();
    const machine = used({
      first: (command) => {
        if (isRestore(command)) stop.abort();
        return undefined;
      },
    });
    const lock = { ...OPTIONS.lock, signal: stop.signal };
    const error = await thrown(cleanUp(machine.host, { ...OPTIONS, lock }));
    expect(error).to.be.instanceOf(InterruptedError);
    expect(machine.changes()).to.have.length(1);
    isClean(machine, 'iptables-nft');
  });
});
