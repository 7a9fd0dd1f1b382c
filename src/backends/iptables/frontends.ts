/** Reads from a dump which addresses Services answered on: after their deletion nothing else knows. */

import type { Frontend } from '../../flows/frontends.js';
import { type Family, familyOf, type Ip, parseIp } from '../../net/ip.js';
import { LAYOUTS } from './layouts/index.js';
import { originOfLine } from './origin.js';
import { NOTHING_REMEMBERED, type Remembered } from './ownership.js';
import { withoutComment } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/** The UDP and SCTP frontends that the rules of a dump answer on, translated or refused, each once. */
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
  const match =
    /^-A \S+(?: -d (?<ip>\S+)\/\d+)? -p (?<protocol>udp|sctp) .*--dport (?<port>\d+) /.exec(
      withoutComment(line),
    );
  if (match?.groups === undefined) return undefined;
  const { ip = '', protocol, port } = match.groups;
  const place = placeOf(ip, family);
  if (place === undefined) return undefined;
  return {
    family,
    protocol: protocol === 'udp' ? 'UDP' : 'SCTP',
    ip: place,
    port: Number(port),
    origin: originOfLine(line),
  };
}

/** Node ports have no address, but for the rule that counts those of loopback. */
function placeOf(text: string, family: Family): Ip | '' | undefined {
  if (text === '' || text.startsWith('127.')) return '';
  const ip = parseIp(text);
  return ip !== undefined && familyOf(ip) === family ? ip : undefined;
}
