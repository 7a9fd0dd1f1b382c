/** `vipc verify --rules FOLDER`: a dump a node, bad files beside good ones, one answer for all. */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { compileSnapshot, loadSnapshot, print } from '../../src/index.js';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const FILES = ['dns.yaml', 'nodes.yaml', 'shop.yaml'].map(
  (name) => `fixtures/behaviour/manifests/${name}`,
);
const OBJECTS = FILES.flatMap((file) => ['-f', file]);

interface Found {
  readonly answer: string;
  readonly nodes: readonly {
    readonly node: string;
    readonly file: string;
    readonly answer: string;
    readonly error?: { readonly code: string; readonly message: string };
    readonly families: { readonly ipv4?: { readonly frontends: number } };
  }[];
  readonly services: readonly { readonly service: string; readonly nodes: readonly string[] }[];
  readonly diagnostics: readonly { readonly code: string }[];
}

describe('cli/verify --rules FOLDER', () => {
  let folder: string;
  const { snapshot } = loadSnapshot(
    FILES.map((name) => ({ name, text: readFileSync(name, 'utf8') })),
  );
  const verify = (...words: readonly string[]): Promise<Ran> =>
    runIn(['verify', '--rules', folder, ...OBJECTS, ...words]);

  async function verifyJson(
    ...words: readonly string[]
  ): Promise<Found & { readonly code: number }> {
    const { out, err, code } = await verify(...words, '-o', 'json');
    expect(out, err).to.match(/^\{/);
    expect(outputProblems(out)).to.deep.equal([]);
    return { ...(JSON.parse(out) as Found), code };
  }

  function write(file: string, nodeName: string, mode: 'iptables' | 'nftables'): void {
    const { ruleset } = compileSnapshot(snapshot, 'IPv4', { nodeName, mode });
    writeFileSync(join(folder, file), print(ruleset), 'latin1');
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-nodes-'));
    write('worker-1.iptables', 'worker-1', 'iptables');
    write('worker-2.nft.json', 'worker-2', 'nftables');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('proves the rules of every node, of whichever mode, with one reading of the objects', async () => {
    const { code, out } = await verify();
    expect([code, out]).to.deep.equal([
      0,
      [
        'NODE       FILE                FRONTENDS   ANSWER',
        'worker-1   worker-1.iptables   6           all as expected',
        'worker-2   worker-2.nft.json   6           all as expected',
        '2 dumps of 2 nodes: 2 as expected',
        '',
      ].join('\n'),
    ]);
    const found = await verifyJson();
    expect([found.answer, found.nodes.map(({ node }) => node)]).to.deep.equal([
      'proven',
      ['worker-1', 'worker-2'],
    ]);
  });

  it('uses what the objects say of each node: a dump of one is wrong on another', async () => {
    copyFileSync(join(folder, 'worker-1.iptables'), join(folder, 'worker-2.iptables'));
    const found = await verifyJson();
    expect([found.answer, found.code]).to.deep.equal(['refuted', 1]);
    expect(found.nodes.map(({ answer }) => answer)).to.deep.equal(['proven', 'refuted', 'proven']);
    expect(found.services).to.deep.include({ service: 'shop/web', nodes: ['worker-2'] });
    const { out } = await verify('-v');
    expect(out).to.include('SERVICE    WRONG ON\nshop/web   worker-2\n');
    expect(out).to.include('worker-2.iptables (IPv4):\n\nrefuted: shop/web:http TCP');
  });

  it('names files that cannot be verified, and verifies the others', async () => {
    writeFileSync(join(folder, 'worker-3.iptables'), 'no rules\n');
    writeFileSync(join(folder, 'wroker-1.iptables'), 'no rules\n');
    const found = await verifyJson();
    expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
    const errors = found.nodes.flatMap(({ file, error }) => (error ? [[file, error.code]] : []));
    expect(errors).to.deep.include(['wroker-1.iptables', 'usage']);
    expect(found.nodes.filter(({ answer }) => answer === 'proven')).to.have.length(2);
    const { out } = await verify();
    expect(out).to.include(
      'not verified: the input has no Node "wroker-1" (did you mean worker-1?)',
    );
    writeFileSync(join(folder, 'worker-2.iptables'), 'no rules\n');
    expect((await verify()).out).to.match(/worker-2\.iptables +- +not verified: line 1: /);
  });

  it('reads facts of a machine that stand beside its dump', async () => {
    copyFileSync('fixtures/behaviour/node/worker-1.yaml', join(folder, 'worker-1.host.yaml'));
    expect((await verifyJson()).answer).to.equal('proven');
    writeFileSync(join(folder, 'worker-1.host.yaml'), 'kind: Host\n');
    const found = await verifyJson();
    expect([found.code, found.nodes[0]?.error?.code]).to.deep.equal([2, 'bad-config']);
  });

  it('says which Nodes have no dump, and selects Services', async () => {
    rmSync(join(folder, 'worker-2.nft.json'));
    const { err } = await verify();
    expect(err).to.match(
      /note: not verified, because the folder has no dump of them: Node .*worker-2/,
    );
    expect((await verifyJson('shop/web')).nodes[0]?.families.ipv4?.frontends).to.be.below(6);
  });

  it('proves nothing of a Service or namespace that is not there', async () => {
    for (const words of [['shop/wbe'], ['shop/web', 'gone/db'], ['-n', 'nowhere']]) {
      const found = await verifyJson(...words);
      expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
      expect(found.diagnostics.map(({ code }) => code)).to.include('selection-empty');
    }
  });

  it('refuses flags about one node, and a folder without dumps', async () => {
    for (const flag of ['--node-name', '--hostname-override', '--host']) {
      const { code, err } = await verify(flag, 'worker-1');
      expect([code, err.split('\n')[0]]).to.deep.equal([
        64,
        `error: ${flag} is for the rules of one node, and --rules names a folder`,
      ]);
    }
    const { code, err } = await runIn(['verify', '--rules', 'docs', ...OBJECTS]);
    expect([code, err.split('\n')[0]]).to.deep.equal([
      2,
      'error: the folder "docs" has no dump of a node',
    ]);
  });
});
