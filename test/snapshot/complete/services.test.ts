/** Defaults, ClusterIPs and node ports for Services as people write them. */

import { expect } from 'chai';
import { type Cidr, cidrContains, parseCidr } from '../../../src/net/cidr.js';
import { parseIp } from '../../../src/net/ip.js';
import type { LoadedSnapshot } from '../../../src/snapshot/load.js';
import { codes, completeService, loadObjects, service } from '../support.js';

const cidrs = (...texts: string[]): Cidr[] => texts.map((text) => parseCidr(text)!);
const V4 = cidrs('10.20.0.0/16');
const BOTH = cidrs('10.20.0.0/16', 'fd00:20::/112');
const PORTS = [{ port: 80 }];

const inside = (cidr: Cidr | undefined, ip: string | undefined): boolean =>
  cidrContains(cidr!, parseIp(ip ?? '')!);
const ipsOf = ({ snapshot }: LoadedSnapshot): Record<string, string | undefined> =>
  Object.fromEntries([...snapshot.services].map(([key, { spec }]) => [key, spec.clusterIP]));
const nodePortsOf = ({ snapshot }: LoadedSnapshot): Record<string, (number | undefined)[]> =>
  Object.fromEntries(
    [...snapshot.services].map(([key, { spec }]) => [
      key,
      (spec.ports ?? []).map((port) => port.nodePort),
    ]),
  );

describe('snapshot/complete services', () => {
  describe('defaults', () => {
    it('are those of the API server', () => {
      const { clusterIP, clusterIPs, ...spec } = completeService({ ports: PORTS }).spec;
      expect(spec).to.deep.equal({
        type: 'ClusterIP',
        ports: [{ port: 80, protocol: 'TCP' }],
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      });
      expect(clusterIPs).to.deep.equal([clusterIP]);
    });

    it('depend on the type', () => {
      const policies = (spec: object): unknown[] => {
        const made = completeService({ ports: PORTS, ...spec }).spec;
        return [
          made.internalTrafficPolicy,
          made.externalTrafficPolicy,
          made.allocateLoadBalancerNodePorts,
        ];
      };
      expect(policies({ type: 'NodePort' })).to.deep.equal(['Cluster', 'Cluster', undefined]);
      expect(policies({ type: 'LoadBalancer' })).to.deep.equal(['Cluster', 'Cluster', true]);
      expect(policies({ externalIPs: ['1.2.3.4'] })).to.deep.equal([
        'Cluster',
        'Cluster',
        undefined,
      ]);
      expect(
        policies({
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          internalTrafficPolicy: 'Local',
        }),
      ).to.deep.equal(['Local', 'Local', true]);
      expect(
        completeService({ type: 'ExternalName', externalName: 'a.example' }).spec,
      ).to.deep.equal({
        type: 'ExternalName',
        externalName: 'a.example',
        sessionAffinity: 'None',
      });
    });

    it('let affinity last three hours', () => {
      const timeout = (spec: object): unknown =>
        completeService({ ports: PORTS, ...spec }).spec.sessionAffinityConfig?.clientIP
          ?.timeoutSeconds;
      expect(timeout({ sessionAffinity: 'ClientIP' })).to.equal(10800);
      expect(
        timeout({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: {} } }),
      ).to.equal(10800);
      expect(
        timeout({
          sessionAffinity: 'ClientIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
        }),
      ).to.equal(5);
      expect(timeout({})).to.equal(undefined);
    });

    it('leave policies to a Service that has a ClusterIP', () => {
      const made = completeService({
        clusterIP: '10.0.0.1',
        externalIPs: ['1.2.3.4'],
        ports: PORTS,
      });
      expect(made.spec).to.deep.equal({
        type: 'ClusterIP',
        clusterIP: '10.0.0.1',
        externalIPs: ['1.2.3.4'],
        ports: [{ port: 80, protocol: 'TCP' }],
        sessionAffinity: 'None',
      });
    });

    it('leave a Service of an old cluster as it is', () => {
      const spec = {
        type: 'ClusterIP',
        clusterIP: '10.0.0.1',
        sessionAffinity: 'None',
        ports: [{ port: 80, protocol: 'TCP' }],
      } as const;
      expect(completeService(spec).spec).to.deep.equal(spec);
      const balancer = {
        ...spec,
        type: 'LoadBalancer',
        clusterIPs: ['10.0.0.1'],
        externalTrafficPolicy: 'Local',
      };
      expect(completeService(balancer).spec).to.deep.equal(balancer);
    });
  });

  describe('ClusterIPs', () => {
    it('come from --service-cidr, else from ServiceCIDR objects, else from a default with a note', () => {
      const cidr = (name: string, ...texts: string[]): object => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name },
        spec: { cidrs: texts },
      });
      const objects = [
        service('web', { ports: PORTS }),
        cidr('a', '10.31.0.0/24'),
        cidr('kubernetes', '10.30.0.0/24'),
      ];
      const given = loadObjects(objects, { serviceCidrs: V4 });
      expect(inside(V4[0], ipsOf(given)['default/web'])).to.equal(true);
      expect(codes(given.diagnostics)).to.deep.equal(['assigned-cluster-ip spec.clusterIP']);
      const stored = loadObjects(objects);
      expect(inside(parseCidr('10.30.0.0/24'), ipsOf(stored)['default/web'])).to.equal(true);
      const assumed = loadObjects([service('web', { ports: PORTS })]);
      expect(inside(parseCidr('10.96.0.0/12'), ipsOf(assumed)['default/web'])).to.equal(true);
      expect(codes(assumed.diagnostics)).to.deep.equal([
        'assumed-service-cidr',
        'assigned-cluster-ip spec.clusterIP',
      ]);
      expect(assumed.diagnostics.map(({ severity }) => severity)).to.deep.equal(['note', 'note']);
    });

    it('are the same in every version', () => {
      const { snapshot } = loadObjects(
        [service('web', { type: 'NodePort', ports: PORTS }, { namespace: 'shop' })],
        { serviceCidrs: BOTH },
      );
      const spec = snapshot.services.get('shop/web')?.spec;
      expect([spec?.clusterIP, spec?.ports?.[0]?.nodePort]).to.deep.equal(['10.20.172.95', 32150]);
    });

    it('stay when other Services are added or removed', () => {
      const many = Array.from({ length: 300 }, (_, i) => service(`s${i}`, { ports: PORTS }));
      const all = ipsOf(loadObjects(many, { serviceCidrs: V4 }));
      expect(new Set(Object.values(all)).size).to.equal(300);
      const some = ipsOf(
        loadObjects(
          many.filter((_, i) => i % 3 === 0),
          { serviceCidrs: V4 },
        ),
      );
      const moved = Object.keys(some).filter((key) => some[key] !== all[key]);
      // Two of 300 may want one of 65,533 places; then the later name moves when the other goes.
      expect(moved.length).to.be.at.most(3);
    });

    it('are never assigned twice, nor taken from an object that names them', () => {
      const alone = ipsOf(loadObjects([service('web', { ports: PORTS })], { serviceCidrs: V4 }))[
        'default/web'
      ];
      const pinned = service('a', { clusterIP: alone, ports: PORTS });
      const loaded = ipsOf(
        loadObjects([service('web', { ports: PORTS }), pinned], { serviceCidrs: V4 }),
      );
      expect(loaded['default/a']).to.equal(alone);
      expect(loaded['default/web']).not.to.equal(alone);
      expect(inside(V4[0], loaded['default/web'])).to.equal(true);
    });

    it('fill a network but for its own, the first and the broadcast address', () => {
      const wishes = Array.from({ length: 7 }, (_, i) => service(`s${i}`, { ports: PORTS }));
      const { snapshot, diagnostics } = loadObjects(wishes, {
        serviceCidrs: cidrs('10.20.0.0/29'),
      });
      const ips = [...snapshot.services.values()]
        .map(({ spec }) => spec.clusterIP)
        .filter((ip) => ip !== undefined);
      expect(ips.sort()).to.deep.equal([2, 3, 4, 5, 6].map((last) => `10.20.0.${last}`));
      const full = diagnostics.filter(({ code }) => code === 'no-cluster-ip');
      expect(full.map(({ severity }) => severity)).to.deep.equal(['error', 'error']);
      expect(full[0]?.message).to.include('10.20.0.0/29 is used up');
    });

    it('name the first of many networks that are used up', () => {
      const networks = Array.from({ length: 9 }, (_, i) => `10.20.0.${i}/32`);
      const { diagnostics } = loadObjects([service('web', { ports: PORTS })], {
        serviceCidrs: cidrs(...networks),
      });
      const message = diagnostics.find(({ code }) => code === 'no-cluster-ip')?.message;
      expect(message).to.match(/: 10\.20\.0\.0\/32, \S+, 10\.20\.0\.2\/32 and 6 more are used up$/);
    });

    it('use a second network when the first is full, and none too small for any', () => {
      const wishes = Array.from({ length: 6 }, (_, i) => service(`s${i}`, { ports: PORTS }));
      const loaded = loadObjects(wishes, {
        serviceCidrs: cidrs('10.9.0.0/32', '10.9.0.8/31', '10.20.0.0/29', '10.21.0.0/29'),
      });
      expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
      expect(Object.values(ipsOf(loaded)).filter((ip) => ip?.startsWith('10.21.'))).to.have.length(
        1,
      );
    });

    const families: readonly (readonly [string, object, readonly Cidr[], readonly string[]])[] = [
      ['the primary one', {}, BOTH, ['IPv4']],
      ['the primary one, IPv6', {}, cidrs('fd00:20::/112', '10.20.0.0/16'), ['IPv6']],
      ['the one asked for', { ipFamilies: ['IPv6'] }, BOTH, ['IPv6']],
      ['two, preferred', { ipFamilyPolicy: 'PreferDualStack' }, BOTH, ['IPv4', 'IPv6']],
      [
        'one, where two are preferred and one is there',
        { ipFamilyPolicy: 'PreferDualStack' },
        V4,
        ['IPv4'],
      ],
      [
        'two, required, in the order asked for',
        { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
        BOTH,
        ['IPv6', 'IPv4'],
      ],
      ['two families named', { ipFamilies: ['IPv4', 'IPv6'] }, BOTH, ['IPv4', 'IPv6']],
      [
        'a pinned address and one of the other family',
        { clusterIP: 'fd00:20::7', ipFamilyPolicy: 'RequireDualStack' },
        BOTH,
        ['IPv6', 'IPv4'],
      ],
    ];
    for (const [what, spec, ranges, expected] of families) {
      it(`are of ${what}`, () => {
        const made = completeService({ ports: PORTS, ...spec }, { serviceCidrs: ranges }).spec;
        expect(made.ipFamilies).to.deep.equal(expected);
        expect(made.clusterIPs?.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4'))).to.deep.equal(
          expected,
        );
        expect(made.clusterIP).to.equal(made.clusterIPs?.[0]);
        for (const ip of made.clusterIPs ?? [])
          expect(
            ranges.some((cidr) => inside(cidr, ip)),
            ip,
          ).to.equal(true);
      });
    }

    it('give an error if the cluster lacks the family', () => {
      const { snapshot, diagnostics } = loadObjects(
        [service('web', { ports: PORTS, ipFamilies: ['IPv6'] })],
        { serviceCidrs: V4 },
      );
      expect(codes(diagnostics)).to.deep.equal(['no-cluster-ip spec.clusterIP']);
      expect(snapshot.services.get('default/web')?.spec.clusterIP).to.equal(undefined);
    });

    it('are not for headless and external Services', () => {
      expect(completeService({ clusterIP: 'None', ports: PORTS }).spec.clusterIP).to.equal('None');
      expect(
        completeService({ type: 'ExternalName', externalName: 'a.example' }).spec.clusterIP,
      ).to.equal(undefined);
    });
  });

  describe('node ports', () => {
    it('are for NodePort and LoadBalancer, unless refused', () => {
      const ports = (spec: object): unknown[] =>
        (completeService({ ports: PORTS, ...spec }).spec.ports ?? []).map((port) => port.nodePort);
      for (const spec of [{ type: 'NodePort' }, { type: 'LoadBalancer' }]) {
        expect(ports(spec)[0]).to.be.within(30000, 32767);
      }
      expect(ports({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false })).to.deep.equal([
        undefined,
      ]);
      expect(ports({})).to.deep.equal([undefined]);
      expect(ports({ type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] })).to.deep.equal([
        31234,
      ]);
    });

    it('are never given to a Service that an API server has stored', () => {
      const stored = { creationTimestamp: '2026-11-20T09:21:47Z' };
      const { snapshot, diagnostics } = loadObjects([
        service('web', { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: PORTS }, stored),
      ]);
      expect(diagnostics).to.deep.equal([]);
      expect(snapshot.services.get('default/web')?.spec.ports?.[0]?.nodePort).to.equal(undefined);
    });

    it('are reported as notes', () => {
      const { diagnostics } = loadObjects([
        service('web', {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          clusterIP: '10.0.0.1',
          ports: PORTS,
        }),
      ]);
      expect(codes(diagnostics)).to.deep.equal([
        'assigned-node-port spec.ports[0].nodePort',
        'assigned-node-port spec.healthCheckNodePort',
      ]);
    });

    it('check health only for LoadBalancers with local traffic', () => {
      const health = (spec: object): unknown =>
        completeService({ ports: PORTS, ...spec }).spec.healthCheckNodePort;
      expect(health({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })).to.be.within(
        30000,
        32767,
      );
      expect(
        health({
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: 31000,
        }),
      ).to.equal(31000);
      expect(health({ type: 'LoadBalancer' })).to.equal(undefined);
      expect(health({ type: 'NodePort', externalTrafficPolicy: 'Local' })).to.equal(undefined);
    });

    it('are shared by TCP and UDP of one port, as in an API server', () => {
      const made = completeService({
        type: 'NodePort',
        ports: [
          { name: 'a', port: 53 },
          { name: 'b', port: 53, protocol: 'UDP' },
          { name: 'c', port: 54 },
        ],
      });
      const [a, b, c] = (made.spec.ports ?? []).map((port) => port.nodePort);
      expect(a).to.equal(b);
      expect(c).not.to.equal(a);
    });

    it('are given once per protocol, however many ask, and then no more', () => {
      const many = Array.from({ length: 2800 }, (_, i) =>
        service(`s${i}`, {
          type: 'NodePort',
          clusterIP: `10.0.${i >> 8}.${i & 255}`,
          ports: PORTS,
        }),
      );
      const loaded = loadObjects([
        ...many,
        service('pin', {
          type: 'NodePort',
          clusterIP: '10.1.0.1',
          ports: [{ port: 80, nodePort: 30000 }],
        }),
      ]);
      const given = Object.values(nodePortsOf(loaded))
        .flat()
        .filter((port) => port !== undefined);
      expect(given).to.have.length(2768);
      expect(new Set(given).size).to.equal(2768);
      expect(loaded.diagnostics.filter(({ code }) => code === 'no-node-port')).to.have.length(
        2801 - 2768,
      );
    });

    it('stay when other Services are added or removed', () => {
      const many = Array.from({ length: 60 }, (_, i) =>
        service(`s${i}`, { type: 'NodePort', ports: PORTS }),
      );
      const all = nodePortsOf(loadObjects(many));
      const some = nodePortsOf(loadObjects(many.filter((_, i) => i % 2 === 0)));
      const moved = Object.keys(some).filter((key) => some[key]?.[0] !== all[key]?.[0]);
      expect(moved.length).to.be.at.most(2);
    });
  });
});
