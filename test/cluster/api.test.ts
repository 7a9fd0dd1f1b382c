/** An Api that its first request opens. */

import { expect } from 'chai';
import { type Api, lazyApi } from '../../src/cluster/api.js';
import { ClusterError } from '../../src/errors.js';

const { signal } = new AbortController();

describe('cluster/api: lazyApi', () => {
  it('opens with the first request, once for concurrent ones, and again after a failure', async () => {
    let opened = 0;
    let closed = 0;
    let fails = true;
    const server = {
      get: async (path: string) => `got ${path}`,
      post: async (path: string) => `posted ${path}`,
      close: () => closed++,
    };
    const api = lazyApi(async () => {
      opened++;
      if (fails) throw new ClusterError('no token', {});
      return server as unknown as Api;
    });
    expect(opened).to.equal(0);
    const faults = await Promise.all(
      ['/a', '/b'].map((path) => api.get(path, {}, signal).catch((error: unknown) => error)),
    );
    expect(faults.map((fault) => fault instanceof ClusterError)).to.deep.equal([true, true]);
    expect(opened).to.equal(1);
    api.close();
    fails = false;
    expect(await api.get('/a', {}, signal)).to.equal('got /a');
    expect(await api.post('/b', {}, signal)).to.equal('posted /b');
    expect(opened).to.equal(2);
    api.close();
    await Promise.resolve();
    expect(closed).to.equal(1);
  });
});
