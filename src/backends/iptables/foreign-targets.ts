/** What targets mean that no rule of ours has (iptables-extensions(8)). */

import { parseIp } from '../../net/ip.js';
import type { Action } from '../../netfilter/rule.js';
import { destinationTranslation } from './destination.js';
import { type ForeignOptions, foreignOptions, singleValue } from './foreign-options.js';
import type { Target } from './syntax/rule-types.js';
import { parseMark, parseUint32 } from './syntax/values.js';

type UnknownTarget = Extract<Target, { kind: 'unknown' }>;

/** What a target does; where it is not understood, anything. */
export function foreignAction({ name, words }: UnknownTarget): Action {
  if (PASSIVE.has(name)) return NOTHING;
  const reader = READERS.get(name);
  const options = reader && foreignOptions(words.slice(2), reader.options);
  return (options && reader?.read(options)) ?? { kind: 'unknown-action', text: words.join(' ') };
}

/** After which the next rule follows, and that change nothing that decides where a packet goes. */
const PASSIVE: ReadonlySet<string> = new Set(
  (
    'AUDIT CHECKSUM CLASSIFY CONNSECMARK DSCP ECN IDLETIMER LED LOG NFLOG RATEEST SECMARK TCPMSS ' +
    'TCPOPTSTRIP TEE TOS TRACE ULOG'
  ).split(' '),
);

const NOTHING: Action = { kind: 'count', name: '' };

interface Reader {
  readonly options: readonly string[];
  /** `undefined`: not understood. */
  readonly read: (options: ForeignOptions) => Action | undefined;
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['NOTRACK', { options: [], read: () => ({ kind: 'untrack' }) }],
  [
    'CT',
    {
      options: ['notrack', 'helper', 'ctevents', 'expevents', 'timeout', 'zone'],
      read: (options) => (options.has('notrack') ? { kind: 'untrack' } : NOTHING),
    },
  ],
  [
    'SET',
    {
      options: ['add-set', 'del-set', 'exist', 'timeout'],
      read: () => NOTHING,
    },
  ],
  [
    'MASQUERADE',
    {
      options: ['to-ports', 'random', 'random-fully'],
      read: readMasquerade,
    },
  ],
  [
    'DNAT',
    {
      // Of one address and one port there is nothing to choose.
      options: ['to-destination', 'random', 'persistent'],
      read: (options) => destinationTranslation(singleValue(options, 'to-destination') ?? ''),
    },
  ],
  ['REDIRECT', { options: ['to-ports', 'random'], read: readRedirect }],
  [
    'SNAT',
    { options: ['to-source', 'random', 'random-fully', 'persistent'], read: readSourceTranslation },
  ],
  [
    'CONNMARK',
    {
      options: ['set-xmark', 'save-mark', 'restore-mark', 'nfmask', 'ctmask'],
      read: readConnectionMark,
    },
  ],
]);

/** One address, with or without ports; of several the kernel takes any. */
function readSourceTranslation(options: ForeignOptions): Action | undefined {
  const to = singleValue(options, 'to-source') ?? '';
  const [, bracketed, plain = ''] =
    /^(?:\[(.*)\]|(\d+(?:\.\d+){3}))(?::\d+(?:-\d+)?)?$/.exec(to) ?? [];
  const ip = parseIp(bracketed ?? plain) ?? parseIp(to);
  return ip && { kind: 'snat', ip, fullyRandom: isFullyRandom(options) };
}

/** The kernel takes both alike since Linux 5.0 (NF_NAT_RANGE_PROTO_RANDOM_ALL). */
function isFullyRandom(options: ForeignOptions): boolean {
  return options.has('random-fully') || options.has('random');
}

function readMasquerade(options: ForeignOptions): Action | undefined {
  const fullyRandom = isFullyRandom(options);
  if (!options.has('to-ports')) return { kind: 'masquerade', fullyRandom };
  const ports = singleValue(options, 'to-ports');
  return ports === undefined ? undefined : { kind: 'masquerade', fullyRandom, ports };
}

/** To one port, or without changing it. */
function readRedirect(options: ForeignOptions): Action | undefined {
  const text = options.has('to-ports') ? singleValue(options, 'to-ports') : '0';
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  const words = port === 0 ? 'REDIRECT' : `REDIRECT --to-ports ${port}`;
  return port === undefined || port > 65_535 ? undefined : { kind: 'redirect', port, text: words };
}

const ALL_BITS = 0xffffffff;

function readConnectionMark(options: ForeignOptions): Action | undefined {
  const nfmask = parseUint32(singleValue(options, 'nfmask') ?? '0xffffffff');
  const ctmask = parseUint32(singleValue(options, 'ctmask') ?? '0xffffffff');
  if (nfmask === undefined || ctmask === undefined) return undefined;
  if (options.has('save-mark')) return write('connection', nfmask, (ALL_BITS & ~ctmask) >>> 0, 0);
  if (options.has('restore-mark')) return write('packet', (ALL_BITS & ~nfmask) >>> 0, ctmask, 0);
  const mark = parseMark(singleValue(options, 'set-xmark') ?? '');
  return mark && write('connection', 0, (ALL_BITS & ~mark.mask) >>> 0, mark.value);
}

function write(
  of: 'packet' | 'connection',
  packet: number,
  connection: number,
  value: number,
): Action {
  return { kind: 'write-mark', of, packet, connection, value };
}
