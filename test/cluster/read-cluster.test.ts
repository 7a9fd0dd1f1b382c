/** Listing a cluster once. */

import { expect } from 'chai';
import { readCluster } from '../../src/cluster/read-cluster.js';
import { ClusterError } from '../../src/errors.js';
import {
  listBody,
  type Script,
  ScriptedApi,
  VirtualClock,
} from '../support/cluster/scripted-api.js';

const signal = new AbortController().signal;

const SERVICE = {
  metadata: {
    name: 'web',
    namespace: 'shop',
    managedFields: [{ manager: 'kubectl' }],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'kept' },
  },
  spec: { clusterIP: '10.0.0.1' },
};
const slice = (name: string, service?: string) => ({
  metadata: {
    name,
    namespace: 'shop',
    labels: service === undefined ? {} : { 'kubernetes.io/service-name': service },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
  },
});

/** A cluster of one Service, three slices, one Node; ServiceCIDRs as given. */
function cluster(
  servicecidrs: () => unknown = () => listBody('1', [{ metadata: { name: 'kubernetes' } }]),
) {
  const slices = [slice('web-1', 'web'), slice('other-1', 'other'), slice('loose')];
  const list: Script['list'] = ({ path, query }) => {
    if (path.endsWith('/nodes')) return listBody('1', [{ metadata: { name: 'node-a' } }]);
    if (path.endsWith('/services')) return listBody('1', [SERVICE]);
    if (path.endsWith('/servicecidrs')) return servicecidrs();
    return query.continue === undefined
      ? listBody('1', slices.slice(0, 2), 'T')
      : listBody('1', slices.slice(2));
  };
  return new ScriptedApi(new VirtualClock(), { list, watch: () => ({}) });
}

const read = async (api: ScriptedApi, options: object = {}) => {
  const objects = await readCluster(api, { signal, onNotice: () => undefined, ...options });
  return objects.map((object) => `${object.kind} ${(object.metadata as { name: string }).name}`);
};

describe('cluster/read-cluster', () => {
  it('reads every kind, page by page, without kube-proxy’s selectors', async () => {
    const api = cluster();
    expect(await read(api)).to.deep.equal([
      'Node node-a',
      'ServiceCIDR kubernetes',
      'Service web',
      'EndpointSlice web-1',
      'EndpointSlice other-1',
      'EndpointSlice loose',
    ]);
    for (const { query } of api.requests) {
      expect(query.limit).to.equal('500');
      expect(query).to.not.have.any.keys('labelSelector', 'fieldSelector');
    }
  });

  it('drops managedFields and last-applied-configuration, and nothing else', async () => {
    const objects = await readCluster(cluster(), { signal, onNotice: () => undefined });
    expect(objects.find(({ kind }) => kind === 'Service')).to.deep.equal({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', annotations: { mine: 'kept' } },
      spec: { clusterIP: '10.0.0.1' },
    });
    expect(objects.at(-1)).to.deep.equal({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'loose', namespace: 'shop', labels: {} },
    });
  });

  it('lists a single namespace', async () => {
    const api = cluster();
    await read(api, { namespace: 'shop' });
    expect([...new Set(api.requests.map(({ path }) => path))]).to.deep.equal([
      '/api/v1/nodes',
      '/apis/networking.k8s.io/v1/servicecidrs',
      '/api/v1/namespaces/shop/services',
      '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices',
    ]);
  });

  it('chooses Services by their labels, and slices by their Services', async () => {
    const api = cluster();
    expect(await read(api, { labelSelector: 'app=web' })).to.deep.equal([
      'Node node-a',
      'ServiceCIDR kubernetes',
      'Service web',
      'EndpointSlice web-1',
    ]);
    const selecting = api.requests.filter(({ query }) => query.labelSelector !== undefined);
    expect(selecting.map(({ path }) => path)).to.deep.equal(['/api/v1/services']);
  });

  it('accepts a server without ServiceCIDRs, and no other failure', async () => {
    const refuse = (status: number) => () => {
      throw new ClusterError('no', { status });
    };
    expect(await read(cluster(refuse(404)))).to.have.length(5);
    const error: unknown = await read(cluster(refuse(403))).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ClusterError);
  });
});
