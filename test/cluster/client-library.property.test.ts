/**
 * The Kubernetes client for JavaScript as a second opinion: a kubeconfig means to vipc what it
 * means there, and objects that the client has listed compile to the rules of the same cluster.
 */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, DiscoveryV1Api, KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { connect } from '../../src/cluster/connection.js';
import { openApi } from '../../src/cluster/http-api.js';
import { readCluster } from '../../src/cluster/read-cluster.js';
import { compileSnapshot, type Family, hasErrors, loadSnapshot, print } from '../../src/index.js';
import { makeCertificate } from '../support/api-server/certificate.js';
import { type ApiObject, startApiServer } from '../support/api-server/index.js';
import { asyncProperty } from '../support/arbitrary/property.js';

const RECORDED = 'fixtures/kubectl/get-all.managed-fields.yaml';

const { certificate, key } = makeCertificate(['kubernetes']);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('cluster/, beside the Kubernetes client for JavaScript', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-client-'));
    await writeFile(join(folder, 'authority.pem'), certificate);
    await writeFile(join(folder, 'key.pem'), key);
  });
  after(() => rm(folder, { recursive: true }));

  it('finds the server, the namespace and the credentials that the client finds', async () => {
    const kubeconfig = join(folder, 'config');
    await asyncProperty(
      fc.asyncProperty(kubeconfigs(), async (config) => {
        await writeFile(kubeconfig, JSON.stringify(config));
        const connection = await connect({ kubeconfig, environment: {} });
        const { headers, tls } = await connection.authorise();
        const { server, namespace } = connection;
        expect({ server, namespace, headers: headersOf(headers), tls: textOf(tls) }).to.deep.equal(
          await asTheClient(kubeconfig),
        );
      }),
    );
  });

  it('compiles the Services and slices that the client has listed', async () => {
    const { items } = load(readFileSync(RECORDED, 'utf8')) as { items: readonly ApiObject[] };
    const server = await startApiServer({ objects: items });
    try {
      const kubeconfig = join(folder, 'live');
      await server.kubeconfig(kubeconfig);
      const listed = await listedByTheClient(kubeconfig);
      const api = openApi(await connect({ kubeconfig, environment: {} }), { userAgent: 'vipc' });
      const read = await readCluster(api, {
        signal: new AbortController().signal,
        onNotice: (text) => expect.fail(text),
      });
      api.close();
      for (const family of ['IPv4', 'IPv6'] as const) {
        const rules = rulesOf(listed, family);
        expect(rules).to.equal(rulesOf({ apiVersion: 'v1', kind: 'List', items: read }, family));
        if (family === 'IPv4') expect(rules).to.include('-j KUBE-SEP-');
      }
    } finally {
      await server.close();
    }
  });
});

/** What the client would send, and to whom. */
async function asTheClient(path: string) {
  const client = new KubeConfig();
  client.loadFromFile(path);
  const options: RequestOptions = {};
  await client.applyToHTTPSOptions(options);
  const { ca, cert, key: privateKey, servername, rejectUnauthorized, auth } = options;
  const tls = { ca, cert, key: privateKey, servername, rejectUnauthorized };
  const basic = typeof auth === 'string' ? { authorization: `Basic ${base64(auth)}` } : {};
  return {
    server: client.getCurrentCluster()?.server,
    namespace: client.getContextObject(client.currentContext)?.namespace ?? 'default',
    headers: { ...headersOf(options.headers), ...basic },
    tls: textOf(tls),
  };
}

/** Header names in lower case, as HTTP ignores it. */
function headersOf(headers: object | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** Present fields, as text: one side holds strings where the other holds buffers. */
function textOf(fields: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

/**
 * Kubeconfigs of two contexts that both sides can read. The client knows no tokenFile, groups, uid
 * and extra of a user.
 */
function kubeconfigs(): fc.Arbitrary<object> {
  const trust = fc.constantFrom(
    {},
    { 'certificate-authority-data': base64(certificate) },
    { 'certificate-authority': 'authority.pem' },
    { 'insecure-skip-tls-verify': true },
  );
  const identity = fc.constantFrom(
    {},
    { token: 'given' },
    { username: 'me', password: 'p:w' },
    { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
    { 'client-certificate': 'authority.pem', 'client-key': 'key.pem' },
    { 'client-certificate': 'authority.pem', 'client-key': 'key.pem', token: 'given' },
  );
  const cluster = fc
    .record({
      trust,
      server: fc.constantFrom('https://10.0.0.1:6443', 'https://[fd00::1]', 'https://a.b/c'),
      name: fc.constantFrom({}, { 'tls-server-name': 'kubernetes' }),
    })
    .map(({ server, ...rest }) => ({ server, ...rest.trust, ...rest.name }));
  const user = fc
    .record({ identity, as: fc.constantFrom({}, { as: 'somebody' }) })
    .map((parts) => ({ ...parts.identity, ...parts.as }));
  const namespace = fc.constantFrom({}, { namespace: 'shop' });
  return fc
    .record({
      clusters: fc.tuple(cluster, cluster),
      users: fc.tuple(user, user),
      namespaces: fc.tuple(namespace, namespace),
      current: fc.constantFrom('0', '1'),
    })
    .map(({ clusters, users, namespaces, current }) => ({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': current,
      clusters: clusters.map((one, at) => ({ name: `c${at}`, cluster: one })),
      users: users.map((one, at) => ({ name: `u${at}`, user: one })),
      contexts: namespaces.map((one, at) => ({
        name: String(at),
        context: { cluster: `c${at}`, user: `u${at}`, ...one },
      })),
    }));
}

async function listedByTheClient(kubeconfig: string): Promise<object> {
  const client = new KubeConfig();
  client.loadFromFile(kubeconfig);
  const core = client.makeApiClient(CoreV1Api);
  const discovery = client.makeApiClient(DiscoveryV1Api);
  const items = [
    await core.listNode(),
    await core.listServiceForAllNamespaces(),
    await discovery.listEndpointSliceForAllNamespaces(),
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}

function rulesOf(list: object, family: Family): string {
  const loaded = loadSnapshot([{ name: 'list', text: JSON.stringify(list) }]);
  expect(hasErrors(loaded.diagnostics)).to.equal(false);
  return print(compileSnapshot(loaded.snapshot, family).ruleset);
}
