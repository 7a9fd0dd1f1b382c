/**
 * Reads the frontends of Services from a dump. Once a Service is deleted, only its rules name them.
 */

import { ALL_PROTOCOLS, type Frontend } from '../../flows/frontends.js';
import type { Protocol } from '../../model/types.js';
import { cidrParts } from '../../net/cidr.js';
import { addressBits, type Family, familyOf, type Ip, parseIp } from '../../net/ip.js';
import type { Statement } from '../../netfilter/rule.js';
import { linesUnder } from './dispatch/kinds.js';
import { LAYOUTS } from './layouts/index.js';
import { cachedStatements } from './meaning.js';
import { NOTHING_REMEMBERED, type Remembered } from './ownership.js';
import { commentOf, originOfLine, plainDestinationOf, protocolOf } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/**
 * The frontends over these protocols that the rules of a dump answer on, translated or refused,
 * each once. Rules of other protocols are passed over by their text, without reading them.
 */
export function frontendsOfDump<P extends Protocol>(
  dump: Dump,
  family: Family,
  protocols: readonly P[],
  { chains }: Remembered = NOTHING_REMEMBERED,
): readonly Frontend<P>[] {
  const found = new Map<string, Frontend<P>>();
  const statementsOf = cachedStatements();
  const words = new Set(protocols.map((protocol) => protocol.toLowerCase()));
  for (const line of dispatchRules(dump, chains)) {
    if (!words.has(protocolOf(line))) continue;
    const frontend = frontendOf(line, statementsOf(line), family, protocols);
    if (frontend === undefined) continue;
    const key = `${frontend.protocol} ${frontend.ip} ${frontend.port}`;
    if (!found.has(key)) found.set(key, frontend);
  }
  return [...found.values()];
}

/** The rules of the chains that name frontends, and of those that vipc does not know. */
function* dispatchRules({ tables }: Dump, unknown: ReadonlySet<string>): Iterable<string> {
  for (const [table, chains] of tables)
    for (const name of chains.keys())
      if (
        unknown.has(`${table} ${name}`) ||
        LAYOUTS.some((layout) => layout.dispatches(table, name))
      )
        yield* chains.get(name)?.rules ?? [];
}

/**
 * The addresses that comments of kube-proxy call ClusterIPs, or that filter refuses in the chain
 * for ClusterIPs.
 */
export function clusterIpsOfDump({ tables }: Dump, family: Family): readonly Ip[] {
  const linesOf = (table: string): readonly string[] =>
    linesUnder(table, SERVICES, tables.get(table) ?? new Map());
  const lines = [
    ...linesOf('nat').filter(
      (line) => line.includes(' cluster IP') && commentOf(line).endsWith(' cluster IP'),
    ),
    ...linesOf('filter').filter(
      (line) => line.includes(' has no ') && NO_ENDPOINTS.test(commentOf(line)),
    ),
  ];
  const statementsOf = cachedStatements();
  const found = lines.map(
    (line) =>
      plainAddressOf(line, family) ??
      frontendOf(line, statementsOf(line), family, ALL_PROTOCOLS)?.ip ??
      '',
  );
  return [...new Set(found)].flatMap((ip) => (ip === '' ? [] : ip));
}

/** The address of a rule that needs no parsing; `undefined` for any other. */
function plainAddressOf(line: string, family: Family): Ip | undefined {
  const ip = parseIp(plainDestinationOf(line));
  return ip !== undefined && familyOf(ip) === family ? ip : undefined;
}

const SERVICES = 'KUBE-SERVICES';

/** A policy Local leaves a Service without those of other nodes. */
const NO_ENDPOINTS = / has no (?:local )?endpoints$/;

function frontendOf<P extends Protocol>(
  line: string,
  statements: readonly Statement[],
  family: Family,
  protocols: readonly P[],
): Frontend<P> | undefined {
  const protocol = statements.find((statement) => statement.kind === 'protocol');
  const port = statements.find(
    (statement) => statement.kind === 'port' && statement.field === 'dport',
  );
  if (protocol?.not !== false || port?.kind !== 'port' || port.not) return undefined;
  const ip = placeOf(statements, family);
  const known = protocols.find((one) => one.toLowerCase() === protocol.protocols.join());
  if (ip === undefined || port.from !== port.to || known === undefined) return undefined;
  return { family, protocol: known, ip, port: port.from, origin: originOfLine(line) };
}

/** `''` for a node port, unless its rule is the one that counts traffic to loopback. */
function placeOf(statements: readonly Statement[], family: Family): Ip | '' | undefined {
  const address = statements.find(
    (statement) => statement.kind === 'address' && statement.field === 'daddr',
  );
  if (address?.kind !== 'address') return '';
  const [network, ...more] = address.networks;
  if (network === undefined || more.length > 0 || address.not) return undefined;
  const { ip, bits } = cidrParts(network);
  if (ip.startsWith('127.')) return '';
  return bits === addressBits(family) && familyOf(ip) === family ? ip : undefined;
}
