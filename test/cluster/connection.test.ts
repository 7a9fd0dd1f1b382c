/** Server and credentials: kubectl's order of places, and what flags and files override. */

import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type ConnectOptions, connect } from '../../src/cluster/connection.js';
import { makeCertificate } from '../support/api-server/certificate.js';
import { CONFIG, connectFailure as failure, kubeconfigFolder } from './kubeconfig-folder.js';

describe('cluster/connection', () => {
  const folder = kubeconfigFolder();
  const { write } = folder;

  it('takes the current context of --kubeconfig', async () => {
    const kubeconfig = folder.of('config');
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
    const options = { kubeconfig: folder.of('config'), environment: {} };
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
    const KUBECONFIG = `${first}::${folder.of('missing')}:${folder.of('config')}`;
    const connection = await connect({ environment: { KUBECONFIG } });
    expect(connection.server).to.equal('https://10.0.0.1:6443');
    expect((await connection.authorise()).headers).to.deep.equal({ Authorization: 'Bearer mine' });
  });

  for (const KUBECONFIG of ['/nowhere/a', '/nowhere/a:/nowhere/b']) {
    it(`goes on without a kubeconfig where KUBECONFIG is ${KUBECONFIG}, as kubectl does`, async () => {
      const environment = { KUBECONFIG, HOME: folder.of('home') };
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
    const unread = await failure({ environment: { KUBECONFIG: folder.path } });
    expect(unread.message).to.match(/^kubeconfig: EISDIR/);
    const endless = await failure({ kubeconfig: '/dev/zero', environment: {} });
    expect(endless.message).to.equal('kubeconfig: /dev/zero is larger than 16 MB');
  });

  it('then looks at home, then at the Pod, then at --server alone', async () => {
    const pod = folder.of('pod');
    await write('pod/token', 'pod-token\n');
    const { certificate } = makeCertificate(['kubernetes']);
    await write('pod/ca.crt', certificate);
    await write('pod/namespace', 'kube-system\n');
    const inside = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    await write('home/.kube/config', CONFIG);
    const home = { HOME: folder.of('home') };
    const of = async (options: Partial<ConnectOptions>): Promise<string> =>
      (await connect({ environment: {}, serviceAccount: pod, ...options })).server;
    expect(await of({ environment: { ...inside, ...home } })).to.equal('https://10.0.0.1:6443');
    expect(await of({ environment: { ...inside, HOME: folder.path } })).to.equal(
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
    const unmounted = await failure({ environment: inside, serviceAccount: folder.path });
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
    const KUBECONFIG = `${await write('nothing', '')}:${await write('spaces', '# none\n')}:${folder.of('config')}`;
    expect((await connect({ environment: { KUBECONFIG } })).server).to.equal(
      'https://10.0.0.1:6443',
    );
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
});
