/** What a summary reads in our chains: who gets which share of a pool, and which lines nobody of us wrote. */

import {
  ALL,
  complement,
  type Fraction,
  fraction,
  NONE,
  plus,
  times,
} from '../../plan/fraction.js';
import type { RuleReader } from '../../plan/summary.js';
import type { Chains } from '../../plan/types.js';
import { LAYOUTS } from './layouts/index.js';
import { originOfLine } from './origin.js';
import { targetOf, withoutComment } from './syntax/line-text.js';
import { oneIn } from './syntax/probability.js';
import { parseProbability } from './syntax/values.js';

/** Reads chains of kube-proxy's layout. */
export const RULE_READER: RuleReader = {
  poolOf: (table, chain) =>
    LAYOUTS.map((layout) => layout.poolOf(table, chain)).find((pool) => pool !== undefined),
  shares,
  isOurs,
  withoutChance: (line) => {
    const bare = withoutComment(line);
    return targetOf(bare).startsWith('KUBE-SEP-') ? bare.replace(CHANCE, '') : '';
  },
};

const CHANCE = / -m statistic --mode random --probability \S+/;

/** A rule that takes part in the cascade: unconditional, or by chance alone. */
const PICK =
  /^-A \S+ (?:-m statistic --mode random --probability (\S+) )?-j (KUBE-SEP-\S+|ACCEPT|DROP|RETURN)$/;

/** Rules of returning clients and rules with any other condition decide nothing about a new connection in general. */
function shares(chains: Chains, key: string): ReadonlyMap<string, Fraction> {
  const found = new Map<string, Fraction>();
  let rest = ALL;
  for (const line of chains.get(key)?.lines ?? []) {
    const [match, chance, target = ''] = PICK.exec(withoutComment(line)) ?? [];
    if (match === undefined) continue;
    const taken = chance === undefined ? ALL : chanceOf(chance);
    if (target.startsWith('KUBE-SEP-')) {
      const endpoint = endpointOf(chains, target);
      found.set(endpoint, plus(found.get(endpoint) ?? NONE, times(rest, taken)));
    }
    rest = times(rest, complement(taken));
  }
  return found;
}

/** The kernel keeps 31 bits; what is the nearest it can do to one in n is meant as one in n. */
function chanceOf(text: string): Fraction {
  const numerator = parseProbability(text);
  if (numerator === undefined || numerator === 0) return NONE;
  const n = Math.round(2 ** 31 / numerator);
  if (oneIn(n) === text) return { numerator: 1n, denominator: BigInt(n) };
  return fraction(BigInt(numerator), 2n ** 31n);
}

function endpointOf(chains: Chains, chain: string): string {
  for (const line of chains.get(`nat ${chain}`)?.lines ?? []) {
    const destination = / -j DNAT --to-destination (\S+)$/.exec(line)?.[1];
    if (destination !== undefined) return destination;
  }
  return `${chain} (no DNAT)`;
}

/** Where rules of ours lead, by table and beginning of the chain's name. */
const TARGETS: readonly (readonly [chains: RegExp, targets: RegExp])[] = [
  [/^nat KUBE-SV[CL]-/, /^KUBE-(?:SEP-|MARK-MASQ$)/],
  [/^nat KUBE-SEP-/, /^(?:KUBE-MARK-MASQ|DNAT)$/],
  [/^nat KUBE-EXT-/, /^KUBE-(?:SV[CL]-|MARK-MASQ$)/],
  [/^nat KUBE-FW-/, /^(?:KUBE-EXT-.*)?$/],
  [/^nat KUBE-SERVICES$/, /^KUBE-(?:SV[CL]|EXT|FW)-|^KUBE-NODEPORTS$/],
  [/^nat KUBE-NODEPORTS$/, /^KUBE-EXT-/],
  [/^nat KUBE-MARK-MASQ$/, /^MARK$/],
  [/^nat KUBE-POSTROUTING$/, /^(?:MARK|MASQUERADE|RETURN)$/],
  [/^filter KUBE-FORWARD$/, /^(?:ACCEPT|DROP)$/],
  [/^filter KUBE-(?:SERVICES|EXTERNAL-SERVICES)$/, /^(?:REJECT|DROP)$/],
  [/^filter KUBE-PROXY-FIREWALL$/, /^DROP$/],
  [/^filter KUBE-NODEPORTS$/, /^ACCEPT$/],
  [/^filter (?:INPUT|FORWARD|OUTPUT|KUBE-FIREWALL)$/, /./],
  [/^nat (?:PREROUTING|INPUT|OUTPUT|POSTROUTING)$/, /./],
];

/** In chains that all Services share, rules of ours name their Service. */
function isOurs(table: string, chain: string, line: string): boolean {
  const key = `${table} ${chain}`;
  const target = targetOf(line);
  if (!TARGETS.some(([chains, targets]) => chains.test(key) && targets.test(target))) return false;
  const dispatches = key === 'nat KUBE-SERVICES' && target === 'KUBE-NODEPORTS';
  return dispatches || !SHARED.test(key) || originOfLine(line) !== '';
}

const SHARED = /^(?:nat|filter) KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL)$/;
