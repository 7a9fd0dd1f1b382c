/** `vipc snapshot` and `-f cluster`, end to end against the fake API server. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { type ApiObject, type ApiServer, startApiServer } from '../support/api-server/index.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const KUBECTL = 'fixtures/kubectl/get-all.yaml';
const READ = ['Node', 'ServiceCIDR', 'Service', 'EndpointSlice'];

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: unknown;
  readonly items: readonly ApiObject[];
}

/** The List in a YAML text. */
function parseYaml(text: string): List {
  return load(text) as List;
}

const recorded: List = parseYaml(
  readFileSync('fixtures/kubectl/get-all.managed-fields.yaml', 'utf8'),
);

function service(name: string): ApiObject {
  return {
    kind: 'Service',
    metadata: { name, namespace: 'bulk', labels: { part: 'bulk' } },
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  };
}

function named(objects: readonly ApiObject[]): readonly string[] {
  return objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
  );
}

describe('cli/snapshot', () => {
  let folder = '';
  let server: ApiServer;
  const at = (name: string): string => join(folder, name);
  const vipc = (...words: readonly string[]): Promise<Ran> =>
    runIn([...words, '--kubeconfig', at('kubeconfig')]);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-snapshot-'));
  });
  beforeEach(async () => {
    server = await startApiServer({ objects: recorded.items });
    await server.kubeconfig(at('kubeconfig'));
  });
  afterEach(() => server.close());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints the List that kubectl shows, without managedFields and other history', async () => {
    const { code, err, out } = await vipc('snapshot');
    expect([code, err]).to.deep.equal([0, '']);
    const list: List = parseYaml(out);
    const theirs: List = parseYaml(readFileSync(KUBECTL, 'utf8'));
    expect({ ...list, items: [] }).to.deep.equal({ ...theirs, items: [] });
    const wanted = theirs.items.filter(({ kind }) => READ.includes(kind));
    expect([...named(list.items)].sort()).to.deep.equal([...named(wanted)].sort());
    expect(list.items.length).to.be.greaterThan(20);
    expect(recorded.items.some(({ metadata }) => 'managedFields' in metadata)).to.equal(true);
    expect(out).not.to.match(/managedFields|last-applied-configuration/);
    for (const object of list.items) {
      const theirsToo = wanted.find((one) => named([one])[0] === named([object])[0]);
      expect(object.spec).to.deep.equal(theirsToo?.spec);
    }
  });

  it('sends impersonation headers but no token over plain http, and says so also on failure', async () => {
    const seen: (readonly string[])[] = [];
    const plain = createServer(({ rawHeaders }, response) => {
      seen.push(rawHeaders);
      response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const user = {
      token: 'secret-token',
      ...{ as: 'Łuk', 'as-uid': '7', 'as-groups': ['g', 'h'], 'as-user-extra': { 'a/b': ['x'] } },
    };
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'me' } }],
      clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'me', user }],
    };
    writeFileSync(at('kubeconfig'), JSON.stringify(config));
    const { code, err } = await vipc('snapshot');
    await new Promise((resolve) => plain.close(resolve));
    expect(code).to.equal(2);
    expect(err).to.match(/403\n {2}hint: .*users "me": no credentials are sent over plain http:/);
    const sent = seen[0] ?? [];
    const impersonation = sent.flatMap((name, i) =>
      name.startsWith('Impersonate') ? [`${name}: ${sent[i + 1]}`] : [],
    );
    expect(impersonation).to.deep.equal([
      `Impersonate-User: ${Buffer.from('Łuk').toString('latin1')}`,
      ...['Impersonate-Uid: 7', 'Impersonate-Group: g', 'Impersonate-Group: h'],
      'Impersonate-Extra-a%2Fb: x',
    ]);
    expect(sent.join(' ')).to.not.match(/authorization|secret-token/i);
  });

  for (const mode of ['iptables', 'nftables'])
    it(`compiles to the same ${mode} rules: from the cluster, from each form, and from kubectl's`, async () => {
      const rules = ['--node-name', 'node-a', '--mode', mode];
      const wanted = await runIn(['compile', '-f', KUBECTL, ...rules]);
      expect(wanted.code).to.equal(0);
      expect(wanted.out).to.include('shop/web');
      const live = await vipc('compile', '-f', 'cluster', ...rules);
      expect([live.code, live.out]).to.deep.equal([0, wanted.out]);
      for (const form of ['yaml', 'json']) {
        const file = at(`new/${form}/saved`);
        const saved = await vipc('snapshot', '-o', form, '--out', file);
        expect([saved.code, saved.out, saved.err]).to.deep.equal([0, '', '']);
        const again = await runIn(['compile', '-f', file, ...rules]);
        expect([again.code, again.out]).to.deep.equal([0, wanted.out]);
      }
    });

  it('is used without -f where the configuration names its kubeconfig', async () => {
    const config = {
      ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
      ...{ mode: 'iptables', clientConnection: { kubeconfig: at('kubeconfig') } },
    };
    writeFileSync(at('config.conf'), JSON.stringify(config));
    const words = ['compile', '--config', at('config.conf'), '--hostname-override', 'Node-A'];
    const found = await runIn(words);
    const wanted = await vipc('compile', '-f', 'cluster', '--node-name', 'node-a');
    expect([found.code, found.out]).to.deep.equal([0, wanted.out]);
    const explicit = await runIn([...words, '-f', 'cluster', '--as', 'someone']);
    expect([explicit.code, explicit.out]).to.deep.equal([0, wanted.out]);
    const beaten = await runIn([...words, '--kubeconfig', '/nowhere/kubeconfig']);
    expect(beaten.err).to.include('/nowhere/kubeconfig');
    const file = await runIn([...words, '-f', KUBECTL, '--node-name', 'node-b']);
    const other = await runIn(['compile', '-f', KUBECTL, '--node-name', 'node-b']);
    expect([file.code, file.out]).to.deep.equal([0, other.out]);
  });

  it("takes kubectl's flags for impersonation and the request timeout", async () => {
    const words = ['snapshot', '--as-group', 'g', '--as-group', 'h', '--as-uid', '7'];
    const nobody = await vipc(...words);
    expect(nobody.err).to.match(/groups or user-extra without impersonating a user/);
    for (const timeout of ['0', '30', '1m']) {
      const { code } = await vipc(...words, '--as', 'a', '--request-timeout', timeout);
      expect(code).to.equal(0);
    }
    const { code, err } = await vipc(...words, '--request-timeout', 'soon');
    expect(code).to.equal(64);
    expect(err).to.match(/invalid argument "soon" for "--request-timeout" flag/);
  });

  it('prints JSON as kubectl indents it', async () => {
    const { out } = await vipc('snapshot', '-o', 'json');
    expect(out).to.equal(`${JSON.stringify(JSON.parse(out), null, 4)}\n`);
    expect(JSON.parse(out).kind).to.equal('List');
  });

  it('lists page by page', async () => {
    server.setMany(Array.from({ length: 1100 }, (_, i) => service(`s-${i}`)));
    const { out } = await vipc('snapshot', '-o', 'json');
    expect(JSON.parse(out).items.length).to.be.greaterThan(1120);
    const pages = server.requests().filter(({ resource }) => resource === 'services');
    expect(pages.length).to.be.greaterThan(2);
    for (const { line } of pages) expect(line).to.match(/limit=\d+/);
  });

  it('filters by namespace and labels, and says when nothing is left', async () => {
    server.set(service('one'));
    const one = await vipc('snapshot', '-n', 'bulk', '-o', 'json');
    const services = (text: string): readonly string[] =>
      named(JSON.parse(text).items.filter(({ kind }: ApiObject) => kind === 'Service'));
    expect(services(one.out)).to.deep.equal(['Service bulk/one']);
    const labelled = await vipc('snapshot', '-l', 'part in (bulk),!app', '-o', 'json');
    expect(services(labelled.out)).to.deep.equal(['Service bulk/one']);
    const none = await vipc('snapshot', '-l', 'no=such', '-n', 'shop');
    expect(none.code).to.equal(0);
    expect(none.err).to.equal('warning: no Service with labels no=such in namespace shop\n');
    expect(parseYaml(none.out).items.length).to.be.greaterThan(0);
  });

  it("passes the server's error on, and writes nothing", async () => {
    const file = at('untouched');
    const fails = async (...words: readonly string[]): Promise<string> => {
      const { code, err, out } = await vipc('snapshot', '--out', file, ...words);
      expect([code, out]).to.deep.equal([2, '']);
      expect(() => readFileSync(file)).to.throw('ENOENT');
      return err;
    };
    expect(await fails('-l', '!!')).to.include(
      "unable to parse requirement: found '!', expected: identifier",
    );
    server.misbehave({ kind: 'status', status: 403, times: 1 });
    expect(await fails())
      .to.include('is forbidden: User')
      .and.include('hint: ');
    server.changeToken('another');
    expect(await fails()).to.include('401 Unauthorized');
    expect(await fails('--context', 'nope')).to.include('nope');
    await server.stop();
    expect(await fails()).to.include('connection refused');
    const { code, err } = await vipc('compile', '-f', 'cluster');
    expect(code).to.equal(2);
    expect(err).to.include('connection refused');
  });

  it('reads the token from a file, and the cluster beside other input', async () => {
    await server.kubeconfig(at('kubeconfig'), { credentials: 'tokenFile' });
    writeFileSync(
      at('more.yaml'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: x}\nspec: {clusterIP: 10.96.7.7, ports: [{port: 7}]}\n',
    );
    const { code, out } = await vipc('compile', '-f', 'cluster', '-f', at('more.yaml'));
    expect(code).to.equal(0);
    expect(out).to.include('10.96.7.7').and.include('shop/web');
  });

  it('names the position of an invalid object of the cluster', async () => {
    server.set({ ...service('bad'), spec: { clusterIP: 7 } });
    const { code, err } = await vipc('compile', '-f', 'cluster', '--node-name', 'node-a');
    expect(code).to.equal(1);
    // One line per object: three Nodes and a ServiceCIDR come first.
    expect(err).to.match(/^error: cluster:6:\d+: Service bulk\/bad left out: spec\.clusterIP/m);
  });

  it('refuses flags that would do nothing, and reads a file called cluster as ./cluster', async () => {
    const flag = await vipc('compile', '-f', KUBECTL);
    expect([flag.code, flag.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: --kubeconfig is for -f cluster',
    ]);
    const twice = await vipc('compile', '-f', 'cluster', '-f', 'cluster');
    expect([twice.code, twice.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: -f cluster can be given once: one cluster is read',
    ]);
    const file = await runIn(['compile', '-f', './cluster']);
    expect([file.code, file.err.split('\n')[0]]).to.deep.equal([
      2,
      'error: the path "./cluster" does not exist',
    ]);
    const form = await vipc('snapshot', '-o', 'wide');
    expect(form.code).to.equal(64);
    expect(server.requests()).to.deep.equal([]);
  });
});
