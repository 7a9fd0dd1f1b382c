/** The records of Services, against the DNS specification of Kubernetes. */

import { expect } from 'chai';
import { dnsRecords } from '../../src/dns/records.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import type { Snapshot } from '../../src/snapshot/types.js';

function load(items: readonly object[]): Snapshot {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  // As an API server stores them: nothing is filled in.
  return loadSnapshot([{ name: 'cluster', text, stored: true }]).snapshot;
}

function service(name: string, spec: object, metadata: object = {}): object {
  const ports = [{ port: 80 }];
  return {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop', ...metadata } },
    spec: { type: 'ClusterIP', ports, ...spec },
  };
}

function slice(name: string, endpoints: readonly object[], addressType = 'IPv4'): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...{ name: `${name}-${addressType.toLowerCase()}`, namespace: 'shop' },
      labels: { 'kubernetes.io/service-name': name },
    },
    ...{ addressType, endpoints, ports: [{ port: 8080 }] },
  };
}

const HEADLESS = { clusterIP: 'None', clusterIPs: ['None'] };

/** `hostname service ip` of each record. */
function records(items: readonly object[]): readonly string[] {
  return dnsRecords(load(items), ['IPv4', 'IPv6']).records.map(
    ({ hostname, service: name, ip }) => `${hostname} ${name} ${ip}`,
  );
}

describe('dns/records', () => {
  it('ClusterIPs of both families, IPv4 first, Services by name', () => {
    expect(
      records([
        service('web', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1', '10.96.0.1'] }),
        service('api', { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.2'] }),
      ]),
    ).to.deep.equal([' shop/api 10.96.0.2', ' shop/web 10.96.0.1', ' shop/web fd00::1']);
  });

  it('a Service of another proxy has a name, and an address in canonical form', () => {
    const labels = { 'service.kubernetes.io/service-proxy-name': 'cilium' };
    const spec = { clusterIP: 'FD00:0::1', clusterIPs: ['FD00:0::1'] };
    expect(records([service('web', spec, { labels })])).to.deep.equal([' shop/web fd00::1']);
  });

  it('headless: ready endpoints, each also below its hostname; one that stands twice once', () => {
    const ready = { addresses: ['10.0.0.1'], hostname: 'db-0', conditions: { ready: true } };
    expect(
      records([
        service('db', HEADLESS),
        slice('db', [
          ready,
          { addresses: ['10.0.0.2'], hostname: 'db-1', conditions: { ready: false } },
          { addresses: ['10.0.0.3', '10.0.0.4'] },
          { ...ready, conditions: {} },
          { addresses: ['10.0.0.5'], hostname: 'not.a.label' },
        ]),
        slice('db', [{ addresses: ['fd00::9'] }], 'IPv6'),
        slice('db', [{ addresses: ['db.example.com'] }], 'FQDN'),
      ]),
    ).to.deep.equal([
      ' shop/db 10.0.0.1',
      'db-0 shop/db 10.0.0.1',
      ' shop/db 10.0.0.3',
      ' shop/db 10.0.0.4',
      ' shop/db 10.0.0.5',
      ' shop/db fd00::9',
    ]);
  });

  it('says why a Service has no address', () => {
    const snapshot = load([
      service('alias', { type: 'ExternalName', externalName: 'db.example.com' }),
      service('empty', HEADLESS),
      service('web', { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] }),
    ]);
    // The API server gives each an address at once; an agent may still see one without.
    const web = snapshot.services.get('shop/web');
    if (web === undefined) throw new Error('no web');
    const pending = { ...web, spec: { ...web.spec, clusterIP: '', clusterIPs: [] } };
    const services = new Map([...snapshot.services, ['shop/pending', pending]]);
    const { without } = dnsRecords({ ...snapshot, services }, ['IPv4']);
    expect([...without]).to.deep.equal([
      ['shop/alias', 'external-name'],
      ['shop/empty', 'no-endpoints'],
      ['shop/pending', 'no-cluster-ip'],
    ]);
  });
});
