/**
 * Server and credentials: kubectl's order of places, and an error for each way to get them wrong.
 */

import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import {
  type AddressInfo,
  connect as connectSocket,
  createServer as createSocketServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect } from 'chai';
import { type ConnectOptions, connect } from '../../src/cluster/connection.js';
import { openApi } from '../../src/cluster/http-api.js';
import { ClusterError } from '../../src/errors.js';
import { makeCertificate } from '../support/api-server/certificate.js';
import { type ApiServer, startApiServer } from '../support/api-server/index.js';

const never = new AbortController().signal;

const CONFIG = `
apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: { cluster: c1, user: u1, namespace: shop }
- name: two
  context: { cluster: c2, user: u2 }
- name: nobody
  context: { cluster: c1 }
- name: lost
  context: { cluster: c3, user: u1 }
clusters:
- name: c1
  cluster: { server: 'https://10.0.0.1:6443/' }
- name: c2
  cluster: { server: 'https://10.0.0.2:6443/base', insecure-skip-tls-verify: true, tls-server-name: kubernetes }
users:
- name: u1
  user: { token: secret }
- name: u2
  user: { username: me, password: pw, as: other }
`;

describe('cluster/connection', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-connect-'));
    await writeFile(join(folder, 'config'), CONFIG);
  });
  after(() => rm(folder, { recursive: true }));

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
    return path;
  };
  const failure = async (options: Partial<ConnectOptions>, ask = false): Promise<ClusterError> => {
    try {
      const connection = await connect({ environment: {}, ...options });
      if (ask) await connection.authorise();
    } catch (error) {
      if (error instanceof ClusterError) return error;
      throw error;
    }
    throw new Error('it succeeded');
  };

  it('takes the current context of --kubeconfig', async () => {
    const kubeconfig = join(folder, 'config');
    const connection = await connect({ kubeconfig, environment: { KUBECONFIG: '/nowhere' } });
    expect(connection).to.include({
      server: 'https://10.0.0.1:6443',
      namespace: 'shop',
      description: `context "one" of ${kubeconfig}`,
    });
    expect(await connection.authorise()).to.deep.equal({
      headers: { Authorization: 'Bearer secret' },
      tls: {},
    });
  });

  it('takes the context of --context, and the server of --server', async () => {
    const options = { kubeconfig: join(folder, 'config'), environment: {} };
    const two = await connect({ ...options, context: 'two', server: 'http://127.0.0.1:8001' });
    expect(two).to.include({ server: 'http://127.0.0.1:8001', namespace: 'default' });
    expect(await two.authorise()).to.deep.equal({
      headers: { 'Impersonate-User': 'other' },
      tls: {},
    });
    expect(two.warnings).to.have.length(1);
    expect(two.warnings[0]).to.match(/users "u2": no credentials are sent over plain http:\/\//);
    const secure = await connect({ ...options, context: 'two' });
    expect(await secure.authorise()).to.deep.equal({
      headers: { Authorization: `Basic ${btoa('me:pw')}`, 'Impersonate-User': 'other' },
      tls: { servername: 'kubernetes', rejectUnauthorized: false },
    });
    expect(secure.warnings).to.deep.equal([]);
    const upper = await connect({ ...options, context: 'two', server: 'HTTP://127.0.0.1:8001' });
    expect(upper.server).to.equal('http://127.0.0.1:8001');
    expect((await upper.authorise()).headers).not.to.have.property('Authorization');
    const nobody = await connect({ ...options, context: 'nobody' });
    expect((await nobody.authorise()).headers).to.deep.equal({});
  });

  it('merges the files of KUBECONFIG: the first wins, and files may be missing', async () => {
    const first = await write('first', 'users: [{name: u1, user: {token: mine}}]\ncontexts:\n');
    const KUBECONFIG = `${first}::${join(folder, 'missing')}:${join(folder, 'config')}`;
    const connection = await connect({ environment: { KUBECONFIG } });
    expect(connection.server).to.equal('https://10.0.0.1:6443');
    expect((await connection.authorise()).headers).to.deep.equal({ Authorization: 'Bearer mine' });
  });

  for (const KUBECONFIG of ['/nowhere/a', '/nowhere/a:/nowhere/b']) {
    it(`goes on without a kubeconfig where KUBECONFIG is ${KUBECONFIG}, as kubectl does`, async () => {
      const environment = { KUBECONFIG, HOME: join(folder, 'home') };
      await write('home/.kube/config', CONFIG);
      const none = await failure({ environment });
      const files = KUBECONFIG.replace(':', ', ');
      expect(none.message).to.equal(
        `no API server is known: no file of KUBECONFIG exists (${files}) and no Pod`,
      );
      const given = await connect({ server: 'http://127.0.0.1:8001', environment });
      expect(given.server).to.equal('http://127.0.0.1:8001');
    });
  }

  it('reports a missing file of --kubeconfig, and one of KUBECONFIG that cannot be read', async () => {
    const missing = await failure({ kubeconfig: '/nowhere/a', environment: {} });
    expect(missing.message).to.match(/^kubeconfig: .*no such file.*\/nowhere\/a/);
    const unread = await failure({ environment: { KUBECONFIG: folder } });
    expect(unread.message).to.match(/^kubeconfig: EISDIR/);
    const endless = await failure({ kubeconfig: '/dev/zero', environment: {} });
    expect(endless.message).to.equal('kubeconfig: /dev/zero is larger than 16 MB');
  });

  it('then looks at home, then at the Pod, then at --server alone', async () => {
    const pod = join(folder, 'pod');
    await write('pod/token', 'pod-token\n');
    const { certificate } = makeCertificate(['kubernetes']);
    await write('pod/ca.crt', certificate);
    await write('pod/namespace', 'kube-system\n');
    const inside = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    await write('home/.kube/config', CONFIG);
    const home = { HOME: join(folder, 'home') };
    const of = async (options: Partial<ConnectOptions>): Promise<string> =>
      (await connect({ environment: {}, serviceAccount: pod, ...options })).server;
    expect(await of({ environment: { ...inside, ...home } })).to.equal('https://10.0.0.1:6443');
    expect(await of({ environment: { ...inside, HOME: folder } })).to.equal(
      'https://[fd00::1]:443',
    );
    expect(await of({ server: 'https://a' })).to.equal('https://a');

    const connection = await connect({ environment: inside, serviceAccount: pod });
    expect(connection.namespace).to.equal('kube-system');
    expect(await connection.authorise()).to.deep.equal({
      headers: { Authorization: 'Bearer pod-token' },
      tls: { ca: Buffer.from(certificate) },
    });
    await write('pod/token', 'rotated');
    expect((await connection.authorise()).headers.Authorization).to.equal('Bearer rotated');
    const unmounted = await failure({ environment: inside, serviceAccount: folder });
    expect(unmounted.hint).to.include('automountServiceAccountToken');
  });

  it('reads the kubeconfig again after a 401', async () => {
    const kubeconfig = await write('renewed', CONFIG);
    const connection = await connect({ kubeconfig, environment: {} });
    await write('renewed', CONFIG.replace('secret', 'new'));
    expect((await connection.authorise()).headers.Authorization).to.equal('Bearer secret');
    connection.refused();
    expect((await connection.authorise()).headers.Authorization).to.equal('Bearer new');
  });

  it('impersonates with user, groups, uid and extra, and flags override the file', async () => {
    const user = `{ as: a, as-uid: '7', as-groups: [g, h], as-user-extra: { 'example.com/Ä': [x, y] } }`;
    const kubeconfig = await write('as', CONFIG.replace('{ token: secret }', user));
    const headers = async (flags: Partial<ConnectOptions> = {}): Promise<unknown> =>
      (await (await connect({ kubeconfig, ...flags, environment: {} })).authorise()).headers;
    const rest = {
      'Impersonate-Uid': '7',
      'Impersonate-Group': ['g', 'h'],
      'Impersonate-Extra-example.com%2F%C3%84': ['x', 'y'],
    };
    expect(await headers()).to.deep.equal({ 'Impersonate-User': 'a', ...rest });
    expect(await headers({ as: 'b' })).to.deep.equal({ 'Impersonate-User': 'b', ...rest });
    expect(await headers({ as: 'b', asUid: '8', asGroup: ['i'] })).to.deep.equal({
      ...{ 'Impersonate-User': 'b', ...rest },
      ...{ 'Impersonate-Uid': '8', 'Impersonate-Group': ['i'] },
    });
  });

  it('sends names beyond ASCII as UTF-8', async () => {
    const user = '{ as: Łuk, as-groups: [ü], as-user-extra: { k: [Ł] } }';
    const kubeconfig = await write('utf8', CONFIG.replace('{ token: secret }', user));
    const { headers } = await (await connect({ kubeconfig, environment: {} })).authorise();
    const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
    expect(headers).to.deep.equal({
      'Impersonate-User': utf8('Łuk'),
      'Impersonate-Group': [utf8('ü')],
      'Impersonate-Extra-k': [utf8('Ł')],
    });
  });

  it('takes the cluster and the user that flags name, and https where the server has no scheme', async () => {
    const text = CONFIG.replace("'https://10.0.0.1:6443/'", '10.0.0.1:6443');
    const kubeconfig = await write('flags', text);
    const options = { kubeconfig, environment: {} };
    expect((await connect(options)).server).to.equal('https://10.0.0.1:6443');
    for (const path of ['/?dryRun=All', '/#top', '/'])
      expect((await connect({ ...options, server: `10.0.0.1:6443${path}` })).server).to.equal(
        'https://10.0.0.1:6443',
      );
    const mixed = await connect({ ...options, cluster: 'c2' });
    expect(mixed.server).to.equal('https://10.0.0.2:6443/base');
    expect((await mixed.authorise()).headers).to.deep.equal({ Authorization: 'Bearer secret' });
    const other = await connect({ ...options, user: 'u2' });
    expect((await other.authorise()).headers).to.include({ 'Impersonate-User': 'other' });
  });

  it('reads a file that PowerShell has written', async () => {
    const kubeconfig = await write('utf16', '');
    await writeFile(kubeconfig, Buffer.from(`\uFEFF${CONFIG}`, 'utf16le'));
    const { server } = await connect({ kubeconfig, environment: {} });
    expect(server).to.equal('https://10.0.0.1:6443');
    await writeFile(kubeconfig, Buffer.from([0x61, 0xff, 0x0a]));
    const said = await connect({ kubeconfig, environment: {} }).then(String, String);
    expect(said).to.match(/utf16.*UTF-8/);
  });

  it('names the field that cannot be a header', async () => {
    for (const user of [
      '{ as: "a\\r\\nX-Evil: 1" }',
      '{ as: a, as-groups: ["a\\0"] }',
      '{ as: a, as-user-extra: { b: ["\\x7f"] } }',
    ]) {
      const kubeconfig = await write('control', CONFIG.replace('{ token: secret }', user));
      const said = await connect({ kubeconfig, environment: {} })
        .then(({ authorise }) => authorise())
        .then(String, ({ message }: Error) => message);
      expect(said, user).to.match(
        /users "u1": as(?:-groups|-user-extra)?: has characters that are not allowed in a header$/,
      );
    }
  });

  it('needs no context where a cluster is named', async () => {
    const text = CONFIG.replace('current-context: one', '');
    const options = { kubeconfig: await write('no-context', text), environment: {} };
    const connection = await connect({ ...options, cluster: 'c2', user: 'u1' });
    expect(connection).to.include({ server: 'https://10.0.0.2:6443/base', namespace: 'default' });
    expect((await connection.authorise()).headers).to.deep.equal({
      Authorization: 'Bearer secret',
    });
    const anonymous = await connect({ ...options, cluster: 'c2' });
    expect((await anonymous.authorise()).headers).to.deep.equal({});
    expect((await failure({ ...options, user: 'u1' })).message).to.match(/current-context is not/);
  });

  it('passes over an empty file of KUBECONFIG', async () => {
    const KUBECONFIG = `${await write('nothing', '')}:${await write('spaces', '# none\n')}:${join(folder, 'config')}`;
    expect((await connect({ environment: { KUBECONFIG } })).server).to.equal(
      'https://10.0.0.1:6443',
    );
  });

  it('names file, entry and field of an invalid certificate or key', async () => {
    const mine = makeCertificate(['me']);
    const other = makeCertificate(['me']);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const mangled = mine.certificate.replace(/\n[\s\S]*\n-/, '\nQUJD\n-');
    await write('materials/junk', 'junk');
    await write('materials/mine.crt', mine.certificate);
    await write('materials/mangled.key', mine.key.replace(/\n[\s\S]*\n-/, '\nQUJD\n-'));
    const pair = (cert: string, key: string): object => ({
      'client-certificate-data': base64(cert),
      'client-key-data': base64(key),
    });
    const file = join(folder, 'materials/config');
    for (const [cluster, user, message] of [
      [
        { 'certificate-authority-data': base64('junk') },
        {},
        'clusters "c": certificate-authority-data: has no certificate in PEM',
      ],
      [
        { 'certificate-authority': 'junk' },
        {},
        `clusters "c": certificate-authority: ${join(folder, 'materials/junk')}: has no certificate in PEM`,
      ],
      [
        { 'certificate-authority-data': base64(mangled) },
        {},
        'clusters "c": certificate-authority-data: no certificate in it can be read',
      ],
      [{}, pair('junk', mine.key), 'users "u": client-certificate-data: has no certificate in PEM'],
      [
        {},
        pair(mangled, mine.key),
        'users "u": client-certificate-data: the certificate cannot be read: ',
      ],
      [{}, pair(mine.certificate, 'junk'), 'users "u": client-key-data: has no private key in PEM'],
      [
        {},
        { 'client-certificate': 'mine.crt', 'client-key': 'mangled.key' },
        `users "u": client-key: ${join(folder, 'materials/mangled.key')}: the private key cannot be read: `,
      ],
      [
        {},
        pair(mine.certificate, other.key),
        'users "u": client-key-data: the private key is not that of the client certificate',
      ],
    ] as const) {
      const config = {
        'current-context': 'x',
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1', ...cluster } }],
        users: [{ name: 'u', user }],
      };
      const kubeconfig = await write('materials/config', JSON.stringify(config));
      const error = await failure({ kubeconfig }, true);
      expect(error.message).to.include(`${file}: ${message}`);
    }
  });

  it('accepts a CA bundle if one of its certificates can be read', async () => {
    const { certificate } = makeCertificate(['kubernetes']);
    const bundle = `# ours\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n${certificate}`;
    const data = Buffer.from(bundle).toString('base64');
    const text = CONFIG.replace("6443/' }", `6443/', certificate-authority-data: ${data} }`);
    const connection = await connect({ kubeconfig: await write('bundle', text), environment: {} });
    expect(String((await connection.authorise()).tls.ca)).to.equal(bundle);
  });

  it('ignores a key without a certificate, as client-go does, with a warning', async () => {
    const user = '{ token: secret, client-key-data: "%%%" }';
    const kubeconfig = await write('key', CONFIG.replace('{ token: secret }', user));
    const connection = await connect({ kubeconfig, environment: {} });
    expect(connection.warnings).to.deep.equal([
      `${kubeconfig}: users "u1": client-key has no effect without client-certificate-data or client-certificate`,
    ]);
    expect(await connection.authorise()).to.deep.equal({
      headers: { Authorization: 'Bearer secret' },
      tls: {},
    });
  });

  it('takes the token where its file cannot be read', async () => {
    const user = '{ token: secret, tokenFile: token.now }';
    const kubeconfig = await write('rotated', CONFIG.replace('{ token: secret }', user));
    const { authorise } = await connect({ kubeconfig, environment: {} });
    expect((await authorise()).headers).to.deep.equal({ Authorization: 'Bearer secret' });
    await write('token.now', 'newer\n');
    expect((await authorise()).headers).to.deep.equal({ Authorization: 'Bearer newer' });
  });

  describe('says what is wrong', () => {
    const inConfig: readonly (readonly [string, string, RegExp])[] = [
      [
        'context: { cluster: c1, user: u1',
        'context: { cluster: c1, user: u9',
        /config: contexts "one": there is no "u9" among the users/,
      ],
      ['current-context: one', 'current-context: ""', /current-context is not set/],
      ['kind: Config', 'kind: Pod', /config: no kind "Pod" is registered for version "v1"$/],
      [
        'apiVersion: v1',
        'apiVersion: v2',
        /config: no kind "Config" is registered for version "v2"$/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'ftp://10.0.0.1'",
        /clusters "c1": server: "ftp:\/\/10.0.0.1" is not a URL/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'https://admin:hunter2@10.0.0.1:6443'",
        /clusters "c1": server: "https:\/\/10.0.0.1:6443" has a user or a password in it/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'ftp://admin:hunter2@10.0.0.1'",
        /clusters "c1": server: "ftp:\/\/10.0.0.1" is not a URL/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'https://10.0.0.1:6443', proxy-url: 'http://u:hunter2@a b'",
        /clusters "c1": proxy-url: "http:\/\/a b" is not a URL/,
      ],
      ["server: 'https://10.0.0.1:6443/'", 'x: y', /clusters "c1": server is missing/],
      ['contexts:\n- name: one', 'contexts:\n- nam: one', /contexts\[0\]: name is missing/],
      ['{ token: secret }', 'secret', /users "u1": must hold fields, is "secret"/],
      ['{ token: secret }', '{ token: 5 }', /users "u1": token: must be text, is 5/],
      [
        '{ token: secret }',
        '{ client-certificate-data: QQ==, client-key-data: "%%%" }',
        /users "u1": client-key-data: is not base64/,
      ],
      ['{ token: secret }', '{ tokenFile: gone }', /users "u1": tokenFile: ENOENT.*gone/],
      [
        '{ token: secret }',
        '{ client-certificate-data: QQ== }',
        /users "u1": client-key-data or client-key must be specified/,
      ],
      [
        '{ token: secret }',
        '{ token: secret, username: me }',
        /users "u1": more than one authentication method found; found \[token basicAuth\]/,
      ],
      [
        '{ token: secret }',
        '{ tokenFile: x, password: pw }',
        /users "u1": more than one authentication method found/,
      ],
      [
        '{ token: secret }',
        '{ auth-provider: { name: gcp } }',
        /users "u1": no Auth Provider found for name "gcp"/,
      ],
      [
        '{ token: secret }',
        '{ token: "a\\nb" }',
        /users "u1": token: is not a token: it has characters that are not allowed in a header/,
      ],
      [
        '{ token: secret }',
        '{ client-certificate: a, client-certificate-data: QQ==, client-key: b }',
        /users "u1": client-certificate-data and client-certificate are both specified/,
      ],
      [
        "6443/' }",
        "6443/', certificate-authority: a, certificate-authority-data: QQ== }",
        /clusters "c1": certificate-authority-data and certificate-authority are both specified/,
      ],
      [
        "6443/' }",
        "6443/', certificate-authority: /dev/zero }",
        /clusters "c1": certificate-authority: \/dev\/zero is not a regular file/,
      ],
      ['{ token: secret }', '{ as-groups: [a] }', /users "u1": .*without impersonating a user/],
      ['{ token: secret }', '{ as: a, as-groups: b }', /users "u1": as-groups: must be a list/],
      [
        "6443/' }",
        "6443/', insecure-skip-tls-verify: true, certificate-authority: ca.crt }",
        /clusters "c1": specifying a root certificates file with the insecure flag/,
      ],
      [
        "6443/' }",
        "6443/', proxy-url: 'ftp://p' }",
        /clusters "c1": proxy-url: unsupported scheme "ftp", must be http, https, or socks5/,
      ],
      [
        "6443/' }",
        "6443/', proxy-url: 'socks5h://p' }",
        /clusters "c1": proxy-url: unsupported scheme "socks5h", must be http, https, or socks5$/,
      ],
      ['users:', 'users: 7\nothers:', /users: must be a list/],
      ['apiVersion: v1', 'apiVersion: [', /is not YAML/],
    ];
    for (const [from, to, message] of inConfig) {
      it(to.replace('\n', ' '), async () => {
        const kubeconfig = await write('broken/config', CONFIG.replace(from, to));
        const error = await failure({ kubeconfig }, true);
        expect(error.message).to.match(message).and.to.include(kubeconfig);
        expect(error.code).to.equal('no-cluster');
      });
    }

    it('a context that does not exist, with the nearest name', async () => {
      const error = await failure({ kubeconfig: join(folder, 'config'), context: 'tow' });
      expect(error.message).to.include('there is no "tow" among the contexts');
      expect(error.hint).to.equal('did you mean two?');
      const lost = await failure({ kubeconfig: join(folder, 'config'), context: 'lost' });
      expect(lost.message).to.match(/contexts "lost": there is no "c3" among the clusters$/);
    });

    it('a file that is missing or not a kubeconfig, no server at all, --context without a file', async () => {
      expect((await failure({ kubeconfig: '/nowhere' })).message).to.match(/ENOENT.*\/nowhere/);
      const empty = await write('empty', '');
      expect((await failure({ kubeconfig: empty })).message).to.match(/current-context is not set/);
      expect((await failure({})).hint).to.match(/--kubeconfig/);
      for (const flag of ['context', 'cluster', 'user'])
        expect((await failure({ [flag]: 'x' })).message).to.equal(
          `--${flag} "x": there is no kubeconfig`,
        );
      expect((await failure({ server: 'a b' })).message).to.match(/--server: "a b" is not a URL/);
    });
  });
});

describe('cluster/connection to a server', () => {
  let folder = '';
  let server: ApiServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-connect-'));
    server = await startApiServer({ token: 'right' });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** What one GET with this kubeconfig brings: the number of Nodes, or the error. */
  const ask = async (cluster: object, user: object): Promise<unknown> => {
    const kubeconfig = join(folder, 'config');
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: server.url, ...cluster } }],
      users: [{ name: 'x', user }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    const api = openApi(await connect({ kubeconfig, environment: {} }), { userAgent: 'vipc/9' });
    try {
      const body = await api.get('/api/v1/nodes', {}, never);
      return (body as { kind: string }).kind;
    } catch (error) {
      return error;
    } finally {
      api.close();
    }
  };
  const trusted = () => ({
    'certificate-authority-data': Buffer.from(server.certificate).toString('base64'),
  });

  it('is trusted by the authority that the kubeconfig names, and by no other', async () => {
    expect(await ask(trusted(), { token: 'right' })).to.equal('NodeList');
    const error = await ask({}, { token: 'right' });
    expect(error).to.be.instanceOf(ClusterError);
    expect((error as ClusterError).hint).to.include('certificate-authority');
    expect(await ask({ 'insecure-skip-tls-verify': true }, { token: 'right' })).to.equal(
      'NodeList',
    );
  });

  it('asks a plugin beside the kubeconfig, and again after a 401', async () => {
    const plugin = join(folder, 'plugin');
    const apiVersion = 'client.authentication.k8s.io/v1';
    await writeFile(
      plugin,
      `#!/bin/sh
echo call >> ${folder}/calls
printf '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{"token":"%s"}}' "$(cat ${folder}/secret)"
`,
    );
    await chmod(plugin, 0o755);
    await writeFile(join(folder, 'secret'), 'wrong');
    const kubeconfig = join(folder, 'plugged');
    const exec = { command: './plugin', apiVersion, interactiveMode: 'Never' };
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: server.url, ...trusted() } }],
      users: [{ name: 'x', user: { exec } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    const api = openApi(await connect({ kubeconfig, environment: {} }), { userAgent: 'vipc/9' });
    const get = (): Promise<unknown> => api.get('/api/v1/nodes', {}, never).catch((error) => error);
    expect(await get()).to.include({ status: 401 });
    await writeFile(join(folder, 'secret'), 'right');
    const answers = await Promise.all([get(), get(), get()]);
    expect(answers.map((answer) => (answer as { kind?: string }).kind)).to.deep.equal(
      Array(3).fill('NodeList'),
    );
    await get();
    api.close();
    expect((await readFile(join(folder, 'calls'), 'utf8')).split('call').length - 1).to.equal(2);
  });

  it('goes through a SOCKS proxy, which resolves the name; the certificate is checked as without', async () => {
    const through: string[] = [];
    const proxy = createSocksProxy((target) => {
      through.push(target);
      return connectSocket(server.port, '127.0.0.1');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const cluster = { ...trusted(), 'proxy-url': `socks5://127.0.0.1:${port}` };
    expect(await ask(cluster, { token: 'right' })).to.equal('NodeList');
    const named = {
      server: `https://only.there.test:${server.port}`,
      'tls-server-name': 'localhost',
    };
    expect(await ask({ ...cluster, ...named }, { token: 'right' })).to.equal('NodeList');
    const wrong = await ask({ ...cluster, server: named.server }, { token: 'right' });
    expect(String(wrong)).to.match(/only\.there\.test/);
    const other = await ask({ ...cluster, server: `https://127.0.0.2:${server.port}` }, {});
    expect(String(other)).to.match(/IP: 127\.0\.0\.2 is not in the cert's list/);
    const [address, target] = [`127.0.0.1:${server.port}`, `only.there.test:${server.port}`];
    expect(through).to.deep.equal([address, target, target, `127.0.0.2:${server.port}`]);
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('goes through the proxy of the kubeconfig', async () => {
    const through: string[] = [];
    const proxy = createServer();
    const clients: Duplex[] = [];
    proxy.on('connect', (request, client) => {
      clients.push(client);
      through.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const target = connectSocket(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(target).pipe(client);
      });
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const cluster = { ...trusted(), 'proxy-url': `http://127.0.0.1:${port}` };
    expect(await ask(cluster, { token: 'right' })).to.equal('NodeList');
    expect(through).to.deep.equal([`127.0.0.1:${server.port}`]);
    for (const client of clients) client.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
});

/**
 * A SOCKS5 proxy without authentication: calls back with each target, and forwards to what that
 * returns.
 */
function createSocksProxy(open: (target: string) => Socket): NetServer {
  return createSocketServer((client) => {
    client.on('error', () => {});
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request: Buffer) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + request[4]! : 8;
        const host = isName ? request.toString('latin1', 5, end) : request.subarray(4, 8).join('.');
        const upstream = open(`${host}:${request.readUInt16BE(end)}`);
        upstream.on('error', () => client.destroy());
        client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        client.pipe(upstream).pipe(client);
      });
    });
  });
}
