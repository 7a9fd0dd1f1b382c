/**
 * Reading the table of a family through a scripted nft: what is missing, crashed or forbidden is an
 * error, never an empty table.
 */

import { expect } from 'chai';
import { readNft } from '../../../../src/backends/nftables/kernel/read.js';
import {
  ParseError,
  PermissionError,
  TimeoutError,
  ToolError,
  UnsupportedError,
} from '../../../../src/errors.js';
import type { CommandResult } from '../../../../src/host/host.js';
import { compileSnapshot } from '../../../../src/index.js';
import { snapshotOf } from '../../../model/support.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const { ruleset } = compileSnapshot(snapshotOf(), 'IPv4', { mode: 'nftables' });

function exited(code: number, stdout: string, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout, stderr };
}

function machine(listed: CommandResult | string): MemoryHost {
  return new MemoryHost({
    commands: {
      'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
      'nft -j list table ip kube-proxy': listed,
    },
  });
}

async function thrown(host: MemoryHost): Promise<unknown> {
  return readNft(host, 'IPv4').catch((error: unknown) => error);
}

describe('apply/read-nft', () => {
  it('asks for our table alone', async () => {
    const host = machine('{"nftables": [{"table": {"family": "ip", "name": "kube-proxy"}}]}');
    const { rules, tools } = await readNft(host, 'IPv4');
    expect(tools.version).to.equal('1.0.6');
    expect(host.ran.map(({ args }) => args.join(' '))).to.deep.equal([
      '--version',
      '-j list table ip kube-proxy',
    ]);
    expect(rules.plan(ruleset).changes.map(({ kind }) => kind)).to.not.include('table');
  });

  it('takes a table that is not there for one that has to be made', async () => {
    const { rules } = await readNft(
      machine(exited(1, '', 'Error: No such file or directory\nlist table ip kube-proxy\n')),
      'IPv4',
    );
    const [first] = rules.plan(ruleset).changes;
    expect([first?.action, first?.kind]).to.deep.equal(['create', 'table']);
  });

  it('does not call an nft missing that there is no room for', async () => {
    const unstarted = { kind: 'unstarted', reason: 'spawn nft EMFILE' } as const;
    const hosts = [
      machine(unstarted),
      new MemoryHost({ commands: { 'nft --version': unstarted } }),
    ];
    for (const host of hosts)
      expect(String(await thrown(host))).to.equal(
        'ToolError: nft cannot be started now: spawn nft EMFILE',
      );
  });

  it('says that nft crashed, and what would help', async () => {
    const killed = {
      kind: 'killed',
      by: 'signal',
      signal: 'SIGSEGV',
      stdout: '',
      stderr: '',
    } as const;
    for (const end of [killed, exited(139, '')]) {
      const error = await thrown(machine(end));
      expect(error).to.be.instanceOf(ToolError);
      expect(error).to.have.property('message').that.includes('an older nft does so on sets');
      expect(error).to.have.property('hint').that.includes('the nft that made them');
    }
  });

  const ENDS: readonly (readonly [
    string,
    CommandResult | string,
    new (...words: never[]) => Error,
    string,
  ])[] = [
    ['nothing printed', '', ParseError, 'nft printed nothing'],
    ['a listing that is cut off', '{"nftables": [', ParseError, 'broken or cut off'],
    [
      'no rights',
      exited(1, '', 'Operation not permitted (you must be root)'),
      PermissionError,
      'may not do this',
    ],
    [
      'no answer',
      { kind: 'killed', by: 'timeout', signal: 'SIGKILL', stdout: '', stderr: '' },
      TimeoutError,
      'did not end in time',
    ],
    ['anything else', exited(1, '', 'Error: strange'), ToolError, 'Error: strange'],
  ];
  for (const [what, end, type, words] of ENDS)
    it(`${what} is an error`, async () => {
      const error = await thrown(machine(end));
      expect(error).to.be.instanceOf(type);
      expect(error).to.have.property('message').that.includes(words);
    });

  it('refuses an nft and a kernel that are too old', async () => {
    const old = { 'nft --version': 'nftables v0.9.8 (E.D.S.)\n' };
    const nft = await thrown(new MemoryHost({ commands: old }));
    expect(nft).to.be.instanceOf(ToolError).with.property('message').that.includes('1.0.1');
    const commands = { 'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n' };
    const kernel = await thrown(new MemoryHost({ commands, kernel: '5.10.0-26-amd64' }));
    expect(kernel)
      .to.be.instanceOf(UnsupportedError)
      .with.property('message')
      .that.includes('5.13');
  });

  it('needs two transactions on a kernel before 6.2', async () => {
    const listing = '{"nftables": []}';
    for (const [kernel, twoSteps] of [
      ['6.1.0-18-amd64', true],
      ['6.2.0', false],
      ['', false],
    ] as const) {
      const commands = {
        'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
        'nft -j list table ip kube-proxy': listing,
      };
      const { tools } = await readNft(new MemoryHost({ commands, kernel }), 'IPv4');
      expect(tools.twoSteps, kernel).to.equal(twoSteps);
    }
  });

  it('says that nft is missing, that only root may look, and that IPv6 is switched off', async () => {
    expect(await thrown(new MemoryHost())).to.be.instanceOf(ToolError);
    const files = { '/proc/self/status': 'CapEff:\t0000000000000000\n' };
    expect(await thrown(new MemoryHost({ files }))).to.be.instanceOf(PermissionError);
    const six = await readNft(machine(''), 'IPv6').catch((error: unknown) => error);
    expect(six).to.be.instanceOf(UnsupportedError);
  });
});
