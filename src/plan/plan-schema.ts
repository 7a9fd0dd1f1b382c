/** The shape of a plan file. What its lines may say is checked afterwards, by the backend. */

import { array, choice, closed, leaf, type Shape, taggedUnion } from '../input/shape.js';
import { OBJECT_KINDS } from './unit.js';

/** Bytes as characters. A line feed would be another line to the tool. */
const LINE = leaf({ type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]*$', maxLength: 65536 });
const WORD = leaf({ type: 'string', pattern: '^[!-~]*$', maxLength: 253 });
/** `nat`, or with its family `ip kube-proxy`. */
const TABLE = leaf({ type: 'string', pattern: '^[ -~]*$', maxLength: 253 });
/** nft allows 255 characters. */
const NAME = leaf({ type: 'string', pattern: '^[!-~]*$', maxLength: 255 });
const UNIT = {
  table: TABLE,
  kind: choice('table', 'chain', 'set', ...OBJECT_KINDS, 'object'),
  name: NAME,
};
const BACKEND = choice('iptables', 'nftables');
const ORIGIN = leaf({ type: 'string', pattern: '^[ -~]*$', maxLength: 400 });
const PORT = leaf({ type: 'integer', minimum: 0, maximum: 65535 });

const RULE = closed({
  op: choice('add', 'remove'),
  line: LINE,
  origin: ORIGIN,
  at: choice('head', 'tail'),
});

const CHANGED_CHAIN = { ...UNIT, origin: ORIGIN, rules: array(RULE) };
const LINES = { lines: array(LINE) };
const GUARD = { guard: LINE };

const REWRITE = closed({ ...CHANGED_CHAIN, ...LINES }, GUARD);

const CHANGE = taggedUnion('action', {
  create: closed({ ...CHANGED_CHAIN, ...LINES }),
  rewrite: REWRITE,
  edit: closed(CHANGED_CHAIN),
  delete: closed(CHANGED_CHAIN, GUARD),
});

const FAMILY = closed({
  family: choice('IPv4', 'IPv6'),
  backend: BACKEND,
  base: leaf({ type: 'string', pattern: '^[0-9a-f]{64}$' }),
  changes: array(CHANGE),
  leftovers: array(CHANGE),
  uncommented: array(taggedUnion('action', { rewrite: REWRITE })),
  comments: array(closed({ ...UNIT, before: LINE, after: LINE })),
  pinned: array(closed({ table: TABLE, chain: NAME, by: LINE })),
});

/** Settings that rules for Services need; a plan file must not be able to set any other. */
export const HOST_CHANGES: Shape = array(
  taggedUnion('kind', {
    sysctl: closed({
      name: leaf({
        type: 'string',
        pattern:
          '^net\\.(?:ipv4\\.conf\\.all\\.route_localnet|netfilter\\.nf_conntrack_[a-z_]+|nf_conntrack_max)$',
      }),
      before: leaf({ type: 'string', pattern: '^[0-9]*$' }),
      after: leaf({ type: 'string', pattern: '^[0-9]+$' }),
    }),
    nfacct: closed({
      name: choice('ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'),
    }),
  }),
);

const FLOW = closed({
  flow: closed({
    protocol: choice('UDP', 'SCTP'),
    source: WORD,
    sourcePort: PORT,
    destination: WORD,
    destinationPort: PORT,
    replySource: WORD,
    replySourcePort: PORT,
    zoned: leaf({ type: 'boolean' }),
  }),
  origin: ORIGIN,
  cause: choice('endpoint-gone', 'no-endpoints', 'not-translated', 'frontend-gone'),
  reason: LINE,
});

/** Shape of a {@link Plan}. */
export const PLAN: Shape = closed({
  version: leaf({ type: 'integer', enum: [2] }),
  backend: BACKEND,
  variant: choice('nf_tables', 'legacy'),
  families: array(FAMILY, 1, 2),
  host: HOST_CHANGES,
  flows: array(FLOW),
});
