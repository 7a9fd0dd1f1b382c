/** Names of chains and comments of elements say which Service port they are for. */

import { expect } from 'chai';
import {
  elementOrigins,
  originOfElement,
  originOfName,
} from '../../../src/backends/nftables/origin.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';

describe('backends/nftables/origin', () => {
  const NAMES: readonly (readonly [string, string])[] = [
    ['service-AAAAAAAA-ns/web/tcp/http', 'ns/web:http TCP'],
    ['local-AAAAAAAA-ns/web/udp/', 'ns/web UDP'],
    ['external-AAAAAAAA-ns/web/sctp/p0', 'ns/web:p0 SCTP'],
    ['firewall-AAAAAAAA-ns/web/tcp/http', 'ns/web:http TCP'],
    ['endpoint-AAAAAAAA-ns/web/tcp/http__10.0.0.1/80', 'ns/web:http TCP'],
    ['affinity-AAAAAAAA-ns/web/tcp/__fd00..1/80', 'ns/web TCP'],
    ['service-AAAAAAAA-ns/web/tcp/ht...', ''],
    ['service-endpoints-check', ''],
    ['services', ''],
    ['service-aaaaaaaa-ns/web/tcp/http', ''],
  ];
  for (const [name, origin] of NAMES)
    it(`${name}: ${origin || 'nobody'}`, () => {
      expect(originOfName(name)).to.equal(origin);
    });

  const T = 'ip kube-proxy';
  const WEB = 'service-AAAAAAAA-ns/web/tcp/http';
  const DNS = 'service-BBBBBBBB-ns/dns/udp/';
  const DNS_TCP = 'service-CCCCCCCC-ns/dns/tcp/';
  const SCRIPT = `add table ${T}
add chain ${T} ${WEB}
add chain ${T} ${DNS}
add chain ${T} ${DNS_TCP}
add set ${T} cluster-ips { type ipv4_addr ; }
add set ${T} hairpin-connections { type ipv4_addr . ipv4_addr . inet_proto . inet_service ; }
add map ${T} service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }
add map ${T} no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict ; }
add map ${T} no-endpoint-nodeports { type inet_proto . inet_service : verdict ; }
add element ${T} cluster-ips { 10.96.0.1 }
add element ${T} hairpin-connections { 10.0.0.1 . 10.0.0.1 . tcp . 8080 }
add element ${T} hairpin-connections { 10.0.0.9 . 10.0.0.9 . tcp . 8080 }
add element ${T} hairpin-connections { 10.0.0.2 . 10.0.0.2 . udp . 53 }
add element ${T} hairpin-connections { 10.0.0.2 . 10.0.0.2 . tcp . 53 }
add element ${T} hairpin-connections { 10.0.0.2 . 10.0.0.2 . sctp . 53 }
add element ${T} service-ips { 10.96.0.1 . tcp . 80 : goto ${WEB} }
add rule ${T} ${WEB} meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 8080 }
add rule ${T} ${DNS} meta l4proto udp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.2 . 53 }
add rule ${T} ${DNS_TCP} meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.2 . 53 }
`;
  const origins = elementOrigins(parseDump(SCRIPT).tables.get(T)!);
  const ELEMENTS: readonly (readonly [string, string])[] = [
    [`service-ips { 10.96.0.1 . tcp . 80 : goto ${WEB} }`, 'ns/web:http TCP'],
    [
      'no-endpoint-services { 10.96.0.7 . tcp . 80 comment "ns/none:http" : drop }',
      'ns/none:http TCP',
    ],
    ['no-endpoint-nodeports { udp . 30000 comment "ns/none" : goto reject-chain }', 'ns/none UDP'],
    [
      'no-endpoint-services { 10.96.0.7 . tcp . 80 comment "ns/long:ht..." : drop }',
      'ns/long:ht... TCP',
    ],
    ['no-endpoint-services { 10.96.0.7 . tcp . 80 comment "ns/lo..." : drop }', ''],
    ['no-endpoint-services { 10.96.0.7 . tcp . 80 : drop }', ''],
    ['cluster-ips { 10.96.0.1 }', 'ns/web:http TCP'],
    ['cluster-ips { 10.96.0.77 }', ''],
    ['hairpin-connections { 10.0.0.1 . 10.0.0.1 . tcp . 8080 }', 'ns/web:http TCP'],
    ['hairpin-connections { 10.0.0.9 . 10.0.0.9 . tcp . 8080 }', ''],
    ['hairpin-connections { 10.0.0.2 . 10.0.0.2 . udp . 53 }', 'ns/dns UDP'],
    ['hairpin-connections { 10.0.0.2 . 10.0.0.2 . tcp . 53 }', 'ns/dns TCP'],
    ['hairpin-connections { 10.0.0.2 . 10.0.0.2 . sctp . 53 }', ''],
  ];
  for (const [words, origin] of ELEMENTS)
    it(`${words}: ${origin || 'nobody'}`, () => {
      const [set = ''] = words.split(' ', 1);
      const { units } = parseDump(`${SCRIPT}add element ${T} ${words}\n`).tables.get(T)!;
      const key = / \{ (.*?)(?: comment .*)?(?: : .*)? \}$/.exec(` ${words}`)![1];
      const unit = (units.get(`map ${set}`) ?? units.get(`set ${set}`))!;
      const element = unit.elements.find((found) => found.key === key);
      expect(originOfElement(element!, origins)).to.equal(origin);
    });

  it('names only those that are meant', () => {
    const others = elementOrigins(parseDump(SCRIPT).tables.get(T)!, (origin) => origin === 'x');
    expect([...others.addresses.values(), ...others.endpoints.values()]).to.deep.equal([]);
  });
});
