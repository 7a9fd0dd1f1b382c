/**
 * Which kube-proxy wrote a table of nft. It deletes nothing that it does not know, so what older
 * versions left behind says nothing: only what every sync rewrites is looked at.
 */

import { LOCALHOST_GATE, withGates } from '../../profiles/profiles.js';
import { PROFILES } from '../../profiles/table.js';
import type { Profile, ProfileNftables } from '../../profiles/types.js';
import { ANY_WRITER, noWriter, type Writers } from '../writers.js';
import { isOwned } from './ownership.js';
import type { Dump, DumpTable } from './syntax/dump-reader.js';

/** What is seen of the rules; a field is absent where nothing shows it. */
type Seen = { -readonly [K in keyof ProfileNftables]?: ProfileNftables[K] };

/** Who can have written the table `kube-proxy`. */
export function writersOf({ tables }: Dump): Writers {
  const table = [...tables].find(([key]) => isOwned(key))?.[1];
  if (table === undefined || !table.units.has('chain services')) return ANY_WRITER;
  if (inChain(table, 'filter-input', ' jump endpoints-check'))
    return noWriter('the rules are those of kube-proxy 1.29, where mode nftables is alpha');
  const isInline = inChain(table, 'masquerading', ' @hairpin-connections ');
  const isChained = inChain(table, 'masquerading', ' return');
  if (!isInline && !isChained) return ANY_WRITER;
  const pools = poolsOf(table);
  const isOfBoth = isInline ? isChained || pools.jumps : isOfNewer(pools);
  const some = isOfBoth ? 'some are those of 1.35 or older, some of 1.36 or newer' : mixed(pools);
  if (some !== '') return noWriter(`the rules are of two versions of kube-proxy: ${some}`);
  if (isChained && hasCommentedFirewall(table))
    return noWriter('the rules are those of kube-proxy 1.30, where mode nftables is alpha');
  const seen = isInline ? seenInline(pools) : seenChained(table, pools);
  return writersOfSeen({ ...seen, ...seenLoopback(table) });
}

/** Every profile, and where a feature gate shows in the rules, the profile with that gate. */
const CANDIDATES: readonly Profile[] = PROFILES.flatMap((profile) => {
  const { name, nftables } = profile;
  if (typeof nftables === 'string' || !Object.hasOwn(profile.gates, LOCALHOST_GATE))
    return [profile];
  const on = !nftables.localhostNodePorts;
  const gated = withGates(profile, { [LOCALHOST_GATE]: on });
  return [{ ...gated, name: `${name} ${on ? 'with' : 'without'} ${LOCALHOST_GATE}` }, profile];
});

function writersOfSeen(seen: Seen): Writers {
  const profiles = CANDIDATES.filter(
    ({ nftables }) => typeof nftables !== 'string' && fits(seen, nftables),
  );
  return profiles.length > 0
    ? { profiles, reason: '' }
    : noWriter('the rules are of two versions of kube-proxy: none writes all of them');
}

function fits(seen: Seen, rules: ProfileNftables): boolean {
  return Object.entries(seen).every(([key, value]) => rules[key as keyof Seen] === value);
}

function rulesOf({ units }: DumpTable, chain: string): readonly string[] {
  return units.get(`chain ${chain}`)?.rules ?? [];
}

function inChain(table: DumpTable, chain: string, words: string): boolean {
  return rulesOf(table, chain).some((line) => line.includes(words));
}

/** What the chains of Services show. */
interface Pools {
  /** Rules that mark packets, and rules that jump to mark-for-masquerade. */
  marks: boolean;
  jumps: boolean;
  /** Rules that masquerade traffic to a ClusterIP: those with a port, and those without. */
  ports: boolean;
  portless: boolean;
  /** A translation that draws an endpoint, one from a single endpoint, and one without a draw. */
  draws: boolean;
  mapsOne: boolean;
  single: boolean;
  /** Rules with `iif`, and with `iifname`. */
  iif: boolean;
  iifname: boolean;
}

const POOL = /^chain (?:service|local)-/;
/** Chains with `/` are no leftovers: kube-proxy deletes those that it does not know. */
const BESIDE = /^chain (?:external|endpoint)-/;

function poolsOf({ units }: DumpTable): Pools {
  const seen: Pools = {
    ...{ marks: false, jumps: false, ports: false, portless: false, draws: false },
    ...{ mapsOne: false, single: false, iif: false, iifname: false },
  };
  for (const [key, { rules }] of units) {
    const isPool = POOL.test(key);
    if (!isPool && !BESIDE.test(key)) continue;
    for (const line of rules) see(line, isPool, seen);
  }
  return seen;
}

function see(line: string, isPool: boolean, seen: Pools): void {
  seen.iif ||= line.includes(' iif ');
  seen.iifname ||= line.includes(' iifname ');
  const jumps = / jump mark-for-masquerade(?: |$)/.test(line);
  seen.jumps ||= jumps;
  seen.marks ||= line.includes(' mark set ');
  if (!isPool) return;
  const hasPort = / (?:tcp|udp|sctp) dport /.test(line);
  seen.ports ||= jumps && hasPort;
  seen.portless ||= jumps && !hasPort;
  const draws = / numgen random mod \d+ map /.test(line);
  seen.draws ||= draws;
  seen.mapsOne ||= draws && line.includes(' mod 1 map ');
  seen.single ||= / dnat to [^ ]+$/.test(line);
}

/** What no version up to 1.35 writes into chains of Services. */
function isOfNewer({ marks, draws, single }: Pools): boolean {
  return marks || draws || single;
}

/** Which rules of the same layout are there that no version has together; `''`: none. */
function mixed({ mapsOne, single, ports, portless, iif, iifname }: Pools): string {
  if (mapsOne && single) return 'some of 1.36, some of 1.37';
  if (ports && portless) return 'some of 1.33 or older, some of 1.34 or 1.35';
  return iif && iifname ? 'some find interfaces by number, some by name' : '';
}

function seenInline({ mapsOne, single }: Pools): Seen {
  const seen: Seen = { layout: 'inline' };
  if (mapsOne) seen.single = 'map';
  if (single) seen.single = 'plain';
  return seen;
}

function seenChained(table: DumpTable, pools: Pools): Seen {
  const seen: Seen = { layout: 'chains', ...seenBaseChains(table) };
  if (pools.ports || pools.portless) seen.masqueradePort = pools.ports;
  if (pools.iif) seen.interfaceMatch = 'iif';
  else if (pools.iifname) seen.interfaceMatch = 'iifname';
  return seen;
}

/** Base chains may be left over; the rules of one that both versions have are not. */
function seenBaseChains(table: DumpTable): Pick<Seen, 'baseChains'> {
  const rules = rulesOf(table, 'filter-output');
  const leads = (to: string): boolean => rules.some((line) => line.endsWith(` jump ${to}`));
  const [isEarly, isSplit] = [leads('firewall-check'), leads('cluster-ips-check')];
  if (isEarly === isSplit) return {};
  return { baseChains: isEarly ? 'early' : 'split' };
}

/** A map without its rule is left over, or has lost the rule: both are possible. */
function seenLoopback(table: DumpTable): Pick<Seen, 'localhostNodePorts'> {
  const map = 'localhost-nodeport-reject-ports';
  const isAsked = inChain(table, 'nodeport-endpoints-check', ` vmap @${map}`);
  if (!isAsked && table.units.has(`map ${map}`)) return {};
  return { localhostNodePorts: isAsked };
}

/** Elements of the firewall have comments in 1.30 alone. */
function hasCommentedFirewall({ units }: DumpTable): boolean {
  return (units.get('map firewall-ips')?.elements ?? []).some(({ comment }) => comment !== '');
}
