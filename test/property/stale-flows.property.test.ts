/**
 * Random clusters with random flows: the printed rules say which flows must stay, and which must
 * go.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { ConntrackFlow, FlowProtocol } from '../../src/flows/flows.js';
import { type Frontend, frontendsOfModel } from '../../src/flows/frontends.js';
import { staleFlows } from '../../src/flows/stale-flows.js';
import { type Ip, joinHostPort, parseIp } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import type { EndpointSlice, KubernetesObject } from '../../src/snapshot/types.js';
import { snapshotOf } from '../model/support.js';
import { property, propertyUntil } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';
import type { RuleTargets } from '../support/canon/rule-targets.js';
import { TESTED_BACKENDS } from '../support/cases/backends.js';

function names(frontends: readonly Frontend[]): readonly string[] {
  return frontends
    .map(({ protocol, ip, port, origin }) => `${protocol} ${ip}:${port} ${origin}`)
    .sort();
}

const CANDIDATES: Readonly<Record<'IPv4' | 'IPv6', readonly string[]>> = {
  IPv4: ['192.0.2.1', '10.96.0.1', '10.96.0.2', '10.96.0.3', '172.18.0.2', '127.0.0.1', '8.8.8.8'],
  IPv6: ['2001:db8::1', 'fd00:10:96::1', 'fd00:10:96::2', 'fd00:18::2', '::1', '2001:db8:8::8'],
};
const NODE_ADDRESSES = ['172.18.0.2', 'fd00:18::2', '127.0.0.1', '::1'].map((t) => parseIp(t)!);

/**
 * Every Service gets endpoints for its ports, over UDP where it says TCP: random names alone seldom
 * meet.
 */
function served(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.flatMap((object): readonly KubernetesObject[] => {
    if (object.kind !== 'Service') return [object];
    const ports = (object.spec.ports ?? []).map((port) => ({
      ...port,
      protocol: port.protocol === 'TCP' ? ('UDP' as const) : (port.protocol ?? 'UDP'),
    }));
    const slices = (['IPv4', 'IPv6'] as const).map((family): EndpointSlice => {
      const { name, namespace } = object.metadata;
      return {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: `${name}-served-${family.toLowerCase()}`,
          namespace: namespace ?? '',
          labels: { 'kubernetes.io/service-name': name },
        },
        addressType: family,
        endpoints: [1, 2].map((n) => ({
          addresses: [family === 'IPv4' ? `10.180.0.${n}` : `fd00:10:180::${n}`],
          nodeName: `node-${n}`,
        })),
        ports: ports.map(({ name: portName, protocol }) => ({
          name: portName ?? '',
          protocol,
          port: 8080,
        })),
      };
    });
    return [{ ...object, spec: { ...object.spec, ports } }, ...slices];
  });
}

/**
 * Choices that make a flow of a cluster: to a frontend of its rules or to any address, from an
 * endpoint of them or any.
 */
const choices = fc.record({
  frontend: fc.option(fc.nat(50), { nil: undefined }),
  destination: fc.nat(50),
  port: fc.constantFrom(53, 80, 443, 30000, 30001, 30002),
  protocol: fc.constantFrom<FlowProtocol>('UDP', 'SCTP'),
  endpoint: fc.constantFrom<'known' | 'any' | 'nobody' | 'itself'>(
    'known',
    'any',
    'nobody',
    'itself',
  ),
  n: fc.nat(50),
  otherPort: fc.boolean(),
});
type Choices = typeof choices extends fc.Arbitrary<infer T> ? T : never;

/** Number 13 is never an endpoint of a random cluster. */
const NOBODY = 13;

function flowOf(choice: Choices, rules: RuleTargets, family: 'IPv4' | 'IPv6'): ConntrackFlow {
  const { frontend, n } = choice;
  const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;
  const known = rules.frontends;
  const to =
    frontend === undefined || known.length === 0
      ? { ip: '' as const, port: choice.port, protocol: choice.protocol }
      : pick(known, frontend);
  const destination = to.ip === '' ? parseIp(pick(CANDIDATES[family], choice.destination))! : to.ip;
  const endpoint = (number: number): readonly [Ip, number] => [
    parseIp(family === 'IPv4' ? `10.180.0.${number}` : `fd00:10:180::${number}`)!,
    choice.otherPort ? 8081 : 8080,
  ];
  const reachable = rules.at(to.protocol, destination, to.port);
  const [replySource, replySourcePort] =
    choice.endpoint === 'itself'
      ? [destination, to.port]
      : choice.endpoint === 'known' && reachable.length > 0
        ? splitTarget(pick(reachable, n))
        : endpoint(choice.endpoint === 'nobody' ? NOBODY : n % NOBODY);
  return {
    protocol: to.protocol,
    source: parseIp(family === 'IPv4' ? '10.244.9.9' : 'fd00:244::9')!,
    sourcePort: 40000,
    destination,
    destinationPort: to.port,
    replySource,
    replySourcePort,
    zoned: false,
  };
}

function splitTarget(target: string): readonly [Ip, number] {
  const colon = target.lastIndexOf(':');
  return [parseIp(target.slice(0, colon).replace(/[[\]]/g, ''))!, Number(target.slice(colon + 1))];
}

/** Whether an API server, and so a snapshot, would take it: no Service has one port twice. */
function isAccepted(objects: readonly KubernetesObject[]): boolean {
  return objects.every((object) => {
    if (object.kind !== 'Service') return true;
    const keys = (object.spec.ports ?? []).map(
      ({ port, protocol }) => `${port} ${protocol ?? 'TCP'}`,
    );
    return new Set(keys).size === keys.length;
  });
}

for (const { mode, rulesOf } of TESTED_BACKENDS) {
  describe(`property: stale flows in mode ${mode}`, () => {
    it('a flow that the rules would translate the same way is kept, one to a removed endpoint is not', () => {
      let kept = 0;
      let found = 0;
      propertyUntil(
        () => kept > 20 && found > 20,
        fc.property(
          cluster.map(served).filter(isAccepted),
          options,
          fc.constantFrom('IPv4' as const, 'IPv6' as const),
          fc.array(choices, { minLength: 30, maxLength: 30 }),
          (objects, given, family, chosen) => {
            const { model, ruleset } = compileSnapshot(snapshotOf(...objects), family, {
              ...given,
              mode,
            });
            const rules = rulesOf(print(ruleset), family);
            const flows = chosen.map((choice) => flowOf(choice, rules, family));
            const stale = new Set(
              staleFlows([model], flows, { localAddresses: NODE_ADDRESSES }).map(
                ({ flow }) => flow,
              ),
            );
            for (const flow of flows) {
              const { protocol, destination, destinationPort, replySource, replySourcePort } = flow;
              const targets = rules.at(protocol, destination, destinationPort);
              const target = joinHostPort(replySource, replySourcePort);
              const nobody = /(?:\.|::)13$/.test(replySource) || replySourcePort === 8081;
              if (targets.includes(target)) {
                expect(stale.has(flow), `${target} serves`).to.equal(false);
                kept++;
              } else if (nobody && targets.length > 0 && !NODE_ADDRESSES.includes(destination)) {
                if (destinationPort >= 30000) continue;
                expect(stale.has(flow), `${target} is nobody`).to.equal(true);
                found++;
              }
              if (destination === CANDIDATES[family].at(-1))
                expect(stale.has(flow), 'an address of nobody').to.equal(false);
            }
          },
        ),
      );
      expect(kept, 'flows that must be kept').to.be.greaterThan(20);
      expect(found, 'flows that must be found').to.be.greaterThan(20);
    });

    it('the frontends of the rules are frontends of the model', () => {
      property(
        fc.property(
          cluster.map(served).filter(isAccepted),
          options,
          fc.constantFrom('IPv4' as const, 'IPv6' as const),
          (objects, given, family) => {
            const { model, ruleset } = compileSnapshot(snapshotOf(...objects), family, {
              ...given,
              mode,
            });
            const known = new Set(names(frontendsOfModel(model)));
            for (const name of names(rulesOf(print(ruleset), family).frontends))
              expect(known).to.include(name);
          },
        ),
      );
    });
  });
}
