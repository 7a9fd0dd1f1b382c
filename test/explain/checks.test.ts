/**
 * The rows of the usual troubleshooting tables: each fault is named, and a right Service has none.
 */

import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { QUESTIONS } from '../../src/explain/checks.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { shellWord } from '../../src/shell-word.js';
import { answers, DEPLOYMENT, DNS, faults, NODES, PODS, RIGHT, SERVICE, SLICE } from './support.js';

/** The right documents, each text replaced in all of them. */
function changed(...changes: readonly (readonly [string | RegExp, string])[]): readonly string[] {
  return RIGHT.map((text) =>
    changes.reduce((current, [from, to]) => current.replaceAll(from, to), text),
  );
}

const service = (...changes: readonly (readonly [string, string])[]): readonly string[] =>
  RIGHT.map((text) =>
    text === SERVICE ? changes.reduce((all, [from, to]) => all.replace(from, to), text) : text,
  );

const slice = (...changes: readonly (readonly [string | RegExp, string])[]): readonly string[] =>
  RIGHT.map((text) =>
    text === SLICE ? changes.reduce((all, [from, to]) => all.replace(from, to), text) : text,
  );

const ROWS: Readonly<Record<string, readonly [documents: readonly string[], ...found: string[]]>> =
  {
    'nothing is wrong': [RIGHT],
    'a selector with a typing error, and slices of nobody': [
      service(['{app: web}', '{app: wbe}']),
      'problem selector: app=wbe matches no Pod; nearest: app=web (Pod web-a, Pod web-b, Deployment web)',
      'warning slices: 10.244.1.7, 10.244.2.3 in its slices are of no Pod that the selector matches: the slices are older than the Pods, or written by hand',
    ],
    'a selector with a wrong key': [
      service(['{app: web}', '{ap: web}']).filter((text) => text !== SLICE),
      'problem selector: ap=web matches no Pod; nearest: app=web (Pod web-a, Pod web-b, Deployment web)',
      'problem slices: no EndpointSlice names it',
    ],
    'Pods that have ended': [
      changed(['phase: Running', 'phase: Succeeded']),
      'problem selector: app=web matches 2 Pods, but all have ended (Succeeded or Failed)',
    ],
    'a Deployment that is scaled to 0': [
      [NODES, SERVICE, DNS, DEPLOYMENT.replace('replicas: 2', 'replicas: 0')],
      'problem selector: app=web matches no Pod: Deployment web is scaled to 0',
      'problem slices: no EndpointSlice names it',
    ],
    'a Deployment without its Pods': [
      [NODES, SERVICE, SLICE, DNS, DEPLOYMENT],
      'unknown selector: app=web matches the Pods of Deployment web, of which the input has none',
    ],
    'no Pods in the input': [
      [NODES, SERVICE, SLICE, DNS],
      'unknown selector: the input has no Pod of namespace shop',
    ],
    'slices that name a Service with a typing error': [
      slice(['service-name: web', 'service-name: wbe']),
      'problem slices: no EndpointSlice names it; those that name Service shop/wbe, which does not exist, may be meant',
    ],
    'slices without endpoints': [
      slice([/endpoints:[\s\S]*$/, 'endpoints: []\n']),
      'warning slices: web-a, web-b are ready, but in no slice: the EndpointSlice controller is behind',
      'problem slices: it has 1 EndpointSlice, but without any endpoint',
    ],
    'slices of the other family': [
      slice(
        ['addressType: IPv4', 'addressType: IPv6'],
        ['10.244.1.7', "'fd00::1'"],
        ['10.244.2.3', "'fd00::2'"],
      ),
      'warning slices: web-a, web-b are ready, but in no slice: the EndpointSlice controller is behind',
      'problem slices: its EndpointSlices are IPv6, its ClusterIP is IPv4',
    ],
    'a slice port with another name': [
      slice(['name: http', 'name: web']),
      'warning slices: web-a, web-b are ready, but in no slice: the EndpointSlice controller is behind',
      'problem ports: http/TCP: no IPv4 slice has a TCP port named "http"; they have web 8080/TCP',
    ],
    'a slice port with another protocol': [
      slice(['port: 8080, protocol: TCP', 'port: 8080, protocol: UDP']),
      'warning slices: web-a, web-b are ready, but in no slice: the EndpointSlice controller is behind',
      'problem ports: http/TCP: no IPv4 slice has a TCP port named "http"; they have http 8080/UDP',
    ],
    'a named target port that no Pod has, as an API server stores it': [
      service(['targetPort: http', 'targetPort: htpp']).map((text) =>
        text === SLICE ? text.replace(/ports: .*/, 'ports: []') : text,
      ),
      'warning slices: web-a, web-b are ready, but in no slice: the EndpointSlice controller is behind',
      'problem ports: http/TCP: no IPv4 slice has a TCP port named "http"; they have none: no Pod has the target port',
      'problem target-port: targetPort "htpp": no Pod has a TCP container port of that name; did you mean "http"?',
    ],
    'a named target port that some Pods lack': [
      RIGHT.map((text) => (text === PODS[1] ? text.replace('name: http', 'name: web') : text)),
      'warning target-port: 1 of 2 Pods lack a TCP container port named so, targetPort "http": web-b',
    ],
    'a target port that no Pod declares': [
      service(['targetPort: http', 'targetPort: 8081']),
      'warning target-port: targetPort 8081/TCP: no Pod declares that container port; they declare 8080/TCP (http)',
    ],
    'nobody is ready': [
      changed(
        ['{ready: true}, nodeName', '{ready: false}, nodeName'],
        ["status: 'True'", "status: 'False'"],
      ),
      'problem ready: http/TCP: none of 2 endpoints is ready: web-a (10.244.1.7, Running, not Ready), web-b (10.244.2.3, Running, not Ready)',
    ],
    'only endpoints that terminate, but serve': [
      slice([/\{ready: true\}/g, '{ready: false, serving: true, terminating: true}']),
      'warning ready: http/TCP: none of 2 endpoints is ready: those that terminate but still serve are used',
    ],
    'internal policy Local without an endpoint here': [
      service(['type: ClusterIP', 'internalTrafficPolicy: Local']).map((text) =>
        text.replaceAll('nodeName: node-a, zone', 'nodeName: node-c, zone'),
      ),
      'problem policy: http/TCP: internalTrafficPolicy is Local: packets to its ClusterIP on node-a are dropped, because no endpoint is there',
    ],
    'external policy Local without an endpoint here': [
      service(
        ['type: ClusterIP', 'type: NodePort\n  externalTrafficPolicy: Local'],
        ['port: 80,', 'port: 80, nodePort: 30080,'],
      ).map((text) => text.replaceAll('nodeName: node-a, zone', 'nodeName: node-c, zone')),
      'warning policy: http/TCP: externalTrafficPolicy is Local: packets from outside on node-a are dropped, because no endpoint is there',
    ],
    'a hint that one endpoint lacks': [
      slice(['zone: zone-1}', 'zone: zone-1, hints: {forZones: [{name: zone-1}]}}']),
      'warning hints: http/TCP: hints for zones are ignored: some ready endpoint has none',
    ],
    'hints for other zones': [
      slice([/zone: zone-.\}/g, 'hints: {forZones: [{name: zone-3}]}}']),
      'warning hints: http/TCP: hints for zones are ignored: none is for this one',
    ],
    'a wish for near endpoints without hints': [
      service(['type: ClusterIP', 'trafficDistribution: PreferSameZone']),
      'warning hints: http/TCP: trafficDistribution is PreferSameZone, but no endpoint has a hint',
    ],
    'a ClusterIP outside of the ServiceCIDR': [
      [
        ...RIGHT,
        '\napiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: k}\nspec: {cidrs: [10.97.0.0/16]}\n',
      ],
      'warning addresses: ClusterIP 10.96.0.5 is in no ServiceCIDR',
    ],
    'an address that another Service has': [
      [...RIGHT, SERVICE.replace('name: web', 'name: old')],
      'problem addresses: 10.96.0.5:80/TCP is also claimed by Service shop/old, which gets it',
    ],
    'a load balancer without an address': [
      service(['type: ClusterIP', 'type: LoadBalancer']),
      'warning addresses: it is of type LoadBalancer, but has no address of one yet',
    ],
    'another proxy': [
      service(["uid: '1'", "uid: '1', labels: {service.kubernetes.io/service-proxy-name: x}"]),
      'warning handled: no rules: its label service.kubernetes.io/service-proxy-name gives it to the proxy "x"',
    ],
    'a DNS server without endpoints': [
      RIGHT.map((text) => (text === DNS ? text.replace('ready: true', 'ready: false') : text)),
      'problem dns: DNS itself has no endpoint: Service kube-system/kube-dns',
    ],
    'no DNS server in the input': [
      RIGHT.filter((text) => text !== DNS),
      'unknown dns: its name is web.shop.svc.cluster.local; the input has no Service of a DNS server',
    ],
    'a NetworkPolicy': [
      [
        ...RIGHT,
        '\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\n',
      ],
      'unknown network-policy: the input has 1 NetworkPolicy, which no rule of a Service shows',
    ],
  };

describe('explain/checks', () => {
  for (const [what, [documents, ...found]] of Object.entries(ROWS))
    it(`${what}`, () => expect(faults(documents)).to.deep.equal(found));

  it('name what was meant where no Service has the name', () => {
    expect(faults(RIGHT, 'default/web')).to.deep.equal([
      'problem service: no Service default/web in the input; shop/web exists, whose name from other namespaces is web.shop',
      'problem dns: DNS has no name web.default.svc.cluster.local (NXDOMAIN)',
    ]);
    expect(faults(RIGHT, 'shop/wbe')[0]).to.equal(
      'problem service: no Service shop/wbe in the input; did you mean shop/web?',
    );
  });

  it('say of headless Services and aliases that they have no rules', () => {
    const headless = service(
      ['clusterIP: 10.96.0.5', 'clusterIP: None'],
      ['[10.96.0.5]', '[None]'],
    );
    expect(faults(headless)).to.deep.equal([]);
    const alias = `${SERVICE.split('spec:')[0]}spec: {type: ExternalName, externalName: db.example}\n`;
    const found = answers([NODES, alias, DNS]);
    expect(found.find(({ check }) => check === 'handled')?.message).to.equal(
      'no rules: an ExternalName is an alias in DNS',
    );
  });

  it('name external IPs that a feature gate switches off', () => {
    const config = { ...defaultConfig, allowServiceExternalIps: false };
    const documents = service(['type: ClusterIP', 'externalIPs: [192.0.2.7]']);
    expect(faults(documents, 'shop/web', { config })).to.deep.equal([
      'problem addresses: external IPs are switched off (feature gate AllowServiceExternalIPs): 192.0.2.7',
    ]);
  });

  it('ask for a node where a policy is Local and none is named', () => {
    const documents = service(['type: ClusterIP', 'internalTrafficPolicy: Local']);
    expect(faults(documents, 'shop/web', { nodeName: '' })).to.deep.equal([
      'unknown policy: http/TCP: policy Local, and no node is named',
    ]);
  });

  it('name the label that leaves a Service to others up to 1.35', () => {
    const labelled = service([
      "uid: '1'",
      "uid: '1', labels: {service.kubernetes.io/headless: ''}",
    ]);
    const profile = profileOf('1.35')!;
    expect(faults(labelled, 'shop/web', { config: { ...defaultConfig, profile } })).to.deep.equal([
      'warning handled: no rules: kube-proxy up to 1.35 leaves Services with the label service.kubernetes.io/headless to others',
    ]);
    expect(faults(labelled)).to.deep.equal([]);
  });

  it('come in the order of the questions', () => {
    const order = Object.keys(QUESTIONS);
    const places = answers(RIGHT).map(({ check }) => order.indexOf(check));
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b));
  });

  it('put nothing into a command that a shell would obey', () => {
    expect(shellWord('app=web')).to.equal('app=web');
    expect(shellWord("a';reboot;'")).to.equal("'a'\\'';reboot;'\\'''");
    const hostile = service(['{app: web}', '{app: "$(reboot)"}']);
    const next = answers(hostile).map((check) => check.next);
    expect(next.filter((text) => text.includes('$(')).length).to.be.above(-1);
    for (const text of next) expect(text.replaceAll(/'[^']*'/g, '')).to.not.include('$(');
  });
});
