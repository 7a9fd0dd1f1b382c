/** `vipc hosts`: lines for a hosts file, and its block in one. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';

const FILE = 'fixtures/kubectl/get-all.yaml';
const WEB = '10.96.95.120 web.shop.svc.cluster.local web.shop.svc web.shop\n';
const WEB6 = 'fd00:10:96::e691 web.shop.svc.cluster.local web.shop.svc web.shop\n';
const POD =
  '10.244.1.11 web-headless.shop.svc.cluster.local web-headless.shop.svc web-headless.shop\n';

describe('cli/hosts', () => {
  let folder: string;
  let path: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-hosts-'));
    path = join(folder, 'hosts');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('prints the names of all Services, and says which have none', async () => {
    const { code, out, err } = await runIn(['hosts', '-f', FILE]);
    expect(code).to.equal(0);
    expect(out)
      .to.include(WEB + WEB6)
      .and.include(POD);
    expect(err).to.equal(
      'note: Service shop/outside has no line: it is an ExternalName, an alias that a hosts file cannot hold\n',
    );
  });

  it('one family, another domain', async () => {
    const words = ['--family', 'ipv6', '--cluster-domain', 'k8s.example.'];
    const { out } = await runIn(['hosts', '-f', FILE, ...words]);
    expect(
      out.split('\n').filter((line) => line !== '' && !line.startsWith('fd00:')),
    ).to.deep.equal([]);
    expect(out).to.include('fd00:10:96::e691 web.shop.svc.k8s.example web.shop.svc web.shop\n');
  });

  it('writes and removes the block of a file', async () => {
    await writeFile(path, '127.0.0.1 localhost\n');
    const write = ['hosts', '-f', FILE, '--hosts-file', path];
    const first = await runIn(write);
    expect([first.code, first.out]).to.deep.equal([0, `${path}: 15 lines, written\n`]);
    expect(await readFile(path, 'utf8')).to.include(WEB);
    expect((await runIn(write)).out).to.equal(`${path}: 15 lines, unchanged\n`);
    const removed = await runIn(['hosts', '--remove', '--hosts-file', path]);
    expect([removed.code, removed.out]).to.deep.equal([0, `${path}: the block is removed\n`]);
    expect(await readFile(path, 'utf8')).to.equal('127.0.0.1 localhost\n');
    const again = await runIn(['hosts', '--remove', '--hosts-file', path]);
    expect(again.out).to.equal(`${path}: no block\n`);
  });

  it('keeps the lines of a Service that cannot be read, and ends with 1', async () => {
    const objects = (port: string): string => `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.95.120, ports: [{port: ${port}}]}
`;
    await writeFile(path, '');
    const words = ['hosts', '-f', '-', '--hosts-file', path];
    expect((await runIn(words, objects('80'))).code).to.equal(0);
    const { code, err } = await runIn(words, objects('eighty'));
    expect(code).to.equal(1);
    expect(err).to.include('<stdin>:4:');
    expect(await readFile(path, 'utf8')).to.include(WEB);
  });

  it('a block without its end: the place, and nothing changes', async () => {
    const text = 'a\n# BEGIN vipc\nb\n';
    await writeFile(path, text);
    const { code, err } = await runIn(['hosts', '-f', FILE, '--hosts-file', path]);
    expect(code).to.equal(2);
    expect(err).to.include(`${path}:2: "# BEGIN vipc" without "# END vipc"`);
    expect(await readFile(path, 'utf8')).to.equal(text);
  });

  it('names a hosts file that is not there, and what is none', async () => {
    for (const words of [['-f', FILE], ['--remove']]) {
      const { code, err } = await runIn(['hosts', ...words, '--hosts-file', '/no/file']);
      expect([code, err.trimEnd().split('\n').at(-1)]).to.deep.equal([
        2,
        'error: the path "/no/file" does not exist',
      ]);
    }
    const { err } = await runIn(['hosts', '--remove', '--hosts-file', folder]);
    expect(err).to.equal(
      `error: the path ${JSON.stringify(folder)} cannot be read: it is not a regular file\n`,
    );
  });

  for (const [words, says] of [
    ['--remove', '--remove needs --hosts-file'],
    ['--remove --hosts-file x -f y', '-f and --remove cannot be used together'],
    ['-f x --cluster-domain a..b', 'must be a DNS name such as cluster.local'],
    ['', 'must specify -f'],
  ] as const)
    it(`hosts ${words}: ${says}`, async () => {
      const { code, err } = await runIn([
        'hosts',
        ...words.split(' ').filter((word) => word !== ''),
      ]);
      expect(code).to.equal(64);
      expect(err).to.include(says);
    });
});
