/** Random rules of nft for property tests: whatever the types can hold. */

import fc from 'fast-check';
import type {
  Field,
  NftRule,
  NftStatement,
  NftVerdict,
} from '../../../src/backends/nftables/syntax/rule.js';
import { parseCidr } from '../../../src/net/cidr.js';
import { mergeCidrs } from '../../../src/net/cidr-set.js';
import { parseIp } from '../../../src/net/ip.js';

const ip = fc.constantFrom('ip' as const, 'ip6' as const);
const side = fc.constantFrom('saddr' as const, 'daddr' as const);
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9/._-]{0,40}$/);
const protocol = fc.constantFrom('tcp', 'udp', 'sctp', 'icmp', 'ipv6-icmp');
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const not = fc.boolean();
const comment = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((text) => text.replace(/["\s]/g, ' ').trim());

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('address' as const), ip, side }),
  fc.constant({ kind: 'l4proto' as const }),
  fc.constant({ kind: 'dport' as const }),
  fc.record({
    kind: fc.constant('dport' as const),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
  }),
);
/** One address, or several fields: what nft compares with a set. */
const fields = fc
  .array(field, { minLength: 1, maxLength: 4 })
  .filter(
    ([first, ...rest]) => first?.kind !== 'dport' && (rest.length > 0 || first?.kind === 'address'),
  );
/** The key of a map may be one field of any kind that begins like a statement. */
const keys = fc
  .array(field, { minLength: 1, maxLength: 4 })
  .filter(([first]) => first?.kind !== 'dport');

const verdict: fc.Arbitrary<NftVerdict> = fc.oneof(
  fc.record({ kind: fc.constantFrom('jump' as const, 'goto' as const), chain: name }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'accept' as const, 'return' as const) }),
);

const target = (family: 'ip' | 'ip6') =>
  fc.record({
    ip: (family === 'ip' ? fc.ipV4() : fc.ipV6())
      .map((text) => parseIp(text)!)
      .filter((address) => address.includes(':') === (family === 'ip6')),
    port: fc.integer({ min: 0, max: 65535 }),
  });

const networks = (family: 'ip' | 'ip6') =>
  fc
    .array(
      fc
        .tuple(
          target(family),
          family === 'ip' ? fc.integer({ min: 0, max: 32 }) : fc.integer({ min: 0, max: 128 }),
        )
        .map(([{ ip: address }, bits]) => parseCidr(`${address}/${bits}`)!),
      { minLength: 1, maxLength: 4 },
    )
    .map((list) => mergeCidrs(list));

/** A statement that is understood. */
const knownStatement: fc.Arbitrary<NftStatement> = fc.oneof(
  ip.chain((family) =>
    fc.record({
      kind: fc.constant('networks' as const),
      ip: fc.constant(family),
      side,
      not,
      networks: networks(family),
    }),
  ),
  fc.record({ kind: fc.constant('in-set' as const), fields, not, set: name }),
  fc.record({
    kind: fc.constant('interface' as const),
    by: fc.constantFrom('iif' as const, 'iifname' as const),
    not,
    name: fc.stringMatching(/^[a-z][a-z0-9.-]{0,13}\*?$/),
  }),
  fc.record({
    kind: fc.constant('conntrack' as const),
    key: fc.constantFrom('state' as const, 'status' as const),
    words: fc.subarray(['new', 'established', 'related', 'dnat'], { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('fib' as const),
    side,
    not,
    type: fc.constantFrom('local', 'unicast'),
  }),
  fc.record({ kind: fc.constant('mark' as const), mask: uint32, not, value: uint32 }),
  fc.record({
    kind: fc.constant('protocol' as const),
    not,
    protocols: fc.uniqueArray(protocol, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('port' as const),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
    port: fc.integer({ min: 0, max: 65_535 }),
  }),
  fc.record({
    kind: fc.constant('set-mark' as const),
    operator: fc.constantFrom('and' as const, 'or' as const, 'xor' as const),
    value: uint32,
  }),
  verdict,
  fc.record({
    kind: fc.constant('reject' as const),
    with: fc.constantFrom('', 'tcp reset', 'icmp host-prohibited', 'icmpx admin-prohibited'),
  }),
  fc.record({ kind: fc.constant('verdict-map' as const), fields: keys, map: name }),
  fc.record({
    kind: fc.constant('random-verdict' as const),
    choices: fc.array(verdict, { minLength: 1, maxLength: 5 }),
  }),
  ip.chain((family) => target(family).map((found) => ({ kind: 'dnat' as const, ...found }))),
  ip.chain((family) =>
    fc.record({
      kind: fc.constant('random-dnat' as const),
      ip: fc.constant(family),
      targets: fc.array(target(family), { minLength: 1, maxLength: 5 }),
    }),
  ),
  fc.record({
    kind: fc.constant('map-dnat' as const),
    ip,
    fields: fc.array(field, { minLength: 1, maxLength: 4 }),
    first: fc.integer({ min: 0, max: 3 }),
    size: fc.integer({ min: 1, max: 65536 }),
    map: name,
  }),
  fc.record({
    kind: fc.constant('masquerade' as const),
    ports: fc.constantFrom('', '1024', '1024-65535'),
    flags: fc.subarray(['random', 'fully-random', 'persistent']),
  }),
  fc.record({
    kind: fc.constant('update' as const),
    operator: fc.constantFrom('update' as const, 'add' as const),
    set: name,
    field,
  }),
  fc.record({ kind: fc.constant('counter' as const), name: fc.oneof(fc.constant(''), name) }),
);

/** A rule of which everything is understood. */
export const knownRule: fc.Arbitrary<NftRule> = fc.record({
  table: fc.constantFrom('ip kube-proxy', 'ip6 kube-proxy'),
  chain: name,
  statements: fc.array(knownStatement, { minLength: 1, maxLength: 5 }),
  comment,
});
