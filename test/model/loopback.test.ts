/** Which node ports kube-proxy serves on a loopback address itself, with which endpoints. */

import { expect } from 'chai';
import { servedOnLoopback } from '../../src/model/loopback.js';
import type { Family } from '../../src/net/ip.js';
import type { EndpointSpec, KubernetesObject, Service } from '../../src/snapshot/types.js';
import { cidrs, modelOf, service, slice } from './support.js';

const HERE: EndpointSpec = { addresses: ['10.0.0.1'], nodeName: 'here' };
const ELSEWHERE: EndpointSpec = { addresses: ['10.0.0.9'], nodeName: 'other' };
const TERMINATING: EndpointSpec = {
  addresses: ['10.0.0.2'],
  conditions: { ready: false, serving: true, terminating: true },
};

interface Given {
  readonly addresses?: readonly string[];
  readonly refuses?: boolean;
  readonly family?: Family;
}

/** `PORT SERVICE ENDPOINTS AFFINITY` of each port that is served. */
function served(
  objects: readonly KubernetesObject[],
  { addresses = ['127.0.0.0/8'], refuses = true, family = 'IPv4' }: Given = {},
): readonly string[] {
  const model = modelOf(
    objects,
    { backend: { nodePortAddresses: cidrs(...addresses), checksLoopback: refuses } },
    family,
  );
  return servedOnLoopback(model).map(
    (port) =>
      `${port.nodePort} ${port.service} ${port.endpoints.map(({ target }) => target).join(',')} ${port.affinitySeconds}`,
  );
}

function web(
  spec: Partial<Service['spec']>,
  endpoints: readonly EndpointSpec[],
): readonly KubernetesObject[] {
  return [
    service('web', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }], ...spec }),
    slice('web', endpoints),
  ];
}

const BOTH = web({}, [HERE, ELSEWHERE]);

describe('model/loopback', () => {
  it('serves TCP node ports where nodePortAddresses names loopback and the version has it', () => {
    const all = ['30080 shop/web 10.0.0.1:8080,10.0.0.9:8080 0'];
    expect(served(BOTH)).to.deep.equal(all);
    expect(served(BOTH, { addresses: ['192.168.0.0/24', '127.0.0.1/32'] })).to.deep.equal(all);
    expect(served(BOTH, { addresses: [] })).to.deep.equal([]);
    expect(served(BOTH, { addresses: ['0.0.0.0/0'] })).to.deep.equal([]);
    expect(served(BOTH, { addresses: ['::1/128'] })).to.deep.equal([]);
    expect(served(BOTH, { refuses: false })).to.deep.equal([]);
  });

  it('serves each family where its own loopback is named', () => {
    const objects = [
      service('web', {
        ...{ type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }], ipFamilies: ['IPv6'] },
        ...{ clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] },
      }),
      slice('web', ['fd01::1'], { addressType: 'IPv6' }),
    ];
    const family = 'IPv6';
    expect(served(objects, { family, addresses: ['::1/128'] })).to.deep.equal([
      '30080 shop/web [fd01::1]:8080 0',
    ]);
    expect(served(objects, { family, addresses: ['127.0.0.0/8'] })).to.deep.equal([]);
  });

  it('takes the endpoints of the node alone under policy Local', () => {
    const local = { externalTrafficPolicy: 'Local' } as const;
    expect(served(web(local, [HERE, ELSEWHERE]))).to.deep.equal(['30080 shop/web 10.0.0.1:8080 0']);
    expect(served(web(local, [ELSEWHERE]))).to.deep.equal([]);
    expect(served(web({ internalTrafficPolicy: 'Local' }, [ELSEWHERE]))).to.deep.equal([
      '30080 shop/web 10.0.0.9:8080 0',
    ]);
  });

  it('takes endpoints as rules do: terminating ones where no others are', () => {
    expect(served(web({}, [HERE, TERMINATING]))).to.deep.equal(['30080 shop/web 10.0.0.1:8080 0']);
    expect(served(web({}, [TERMINATING]))).to.deep.equal(['30080 shop/web 10.0.0.2:8080 0']);
    expect(served(web({}, []))).to.deep.equal([]);
  });

  it('knows session affinity', () => {
    const affinity = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 30 } },
    } as const;
    expect(served(web(affinity, [HERE]))).to.deep.equal(['30080 shop/web 10.0.0.1:8080 30']);
  });

  it('serves neither other protocols nor Services without node ports', () => {
    expect(
      served(web({ ports: [{ port: 80, nodePort: 30_080, protocol: 'UDP' }] }, [HERE])),
    ).to.deep.equal([]);
    expect(served(web({ type: 'ClusterIP', ports: [{ port: 80 }] }, [HERE]))).to.deep.equal([]);
  });
});
