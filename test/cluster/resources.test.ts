/**
 * Paths and selectors, beside the requests that a kube-proxy 1.36.2 sent (its streaming lists,
 * without what only those have).
 */

import { expect } from 'chai';
import { watchedResources } from '../../src/cluster/resources.js';

const RECORDED = [
  '/api/v1/services?fieldSelector=spec.clusterIP%21%3DNone&labelSelector=%21service.kubernetes.io%2Fservice-proxy-name',
  '/apis/discovery.k8s.io/v1/endpointslices?labelSelector=%21service.kubernetes.io%2Fheadless',
  '/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a',
  '/apis/networking.k8s.io/v1/servicecidrs',
];

describe('cluster/resources', () => {
  it('are those of kube-proxy', () => {
    const ours = watchedResources('node-a').map(({ path, query }) => ({ path, query }));
    const recorded = RECORDED.map((line) => {
      const url = new URL(line, 'https://server');
      return { path: url.pathname, query: Object.fromEntries(url.searchParams) };
    });
    expect(ours).to.deep.equal(recorded);
  });

  it('are all Services and slices for their names', () => {
    const [services, slices, ...others] = watchedResources('node-a', true);
    expect([services?.query, slices?.query]).to.deep.equal([{}, {}]);
    expect(others).to.deep.equal(watchedResources('node-a').slice(2));
  });
});
