/**
 * The reasons that endpoints are used or not are those that the model acts on, and leave nothing
 * out.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { buildModel } from '../../src/model/build.js';
import { leftOutOf, type PortVerdicts, portVerdicts } from '../../src/model/verdicts.js';
import { modelSettings } from '../../src/pipeline.js';
import { DEFAULT_PROFILE, profileOf } from '../../src/profiles/profiles.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import type { Service } from '../../src/snapshot/types.js';
import { property } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';
import { modelOf, service, slice } from './support.js';

const targets = ({ endpoints }: PortVerdicts, pool: 'cluster' | 'local'): readonly string[] =>
  endpoints
    .filter((verdict) => verdict[pool] === 'ready' || verdict[pool] === 'draining')
    .map(({ endpoint }) => endpoint.target);

/** The reasons of the only Service port, by address. */
function reasons(
  objects: Parameters<typeof modelOf>[0],
  pool: 'cluster' | 'local' = 'cluster',
): Readonly<Record<string, string>> {
  const model = modelOf(objects);
  const [entry] = model.entries;
  const [port] = model.ports;
  const { endpoints } = portVerdicts(entry!, model.serviceContext)(port!);
  return Object.fromEntries(endpoints.map((one) => [one.endpoint.target, one[pool]]));
}

describe('model/verdicts', () => {
  it('choose exactly the pools of the model, and have a verdict for every endpoint of every slice', () => {
    property(
      fc.property(cluster, options, fc.constantFrom('IPv4', 'IPv6'), (objects, given, family) => {
        const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
        const { snapshot } = loadSnapshot([{ name: 'list', text }]);
        const model = buildModel(snapshot, modelSettings(given), family);
        for (const entry of model.entries)
          for (const port of entry.wanted) {
            const { slices = [] } = entry;
            const verdicts = portVerdicts(entry, model.serviceContext)(port);
            const { cluster: all, local, topology } = port.pools;
            expect(targets(verdicts, 'cluster')).to.deep.equal(all.map(({ target }) => target));
            expect(targets(verdicts, 'local')).to.deep.equal(local.map(({ target }) => target));
            expect(verdicts.selection.topology).to.equal(topology);
            const given = slices
              .filter(({ addressType }) => addressType === family)
              .filter(({ ports }) =>
                ports?.some(
                  ({ name, protocol }) => name === port.portName && protocol === port.protocol,
                ),
              )
              .flatMap(({ endpoints }) => endpoints.map(({ addresses }) => addresses[0]));
            expect(verdicts.endpoints.map(({ spec }) => spec.addresses[0]).sort()).to.deep.equal(
              given.sort(),
            );
          }
      }),
      4,
    );
  });

  it('say why an endpoint is not in the pool of policy Cluster', () => {
    const at = (n: number, conditions: object) => ({ addresses: [`10.0.0.${n}`], conditions });
    const mixed = [
      at(1, {}),
      at(2, { ready: false }),
      at(3, { ready: false, serving: true, terminating: true }),
      at(4, { ready: false, serving: false, terminating: true }),
    ];
    expect(reasons([service('web'), slice('web', mixed)])).to.deep.equal({
      '10.0.0.1:8080': 'ready',
      '10.0.0.2:8080': 'not-ready',
      '10.0.0.3:8080': 'terminating',
      '10.0.0.4:8080': 'not-serving',
    });
    expect(reasons([service('web'), slice('web', mixed.slice(1))])).to.deep.include({
      '10.0.0.3:8080': 'draining',
    });
  });

  it('say of policy Local which endpoints are elsewhere', () => {
    const web = service('web', { internalTrafficPolicy: 'Local' });
    const objects = [web, slice('web', ['10.0.0.1'])];
    expect(reasons(objects, 'local')).to.deep.equal({ '10.0.0.1:8080': 'not-local' });
    expect(reasons(objects)).to.deep.equal({ '10.0.0.1:8080': 'unused-policy' });
  });

  it('name what is no endpoint of any port', () => {
    const odd = [
      slice('web', [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.300'] }], {
        ports: [{ name: 'http', port: 8080 }, { protocol: 'TCP' }],
      }),
      slice('web', ['db.example'], { addressType: 'FQDN' }),
      slice('web', ['fd00::1'], { addressType: 'IPv6' }),
    ];
    expect(
      leftOutOf(service('web'), odd, DEFAULT_PROFILE.policy).map(
        ({ text, reason }) => `${reason} ${text}`,
      ),
    ).to.deep.equal([
      'port-without-service http/TCP',
      'port-without-number /TCP',
      'second-address 10.0.0.2',
      'invalid-address 10.0.0.300',
      'fqdn-slice ',
      'other-family ',
    ]);
  });

  it('leave the slices of a headless Service alone, which are for DNS', () => {
    const labels = { 'kubernetes.io/service-name': 'web', 'service.kubernetes.io/headless': '' };
    const own = slice('web', ['10.0.0.1'], { metadata: { name: 'web-1', labels } });
    const { policy } = DEFAULT_PROFILE;
    expect(leftOutOf(service('web', { clusterIP: 'None' }), [own], policy)).to.deep.equal([]);
    expect(leftOutOf(service('web'), [own], policy)).to.have.length(1);
  });

  it('name the label that leaves a slice, or the Service, to others up to 1.35', () => {
    const other = { 'service.kubernetes.io/service-proxy-name': 'x' };
    const labels = { 'kubernetes.io/service-name': 'web', ...other };
    const own = slice('web', ['10.0.0.1'], { metadata: { name: 'web-1', labels } });
    const { policy } = profileOf('1.35')!;
    const reasons = (object: Service) =>
      leftOutOf(object, [own], policy).map(({ reason }) => reason);
    expect(reasons(service('web'))).to.deep.equal(['other-proxy-slice']);
    expect(reasons(service('web', {}, { 'service.kubernetes.io/headless': '' }))).to.be.empty;
    expect(leftOutOf(service('web'), [own], DEFAULT_PROFILE.policy)).to.be.empty;
  });
});
