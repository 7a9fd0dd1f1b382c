/** Notes about manifests that are valid, but probably not what their author meant. */

import { expect } from 'chai';
import { parseCidr } from '../../src/net/cidr.js';
import { manifestNotes } from '../../src/snapshot/notes.js';
import { loadObjects, service } from './support.js';

const SPEC = { clusterIP: '10.96.6.11', ports: [{ name: 'web', port: 80 }] };

const INGRESS = { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } };

function slice(rest: object = {}): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's-1', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.1.7'] }],
    ports: [{ name: 'web', port: 8080 }],
    ...rest,
  };
}

function notes(...objects: readonly object[]): readonly string[] {
  const { snapshot, unclaimed } = loadObjects(objects);
  return manifestNotes(snapshot, unclaimed).map(({ message, hint }) =>
    hint === undefined ? message : `${message} (${hint})`,
  );
}

describe('snapshot/notes', () => {
  const ipv6 = { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::7'] }] };
  const range = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: ['10.97.0.0/16', 'fd00:96::/112'] },
  };
  const job = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 's' } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 's' } };
  const web = { ...SPEC, selector: { app: 'web' } };
  const cases: readonly (readonly [string, readonly object[], readonly string[]])[] = [
    [
      'a headless Service',
      [service('s', { ...SPEC, clusterIP: 'None' })],
      ['Service default/s: has no rules: it is headless'],
    ],
    [
      'an ExternalName',
      [service('s', { type: 'ExternalName', externalName: 'a.example' })],
      ['Service default/s: has no rules: an ExternalName is a name in DNS only'],
    ],
    [
      'a Service of another proxy',
      [service('s', SPEC, { labels: { 'service.kubernetes.io/service-proxy-name': 'x' } })],
      [
        'Service default/s: has no rules: its label service.kubernetes.io/service-proxy-name gives it to another proxy',
      ],
    ],
    [
      'a slice of nobody',
      [slice()],
      ['EndpointSlice default/s-1: names Service default/s, which is not in the input'],
    ],
    [
      'an FQDN slice',
      [
        service('s', SPEC),
        slice(),
        slice({
          metadata: { name: 's-2', labels: { 'kubernetes.io/service-name': 's' } },
          addressType: 'FQDN',
          endpoints: [{ addresses: ['a.example'] }],
        }),
      ],
      ['EndpointSlice default/s-2: addressType: is not used: rules need addresses'],
    ],
    [
      'a second address',
      [service('s', SPEC), slice({ endpoints: [{ addresses: ['10.244.1.7', '10.244.1.8'] }] })],
      ['EndpointSlice default/s-1: endpoints[0].addresses: only the first address is used'],
    ],
    [
      'port names that do not meet',
      [service('s', SPEC), slice({ ports: [{ name: 'http', port: 8080 }] })],
      [
        'Service default/s: no EndpointSlice has its port web/TCP',
        'EndpointSlice default/s-1: ports[0]: http/TCP is not a port of its Service',
      ],
    ],
    [
      'protocols that do not meet',
      [
        service('s', { ...SPEC, ports: [{ port: 53, protocol: 'UDP' }] }),
        slice({ ports: [{ port: 53 }] }),
      ],
      [
        'Service default/s: no EndpointSlice has its port (no name)/UDP',
        'EndpointSlice default/s-1: ports[0]: (no name)/TCP is not a port of its Service',
      ],
    ],
    [
      'slices of the other family',
      [service('s', SPEC), slice(ipv6)],
      ['Service default/s: has no EndpointSlice of IPv4'],
    ],
    [
      'an address outside of the networks',
      [service('s', SPEC), slice(), range],
      ['Service default/s: spec.clusterIP: 10.96.6.11 is in no ServiceCIDR of the input'],
    ],
    [
      'a selector and no Pods',
      [service('s', web)],
      [
        'Service default/s: has a selector, but the input has no Pod that it matches and no EndpointSlice of it',
      ],
    ],
    [
      'a CronJob instead of Pods',
      [service('s', { ...SPEC, selector: { app: 's' } }), job],
      [
        'Service default/s: has a selector, but the input has no Pod that it matches and no EndpointSlice of it (Pods are read, not the CronJob that makes them: add kubectl get pods -o yaml)',
      ],
    ],
    [
      'a Deployment instead of Pods',
      [service('s', web), deployment],
      [
        'Service default/s: has a selector, but the input has no Pod that it matches and no EndpointSlice of it (Pods are read, not the Deployment that makes them: add kubectl get pods -o yaml)',
      ],
    ],
    [
      'a slice without the label of its Service',
      [service('s', SPEC), slice({ metadata: { name: 's-1' } })],
      [
        'Service default/s: has no selector, and the input has no EndpointSlice of it and no Endpoints of its name',
        'EndpointSlice default/s-1: belongs to no Service: it has no label kubernetes.io/service-name',
      ],
    ],
    [
      'Endpoints of nobody',
      [{ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'other' }, subsets: [] }],
      ['Endpoints default/other: no Service of this name is in the input'],
    ],
    [
      'a slice with the label of headless Services',
      [
        service('s', SPEC),
        slice({
          metadata: {
            name: 's-1',
            labels: { 'kubernetes.io/service-name': 's', 'service.kubernetes.io/headless': '' },
          },
        }),
      ],
      ['EndpointSlice default/s-1: is not used: it has the label service.kubernetes.io/headless'],
    ],
    [
      'a port without a number',
      [service('s', SPEC), slice({ ports: [{ name: 'web' }] })],
      ['EndpointSlice default/s-1: ports[0]: is not used: it has no port'],
    ],
    [
      'endpoints of which none is ready',
      [
        service('s', SPEC),
        slice({
          endpoints: [
            { addresses: ['10.244.1.7'], conditions: { ready: false } },
            {
              addresses: ['10.244.1.8'],
              conditions: { ready: false, serving: false, terminating: true },
            },
          ],
        }),
      ],
      ['Service default/s: none of its 2 endpoints is ready'],
    ],
    [
      'endpoints that serve while they terminate',
      [
        service('s', SPEC),
        slice({
          endpoints: [
            {
              addresses: ['10.244.1.7'],
              conditions: { ready: false, serving: true, terminating: true },
            },
          ],
        }),
      ],
      [],
    ],
    [
      'an affinity timeout without affinity',
      [
        service('s', { ...SPEC, sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }),
        slice(),
      ],
      [
        'Service default/s: spec.sessionAffinityConfig: must not be set when session affinity is None: an API server drops it',
      ],
    ],
    [
      'an address of a load balancer that the Service is not',
      [{ ...service('s', SPEC, { uid: 'u' }), ...INGRESS }, slice()],
      [
        'Service default/s: status.loadBalancer.ingress: has rules, although the Service is of type ClusterIP',
      ],
    ],
    [
      'source ranges of the other family',
      [
        {
          ...service('s', {
            ...SPEC,
            type: 'LoadBalancer',
            loadBalancerSourceRanges: ['fd00::/8'],
          }),
          ...INGRESS,
        },
        slice(),
      ],
      [
        'Service default/s: spec.loadBalancerSourceRanges: no range of IPv4: every IPv4 client may use the load balancer',
      ],
    ],
    [
      'a second address by its place in the input, where an endpoint before it was left out',
      [
        service('s', SPEC),
        slice({
          endpoints: [
            { addresses: ['127.0.0.1'] },
            { addresses: ['10.244.1.6'] },
            { addresses: ['10.244.1.7', '10.244.1.8'] },
          ],
        }),
      ],
      ['EndpointSlice default/s-1: endpoints[2].addresses: only the first address is used'],
    ],
    [
      'an address that no Service should have',
      [service('s', { ...SPEC, clusterIP: '127.0.0.9' }), slice()],
      [
        'Service default/s: spec.clusterIP: 127.0.0.9 may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      'nothing where a range that cannot be read closes the family',
      [
        {
          ...service('s', {
            ...SPEC,
            type: 'LoadBalancer',
            loadBalancerSourceRanges: ['fd00::/8', '10.0.0.0/33'],
          }),
          ...INGRESS,
        },
        slice(),
      ],
      [],
    ],
    ['nothing', [service('s', SPEC), slice()], []],
    [
      'a Service without selector or endpoints',
      [service('s', SPEC)],
      [
        'Service default/s: has no selector, and the input has no EndpointSlice of it and no Endpoints of its name',
      ],
    ],
  ];
  for (const [what, objects, expected] of cases) {
    it(`reports ${what}`, () => expect(notes(...objects)).to.deep.equal(expected));
  }

  it('reports an address outside of the networks of --service-cidr, which go before ServiceCIDRs', () => {
    const { snapshot } = loadObjects([service('s', SPEC), slice(), range]);
    const of = (...texts: readonly string[]): readonly string[] => {
      const serviceCidrs = texts.flatMap((text) => parseCidr(text) ?? []);
      return manifestNotes(snapshot, [], { serviceCidrs }).map(({ message }) => message);
    };
    expect(of('10.96.0.0/16', 'fd00:10:96::/112')).to.deep.equal([]);
    expect(of('fd00:10:96::/112')).to.deep.equal([]);
    expect(of('10.100.0.0/16')).to.deep.equal([
      'Service default/s: spec.clusterIP: 10.96.6.11 is in no network of --service-cidr',
    ]);
  });
});
