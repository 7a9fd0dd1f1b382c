/**
 * Which endpoints printed rules can translate a packet to, in each mode: read from the text,
 * without any code of compile.
 */

import { frontendsOfDump as iptablesFrontends } from '../../../src/backends/iptables/frontends.js';
import { targetOf } from '../../../src/backends/iptables/syntax/line-text.js';
import { type Dump, parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { frontendsOfDump as nftablesFrontends } from '../../../src/backends/nftables/frontends.js';
import { tableName } from '../../../src/backends/nftables/ownership.js';
import {
  type DumpTable,
  parseDump as parseScript,
} from '../../../src/backends/nftables/syntax/parse.js';
import type { FlowProtocol } from '../../../src/flows/flows.js';
import { FLOW_PROTOCOLS, type Frontend } from '../../../src/flows/frontends.js';
import { type Family, type Ip, joinHostPort, parseIp } from '../../../src/net/ip.js';
import type { BackendName } from '../../../src/ruleset/types.js';

/** The rules of one family. */
export interface RuleTargets {
  /** What the backend reads from them. */
  readonly frontends: readonly Frontend[];
  /**
   * The `ip:port` that a packet to this place may be translated to, node ports on whatever address.
   */
  readonly at: (protocol: FlowProtocol, ip: Ip, port: number) => readonly string[];
}

/** Reads what a compile printed. */
export const RULE_TARGETS: Readonly<
  Record<BackendName, (text: string, family: Family) => RuleTargets>
> = {
  iptables: (text, family) => {
    const dump = parseDump(text);
    return {
      frontends: iptablesFrontends(dump, family, FLOW_PROTOCOLS),
      at: (protocol, ip, port) => iptablesTargetsAt(dump, protocol, ip, port),
    };
  },
  nftables: (text, family) => {
    const dump = parseScript(text);
    const table = dump.tables.get(tableName(family))!;
    return {
      frontends: nftablesFrontends(dump, family, FLOW_PROTOCOLS),
      at: (protocol, ip, port) => nftablesTargetsAt(table, protocol, ip, port),
    };
  },
};

function iptablesTargetsAt(
  dump: Dump,
  protocol: FlowProtocol,
  ip: Ip,
  port: number,
): readonly string[] {
  const nat = dump.tables.get('nat');
  const lines = [
    ...(nat?.get('KUBE-SERVICES')?.rules ?? []).filter((l) => l.includes(` -d ${ip}/`)),
    ...(nat?.get('KUBE-NODEPORTS')?.rules ?? []),
  ];
  return lines
    .filter((line) => line.includes(`-p ${protocol.toLowerCase()} `))
    .filter((line) => line.includes(` --dport ${port} `))
    .flatMap((line) => iptablesTargets(dump, targetOf(line)));
}

function iptablesTargets(dump: Dump, chain: string): readonly string[] {
  return (dump.tables.get('nat')?.get(chain)?.rules ?? []).flatMap((line) => {
    const destination = / --to-destination (\S+)$/.exec(line)?.[1];
    return destination === undefined ? iptablesTargets(dump, targetOf(line)) : [destination];
  });
}

function nftablesTargetsAt(
  table: DumpTable,
  protocol: FlowProtocol,
  ip: Ip,
  port: number,
): readonly string[] {
  const proto = protocol.toLowerCase();
  const places = [
    ['service-ips', `${ip} . ${proto} . ${port}`],
    ['service-nodeports', `${proto} . ${port}`],
  ] as const;
  return places.flatMap(([map, key]) =>
    (table.units.get(`map ${map}`)?.elements ?? [])
      .filter((element) => element.key === key)
      .flatMap(({ value }) => nftablesTargets(table, ` ${value}`)),
  );
}

/** Of a rule or what an element leads to: what it translates to, or where it leads. */
function nftablesTargets(table: DumpTable, line: string): readonly string[] {
  const [, to] = / dnat to (\S+)$/.exec(line) ?? [];
  if (to !== undefined) return [to];
  const [, map] = / dnat .* map \{ (.*) \}$/.exec(line) ?? [];
  if (map !== undefined)
    return [...map.matchAll(/ : (\S+) \. (\d+)/g)].map(([, ip = '', port]) =>
      joinHostPort(parseIp(ip)!, Number(port)),
    );
  return [...line.matchAll(/ goto ([^\s,]+)/g)].flatMap(([, chain]) =>
    (table.units.get(`chain ${chain}`)?.rules ?? []).flatMap((rule) =>
      nftablesTargets(table, rule),
    ),
  );
}
