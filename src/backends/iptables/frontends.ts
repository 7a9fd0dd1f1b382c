/**
 * Reads from a dump which addresses Services answered on: after their deletion nothing else knows.
 */

import type { Frontend } from '../../flows/frontends.js';
import { cidrParts } from '../../net/cidr.js';
import { addressBits, type Family, familyOf, type Ip } from '../../net/ip.js';
import type { Statement } from '../../netfilter/rule.js';
import { LAYOUTS } from './layouts/index.js';
import { meaningOf } from './meaning.js';
import { NOTHING_REMEMBERED, type Remembered } from './ownership.js';
import { originOfLine } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/**
 * The UDP and SCTP frontends that the rules of a dump answer on, translated or refused, each once.
 */
export function frontendsOfDump(
  dump: Dump,
  family: Family,
  { chains }: Remembered = NOTHING_REMEMBERED,
): readonly Frontend[] {
  const found = new Map<string, Frontend>();
  const dispatchers = LAYOUTS.flatMap((layout) => layout.dispatchers);
  const others = [...chains].map((key): readonly string[] => key.split(' '));
  for (const [table = '', chain = ''] of [...dispatchers, ...others]) {
    for (const line of dump.tables.get(table)?.get(chain)?.rules ?? []) {
      const frontend = frontendOfLine(line, family);
      if (frontend === undefined) continue;
      const key = `${frontend.protocol} ${frontend.ip} ${frontend.port}`;
      if (!found.has(key)) found.set(key, frontend);
    }
  }
  return [...found.values()];
}

function frontendOfLine(line: string, family: Family): Frontend | undefined {
  if (!line.includes(' -p udp ') && !line.includes(' -p sctp ')) return undefined;
  const { statements } = meaningOf(line);
  const protocol = statements.find((statement) => statement.kind === 'protocol');
  const port = statements.find(
    (statement) => statement.kind === 'port' && statement.field === 'dport',
  );
  if (protocol?.not !== false || port?.kind !== 'port' || port.not) return undefined;
  const ip = placeOf(statements, family);
  if (ip === undefined || port.from !== port.to || !isFlowProtocol(protocol.protocol))
    return undefined;
  return {
    family,
    protocol: protocol.protocol === 'udp' ? 'UDP' : 'SCTP',
    ip,
    port: port.from,
    origin: originOfLine(line),
  };
}

function isFlowProtocol(name: string): boolean {
  return name === 'udp' || name === 'sctp';
}

/** Node ports have no address, but for the rule that counts those of loopback. */
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
