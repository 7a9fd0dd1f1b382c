/** A whole agent that gets objects that no API server should have stored. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { ApiObject } from '../support/api-server/index.js';
import { hostileObject } from '../support/arbitrary/hostile.js';
import { seed } from '../support/arbitrary/property.js';
import { change, withAgent } from '../support/cluster/fault-cluster.js';
import { memoryIptables, memoryNftables } from '../support/kernels/agent-kernels.js';
import { shop } from './objects.js';

const names = (objects: readonly ApiObject[], name: string): readonly ApiObject[] =>
  objects.filter(({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-`));
const without = (objects: readonly ApiObject[], name: string): readonly ApiObject[] =>
  objects.filter((object) => !names([object], name).length);

describe('an agent and objects that are not understood', () => {
  /** A Service of the shop that is not valid. */
  const spoilt = (name: string, n: number, spec: Readonly<Record<string, unknown>>): ApiObject => {
    const [service] = shop(name, n);
    if (service === undefined) throw new Error('a shop has a Service');
    return { ...service, spec: { ...Object(service.spec), ...spec } };
  };
  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['ports that are none', { ports: 'web' }],
    ['a port out of range', { ports: [{ name: 'web', port: 70_000, protocol: 'TCP' }] }],
    [
      'rules for an address',
      {
        clusterIP: '10.96.0.2 -j ACCEPT',
        clusterIPs: ['10.96.0.2 -j ACCEPT', 'fd00:10:96::2 -j ACCEPT'],
      },
    ],
    ['a line feed in a port name', { ports: [{ name: 'a\n-A INPUT', port: 80, protocol: 'TCP' }] }],
    ['a protocol of its own', { ports: [{ name: 'web', port: 80, protocol: 'tcp; reboot' }] }],
  ];
  for (const kernel of [memoryIptables, memoryNftables])
    it(`keeps what a Service has, and does all others: ${kernel().name}`, () =>
      withAgent(
        async ({ server, noticed, converged }) => {
          for (const [i, [what, spec]] of bad.entries()) {
            const before = server.objects();
            server.set(spoilt('s1', 2, spec));
            server.setMany(names(before, 's1').filter(({ kind }) => kind !== 'Service'));
            server.set(spoilt('never', 99, spec));
            server.setMany(shop(`later-${i}`, 50 + i));
            // Its endpoints are not its own any more either, or a half-understood Service would
            // lose some.
            const expected = () => [
              ...without(without(server.objects(), 's1'), 'never'),
              ...names(before, 's1'),
            ];
            // Services and slices come by streams of their own: only behind a later Service is this
            // one read.
            await converged(expected);
            change(server, i + 10);
            await converged(expected);
            expect(noticed.map(({ message }) => message).join('\n'), what).to.include('shop/s1');
            server.setMany(names(before, 's1'));
            await converged(() => without(server.objects(), 'never'));
            server.set(spoilt('s1', 2, spec));
            server.delete({ kind: 'Service', namespace: 'shop', name: 's1' });
            server.delete({ kind: 'Service', namespace: 'shop', name: 'never' });
            await converged();
            server.setMany(names(before, 's1'));
            await converged();
          }
        },
        { kernel: kernel() },
      ));

  it('is at the objects of the server again after hostile ones in lists and watches', () =>
    withAgent(async ({ server, converged, pass }) => {
      const samples = fc.sample(hostileObject, { numRuns: 400, seed });
      const texts = samples.map((sample) => JSON.stringify(sample) ?? 'null');
      server.misbehave({ kind: 'extra-items', items: texts });
      server.endWatches({ errorCode: 410 });
      change(server, 1);
      await pass(60);
      for (const [i, text] of texts.entries())
        for (const resource of ['services', 'endpointslices', 'nodes', 'servicecidrs'])
          server.inject(
            resource,
            `{"type":"${i % 3 === 0 ? 'DELETED' : 'ADDED'}","object":${text}}\n`,
          );
      change(server, 2);
      await pass(30);
      server.heal();
      server.advance();
      server.compact();
      server.endWatches({ errorCode: 410 });
      change(server, 3);
      await converged();
    }));
});
