/** The closed JSON schema of a plan file. What its lines may say is checked afterwards, by the backend. */

type Properties = Readonly<Record<string, object>>;

function closed(required: Properties, optional: Properties = {}): object {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function listOf(items: object): object {
  return { type: 'array', items };
}

/** Bytes as characters. A line feed would be another line to the tool. */
const LINE = { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]*$', maxLength: 65536 };
const WORD = { type: 'string', pattern: '^[!-~]*$', maxLength: 253 };
/** `nat`, or with its family `ip kube-proxy`. */
const TABLE = { type: 'string', pattern: '^[ -~]*$', maxLength: 253 };
/** Sets of nft are among them, with `@` before a name of up to 255 characters. */
const CHAIN = { type: 'string', pattern: '^[!-~]*$', maxLength: 256 };
const BACKEND = { enum: ['iptables', 'nftables'] };
const ORIGIN = { type: 'string', pattern: '^[ -~]*$', maxLength: 400 };
const PORT = { type: 'integer', minimum: 0, maximum: 65535 };

const RULE = closed({
  op: { enum: ['add', 'remove'] },
  line: LINE,
  origin: ORIGIN,
  at: { enum: ['head', 'tail'] },
});

const CHANGED_CHAIN = { table: TABLE, chain: CHAIN, origin: ORIGIN, rules: listOf(RULE) };
const LINES = { lines: listOf(LINE) };
const GUARD = { guard: LINE };

const CHANGE = {
  type: 'object',
  discriminator: { propertyName: 'action' },
  oneOf: [
    closed({ action: { const: 'create' }, ...CHANGED_CHAIN, ...LINES }),
    closed({ action: { const: 'rewrite' }, ...CHANGED_CHAIN, ...LINES }, GUARD),
    closed({ action: { const: 'edit' }, ...CHANGED_CHAIN }),
    closed({ action: { const: 'delete' }, ...CHANGED_CHAIN }, GUARD),
  ],
};

const FAMILY = closed({
  family: { enum: ['IPv4', 'IPv6'] },
  backend: BACKEND,
  base: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  changes: listOf(CHANGE),
  leftovers: listOf(CHANGE),
  comments: listOf(closed({ table: TABLE, chain: CHAIN, before: LINE, after: LINE })),
  pinned: listOf(closed({ table: TABLE, chain: CHAIN, by: LINE })),
});

/** Schema of the settings that rules for Services need; a plan file must not be able to set any other. */
export const HOST_CHANGE: object = {
  type: 'object',
  oneOf: [
    closed({
      kind: { const: 'sysctl' },
      name: {
        type: 'string',
        pattern:
          '^net\\.(?:ipv4\\.conf\\.all\\.route_localnet|netfilter\\.nf_conntrack_[a-z_]+|nf_conntrack_max)$',
      },
      before: { type: 'string', pattern: '^[0-9]*$' },
      after: { type: 'string', pattern: '^[0-9]+$' },
    }),
    closed({
      kind: { const: 'nfacct' },
      name: { enum: ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'] },
    }),
  ],
};

const FLOW = closed({
  flow: closed({
    protocol: { enum: ['UDP', 'SCTP'] },
    source: WORD,
    sourcePort: PORT,
    destination: WORD,
    destinationPort: PORT,
    replySource: WORD,
    replySourcePort: PORT,
    zoned: { type: 'boolean' },
  }),
  origin: ORIGIN,
  cause: { enum: ['endpoint-gone', 'no-endpoints', 'not-translated', 'frontend-gone'] },
  reason: LINE,
});

/** Schema of a {@link Plan}. */
export const PLAN_SCHEMA: object = closed({
  version: { const: 1 },
  backend: BACKEND,
  variant: { enum: ['nf_tables', 'legacy'] },
  families: { ...listOf(FAMILY), minItems: 1, maxItems: 2 },
  host: listOf(HOST_CHANGE),
  flows: listOf(FLOW),
});
