/** The settings of kube-proxy that an iptables-save dump shows. */

import { cidrParts } from '../../net/cidr.js';
import type { Ip } from '../../net/ip.js';
import type { Rule } from '../../netfilter/rule.js';
import {
  type Masquerading,
  masqueradingOf,
  NOT_MASQUERADED,
  type NodeSettings,
} from '../node-settings.js';
import { linesUnder } from './dispatch/kinds.js';
import { isDirect } from './layouts/fast/direct.js';
import { LAYOUTS } from './layouts/index.js';
import { cachedStatements, meaningOf } from './meaning.js';
import { targetOf } from './syntax/line-text.js';
import type { Dump, DumpChain } from './syntax/parse.js';

type Chains = ReadonlyMap<string, DumpChain>;

/** The settings behind the rules of a dump. Few rules are parsed: one or two of each Service. */
export function nodeSettings(dump: Dump): NodeSettings {
  const nat = natOf(dump);
  return { ...masquerading(nat), ...markOf(nat), ...nodePorts(nat) };
}

/** The addresses that accept node ports, where rules list them. */
export function nodePortIpsOf(dump: Dump): readonly Ip[] {
  const { nodePortAddresses: addresses } = nodePorts(natOf(dump));
  return addresses?.kind === 'listed' ? addresses.ips : [];
}

function natOf({ tables }: Dump): Chains {
  return tables.get('nat') ?? new Map();
}

/** A chain that picks among endpoints. */
interface Voter {
  readonly chain: DumpChain;
  readonly pool: string;
}

/** The number of Service chains that are read: all of them are written alike. */
const MOST_VOTERS = 1000;

function votersOf(nat: Chains): readonly Voter[] {
  const voters: Voter[] = [];
  for (const name of nat.keys()) {
    const pool = poolOf(name);
    const chain = pool === undefined ? undefined : nat.get(name);
    if (chain !== undefined && pool !== undefined) voters.push({ chain, pool });
    if (voters.length === MOST_VOTERS) break;
  }
  return voters;
}

function poolOf(name: string): string | undefined {
  for (const layout of LAYOUTS) {
    const pool = layout.poolOf({ table: 'nat', kind: 'chain', name });
    if (pool !== undefined) return pool;
  }
  return undefined;
}

/**
 * How most Service chains masquerade: a foreign rule in a single chain is no setting.
 */
function masquerading(nat: Chains): Masquerading {
  const votes = new Map<string, number>();
  const meanings = new Map<string, Masquerading>();
  const statementsOf = cachedStatements();
  const voters = votersOf(nat);
  // Where traffic is masqueraded, no rule leads straight to an endpoint.
  let pools = linesUnder('nat', SERVICES, nat).filter(isDirect).length;
  for (const { chain, pool } of voters) {
    // Rules of a large dump are not read for a vote that changes nothing any more.
    if ([...votes.values()].some((count) => count * 2 > voters.length)) break;
    const { rules } = chain;
    if (rules.length === 0) continue;
    if (pool === 'cluster') pools++;
    const line = rules.find((rule) => targetOf(rule) === 'KUBE-MARK-MASQ');
    if (line === undefined) continue;
    const meaning = masqueradingOf({ statements: statementsOf(line) });
    const key = JSON.stringify(meaning);
    meanings.set(key, meaning);
    votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  const [first] = [...votes].sort(([, a], [, b]) => b - a);
  if (first !== undefined && first[1] * 2 >= pools) return meanings.get(first[0]) ?? {};
  return pools === 0 ? {} : NOT_MASQUERADED;
}

const SERVICES = 'KUBE-SERVICES';

/** The bit that KUBE-MARK-MASQ sets. */
function markOf(nat: Chains): NodeSettings {
  for (const line of nat.get('KUBE-MARK-MASQ')?.rules ?? [])
    for (const statement of meaningOf(line).statements)
      if (statement.kind === 'set-mark') return { masqueradeMark: statement.value };
  return {};
}

/** The destinations for KUBE-NODEPORTS: all local addresses, all but 127.0.0.0/8, or a list. */
function nodePorts(nat: Chains): NodeSettings {
  const lines = nat.get(SERVICES)?.rules ?? [];
  const rules = lines.filter((line) => targetOf(line) === 'KUBE-NODEPORTS').map(meaningOf);
  const [first] = rules;
  if (first === undefined) return {};
  if (!first.statements.some(({ kind }) => kind === 'address-type')) {
    const ips = rules.flatMap((rule) => destinations(rule, false));
    return {
      nodePortAddresses: { kind: 'listed', ips },
      localhostNodePorts: ips.some((ip) => ip.startsWith('127.')),
    };
  }
  const excepted = destinations(first, true);
  const isIpv6 = excepted.some((ip) => ip.includes(':'));
  return {
    nodePortAddresses: { kind: 'all' },
    // In IPv6 the loopback address never answers.
    ...(isIpv6 ? {} : { localhostNodePorts: excepted.length === 0 }),
  };
}

function destinations({ statements }: Rule, not: boolean): readonly Ip[] {
  return statements.flatMap((one) =>
    one.kind === 'address' && one.field === 'daddr' && one.not === not
      ? one.networks.map((cidr) => cidrParts(cidr).ip)
      : [],
  );
}
