/** A folder that is followed through everything that editors do to it. */

import {
  appendFile,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeptFiles } from '../../../src/agent/sources/kept-files.js';
import { Following, followedFolder, manifest, NEVER } from './followed-folder.js';

describe('agent/sources/folder-source', () => {
  const place = followedFolder();
  const { follow, put, replace } = place;

  it('follows files that are added, written, replaced and removed', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([place.root]);
    await source.has('default/a');
    expect(source.statuses.map(({ kind, state }) => `${kind} ${state}`)).to.deep.equal([
      'Service following',
      'EndpointSlice following',
      'Node following',
      'ServiceCIDR following',
    ]);
    await put('b.yaml', manifest('b', '10.96.0.2'));
    await source.has('default/a default/b');
    await put('.c.swp', manifest('c'));
    await rename(join(place.root, '.c.swp'), join(place.root, 'b.yaml'));
    await source.has('default/a default/c');
    await put('a.yaml', `${manifest('a')}---\n${manifest('d', '10.96.0.4')}`);
    await source.has('default/a default/c default/d');
    await unlink(join(place.root, 'a.yaml'));
    await source.has('default/c');
  });

  it('without --watch reads once, when every file can be read', async () => {
    await put('a.yaml', 'kind: {');
    const source = follow([place.root], NEVER, false, false);
    await source.until('listing', () => source.status === 'listing');
    await put('a.yaml', manifest('a'));
    await source.has('default/a');
    await put('a.yaml', manifest('b'));
    // Nothing watches the folder any more: a look would have been due ten times.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(source.services).to.equal('default/a');
    await source.stop();
  });

  it('shares what did not change, and names the Services of what did', async () => {
    await put('a.yaml', manifest('a'));
    await put('b.yaml', manifest('b', '10.96.0.2'));
    const source = follow([place.root]);
    await source.has('default/a default/b');
    expect(source.changes.map(({ service }) => service)).to.deep.equal(['default/a', 'default/b']);
    const before = source.snapshot;
    source.changes.length = 0;
    await replace('b.yaml', manifest('b', '10.96.0.3'));
    await source.until('change', () => source.changes.length > 0);
    expect(source.changes).to.deep.equal([
      { kind: 'Service', service: 'default/b', family: 'IPv4' },
    ]);
    const after = source.snapshot;
    expect(after?.services.get('default/a')).to.equal(before?.services.get('default/a'));
    expect(after?.slices).to.equal(before?.slices);
    // The same again under another time: nothing is reported.
    await replace('b.yaml', `${manifest('b', '10.96.0.3')}# a remark\n`);
    await replace('c.yaml', manifest('c', '10.96.0.9'));
    await source.has('default/a default/b default/c');
    expect(source.changes.map(({ service }) => service)).to.deep.equal(['default/b', 'default/c']);
  });

  it('a change is of the families of its objects', async () => {
    const slice = (address: string, name: string, type: string): string => `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: a}}
addressType: ${type}
endpoints: [{addresses: ['${address}']}]
ports: [{port: 80}]
`;
    const text = (v4: string, v6: string): string =>
      manifest('a') + slice(v4, 'a-4', 'IPv4') + slice(v6, 'a-6', 'IPv6');
    await put('a.yaml', text('10.0.0.1', 'fd00::1'));
    const source = follow([place.root]);
    await source.has('default/a');
    source.changes.length = 0;
    await replace('a.yaml', text('10.0.0.1', 'fd00::2'));
    await source.until('a change', () => source.changes.length > 0);
    await replace('a.yaml', text('10.0.0.2', 'fd00::3'));
    await source.until('another', () => source.changes.length > 1);
    expect(source.changes).to.deep.equal([
      { kind: 'EndpointSlice', service: 'default/a', family: 'IPv6' },
      { kind: 'EndpointSlice', service: 'default/a' },
    ]);
  });

  it('reports when the rules that a misspelt object kept may be removed', async () => {
    await put('a.yaml', manifest('a'));
    await put('b.yaml', manifest('b', '10.96.0.2'));
    const source = follow([place.root]);
    await source.has('default/a default/b');
    await put('a.yaml', `${manifest('a')}---\nknid: Service\nmetadata: {}\n`);
    await put('b.yaml', '');
    await source.has('default/a');
    source.changes.length = 0;
    await replace('a.yaml', manifest('a'));
    await source.until('a change', () => source.changes.length > 0);
    expect(source.changes).to.deep.equal([{ kind: 'Service' }]);
  });

  it('passes over a device in the folder, and says so once', async () => {
    await symlink('/dev/zero', join(place.root, 'b.yaml'));
    await put('a.yaml', manifest('a'));
    const source = follow([place.root]);
    await source.has('default/a');
    await replace('a.yaml', manifest('c'));
    await source.has('default/c');
    expect(source.noticed.map(({ message }) => message)).to.deep.equal([
      `the path "${join(place.root, 'b.yaml')}" is a device and is not read`,
    ]);
    expect(source.status).to.equal('following');
  });

  it('refuses a device, and keeps what a file had that a device replaces', async () => {
    const device = join(place.root, 'device');
    await symlink('/dev/zero', device);
    const refused = await follow([device]).ended.catch((error: unknown) => error);
    expect(String(refused)).to.equal(`InputError: the path "${device}" is a device`);

    await put('a.yaml', manifest('a'));
    const file = join(place.root, 'a.yaml');
    const source = follow([file]);
    await source.has('default/a');
    await rename(device, file);
    await source.until('stale', () => source.status === 'stale');
    expect(source.services).to.equal('default/a');
    expect(source.statuses.at(-1)?.reason).to.include('is a device: what it held stays in use');
    // It is not opened, which would find it too long.
    for (const { message } of source.noticed) expect(message).to.include('is a device');
  });

  it('keeps what a half-written file had, and says so', async () => {
    await put('a.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }));
    await put('b.yaml', manifest('b'));
    const source = follow([place.root]);
    await source.has('default/b');
    await replace('b.yaml', `${manifest('b')}---\n{"apiVersion": "v1", "kind": "Serv`);
    await source.until('stale', () => source.status === 'stale');
    expect(source.services).to.equal('default/b');
    expect(source.statuses.at(-1)?.reason).to.include(`${join(place.root, 'b.yaml')}:`);
    const [reported] = source.noticed;
    expect(reported).to.include({ code: 'invalid-json', severity: 'warning' });
    expect(reported?.message).to.match(/its previous content stays in use$/);
    expect(reported?.position?.file).to.equal(join(place.root, 'b.yaml'));
    await replace('c.yaml', manifest('c', '10.96.0.3'));
    await source.until('c beside it', () => source.services === 'default/b default/c');
    await put('b.yaml', manifest('bb'));
    await source.has('default/bb default/c');
  });

  it('takes a file with a key given twice as a whole one', async () => {
    const [json, yaml] = ['a.json', 'b.yaml'];
    const list = '{"apiVersion": "v1", "kind": "List", "items": [], "items": []}';
    await put(json, list);
    await put(yaml, `${manifest('b')}---\n${list.replaceAll('"', '')}`);
    const source = follow([place.root]);
    await source.has('default/b');
    expect(source.status).to.equal('following');
    const twice = source.noticed.filter(({ code }) => code === 'duplicate-key');
    expect(twice.map(({ position }) => position?.file).sort()).to.deep.equal([
      join(place.root, json),
      join(place.root, yaml),
    ]);
  });

  it('has no state before every file could be parsed once', async () => {
    await put('a.yaml', manifest('a'));
    await put('b.yaml', 'kind: [');
    const source = follow([place.root]);
    await source.until('listing', () => source.status === 'listing');
    expect(source.snapshot).to.equal(undefined);
    expect(source.noticed[0]).to.include({ code: 'invalid-yaml', severity: 'error' });
    await put('b.yaml', manifest('b', '10.96.0.2'));
    await source.has('default/a default/b');
  });

  it('keeps a file of its own that is away for a moment', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([join(place.root, 'a.yaml')]);
    await source.has('default/a');
    await rename(join(place.root, 'a.yaml'), join(place.root, 'old'));
    await source.until('away', () => source.status === 'stale');
    expect(source.services).to.equal('default/a');
    await put('a.yaml', manifest('aa'));
    await source.has('default/aa');
  });

  it('with -R sees files in folders that come later', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([place.root], NEVER, true);
    await source.has('default/a');
    await mkdir(join(place.root, 'x', 'y'), { recursive: true });
    await put('x/y/b.yaml', manifest('b', '10.96.0.2'));
    await source.has('default/a default/b');
    await put('x/y/b.yaml', manifest('c', '10.96.0.3'));
    await source.has('default/a default/c');
  });

  it('reads several -f in their order', async () => {
    await put('a.yaml', manifest('a', '10.96.0.1'));
    await put('b.yaml', manifest('a', '10.96.0.2'));
    const source = follow([join(place.root, 'b.yaml'), join(place.root, 'a.yaml')]);
    await source.has('default/a');
    expect(source.snapshot?.services.get('default/a')?.spec.clusterIP).to.equal('10.96.0.1');
    expect(source.noticed.map(({ code }) => code)).to.deep.equal(['duplicate-object']);
  });

  it('ignores the lock of an editor, which is a dangling link', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([place.root]);
    await source.has('default/a');
    await symlink('somebody@host.1234', join(place.root, '.#a.yaml'));
    await put('b.yaml', manifest('b', '10.96.0.2'));
    await source.until('b', () => source.services === 'default/a default/b');
    await unlink(join(place.root, '.#a.yaml'));
    await source.has('default/a default/b');
  });

  it('finds changes that cause no event by the poll', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'vipc-elsewhere-'));
    try {
      await writeFile(join(elsewhere, 'real.yaml'), manifest('a'));
      // The kernel tells of a write in the folder through which it was done.
      await link(join(elsewhere, 'real.yaml'), join(place.root, 'a.yaml'));
      const source = follow([place.root], 50);
      await source.has('default/a');
      await writeFile(join(elsewhere, 'real.yaml'), manifest('b'));
      await source.has('default/b');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('waits for a file that is written in pieces', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([place.root]);
    await source.has('default/a');
    // Each piece alone would be whole.
    await put('a.yaml', manifest('b', '10.96.0.2'));
    for (const name of ['c', 'd', 'e'])
      await appendFile(join(place.root, 'a.yaml'), `---\n${manifest(name, '')}`);
    await source.until('all', () => source.services.includes('default/e'));
    expect(source.services).to.equal('default/b default/c default/d default/e');
    // A time in the future does not make it wait.
    await put('a.yaml', manifest('f'));
    const later = new Date(Date.now() + 3_600_000);
    await utimes(join(place.root, 'a.yaml'), later, later);
    await source.has('default/f');
  });

  it('reads a large file once, and lets others work meanwhile', async () => {
    const count = 3000;
    const items = Array.from({ length: count }, (_, i) => {
      const ip = `10.96.${i >> 8}.${i & 255}`;
      return manifest(`s${i}`, ip)
        .replace(/^(?=.)/gm, '  ')
        .replace('  ', '- ');
    });
    await put('a.yaml', `apiVersion: v1\nitems:\n${items.join('')}kind: List\n`);
    const files = new KeptFiles([place.root], false, 0);
    const { sources } = await files.look();
    expect(sources.map(({ read }) => read?.documents.length)).to.deep.equal([1]);
    expect((await files.look()).sources.map(({ read }) => read)).to.deep.equal([undefined]);
    let turns = 0;
    const immediate = (): void => {
      turns++;
      next = setImmediate(immediate);
    };
    let next = setImmediate(immediate);
    const source = follow([place.root]);
    await source.until('all', () => source.snapshot?.services.size === count);
    clearImmediate(next);
    // Three for each pause: a connection is accepted, a request is read and answered.
    expect(turns).to.be.at.least(6);
  });

  it('rejects errors that retries cannot overcome', async () => {
    for (const path of [join(place.root, 'none'), place.root, 'https://example.com/a.yaml']) {
      const source = new Following([path]);
      const said = await source.ended.then(
        () => '',
        (error: Error) => `${error.name}: ${error.message}`,
      );
      expect(said, path).to.match(/^InputError: /);
    }
  });

  it('reports a lasting fault once, and closes every watch at the signal', async () => {
    await put('a.yaml', manifest('a'));
    const source = follow([place.root], 10);
    await source.has('default/a');
    await replace('a.yaml', '{');
    await source.until('reported', () => source.noticed.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(source.noticed).to.have.length(1);
    await source.stop();
    await put('a.yaml', manifest('b'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(source.services).to.equal('default/a');
  });
});
