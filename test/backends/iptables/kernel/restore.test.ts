/** What iptables-restore says when it refuses, of both variants, and what vipc makes of it. */

import { expect } from 'chai';
import { remembered } from '../../../../src/backends/iptables/kernel/remembered.js';
import { faultIn, loadText, restore } from '../../../../src/backends/iptables/kernel/restore.js';
import type { Tools } from '../../../../src/backends/tools.js';
import {
  LockError,
  PermissionError,
  TimeoutError,
  ToolError,
  VipcError,
} from '../../../../src/errors.js';
import type { CommandResult } from '../../../../src/host/host.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const INPUT = `*filter
:KUBE-A - [0:0]
COMMIT
*nat
:KUBE-B - [0:0]
-C KUBE-C -j KUBE-B
-A KUBE-B -m nosuchmatch
-I KUBE-C 1 -j KUBE-B
COMMIT
`;

describe('restore: the fault in what the tools say', () => {
  const rows: readonly (readonly [string, string, string, readonly string[], string])[] = [
    [
      'nf_tables, a rule that is not there',
      'iptables-nft-restore: line 6 failed: Bad rule (does a matching rule exist in that chain?).\n',
      'moved',
      ['-C KUBE-C -j KUBE-B'],
      'nat',
    ],
    [
      'legacy, a rule that is not there',
      'iptables-restore: line 6 failed\n',
      'moved',
      ['-C KUBE-C -j KUBE-B'],
      'nat',
    ],
    [
      'an unknown match',
      "iptables-restore v1.8.9 (legacy): Couldn't load match `nosuchmatch':No such file or directory\n\nError occurred at line: 7\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n",
      'refused',
      ['-A KUBE-B -m nosuchmatch'],
      'nat',
    ],
    [
      'nf_tables, refused by the kernel',
      'iptables-nft-restore v1.8.9 (nf_tables): \nline 7: RULE_APPEND failed (No such file or directory): rule in chain KUBE-B\nline 8: RULE_INSERT failed (No such file or directory): rule in chain KUBE-C\n',
      'refused',
      ['-A KUBE-B -m nosuchmatch', '-A KUBE-C -j KUBE-B'],
      'nat',
    ],
    [
      'nf_tables, a loop: the named line is not to blame',
      'iptables-nft-restore v1.8.9 (nf_tables): \nline 8: RULE_INSERT failed (Too many links): rule in chain KUBE-C\n',
      'refused',
      [],
      'nat',
    ],
    [
      'legacy, refused by the kernel: COMMIT',
      'iptables-restore: line 9 failed\n',
      'refused',
      [],
      'nat',
    ],
    ['the first table', 'iptables-restore: line 3 failed\n', 'refused', [], 'filter'],
  ];
  for (const [what, said, kind, lines, table] of rows)
    it(what, () => {
      const fault = faultIn(said, INPUT);
      expect(fault).to.include({ kind, table });
      expect(fault?.lines).to.deep.equal(lines);
    });

  it('the reason is one line without what nobody needs', () => {
    const fault = faultIn(rows[2]![1], INPUT);
    expect(fault?.reason).to.equal("Couldn't load match `nosuchmatch':No such file or directory");
  });

  it('words without a line are no fault of the input', () => {
    expect(faultIn('Could not fetch rule set generation id: Invalid argument\n', INPUT)).to.equal(
      undefined,
    );
  });
});

const TOOLS: Tools = {
  family: 'IPv4',
  variant: 'nf_tables',
  save: 'iptables-nft-save',
  restore: 'iptables-nft-restore',
  version: '1.8.9',
};
const OPTIONS = { lockTimeout: 500, timeout: 1000 };

describe('a load that fails', () => {
  /**
   * As a plan has it that changes both tables: what filter refuses, nat, what filter refuses no
   * more.
   */
  const TWICE = `*mangle
:OWN-MANGLE - [0:0]
COMMIT
*filter
-N KUBE-FIREWALL
:OWN-FILTER - [0:0]
-I INPUT 1 -j OWN-FILTER
COMMIT
*nat
:OWN-NAT - [0:0]
COMMIT
*filter
-X OWN-GONE
COMMIT
`;
  const MANGLE = 'mangle OWN-MANGLE';
  const FILTER = ['filter KUBE-FIREWALL', 'filter OWN-FILTER'];

  /** What is remembered after a load in which the tool says this. */
  async function leftBy(
    result: CommandResult,
    known: readonly string[] = [],
  ): Promise<{ readonly chains: readonly string[]; readonly rules: readonly string[] }> {
    const host = new MemoryHost({ answer: () => result });
    const declared = known.map((key) => {
      const [table = '', chain = ''] = key.split(' ');
      return `*${table}\n${chain === 'KUBE-FIREWALL' ? '-N KUBE-FIREWALL' : `:${chain} - [0:0]`}\nCOMMIT\n`;
    });
    const sound = new MemoryHost({ answer: () => exited(0, '') });
    await loadText(sound, TOOLS, declared.join(''), OPTIONS);
    for (const [path, text] of sound.files) host.files.set(path, text);
    await loadText(host, TOOLS, TWICE, OPTIONS).catch(() => {});
    const { chains, rules } = await remembered(host, 'IPv4');
    return { chains: [...chains].sort(), rules: [...rules] };
  }
  const exited = (code: number, stderr: string): CommandResult => ({
    kind: 'exited',
    code,
    stdout: '',
    stderr,
  });
  const failed = (line: number): CommandResult =>
    exited(
      1,
      `iptables-nft-restore v1.8.9 (nf_tables): \nline ${line}: CHAIN_ADD failed (File exists): chain KUBE-FIREWALL\n`,
    );
  const RULE = 'filter -A INPUT -j OWN-FILTER';

  it('remembers all of it where it does not', async () => {
    const { chains, rules } = await leftBy(exited(0, ''), ['filter OWN-GONE']);
    expect(chains).to.deep.equal([...FILTER, MANGLE, 'nat OWN-NAT']);
    expect(rules).to.deep.equal([RULE]);
  });

  it('leaves a KUBE-FIREWALL to kubelet that kubelet made meanwhile, and keeps what was committed before', async () => {
    expect(await leftBy(failed(5))).to.deep.equal({ chains: [MANGLE], rules: [] });
  });

  it('knows chains of before that it would only have written again, but not KUBE-FIREWALL', async () => {
    const { chains } = await leftBy(failed(5), FILTER);
    expect(chains).to.deep.equal(['filter OWN-FILTER', MANGLE]);
  });

  it('distinguishes the two blocks of a table', async () => {
    const { chains, rules } = await leftBy(failed(13), ['filter OWN-GONE']);
    expect(chains).to.deep.equal([...FILTER, 'filter OWN-GONE', MANGLE, 'nat OWN-NAT']);
    expect(rules).to.deep.equal([RULE]);
  });

  it('keeps all but KUBE-FIREWALL where nobody knows how far it came', async () => {
    const killed = {
      kind: 'killed',
      signal: 'SIGKILL',
      stdout: '',
      stderr: '',
      by: 'signal',
    } as const;
    expect((await leftBy(killed)).chains).to.deep.equal([
      'filter OWN-FILTER',
      MANGLE,
      'nat OWN-NAT',
    ]);
  });
});

describe('restore: ends that are not about the input', () => {
  const tools: Tools = {
    family: 'IPv4',
    variant: 'legacy',
    save: 'iptables-legacy-save',
    restore: 'iptables-legacy-restore',
    version: '1.8.9',
  };
  const exited = (code: number, stderr: string): CommandResult => ({
    kind: 'exited',
    code,
    stdout: '',
    stderr,
  });
  async function thrown(
    result: CommandResult,
    files: Record<string, string> = {},
  ): Promise<VipcError> {
    const host = new MemoryHost({
      answer: () => result,
      files,
      inodes: { '/run/xtables.lock': 1234 },
    });
    const error = await restore(host, tools, INPUT, { lockTimeout: 500, timeout: 1000 }).catch(
      (found: unknown) => found,
    );
    if (!(error instanceof VipcError)) throw new Error(`no error of ours: ${String(error)}`);
    return error;
  }

  it('the lock is held: the holder is named', async () => {
    const said = exited(
      4,
      'Another app is currently holding the xtables lock. Stopped waiting after 1s.\n',
    );
    const error = await thrown(said, {
      '/proc/locks':
        '1: POSIX  ADVISORY  WRITE 1 00:19:1234 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 99 00:19:1234 0 EOF\n',
      '/proc/4711/comm': 'cilium-agent\n',
    });
    expect(error).to.be.instanceOf(LockError);
    expect(error.message).to.contain('pid 4711 (cilium-agent) holds the xtables lock');
    expect((await thrown(said)).message).to.contain('another process holds the xtables lock');
  });
  it('not root', async () => {
    const words = [
      "Fatal: can't open lock file /run/xtables.lock: Permission denied\n",
      'iptables-nft-restore v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n',
    ];
    for (const said of words)
      expect(await thrown(exited(4, said))).to.be.instanceOf(PermissionError);
  });
  it('missing, killed, out of time, without a table in the kernel', async () => {
    expect(await thrown({ kind: 'missing', reason: 'ENOENT' })).to.be.instanceOf(ToolError);
    const killed = { kind: 'killed', signal: 'SIGTERM', stdout: '', stderr: '' } as const;
    expect(await thrown({ ...killed, by: 'signal' })).to.be.instanceOf(ToolError);
    expect(await thrown({ ...killed, by: 'timeout' })).to.be.instanceOf(TimeoutError);
    // As 1.8.9 says it to a process without CAP_NET_RAW: naming a line means nothing here.
    const said =
      "iptables-restore v1.8.9 (legacy): iptables-restore: unable to initialize table 'nat'\nError occurred at line: 1\n";
    const error = await thrown(exited(2, said));
    expect(error).to.be.instanceOf(ToolError);
    expect(error.hint).to.contain('CAP_NET_RAW');
    expect(error.message).to.contain("unable to initialize table 'nat'");
  });

  it('waits for the lock as long as its timeout, in its own process group, with every byte as it is', async () => {
    const host = new MemoryHost({ answer: () => exited(0, '') });
    const kill = new AbortController();
    const limits = { lockTimeout: 2500, timeout: 1000, kill: kill.signal };
    await restore(host, tools, INPUT, { ...limits, again: true });
    const { signal, ...command } = host.ran[0] ?? {};
    expect(host.ran).to.have.length(1);
    expect(signal).to.equal(kill.signal);
    expect(command).to.deep.equal({
      command: 'iptables-legacy-restore',
      args: ['--noflush', '-w', '3'],
      input: INPUT,
      bytes: true,
      detached: true,
      again: true,
      timeout: 3500,
    });
  });
});
