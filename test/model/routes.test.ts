import { expect } from 'chai';
import { allowedSources, type Frontends, routesOf } from '../../src/model/routes.js';
import { inetNtop, parseIp } from '../../src/net/ip.js';
import type { EndpointSpec, Service } from '../../src/snapshot/types.js';
import { modelOf, type Settings, service, slice, withIngress } from './support.js';

const HERE: EndpointSpec = { addresses: ['10.0.0.1'], nodeName: 'here' };
const THERE: EndpointSpec = { addresses: ['10.0.0.2'], nodeName: 'there' };

/** A Service with one frontend of every kind. */
const EVERY: Service = withIngress(
  service('web', {
    type: 'LoadBalancer',
    externalIPs: ['192.0.2.1'],
    ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
  }),
  '192.0.2.2',
);
const WITHOUT_GATE: Settings = { config: { allowServiceExternalIps: false } };

function portOf(object: Service, endpoints: readonly EndpointSpec[], given?: Settings) {
  const [port] = modelOf([object, slice('web', endpoints)], given).ports;
  if (port === undefined) throw new Error('no port');
  return port;
}

/**
 * The last number of each address: 1 the ClusterIP, `e1` the external IP, `l2` the load balancer
 * IP, `n` the node port.
 */
function names({ clusterIps, externalIps, loadBalancerIps, nodePorts }: Frontends): string {
  const last = (ip: string): string => ip.split('.').at(-1) ?? '';
  return [
    ...clusterIps.map((ip) => last(inetNtop(ip))),
    ...externalIps.map((ip) => `e${last(inetNtop(ip))}`),
    ...loadBalancerIps.map((ip) => `l${last(inetNtop(ip))}`),
    ...nodePorts.map(() => 'n'),
  ].join(' ');
}

function withSpec(spec: Partial<Service['spec']>): Service {
  return { ...EVERY, spec: { ...EVERY.spec, ...spec } };
}

interface Row {
  readonly what: string;
  readonly object: Service;
  readonly endpoints: readonly EndpointSpec[];
  readonly given?: Settings;
  readonly dispatched: string;
  readonly refused: string;
  readonly refusal: 'reject' | 'drop';
  readonly internal: 'cluster' | 'local';
  /** `policy pool`; `''` for no way in from outside. */
  readonly external: string;
  readonly pools: string;
}

const LOCAL = 'Local';
const ALL = '1 e1 l2 n';

/** externalTrafficPolicy and KEP-2086 internalTrafficPolicy. */
const ROWS: readonly Row[] = [
  {
    what: 'policy Cluster serves every frontend from all endpoints',
    object: EVERY,
    endpoints: [THERE],
    ...{ dispatched: ALL, refused: '', refusal: 'drop', internal: 'cluster' },
    ...{ external: 'cluster cluster', pools: 'cluster' },
  },
  {
    what: 'without an endpoint anywhere every frontend rejects',
    object: EVERY,
    endpoints: [],
    ...{ dispatched: '', refused: ALL, refusal: 'reject', internal: 'cluster' },
    ...{ external: '', pools: '' },
  },
  {
    what: 'external policy Local with a local endpoint uses the local pool for outside traffic',
    object: withSpec({ externalTrafficPolicy: LOCAL }),
    endpoints: [HERE, THERE],
    ...{ dispatched: ALL, refused: '', refusal: 'drop', internal: 'cluster' },
    ...{ external: 'local local', pools: 'cluster local' },
  },
  {
    what: 'external policy Local without a local endpoint drops outside traffic, and still dispatches for the node',
    object: withSpec({ externalTrafficPolicy: LOCAL }),
    endpoints: [THERE],
    ...{ dispatched: ALL, refused: 'e1 l2 n', refusal: 'drop', internal: 'cluster' },
    ...{ external: 'local ', pools: 'cluster' },
  },
  {
    what: 'external policy Local without any endpoint rejects',
    object: withSpec({ externalTrafficPolicy: LOCAL }),
    endpoints: [],
    ...{ dispatched: '', refused: ALL, refusal: 'reject', internal: 'cluster' },
    ...{ external: '', pools: '' },
  },
  {
    what: 'internal policy Local with a local endpoint uses the local pool for the ClusterIP',
    object: withSpec({ internalTrafficPolicy: LOCAL }),
    endpoints: [HERE, THERE],
    ...{ dispatched: ALL, refused: '', refusal: 'drop', internal: 'local' },
    ...{ external: 'cluster cluster', pools: 'cluster local' },
  },
  {
    what: 'internal policy Local without a local endpoint drops the ClusterIP only',
    object: withSpec({ internalTrafficPolicy: LOCAL }),
    endpoints: [THERE],
    ...{ dispatched: 'e1 l2 n', refused: '1', refusal: 'drop', internal: 'local' },
    ...{ external: 'cluster cluster', pools: 'cluster' },
  },
  {
    what: 'a Service of type ClusterIP has no way in from outside',
    object: service('web'),
    endpoints: [THERE],
    ...{ dispatched: '1', refused: '', refusal: 'drop', internal: 'cluster' },
    ...{ external: '', pools: 'cluster' },
  },
  {
    what: 'external IPs that are switched off leave the way in without a frontend',
    object: service('web', { externalIPs: ['192.0.2.1'] }),
    endpoints: [THERE],
    given: WITHOUT_GATE,
    ...{ dispatched: '1', refused: '', refusal: 'drop', internal: 'cluster' },
    ...{ external: 'cluster cluster', pools: 'cluster' },
  },
];

describe('routes of a Service port', () => {
  for (const { what, object, endpoints, given, ...expected } of ROWS)
    it(what, () => {
      const routes = routesOf(portOf(object, endpoints, given));
      expect({
        dispatched: names(routes.dispatched),
        refused: names(routes.refused),
        refusal: routes.refusal,
        internal: routes.internalPool,
        external:
          routes.external === undefined
            ? ''
            : `${routes.external.policy} ${routes.external.pool ?? ''}`,
        pools: routes.pools.map(({ name }) => name).join(' '),
      }).to.deep.equal(expected);
    });

  it('firewall the load balancer IPs where source ranges are given, with any endpoints', () => {
    const ranges = withSpec({ loadBalancerSourceRanges: ['198.51.100.0/24'] });
    for (const endpoints of [[], [THERE]]) {
      expect(routesOf(portOf(ranges, endpoints)).firewalledIps.map(inetNtop)).to.deep.equal([
        '192.0.2.2',
      ]);
      expect(routesOf(portOf(EVERY, endpoints)).firewalledIps).to.deep.equal([]);
    }
  });

  it('let the load balancer IPs in as sources where the node itself is let in', () => {
    const ranges = withSpec({ loadBalancerSourceRanges: ['198.51.100.0/24'] });
    const sources = (nodeIp: string): number =>
      allowedSources(portOf(ranges, []), parseIp(nodeIp)!).length;
    expect(sources('198.51.100.9')).to.equal(2);
    expect(sources('203.0.113.9')).to.equal(1);
  });
});
