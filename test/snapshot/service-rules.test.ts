/** What the API server of Kubernetes 1.36 refuses in a Service of a manifest. */

import { expect } from 'chai';
import { LB, refused, status } from './refused-service.js';

const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const LONG = 'a'.repeat(64);

describe('snapshot/service-rules', () => {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const cases: readonly (readonly [string, object, string])[] = [
    [
      'a headless node port',
      { type: 'NodePort', clusterIP: 'None' },
      `spec.clusterIP: "None": may not be set to 'None' for NodePort services`,
    ],
    [
      'a headless load balancer',
      { ...LB, clusterIP: 'None' },
      `spec.clusterIP: "None": may not be set to 'None' for LoadBalancer services`,
    ],
    [
      'source ranges on a node port',
      { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      `spec.loadBalancerSourceRanges: ${only}`,
    ],
    [
      'allocation on a ClusterIP',
      { allocateLoadBalancerNodePorts: false },
      `spec.allocateLoadBalancerNodePorts: ${only}`,
    ],
    ['a class on a ClusterIP', { loadBalancerClass: 'x.io/y' }, `spec.loadBalancerClass: ${only}`],
    [
      'a class that is no name',
      { ...LB, loadBalancerClass: 'x y' },
      'spec.loadBalancerClass: "x y": name part must consist of',
    ],
    [
      'a health port without Local',
      { ...LB, healthCheckNodePort: 32000 },
      "spec.healthCheckNodePort: 32000: may only be set when `type` is 'LoadBalancer' and",
    ],
    [
      'a health port on a node port',
      { type: 'NodePort', externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 },
      'spec.healthCheckNodePort: 32000: may only be set when',
    ],
    [
      'a policy that nothing external meets',
      { externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: "Local": may only be set for externally-accessible services',
    ],
    [
      'an unknown distribution',
      { trafficDistribution: 'Nearest' },
      'spec.trafficDistribution: "Nearest": must be one of PreferClose, PreferSameZone, PreferSameNode',
    ],
    [
      'an application protocol with a blank',
      { ports: [{ port: 80, appProtocol: 'a b' }] },
      'spec.ports[0].appProtocol: "a b": name part must consist of',
    ],
    [
      'a selector key with a blank',
      { selector: { 'a b': 'c' } },
      'spec.selector: "a b": name part must consist of',
    ],
    [
      'a selector value that is too long',
      { selector: { a: LONG } },
      `spec.selector: "${LONG}": must be no more than 63 characters`,
    ],
    [
      'an empty prefix',
      { selector: { '/a': 'c' } },
      'spec.selector: "/a": prefix part must be non-empty',
    ],
    [
      'the port of kubelet',
      { ...LB, ports: [{ port: 10250 }] },
      'spec.ports[0].port: 10250: may not expose port 10250 externally since it is used by kubelet',
    ],
    [
      'an external name of nobody',
      { type: 'ExternalName', clusterIP: '' },
      'spec.externalName: is required',
    ],
    [
      'an external name that is none',
      { type: 'ExternalName', clusterIP: '', externalName: 'A_b' },
      'spec.externalName: "A_b": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      'an external name with an address',
      { type: 'ExternalName', externalName: 'a.example' },
      'spec.clusterIP: may not be set for ExternalName services',
    ],
    [
      'an external name with a family',
      { type: 'ExternalName', clusterIP: '', externalName: 'a.example', ipFamilies: ['IPv4'] },
      'spec.ipFamilies: may not be set for ExternalName services',
    ],
    [
      'an external address on loopback',
      { externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'an external address on the link',
      { externalIPs: ['1.2.3.4', 'fe80::1'] },
      'spec.externalIPs[1]: "fe80::1": may not be in the link-local range',
    ],
    [
      'an external address of a group',
      { externalIPs: ['224.0.0.9'] },
      'spec.externalIPs[0]: "224.0.0.9": may not be in the link-local multicast range',
    ],
    [
      'an external address of nobody',
      { externalIPs: ['::'] },
      'spec.externalIPs[0]: "::": may not be unspecified (0.0.0.0 or ::)',
    ],
    [
      'two lists that differ',
      { clusterIPs: ['10.96.6.12'] },
      'spec.clusterIPs: first value must match `clusterIP`',
    ],
    [
      'a list alone',
      { clusterIP: '', clusterIPs: ['10.96.6.11'] },
      'spec.clusterIPs: must be empty when `clusterIP` is not specified',
    ],
    [
      'None and another',
      { clusterIP: 'None', clusterIPs: ['None', '10.96.6.11'] },
      "spec.clusterIPs: 'None' must be the first and only value",
    ],
    [
      'two addresses of a family',
      { clusterIPs: ['10.96.6.11', '10.96.6.12'] },
      'spec.clusterIPs: may specify no more than one IP for each IP family',
    ],
    [
      'an address of the other family',
      { clusterIPs: ['10.96.6.11'], ipFamilies: ['IPv6'] },
      'spec.clusterIPs[0]: "10.96.6.11": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'a family twice',
      { ipFamilies: ['IPv4', 'IPv4'] },
      'spec.ipFamilies[1]: "IPv4": is given twice',
    ],
    [
      'two families of a single stack',
      { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'SingleStack' },
      'spec.ipFamilyPolicy: "SingleStack": must be RequireDualStack or PreferDualStack when multiple IP families are specified',
    ],
    [
      'an address list with None behind an address',
      { clusterIPs: ['10.96.6.11', 'None'] },
      `spec.clusterIPs[1]: "None": ${IP}`,
    ],
    [
      'an address list with a word',
      { clusterIPs: ['10.96.6.11', 'junk'] },
      `spec.clusterIPs[1]: "junk": ${IP}`,
    ],
    ['a cluster IP that is a word', { clusterIP: 'none' }, `spec.clusterIP: "none": ${IP}`],
    [
      'a cluster IP with a mask',
      { clusterIP: '10.96.6.11/32' },
      `spec.clusterIP: "10.96.6.11/32": ${IP}`,
    ],
    [
      'a cluster IP with a zone',
      { clusterIP: 'fe80::1%eth0' },
      `spec.clusterIP: "fe80::1%eth0": ${IP}`,
    ],
    [
      'an empty cluster IP in the list',
      { clusterIP: '', clusterIPs: [''] },
      'spec.clusterIPs: must be empty when `clusterIP` is not specified',
    ],
    [
      'three cluster IPs',
      { clusterIPs: ['10.96.6.11', 'fd00::1', '10.96.6.12'] },
      'spec.clusterIPs: may only hold up to 2 values',
    ],
    [
      'one address in two spellings',
      { clusterIPs: ['10.96.6.11', '::ffff:10.96.6.11'] },
      'spec.clusterIPs: may specify no more than one IP for each IP family',
    ],
    [
      'a cluster IP of the other family',
      { ipFamilies: ['IPv6'] },
      'spec.clusterIP: "10.96.6.11": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'families in the other order',
      { clusterIPs: ['10.96.6.11'], ipFamilies: ['IPv6', 'IPv4'] },
      'spec.clusterIPs[0]: "10.96.6.11": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'two addresses of a single stack',
      { clusterIPs: ['10.96.6.11', 'fd00::1'], ipFamilyPolicy: 'SingleStack' },
      'spec.ipFamilyPolicy: "SingleStack": must be RequireDualStack or PreferDualStack when multiple cluster IPs are specified',
    ],
    [
      'three families',
      { ipFamilies: ['IPv4', 'IPv6', 'IPv4'] },
      'spec.ipFamilies: must have at most 2 items, not 3',
    ],
    [
      'a family in lower case',
      { ipFamilies: ['ipv4'] },
      'spec.ipFamilies[0]: "ipv4": must be one of IPv4, IPv6',
    ],
    [
      'an unknown family policy',
      { ipFamilyPolicy: 'DualStack' },
      'spec.ipFamilyPolicy: "DualStack": must be one of',
    ],
    ['an unknown type', { type: 'Loadbalancer' }, 'spec.type: "Loadbalancer": must be one of'],
    ['no ports', { ports: [] }, 'spec.ports: is required'],
    ['ports that are null', { ports: null }, 'spec.ports: is required'],
    ['port 0', { ports: [{ port: 0 }] }, 'spec.ports[0].port: 0: must be a port number'],
    [
      'port 65536',
      { ports: [{ port: 65536 }] },
      'spec.ports[0].port: 65536: must be a port number',
    ],
    [
      'a port as text',
      { ports: [{ port: '80' }] },
      'spec.ports[0].port: "80": must be a port number',
    ],
    [
      'one port twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'TCP' },
        ],
      },
      'spec.ports[1].port: 80: 80/TCP is taken by another port of this Service',
    ],
    [
      'one name twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 81, protocol: 'UDP' },
        ],
      },
      'spec.ports[1].name: "a": is the name of another port',
    ],
    [
      'one node port twice',
      {
        type: 'NodePort',
        ports: [
          { name: 'a', port: 80, nodePort: 30001 },
          { name: 'b', port: 81, nodePort: 30001 },
        ],
      },
      'spec.ports[1].nodePort: 30001: 30001/TCP is taken by another port of this Service',
    ],
    [
      'two ports of which one has no name',
      { ports: [{ name: 'a', port: 80 }, { port: 81 }] },
      'spec.ports[1].name: is required',
    ],
    [
      'a port name in upper case',
      { ports: [{ name: 'HTTP', port: 80 }] },
      'spec.ports[0].name: "HTTP": must be a DNS label',
    ],
    [
      'a port name of 64 characters',
      { ports: [{ name: LONG, port: 80 }] },
      `spec.ports[0].name: "${LONG}": must be a DNS label`,
    ],
    [
      'a protocol in lower case',
      { ports: [{ port: 80, protocol: 'tcp' }] },
      'spec.ports[0].protocol: "tcp": must be one of TCP, UDP, SCTP',
    ],
    [
      'a protocol without ports',
      { ports: [{ port: 80, protocol: 'ICMP' }] },
      'spec.ports[0].protocol: "ICMP": must be one of',
    ],
    [
      'a negative target port',
      { ports: [{ port: 80, targetPort: -1 }] },
      'spec.ports[0].targetPort: -1: must be a port number, or',
    ],
    [
      'a target port of 16 letters',
      { ports: [{ port: 80, targetPort: 'a'.repeat(16) }] },
      'spec.ports[0].targetPort: "aaaaaaaaaaaaaaaa": must be',
    ],
    [
      'a target port of digits',
      { ports: [{ port: 80, targetPort: '8080' }] },
      'spec.ports[0].targetPort: "8080": must be',
    ],
    [
      'a target port with two dashes',
      { ports: [{ port: 80, targetPort: 'a--b' }] },
      'spec.ports[0].targetPort: "a--b": must be',
    ],
    [
      'an empty application protocol',
      { ports: [{ port: 80, appProtocol: '' }] },
      'spec.ports[0].appProtocol: "": name part must be non-empty',
    ],
    [
      'an application protocol with two slashes',
      { ports: [{ port: 80, appProtocol: 'a/b/c' }] },
      'spec.ports[0].appProtocol: "a/b/c": a qualified name must consist of',
    ],
    [
      'an application protocol that is a number',
      { ports: [{ port: 80, appProtocol: 5 }] },
      'spec.ports[0].appProtocol: 5: must be a string',
    ],
    [
      'an affinity of 0 seconds',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: 0: must be a number of seconds from 1 to 86400',
    ],
    [
      'an affinity of more than a day',
      {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } },
      },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: 86401: must be',
    ],
    [
      'an unknown affinity',
      { sessionAffinity: 'Cookie' },
      'spec.sessionAffinity: "Cookie": must be one of None, ClientIP',
    ],
    [
      'an internal policy in lower case',
      { internalTrafficPolicy: 'local' },
      'spec.internalTrafficPolicy: "local": must be one of Cluster, Local',
    ],
    [
      'an external policy in lower case',
      { type: 'NodePort', externalTrafficPolicy: 'local' },
      'spec.externalTrafficPolicy: "local": must be one of Cluster, Local',
    ],
    [
      'an external policy of an external name',
      {
        type: 'ExternalName',
        clusterIP: '',
        externalName: 'a.b',
        externalTrafficPolicy: 'Cluster',
      },
      'spec.externalTrafficPolicy: "Cluster": may only be set for externally-accessible services',
    ],
    [
      'a negative health port',
      { ...LB, externalTrafficPolicy: 'Local', healthCheckNodePort: -1 },
      'spec.healthCheckNodePort: -1: must be a port number',
    ],
    [
      'an empty distribution',
      { trafficDistribution: '' },
      'spec.trafficDistribution: "": must be one of PreferClose',
    ],
    [
      'a distribution in lower case',
      { trafficDistribution: 'preferClose' },
      'spec.trafficDistribution: "preferClose": must be one of PreferClose',
    ],
    [
      'a class on a node port',
      { type: 'NodePort', loadBalancerClass: 'x.io/y' },
      `spec.loadBalancerClass: ${only}`,
    ],
    [
      'an empty class',
      { ...LB, loadBalancerClass: '' },
      'spec.loadBalancerClass: "": name part must be non-empty',
    ],
    [
      'a class that is a number',
      { ...LB, loadBalancerClass: 5 },
      'spec.loadBalancerClass: 5: must be a string',
    ],
    [
      'allocation on an external name',
      {
        type: 'ExternalName',
        clusterIP: '',
        externalName: 'a.b',
        allocateLoadBalancerNodePorts: true,
      },
      `spec.allocateLoadBalancerNodePorts: ${only}`,
    ],
    [
      'an external name of a dot',
      { type: 'ExternalName', clusterIP: '', externalName: '.' },
      'spec.externalName: ".": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      'an external name with two dots at its end',
      { type: 'ExternalName', clusterIP: '', externalName: 'a..' },
      'spec.externalName: "a..": a lowercase',
    ],
    [
      'an external name of 254 characters',
      { type: 'ExternalName', clusterIP: '', externalName: 'a'.repeat(254) },
      `spec.externalName: "${'a'.repeat(76)}...: must be no more than 253 characters`,
    ],
    [
      'an external name that is a number',
      { type: 'ExternalName', clusterIP: '', externalName: 5 },
      'spec.externalName: 5: must be a string',
    ],
    [
      'a headless external name',
      { type: 'ExternalName', clusterIP: 'None', externalName: 'a.b' },
      'spec.clusterIP: may not be set for ExternalName services',
    ],
    [
      'an external name with a policy',
      { type: 'ExternalName', clusterIP: '', externalName: 'a.b', ipFamilyPolicy: 'SingleStack' },
      'spec.ipFamilyPolicy: may not be set for ExternalName services',
    ],
    [
      'an external address on loopback in another spelling',
      { externalIPs: ['::ffff:127.0.0.1'] },
      'spec.externalIPs[0]: "::ffff:127.0.0.1": may not be in the loopback range',
    ],
    [
      'an external address with leading zeros',
      { externalIPs: ['0127.0.0.1'] },
      'spec.externalIPs[0]: "0127.0.0.1": may not be in the loopback range',
    ],
    [
      'an external address on the link in upper case',
      { externalIPs: ['FE80::1'] },
      'spec.externalIPs[0]: "FE80::1": may not be in the link-local range',
    ],
    [
      'a selector with an empty key',
      { selector: { '': 'x' } },
      'spec.selector: "": name part must be non-empty',
    ],
    [
      'a selector value that is a number',
      { selector: { app: 5 } },
      'spec.selector[app]: 5: must be a string',
    ],
    [
      'a flag as text',
      { publishNotReadyAddresses: 'true' },
      'spec.publishNotReadyAddresses: "true": must be true or false',
    ],
  ];
  for (const [what, spec, message] of cases) {
    it(`refuse ${what}`, () => {
      const [first, ...more] = refused(spec);
      expect(first).to.satisfy((text: string) => text?.startsWith(message), `${first}`);
      expect(more).to.deep.equal([]);
    });
  }

  const balancers: readonly (readonly [string, object, string])[] = [
    [
      'ipMode without ip',
      { hostname: 'x', ipMode: 'VIP' },
      'status.loadBalancer.ingress[0].ipMode: "VIP": may not be specified when `ip` is not set',
    ],
    [
      'an address on loopback',
      { ip: '127.0.0.1' },
      'status.loadBalancer.ingress[0].ip: "127.0.0.1": may not be in the loopback range',
    ],
    [
      'a hostname that is an address',
      { hostname: '1.2.3.4' },
      'status.loadBalancer.ingress[0].hostname: "1.2.3.4": must be a DNS name, not an IP address',
    ],
    [
      'a hostname that is none',
      { hostname: 'a_b' },
      'status.loadBalancer.ingress[0].hostname: "a_b": a lowercase',
    ],
  ];
  for (const [what, ingress, message] of balancers) {
    it(`refuse a status with ${what}`, () => {
      expect(refused(LB, status(ingress))[0]).to.satisfy((text: string) =>
        text?.startsWith(message),
      );
    });
  }

  it('let through what it accepts', () => {
    for (const spec of [
      { ...LB, loadBalancerSourceRanges: ['10.0.0.0/8'], loadBalancerClass: 'x.io/y' },
      { ...LB, externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 },
      { externalIPs: ['1.2.3.4'], externalTrafficPolicy: 'Local' },
      { trafficDistribution: 'PreferClose', selector: { 'a.b/c_d': '', e: 'F-1' } },
      { ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] },
      { type: 'ExternalName', clusterIP: '', externalName: 'a.example.' },
      {
        clusterIPs: ['10.96.6.11', 'fd00::1'],
        ipFamilies: ['IPv4', 'IPv6'],
        ipFamilyPolicy: 'RequireDualStack',
      },
      { clusterIP: 'None', clusterIPs: ['None'] },
    ]) {
      expect(refused(spec), JSON.stringify(spec)).to.deep.equal([]);
    }
    expect(
      refused(LB, status({ ip: '1.2.3.4', ipMode: 'VIP' }, { hostname: 'a.b' })),
    ).to.deep.equal([]);
  });

  it('do not hold for what an API server has stored', () => {
    const spec = { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] };
    expect(refused(spec)).to.have.length(1);
    expect(refused(spec, {}, { resourceVersion: '7' })).to.deep.equal([]);
    expect(refused(spec, {}, { uid: 'x' })).to.deep.equal([]);
  });

  it('take the status of a former load balancer for stored where the rest looks stored', () => {
    const spec = { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] };
    const completed = {
      clusterIPs: ['10.96.6.11'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    };
    const ingress = status({ ip: '1.2.3.4' });
    expect(refused({ ...spec, ...completed }, ingress)).to.deep.equal([]);
    expect(refused(spec, ingress)).to.have.length(2);
    expect(refused({ ...spec, ...completed })).to.have.length(1);
  });
});
