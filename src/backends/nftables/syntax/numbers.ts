/** The names of numbers that `nft -nn` prints: as the kernel counts them, in its headers. */

type Names = Readonly<Record<string, string>>;

/** Bits of `ct state`: nf_conntrack_common.h. */
const STATE: Names = {
  '1': 'invalid',
  '2': 'established',
  '4': 'related',
  '8': 'new',
  '64': 'untracked',
};

/** Bits of `ct status`: `enum ip_conntrack_status`. */
const STATUS: Names = {
  '1': 'expected',
  '2': 'seen-reply',
  '4': 'assured',
  '8': 'confirmed',
  '16': 'snat',
  '32': 'dnat',
  '512': 'dying',
};

/** Types of addresses: rtnetlink.h. */
const ADDRESS: Names = {
  '0': 'unspec',
  '1': 'unicast',
  '2': 'local',
  '3': 'broadcast',
  '4': 'anycast',
  '5': 'multicast',
  '6': 'blackhole',
  '7': 'unreachable',
  '8': 'prohibit',
};

/** Codes of `reject with icmp`, `icmpv6` and `icmpx`: icmp.h, icmpv6.h, nf_tables.h. */
const REJECT: Readonly<Record<string, Names>> = {
  icmp: {
    '0': 'net-unreachable',
    '1': 'host-unreachable',
    '2': 'prot-unreachable',
    '3': 'port-unreachable',
    '9': 'net-prohibited',
    '10': 'host-prohibited',
    '13': 'admin-prohibited',
  },
  icmpv6: {
    '0': 'no-route',
    '1': 'admin-prohibited',
    '3': 'addr-unreachable',
    '4': 'port-unreachable',
    '5': 'policy-fail',
    '6': 'reject-route',
  },
  icmpx: {
    '0': 'no-route',
    '1': 'port-unreachable',
    '2': 'host-unreachable',
    '3': 'admin-prohibited',
  },
};

function named(names: Names, word: string): string {
  return Object.hasOwn(names, word) ? (names[word] ?? word) : word;
}

/** One bit of a connection's state or status. */
export function conntrackName(key: 'state' | 'status', word: string): string {
  return named(key === 'state' ? STATE : STATUS, word);
}

/** What kind of address one is to the machine. */
export function addressTypeName(word: string): string {
  return named(ADDRESS, word);
}

/** The answer of a rejection by a protocol. */
export function rejectName(protocol: string, word: string): string {
  return named(Object.hasOwn(REJECT, protocol) ? (REJECT[protocol] ?? {}) : {}, word);
}
