/** The API server as a source: which Services an agent knows of. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterSource } from '../../../src/agent/sources/cluster-source.js';
import { connect } from '../../../src/cluster/connection.js';
import { openApi } from '../../../src/cluster/http-api.js';
import { dnsRecords } from '../../../src/dns/records.js';
import { type ApiServer, startApiServer } from '../../support/api-server/index.js';
import { until } from '../../support/until.js';

const LISTENER = {
  changed: () => undefined,
  status: () => undefined,
  noticed: () => undefined,
  removals: () => undefined,
};

const OBJECTS = [
  {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'shop' } },
    spec: { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 5432 }] },
  },
  {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } },
    spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] },
  },
  {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: {
      ...{ name: 'db-1', namespace: 'shop' },
      labels: {
        'kubernetes.io/service-name': 'db',
        'service.kubernetes.io/headless': '',
      },
    },
    endpoints: [{ addresses: ['10.244.1.5'] }],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
  },
];

describe('agent/sources/cluster-source', () => {
  let server: ApiServer;
  let folder: string;

  before(async () => {
    server = await startApiServer({ objects: OBJECTS });
    folder = await mkdtemp(join(tmpdir(), 'vipc-source-'));
    await server.kubeconfig(join(folder, 'kubeconfig'));
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** The addresses of the names that DNS would have, from the objects of the source. */
  async function recordsWith(names: boolean): Promise<readonly string[]> {
    const connection = await connect({ kubeconfig: join(folder, 'kubeconfig'), environment: {} });
    const api = openApi(connection, { userAgent: 'vipc/test' });
    const ending = new AbortController();
    const source = clusterSource(api, 'node-a', { names });
    const running = source.run(LISTENER, ending.signal);
    try {
      await until(
        () => source.state() !== undefined,
        () => 'no state',
      );
      const snapshot = source.state()?.snapshot;
      const records = snapshot === undefined ? [] : dnsRecords(snapshot, ['IPv4']).records;
      return records.map(({ service, ip }) => `${service} ${ip}`);
    } finally {
      ending.abort();
      await running;
      api.close();
    }
  }

  it('knows Services that have rules', async () => {
    expect(await recordsWith(false)).to.deep.equal(['shop/web 10.96.0.1']);
  });

  it('knows headless Services too, for their names', async () => {
    expect(await recordsWith(true)).to.deep.equal(['shop/db 10.244.1.5', 'shop/web 10.96.0.1']);
  });
});
