/** A connection to a server: whom it trusts, plugins, and the way through proxies. */

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { connect } from '../../src/cluster/connection.js';
import { openApi } from '../../src/cluster/http-api.js';
import { ClusterError } from '../../src/errors.js';
import { type ApiServer, startApiServer } from '../support/api-server/index.js';

const never = new AbortController().signal;

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
