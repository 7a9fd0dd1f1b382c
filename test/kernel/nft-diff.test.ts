/**
 * A node as kube-proxy left it in mode nftables, in a real kernel: `vipc diff` sees no differences, names what a hand has
 * changed since, reads no foreign table, and changes nothing itself.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { DiffFlags } from '../../src/cli/commands/diff.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';

const FLAGS: DiffFlags = {
  filename: [`${CASE}/snapshot.yaml`],
  recursive: false,
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  mode: 'nftables',
  serviceCidr: [],
  comments: false,
  strict: false,
  output: 'human',
  verbose: false,
};

describe('kernel: vipc diff in mode nftables', () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, ['nft']);
    namespace = await openNamespace('diff-nft');
    // What kube-proxy 1.36.2 sent.
    const script = readFileSync('fixtures/dumps/input/268-kitchen-sink.nft', 'utf8');
    await namespace.run('nft', ['-f', '-'], script);
  });
  after(() => namespace?.close());

  it('sees no differences to what kube-proxy programmed', async () => {
    const { code, out, ran } = await diffIn(namespace, FLAGS);
    expect([code, out]).to.deep.equal([0, 'no differences\n']);
    expect(ran.filter((line) => line.startsWith('nft -j'))).to.deep.equal([
      'nft -j list table ip kube-proxy',
      'nft -j list table ip6 kube-proxy',
    ]);
    expect(ran.filter((line) => /^ip6?tables/.test(line))).to.deep.equal([]);
  });

  it('takes the facts of this machine where no others are named', async () => {
    const { host: _, ...flags } = FLAGS;
    const { code, ran } = await diffIn(namespace, { ...flags, nodeName: 'node-1' });
    expect(code).to.be.oneOf([0, 1]);
    expect(ran).to.include('ip -j address show');
  });

  it('names an element deleted, a rule inserted and a chain flushed, and touches nothing', async () => {
    const listed = await list(namespace);
    const chain = /chain (service-\S+) /.exec(listed)![1]!;
    const element = / ([\d.]+ \. tcp \. \d+) : (goto service-[^\s,]+)/.exec(listed)!;
    await namespace.run(
      'nft',
      ['-f', '-'],
      [
        `delete element ip kube-proxy service-ips { ${element[1]} }`,
        'insert rule ip kube-proxy services ip saddr 192.0.2.7 accept',
        `flush chain ip kube-proxy ${chain}`,
        '',
      ].join('\n'),
    );
    const before = await list(namespace);
    const { code, out } = await diffIn(namespace, FLAGS);
    expect(code).to.equal(1);
    const lines = out.split('\n').map((line) => line.trim());
    expect(lines[0]).to.match(/^IPv4: the kernel \(nft \d\S+\) differs: \d to change$/);
    expect(lines).to.include(
      '- add rule ip kube-proxy services ip saddr 192.0.2.7 accept   <- not a rule of kube-proxy or vipc',
    );
    expect(lines).to.include(
      `+ add element ip kube-proxy service-ips { ${element[1]} : ${element[2]} }`,
    );
    expect(lines).to.include(`ip kube-proxy ${chain} is empty: somebody flushed it`);
    expect(await list(namespace)).to.equal(before);
    expect((await diffIn(namespace, { ...FLAGS, family: 'ipv6' })).code).to.equal(0);
  });

  it('says what is to be made where the table is missing', async () => {
    await namespace.run('nft', ['delete', 'table', 'ip', 'kube-proxy']);
    const { code, out } = await diffIn(namespace, { ...FLAGS, family: 'ipv4' });
    expect(code).to.equal(1);
    expect(out).to.include('+ every node  is not there');
  });

  it('refuses a flag that means nothing there', async () => {
    const { UsageError } = await import('../../src/errors.js');
    const error = await diffIn(namespace, { ...FLAGS, iptables: 'nft' }).catch((found) => found);
    expect(error).to.be.instanceOf(UsageError);
  });
});

function list(namespace: Namespace): Promise<string> {
  return namespace.run('nft', ['list', 'table', 'ip', 'kube-proxy']);
}

async function diffIn(
  namespace: Namespace,
  flags: DiffFlags,
): Promise<{ readonly code: number; readonly out: string; readonly ran: readonly string[] }> {
  // Loaded as the program loads it, so that its error classes are its own.
  const { diff } = await import('../../src/cli/commands/diff.js');
  const host = new NamespaceHost(namespace);
  let out = '';
  const code = await diff(
    flags,
    {
      readInput: async () => '',
      writeOutput: async (text) => {
        out += text;
      },
      writeError: async () => {},
      interactive: false,
      colour: false,
    },
    host,
  );
  return { code, out, ran: host.ran.map(({ command, args }) => [command, ...args].join(' ')) };
}
