/** What a summary reads in our table: who gets which share of a pool, and which lines nobody of us wrote. */

import { type Fraction, fraction, NONE, plus } from '../../plan/fraction.js';
import type { RuleReader } from '../../plan/summary.js';
import type { Chains } from '../../plan/types.js';
import { LAYOUTS } from './layouts/index.js';
import { originOfName } from './origin.js';
import { declaredKind, elementKey, withoutComment } from './ownership.js';

/** Reads units of kube-proxy's layout. */
export const RULE_READER: RuleReader = {
  poolOf: (_, chain) =>
    LAYOUTS.map((layout) => layout.poolOf(chain)).find((pool) => pool !== undefined),
  shares,
  isOurs: (_, chain, line) => isOurs(chain, line),
  // All endpoints of a draw stand in one rule, each with the same chance.
  withoutChance: () => '',
};

/** A draw among endpoints: for every new connection, whoever is the client. */
const DRAW =
  /^add rule \S+ \S+ \S+ (?:meta l4proto \S+ dnat ip6? addr \. port to )?numgen random mod (\d+) v?map \{ (.*) \}$/;
/** A rule that lets nothing get to what stands behind it. */
const END = /^add rule \S+ \S+ \S+ (?:counter )?(?:drop|accept|return|reject.*|goto \S+)$/;

/** Rules of returning clients and rules with any other condition decide nothing about a new connection in general. */
function shares(chains: Chains, key: string): ReadonlyMap<string, Fraction> {
  const found = new Map<string, Fraction>();
  for (const line of chains.get(key)?.lines ?? []) {
    const bare = withoutComment(line);
    if (END.test(bare)) break;
    const [match, size = '', choices = ''] = DRAW.exec(bare) ?? [];
    if (match === undefined) continue;
    const one = fraction(1n, BigInt(size));
    for (const choice of choices.split(', ')) {
      const endpoint = endpointOf(chains, key, choice.replace(/^\d+ : /, ''));
      found.set(endpoint, plus(found.get(endpoint) ?? NONE, one));
    }
    break;
  }
  return found;
}

/** `10.0.0.1 . 8080`, or the chain that an endpoint has under affinity. */
function endpointOf(chains: Chains, key: string, choice: string): string {
  const [ip = '', port] = choice.split(' . ');
  if (port !== undefined) return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
  const chain = choice.replace(/^goto /, '');
  const [family, table] = key.split(' ');
  for (const line of chains.get(`${family} ${table} ${chain}`)?.lines ?? []) {
    const destination = / dnat to (\S+)$/.exec(line)?.[1];
    if (destination !== undefined) return destination;
  }
  return `${chain} (no dnat)`;
}

/** What rules of ours say behind the chain, by the beginning of its name. */
const RULES: readonly (readonly [chains: RegExp, rules: RegExp])[] = [
  [
    /^(?:service|local)-/,
    /^(?:ip6? saddr @affinity-\S+ goto endpoint-\S+|(?:meta l4proto \S+ dnat ip6? addr \. port to )?numgen random mod \d+ v?map \{ .* \})$/,
  ],
  [/^endpoint-/, /^(?:update @affinity-\S+ \{ ip6? saddr \}|meta l4proto \S+ dnat to \S+)$/],
  [/^external-/, /^(?:.*mark set mark or \S+|.*goto (?:service|local)-\S+)$/],
  [/^firewall-/, /^ip6? saddr != .* drop$/],
  [/^masquerading$/, / masquerade fully-random$/],
  [/^cluster-ips-check$/, /^ip6? daddr .* (?:reject|drop)$/],
  [/^reject-chain$/, /^reject$/],
  [/^(?:service-endpoints|nodeport-endpoints|firewall)-check$/, / vmap @[a-z-]+$/],
  [/^services$/, /(?: vmap @service-[a-z]+|^ip6? daddr @cluster-ips .*mark set mark or \S+)$/],
  [
    /^(?:filter|nat)-(?:prerouting|input|forward|output|postrouting)/,
    /^(?:ct state new )?jump [a-z-]+$/,
  ],
];

const FRAME =
  /^(?:|(?:filter|nat)-[a-z-]+|(?:nodeport-endpoints|service-endpoints|firewall|cluster-ips)-check|services|masquerading|reject-chain|@hairpin-connections|@cluster-ips|@nodeport-ips|@no-endpoint-(?:services|nodeports)|@firewall-ips|@service-(?:ips|nodeports))$/;

/** Whether kube-proxy or vipc could have written the line. */
function isOurs(unit: string, line: string): boolean {
  if (!FRAME.test(unit) && originOfName(unit) === '') return false;
  if (declaredKind(line) !== '') return true;
  const bare = withoutComment(line);
  if (unit.startsWith('@')) return isOurElement(bare);
  const body = bare.split(' ').slice(5).join(' ');
  return RULES.some(([chains, rules]) => chains.test(unit) && rules.test(body));
}

/** Elements of sets are addresses; those of maps lead to chains of Services, or refuse. */
function isOurElement(line: string): boolean {
  const target = / : (.*) \}$/.exec(line)?.[1];
  if (elementKey(line).startsWith('json ')) return false;
  if (target === undefined || target === 'drop' || target === 'goto reject-chain') return true;
  return target.startsWith('goto ') && originOfName(target.slice(5)) !== '';
}
