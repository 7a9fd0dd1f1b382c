/** Random rules for property tests. */

import fc from 'fast-check';
import {
  type IptablesRule,
  type Match,
  parseRule,
  type Target,
} from '../../../src/backends/iptables/syntax/rule.js';
import { CONNTRACK_STATES } from '../../../src/backends/iptables/syntax/rule-types.js';
import { anyText } from './text.js';

/** Any rule that the types can hold whole. */
export function arbitraryRule(): fc.Arbitrary<IptablesRule> {
  const condition = <T>(value: fc.Arbitrary<T>) => fc.record({ not: fc.boolean(), value });
  const name = fc
    .stringMatching(/^[A-Z][A-Z0-9-]{0,27}$/)
    .filter((text) => !/^(?:[A-Z0-9]+)$/.test(text));
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const network = fc
    .tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }))
    .map(([ip, bits]) => parseRule(`-A X -s ${ip}/${bits}`).source!.value);
  const range = fc
    .tuple(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 65535 }))
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  const states = fc.subarray([...CONNTRACK_STATES], { minLength: 1 });
  const types = fc.subarray(['LOCAL', 'UNICAST', 'BROADCAST'], { minLength: 1 });
  const some = { requiredKeys: ['kind', 'protocol'] as ['kind', 'protocol'] };
  const match: fc.Arbitrary<Match> = fc.oneof(
    fc.record({ kind: fc.constant('comment' as const), text: anyText() }),
    fc.record({ kind: fc.constant('conntrack' as const), states: condition(states) }),
    fc.record({
      kind: fc.constant('mark' as const),
      not: fc.boolean(),
      value: uint32,
      mask: uint32,
    }),
    fc.record({ kind: fc.constant('addrtype' as const), source: condition(types) }),
    fc.record({
      kind: fc.constant('addrtype' as const),
      source: condition(types),
      destination: condition(types),
    }),
    fc.record(
      {
        kind: fc.constant('ports' as const),
        protocol: fc.constantFrom('tcp' as const, 'udp', 'sctp'),
        source: condition(range),
        destination: condition(range),
      },
      some,
    ),
    fc.record({ kind: fc.constant('nfacct' as const), name: fc.string({ minLength: 1 }) }),
    fc.record({ kind: fc.constant('bpf' as const), not: fc.boolean(), program: fc.string() }),
    fc.record({
      kind: fc.constant('recent' as const),
      action: fc.constantFrom('set' as const, 'rcheck', 'update'),
      not: fc.boolean(),
      seconds: uint32,
      reap: fc.boolean(),
      name,
      mask: fc.ipV4(),
      side: fc.constantFrom('source' as const, 'destination'),
    }),
    fc.record({
      kind: fc.constant('random' as const),
      not: fc.boolean(),
      numerator: fc.integer({ min: 0, max: 2 ** 31 }),
    }),
  );
  const target: fc.Arbitrary<Target> = fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.record({
      kind: fc.constant('verdict' as const),
      verdict: fc.constantFrom('ACCEPT' as const, 'DROP', 'RETURN'),
    }),
    fc.record({ kind: fc.constantFrom('jump' as const, 'goto'), chain: name }),
    fc.record({
      kind: fc.constant('reject' as const),
      with: fc.constantFrom('icmp-port-unreachable', 'tcp-reset'),
    }),
    fc.record({
      kind: fc.constant('dnat' as const),
      to: fc.constantFrom('10.0.0.1:80', '[fd00::1]:80'),
    }),
    fc.record({ kind: fc.constant('mark' as const), value: uint32, mask: uint32 }),
    fc.record({ kind: fc.constant('masquerade' as const), randomFully: fc.boolean() }),
  );
  return fc.record(
    {
      chain: name,
      source: condition(network),
      destination: condition(network),
      inInterface: condition(fc.constantFrom('eth0', 'veth+')),
      outInterface: condition(fc.constantFrom('eth0', 'veth+')),
      protocol: condition(fc.constantFrom('tcp', 'udp', 'sctp')),
      matches: fc.array(match, { maxLength: 4 }),
      target,
    },
    { requiredKeys: ['chain', 'matches', 'target'] },
  );
}
