/** EndpointSlices from Pods and from Endpoints objects, as the controllers make them. */

import { expect } from 'chai';
import type { EndpointSlice } from '../../../src/snapshot/types.js';
import { codes, loadObjects, pod, service } from '../support.js';

const WEB = { clusterIP: '10.0.0.1', selector: { app: 'web' }, ports: [{ port: 80 }] };

/** The slices of `default/web` and the codes of all diagnostics. */
function load(...objects: object[]): { slices: readonly EndpointSlice[]; found: string[] } {
  const { snapshot, diagnostics } = loadObjects(objects);
  return { slices: snapshot.slices.get('default/web') ?? [], found: codes(diagnostics) };
}

/** `address ready/serving/terminating` of every endpoint. */
function states(slices: readonly EndpointSlice[]): string[] {
  return slices.flatMap((slice) =>
    slice.endpoints.map(
      ({ addresses, conditions: c }) =>
        `${addresses.join()} ${c?.ready}/${c?.serving}/${c?.terminating}`,
    ),
  );
}

function serviceCidr(cidrs: readonly string[]): object {
  const metadata = { name: 'kubernetes' };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata, spec: { cidrs } };
}

const portsOf = (slices: readonly EndpointSlice[]): string[] =>
  slices.map((slice) =>
    (slice.ports ?? []).map(({ name, protocol, port }) => `${name}:${port}/${protocol}`).join(),
  );

describe('snapshot/complete slices', () => {
  describe('from Pods', () => {
    describe('of a headless Service', () => {
      const HEADLESS = { ...WEB, clusterIP: 'None' };
      const IPS = [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }];
      const DUAL = pod('a', '10.1.0.1', { status: { podIPs: IPS } });

      it('have its label, and the names that Pods have below it', () => {
        const { slices, found } = load(
          service('web', HEADLESS),
          pod('a', '10.1.0.1', { spec: { hostname: 'web-0', subdomain: 'web' } }),
          pod('b', '10.1.0.2', { spec: { hostname: 'web-1', subdomain: 'other' } }),
        );
        expect(found).to.deep.equal(['slices-from-pods']);
        expect(slices[0]?.metadata.labels).to.deep.equal({
          'service.kubernetes.io/headless': '',
          'kubernetes.io/service-name': 'web',
        });
        expect(slices[0]?.endpoints.map(({ hostname }) => hostname)).to.deep.equal([
          'web-0',
          undefined,
        ]);
      });

      it('are of the families that it asks for, else of the first one of its Pods', () => {
        const families = (spec: object, one: object): string[] =>
          load(service('web', { ...HEADLESS, ...spec }), one).slices.map(
            ({ addressType }) => addressType,
          );
        expect(families({ ipFamilies: ['IPv6', 'IPv4'] }, DUAL)).to.deep.equal(['IPv4', 'IPv6']);
        expect(families({}, DUAL)).to.deep.equal(['IPv4']);
        expect(families({}, pod('a', 'fd00::1'))).to.deep.equal(['IPv6']);
        expect(families({}, pod('a', '', { status: {} }))).to.deep.equal([]);
      });

      describe('with a policy for two families', () => {
        /** The families, by name, in a cluster with these Service networks; none: not known. */
        const families = (spec: object, ...cidrs: readonly string[]): string[] => {
          const objects = cidrs.length === 0 ? [] : [serviceCidr(cidrs)];
          const { slices } = load(service('web', { ...HEADLESS, ...spec }), DUAL, ...objects);
          return slices.map(({ addressType }) => addressType);
        };
        const prefer = { ipFamilyPolicy: 'PreferDualStack' };
        const BOTH = ['IPv4', 'IPv6'];

        it('are of both where the cluster has networks of both, or they are not known', () => {
          expect(families(prefer, '10.96.0.0/16', 'fd00:96::/112')).to.deep.equal(BOTH);
          expect(families(prefer)).to.deep.equal(BOTH);
          expect(families({ ...prefer, ipFamilies: ['IPv6'] })).to.deep.equal(BOTH);
        });

        it('are of one where it is preferred only, and the cluster has networks of one', () => {
          expect(families(prefer, 'fd00:96::/112')).to.deep.equal(['IPv6']);
          const required = { ipFamilyPolicy: 'RequireDualStack' };
          expect(families(required, '10.96.0.0/16')).to.deep.equal(BOTH);
        });

        it('are of the first network of the cluster where there is no policy', () => {
          expect(families({}, 'fd00:96::/112', '10.96.0.0/16')).to.deep.equal(['IPv6']);
        });

        it('are those of a stored Service, which an API server does not change later', () => {
          const stored = { ...prefer, clusterIPs: ['None'], ipFamilies: ['IPv4'] };
          expect(families(stored, '10.96.0.0/16', 'fd00:96::/112')).to.deep.equal(['IPv4']);
        });
      });
    });

    it('hold the Pods that carry every label of the selector, in the namespace', () => {
      const { slices, found } = load(
        service('web', { ...WEB, selector: { app: 'web', tier: 'front' } }),
        pod('b', '10.1.0.2', { metadata: { labels: { tier: 'front', app: 'web', more: 'x' } } }),
        pod('a', '10.1.0.1', { metadata: { labels: { app: 'web', tier: 'front' } } }),
        pod('c', '10.1.0.3', { metadata: { labels: { app: 'web' } } }),
        pod('d', '10.1.0.4', {
          metadata: { labels: { app: 'web', tier: 'front' }, namespace: 'other' },
        }),
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } },
        },
      );
      expect(found).to.deep.equal(['slices-from-pods']);
      expect(slices).to.have.length(1);
      expect(slices[0]).to.deep.include({
        addressType: 'IPv4',
        kind: 'EndpointSlice',
        ports: [{ name: '', protocol: 'TCP', port: 80 }],
      });
      expect(slices[0]?.metadata.labels).to.deep.equal({ 'kubernetes.io/service-name': 'web' });
      expect(slices[0]?.endpoints.map(({ addresses }) => addresses[0])).to.deep.equal([
        '10.1.0.1',
        '10.1.0.2',
      ]);
      expect(slices[0]?.endpoints[0]).to.deep.equal({
        addresses: ['10.1.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'n1',
        zone: 'z1',
      });
    });

    it('do not confuse labels with what every JavaScript object has', () => {
      const { slices } = load(
        service('web', { ...WEB, selector: { constructor: 'x' } }),
        pod('a', '10.1.0.1'),
      );
      expect(slices).to.deep.equal([]);
    });

    const unready = { conditions: [{ type: 'Ready', status: 'False' }] };
    const going = { deletionTimestamp: '2026-11-20T09:00:00Z' };
    const conditions: readonly (readonly [string, Parameters<typeof pod>[2], object, string[]])[] =
      [
        ['ready', {}, {}, ['10.1.0.1 true/true/false']],
        ['not ready', { status: unready }, {}, ['10.1.0.1 false/false/false']],
        [
          'without conditions',
          { status: { conditions: null } },
          {},
          ['10.1.0.1 false/false/false'],
        ],
        ['terminating', { metadata: going }, {}, ['10.1.0.1 false/true/true']],
        [
          'terminating and not ready',
          { metadata: going, status: unready },
          {},
          ['10.1.0.1 false/false/true'],
        ],
        [
          'published though not ready',
          { status: unready },
          { publishNotReadyAddresses: true },
          ['10.1.0.1 true/false/false'],
        ],
        [
          'published though terminating',
          { metadata: going },
          { publishNotReadyAddresses: true },
          ['10.1.0.1 true/true/true'],
        ],
        ['succeeded', { status: { phase: 'Succeeded' } }, {}, []],
        ['failed', { status: { phase: 'Failed' } }, {}, []],
      ];
    for (const [what, rest, spec, expected] of conditions) {
      it(`have the conditions of a Pod that is ${what}`, () => {
        const metadata = { labels: { app: 'web' }, ...rest?.metadata };
        expect(
          states(
            load(service('web', { ...WEB, ...spec }), pod('a', '10.1.0.1', { ...rest, metadata }))
              .slices,
          ),
        ).to.deep.equal(expected);
      });
    }

    it('resolve named target ports in each Pod, sidecars included, by protocol', () => {
      const ports = [
        { name: 'main', port: 80, targetPort: 'http' },
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
        { name: 'side', port: 81, targetPort: 'side' },
        { name: 'fixed', port: 82, targetPort: 9000 },
      ];
      const offers = (http: number): object => ({
        containers: [
          {
            ports: [
              { name: 'dns', containerPort: 5300, protocol: 'TCP' },
              { name: 'http', containerPort: http },
            ],
          },
          { ports: [{ name: 'dns', containerPort: 5353, protocol: 'UDP' }] },
        ],
        initContainers: [
          { ports: [{ name: 'side', containerPort: 1 }] },
          { restartPolicy: 'Always', ports: [{ name: 'side', containerPort: 7000 }] },
        ],
      });
      const { slices, found } = load(
        service('web', { ...WEB, ports }),
        pod('a', '10.1.0.1', { spec: offers(8080) }),
        pod('b', '10.1.0.2', { spec: offers(8081) }),
        pod('c', '10.1.0.3', { spec: offers(8080) }),
        pod('d', '10.1.0.4', { spec: { containers: [] } }),
      );
      expect(found).to.deep.equal(['slices-from-pods']);
      expect(portsOf(slices)).to.deep.equal([
        'main:8080/TCP,dns:5353/UDP,side:7000/TCP,fixed:9000/TCP',
        'main:8081/TCP,dns:5353/UDP,side:7000/TCP,fixed:9000/TCP',
        'fixed:9000/TCP',
      ]);
      expect(
        slices.map((slice) => slice.endpoints.map(({ addresses }) => addresses[0])),
      ).to.deep.equal([['10.1.0.1', '10.1.0.3'], ['10.1.0.2'], ['10.1.0.4']]);
    });

    it('use the port itself where there is no target', () => {
      for (const targetPort of [undefined, null, 0, '']) {
        expect(
          portsOf(
            load(
              service('web', { ...WEB, ports: [{ port: 81, targetPort }] }),
              pod('a', '10.1.0.1'),
            ).slices,
          ),
        ).to.deep.equal([':81/TCP']);
      }
    });

    it('have one slice for each family of the Service', () => {
      const both = { podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }] };
      const dual = { ...WEB, clusterIPs: ['10.0.0.1', 'fd00:1::1'], ipFamilies: ['IPv4', 'IPv6'] };
      const types = (spec: object): string[] =>
        load(service('web', spec), pod('a', '10.1.0.1', { status: both })).slices.map(
          (slice) => `${slice.addressType} ${slice.endpoints[0]?.addresses[0]}`,
        );
      expect(types(dual)).to.deep.equal(['IPv4 10.1.0.1', 'IPv6 fd00::1']);
      expect(types(WEB)).to.deep.equal(['IPv4 10.1.0.1']);
      expect(types({ ...WEB, clusterIP: 'fd00:1::1' })).to.deep.equal(['IPv6 fd00::1']);
    });

    it('take the host address of Pods on the host network', () => {
      const { slices } = load(
        service('web', WEB),
        pod('a', '', {
          spec: { hostNetwork: true },
          status: { podIP: null, podIPs: null, hostIP: '192.168.0.1' },
        }),
      );
      expect(states(slices)).to.deep.equal(['192.168.0.1 true/true/false']);
    });

    it('carry the hints that trafficDistribution asks for, on ready endpoints', () => {
      const node = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } },
      };
      const unready = pod('b', '10.1.0.2', { status: { conditions: [] } });
      const elsewhere = pod('c', '10.1.0.3', { spec: { nodeName: 'n2' } });
      const hints = (trafficDistribution: string | undefined): unknown =>
        load(
          // One that an API server of a later version has stored.
          service('web', { ...WEB, trafficDistribution }, { resourceVersion: '1' }),
          pod('a', '10.1.0.1'),
          unready,
          elsewhere,
          node,
        ).slices[0]?.endpoints.map((endpoint) => endpoint.hints);
      for (const none of [undefined, 'SomethingNew']) {
        expect(hints(none)).to.deep.equal([undefined, undefined, undefined]);
      }
      for (const zonal of ['PreferClose', 'PreferSameZone']) {
        expect(hints(zonal)).to.deep.equal([{ forZones: [{ name: 'z1' }] }, undefined, undefined]);
      }
      expect(hints('PreferSameNode')).to.deep.equal([
        { forZones: [{ name: 'z1' }], forNodes: [{ name: 'n1' }] },
        undefined,
        { forNodes: [{ name: 'n2' }] },
      ]);
    });

    it('leave out Pods without an address, with one warning for manifests', () => {
      const bare = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a', labels: { app: 'web' } },
        spec: {},
      };
      const pending = pod('b', '', { status: { phase: 'Pending', podIP: null, podIPs: null } });
      const again = service('again', { ...WEB, clusterIP: '10.0.0.2' });
      const { slices, found } = load(service('web', WEB), again, bare, pending);
      expect(slices).to.deep.equal([]);
      expect(found).to.deep.equal(['pod-without-address status.podIP']);
    });

    it('say where a selector or a port name matches nothing', () => {
      expect(
        load(service('web', WEB), pod('a', '10.1.0.1', { metadata: { labels: { app: 'x' } } }))
          .found,
      ).to.deep.equal(['no-matching-pods spec.selector']);
      const named = { ...WEB, ports: [{ port: 80, targetPort: 'grpc' }] };
      expect(load(service('web', named), pod('a', '10.1.0.1')).found).to.deep.equal([
        'slices-from-pods',
        'unknown-target-port spec.ports[0].targetPort',
      ]);
    });

    it('are made only for Services that have none and want some', () => {
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'x', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        endpoints: [],
        ports: [],
      };
      expect(
        load(service('web', WEB), slice, pod('a', '10.1.0.1')).slices.map(
          ({ metadata }) => metadata.name,
        ),
      ).to.deep.equal(['x']);
      for (const spec of [
        { ...WEB, selector: {} },
        { ...WEB, selector: null },
        { ...WEB, clusterIP: '', type: 'ExternalName', externalName: 'a.example' },
      ]) {
        expect(
          load(service('web', spec), pod('a', '10.1.0.1')),
          JSON.stringify(spec),
        ).to.deep.equal({ slices: [], found: [] });
      }
      expect(load(service('web', WEB)).found).to.deep.equal([]);
    });
  });

  describe('from Endpoints', () => {
    const endpoints = (subsets: unknown, labels = {}): object => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'web', labels },
      subsets,
    });
    const PORTS = [{ name: 'a', port: 8080, protocol: 'TCP' }];

    it('hold ready and unready addresses, by subset and family', () => {
      const { slices, found } = load(
        service('web', { ...WEB, selector: null }),
        endpoints(
          [
            {
              addresses: [{ ip: '10.1.0.1', nodeName: 'n1', targetRef: {} }, { ip: 'fd00::1' }],
              notReadyAddresses: [{ ip: '10.1.0.2' }],
              ports: PORTS,
            },
            { addresses: [{ ip: '10.1.0.3' }], ports: [{ port: 9090 }] },
          ],
          { 'service.kubernetes.io/headless': '' },
        ),
      );
      expect(found).to.deep.equal(['slices-from-endpoints']);
      expect(slices.map((slice) => slice.addressType)).to.deep.equal(['IPv4', 'IPv6', 'IPv4']);
      expect(states(slices)).to.deep.equal([
        '10.1.0.1 true/undefined/undefined',
        '10.1.0.2 false/undefined/undefined',
        'fd00::1 true/undefined/undefined',
        '10.1.0.3 true/undefined/undefined',
      ]);
      expect(slices[0]?.endpoints[0]?.nodeName).to.equal('n1');
      expect(slices.map((slice) => slice.ports)).to.deep.equal([PORTS, PORTS, [{ port: 9090 }]]);
      expect(slices[0]?.metadata.labels).to.deep.equal({
        'service.kubernetes.io/headless': '',
        'kubernetes.io/service-name': 'web',
      });
    });

    it('are used rather than Pods, but not where there are slices', () => {
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'x', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        endpoints: [],
        ports: [],
      };
      const one = endpoints([{ addresses: [{ ip: '10.1.0.9' }], ports: PORTS }]);
      expect(states(load(service('web', WEB), one, pod('a', '10.1.0.1')).slices)).to.deep.equal([
        '10.1.0.9 true/undefined/undefined',
      ]);
      expect(
        load(service('web', WEB), one, slice).slices.map(({ metadata }) => metadata.name),
      ).to.deep.equal(['x']);
      expect(load(service('web', WEB), endpoints(null), pod('a', '10.1.0.1')).slices).to.deep.equal(
        [],
      );
    });

    it('are used for a headless Service, too', () => {
      const one = endpoints([{ addresses: [{ ip: '10.1.0.9' }], ports: PORTS }]);
      const { slices, found } = load(service('web', { ...WEB, clusterIP: 'None' }), one);
      expect(found).to.deep.equal(['slices-from-endpoints']);
      expect(states(slices)).to.deep.equal(['10.1.0.9 true/undefined/undefined']);
    });

    it('are not used without a Service', () => {
      expect(load(endpoints([{ addresses: [{ ip: '10.1.0.1' }], ports: PORTS }]))).to.deep.equal({
        slices: [],
        found: [],
      });
    });
  });
});
