/** What the schema and the rules say about single objects. */

import { expect } from 'chai';
import type { Diagnostic } from '../../src/diagnostics.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { codes, loadObjects, service } from './support.js';

const LONG_LABEL = 'a'.repeat(64);

/** `field: message` of every fault of a Service that is good but for this. */
function faultsOf(spec: object, metadata: object = {}): string[] {
  return faultsOfObject(
    service('web', { clusterIP: '10.0.0.1', ports: [{ port: 80 }], ...spec }, metadata),
  );
}

function faultsOfObject(object: object): string[] {
  const { diagnostics } = loadObjects([object]);
  return diagnostics.filter(({ severity }) => severity === 'error').map(sentence);
}

function sentence({ message, hint }: Diagnostic): string {
  const text = message.replace(/^.* left out: /, '');
  return hint === undefined ? text : `${text} (${hint})`;
}

function slice(rest: object): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.0.1'] }],
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    ...rest,
  };
}

describe('snapshot/validate', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    [
      'type',
      { type: 'Cluste' },
      'spec.type: "Cluste": must be one of ClusterIP, NodePort, LoadBalancer, ExternalName (did you mean ClusterIP?)',
    ],
    [
      'type of type',
      { type: 7 },
      'spec.type: 7: must be one of ClusterIP, NodePort, LoadBalancer, ExternalName, not a number (put the value in quotes)',
    ],
    [
      'protocol',
      { ports: [{ port: 80, protocol: 'tcp' }] },
      'spec.ports[0].protocol: "tcp": must be one of TCP, UDP, SCTP (did you mean TCP?)',
    ],
    [
      'port too big',
      { ports: [{ port: 65536 }] },
      'spec.ports[0].port: 65536: must be a port number from 1 to 65535',
    ],
    [
      'port zero',
      { ports: [{ port: 0 }] },
      'spec.ports[0].port: 0: must be a port number from 1 to 65535',
    ],
    [
      'port fraction',
      { ports: [{ port: 80.5 }] },
      'spec.ports[0].port: 80.5: must be a port number from 1 to 65535',
    ],
    [
      'port text',
      { ports: [{ port: '80' }] },
      'spec.ports[0].port: "80": must be a port number from 1 to 65535, not a string (write 80 without quotes)',
    ],
    [
      'port null',
      { ports: [{ port: null }] },
      'spec.ports[0].port: must be a port number from 1 to 65535, not null',
    ],
    [
      'port missing',
      { ports: [{ prot: 80 }] },
      'spec.ports[0].port: is required (is "prot" meant to be port?)',
    ],
    ['port of no type', { ports: ['80'] }, 'spec.ports[0]: must be a map, not a string'],
    ['ports of no type', { ports: { port: 80 } }, 'spec.ports: must be a list, not a map'],
    ['no ports', { ports: [] }, 'spec.ports: is required'],
    [
      'node port',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 65536 }] },
      'spec.ports[0].nodePort: 65536: must be a port number from 0 to 65535',
    ],
    [
      'health port',
      { healthCheckNodePort: -1 },
      'spec.healthCheckNodePort: -1: must be a port number from 0 to 65535',
    ],
    [
      'timeout',
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: 86401: must be a number of seconds from 1 to 86400',
    ],
    [
      'family',
      { ipFamilies: ['ipv4'] },
      'spec.ipFamilies[0]: "ipv4": must be one of IPv4, IPv6 (did you mean IPv4?)',
    ],
    [
      'families',
      { ipFamilies: ['IPv4', 'IPv6', 'IPv4'] },
      'spec.ipFamilies: must have at most 2 items, not 3',
    ],
    [
      'flag',
      { publishNotReadyAddresses: 'true' },
      'spec.publishNotReadyAddresses: "true": must be true or false, not a string (write true without quotes)',
    ],
    [
      'policy',
      { externalTrafficPolicy: 'local' },
      'spec.externalTrafficPolicy: "local": must be one of Cluster, Local (did you mean Local?)',
    ],
    [
      'selector',
      { selector: { app: true } },
      'spec.selector[app]: true: must be a string, not a boolean (put the value in quotes)',
    ],
    [
      'target port name',
      { ports: [{ port: 80, targetPort: '8080' }] },
      "spec.ports[0].targetPort: \"8080\": must be a port number, or a container port's name: at most 15 lower-case letters, digits or '-', with a letter (write 8080 without quotes)",
    ],
    [
      'port name',
      { ports: [{ port: 80, name: 'Web' }] },
      "spec.ports[0].name: \"Web\": must be a DNS label: at most 63 lower-case letters, digits or '-', no '-' first or last (did you mean web?)",
    ],
    [
      'unnamed ports',
      { ports: [{ port: 80 }, { port: 81, name: 'b' }] },
      'spec.ports[0].name: is required: each port of a Service with several ports needs a name',
    ],
    [
      'equal names',
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'a' },
        ],
      },
      'spec.ports[1].name: "a": is the name of another port',
    ],
    [
      'equal ports',
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b', protocol: 'TCP' },
        ],
      },
      'spec.ports[1].port: 80: 80/TCP is taken by another port of this Service',
    ],
    [
      'equal node ports',
      {
        type: 'NodePort',
        ports: [
          { port: 80, name: 'a', nodePort: 30001 },
          { port: 81, name: 'b', nodePort: 30001 },
        ],
      },
      'spec.ports[1].nodePort: 30001: 30001/TCP is taken by another port of this Service',
    ],
  ];
  for (const [what, spec, fault] of cases) {
    it(`refuses a wrong ${what}`, () => expect(faultsOf(spec)).to.deep.equal([fault]));
  }

  it('accepts what the API server accepts', () => {
    for (const spec of [
      { ports: [{ port: 1, name: '' }] },
      { ports: [{ port: 65535, nodePort: 0, targetPort: 0 }] },
      { ports: [{ port: 80, targetPort: 'http-alt' }] },
      {
        ports: [
          { port: 53, name: 'a' },
          { port: 53, name: 'b', protocol: 'UDP' },
        ],
      },
      {
        ports: [
          { port: 80, name: '1' },
          { port: 81, name: 'a'.repeat(63) },
        ],
      },
      { clusterIP: 'None', ports: null },
      { type: 'ExternalName', externalName: 'a.example', clusterIP: '', ports: [] },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 86400 } } },
      { selector: null, externalIPs: null, ipFamilyPolicy: null, type: null },
      {
        type: 'LoadBalancer',
        externalIPs: ['', 'no address'],
        loadBalancerSourceRanges: ['10.0.0.1/8 '],
        clusterIP: '10.96.0.7',
      },
      { someFutureField: { x: 1 } },
    ]) {
      expect(faultsOf(spec), JSON.stringify(spec)).to.deep.equal([]);
    }
  });

  it('checks names: a label for Services and namespaces, a subdomain for the rest', () => {
    expect(faultsOf({}, { name: '0web' })).to.deep.equal([]);
    for (const name of ['', 'a.b', '-a', 'A b', LONG_LABEL, 'a\nb', '$(id)']) {
      expect(faultsOf({}, { name }), name).to.have.length(1);
    }
    for (const namespace of ['a.b', LONG_LABEL, 'a"b']) {
      expect(faultsOf({}, { namespace }), namespace).to.have.length(1);
    }
    expect(faultsOfObject(slice({ metadata: { name: 'a.b-c' } }))).to.deep.equal([]);
    expect(faultsOfObject(slice({ metadata: { name: 'a..b' } }))).to.have.length(1);
    expect(faultsOfObject(slice({ metadata: { name: 'a'.repeat(254) } }))).to.have.length(1);
  });

  it('refuses objects without metadata, name or spec', () => {
    expect(faultsOfObject({ apiVersion: 'v1', kind: 'Service' })).to.deep.equal([
      'metadata: is required',
      'spec: is required',
    ]);
    expect(
      faultsOfObject({ apiVersion: 'v1', kind: 'Node', metadata: { generateName: 'x-' } }),
    ).to.deep.equal(['metadata.name: is required']);
    expect(faultsOfObject({ apiVersion: 'v1', kind: 'Node', metadata: 'x' })).to.deep.equal([
      'metadata: must be a map, not a string',
    ]);
  });

  const sliceCases: readonly (readonly [object, string])[] = [
    [
      { addressType: 'ipv4' },
      'addressType: "ipv4": must be one of IPv4, IPv6, FQDN (did you mean IPv4?)',
    ],
    [{ addressType: null }, 'addressType: must be one of IPv4, IPv6, FQDN, not null'],
    [{ endpoints: [{}] }, 'endpoints[0].addresses: is required'],
    [
      { endpoints: [{ addresses: ['1.1.1.1'], conditions: { ready: 'yes' } }] },
      'endpoints[0].conditions.ready: "yes": must be true or false, not a string',
    ],
    [{ ports: [{ port: 70000 }] }, 'ports[0].port: 70000: must be a port number from 1 to 65535'],
    [
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      'ports[1].name: "a": is the name of another port',
    ],
    [
      { ports: [{ port: 1 }, { name: '', port: 2 }] },
      'ports[1].name: "": is the name of another port',
    ],
  ];
  for (const [rest, fault] of sliceCases) {
    it(`refuses a slice with ${JSON.stringify(rest).slice(0, 60)}`, () => {
      expect(faultsOfObject(slice(rest))).to.deep.equal([fault]);
    });
  }

  it('takes null for an empty text in labels and selectors, as Go decodes maps', () => {
    const { snapshot, diagnostics } = loadSnapshot([
      {
        name: 'web.yaml',
        text: `
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: null, tier: back}}
spec: {clusterIP: 10.96.0.5, selector: {app: null}, ports: [{port: 80}]}`,
      },
    ]);
    expect(diagnostics.filter(({ severity }) => severity !== 'note')).to.deep.equal([]);
    const web = snapshot.services.get('default/web');
    expect(web?.metadata.labels).to.deep.equal({ app: '', tier: 'back' });
    expect(web?.spec.selector).to.deep.equal({ app: '' });
  });

  it('takes null for absent in slices, as Go prints it', () => {
    expect(faultsOfObject(slice({ endpoints: null, ports: null }))).to.deep.equal([]);
    const { snapshot } = loadObjects([
      slice({ endpoints: null, ports: [{ name: null, port: null }] }),
    ]);
    expect(snapshot.slices.get('default/web')?.[0]).to.deep.include({ endpoints: [], ports: [{}] });
  });

  it('reports every problem of an object, at most twenty', () => {
    const ports = Array.from({ length: 30 }, () => ({ port: 0 }));
    expect(faultsOf({ type: 'x', ports })).to.have.length(20);
  });

  it('warns of misspelled fields and keeps the object', () => {
    const loaded = loadObjects([
      service('web', {
        clusterIP: '10.0.0.1',
        sesionAffinity: 'ClientIP',
        selektor: { a: 'b' },
        ports: [{ port: 80, targetport: 81, appProtocol: 'http' }],
        trafficDistribution: 'PreferClose',
        completelyDifferent: 1,
      }),
    ]);
    expect(loaded.snapshot.services.size).to.equal(1);
    expect(
      loaded.diagnostics.map(({ severity, field, hint }) => `${severity} ${field} ${hint}`),
    ).to.deep.equal([
      'warning spec.sesionAffinity did you mean sessionAffinity?',
      'warning spec.selektor did you mean selector?',
      'warning spec.ports[0].targetport did you mean targetPort?',
    ]);
  });

  it('warns of a stored node port without the type for it, and keeps it as kube-proxy would', () => {
    const ports = [{ port: 80, nodePort: 30080 }];
    const { snapshot, diagnostics } = loadObjects([
      service('web', { clusterIP: '10.0.0.1', ports }, { uid: 'u' }),
      service('right', { clusterIP: '10.0.0.2', type: 'NodePort', ports }),
    ]);
    expect(diagnostics.map(({ severity, field, hint }) => [severity, field, hint])).to.deep.equal([
      ['warning', 'spec.ports[0].nodePort', 'did you mean type: NodePort?'],
    ]);
    expect(snapshot.services.get('default/web')?.spec.ports?.[0]?.nodePort).to.equal(30080);
  });

  it('keeps what it reads and drops the rest', () => {
    const annotations = { 'x/y': 'z'.repeat(1000) };
    const { snapshot } = loadObjects([
      service(
        'web',
        {
          clusterIP: '10.0.0.1',
          type: 'ClusterIP',
          sessionAffinity: 'None',
          ports: [{ port: 80, protocol: 'TCP', appProtocol: 'h2' }],
          loadBalancerClass: 'x',
        },
        { annotations, uid: '1', namespace: '' },
      ),
    ]);
    expect(snapshot.services.get('default/web')).to.deep.equal({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.0.0.1',
        ports: [{ protocol: 'TCP', port: 80 }],
        sessionAffinity: 'None',
      },
    });
  });

  it('shows bad values short and without control characters', () => {
    const { diagnostics } = loadObjects([
      service('we\u0000b\u001b[31m', { type: { a: { b: 1 } }, ports: [{ port: 1 }] }),
    ]);
    expect(codes(diagnostics)).to.deep.equal([
      'invalid-object metadata.name',
      'invalid-object spec.type',
    ]);
    expect(diagnostics[1]?.message).to.match(/spec\.type: must be one of .*, not a map$/);
    for (const { message } of diagnostics) expect(message).not.to.match(/\p{Cc}/u);
  });
});
