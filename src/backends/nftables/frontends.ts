/** Reads from a dump which addresses Services answered on: after their deletion nothing else knows. */

import type { Frontend } from '../../flows/frontends.js';
import { type Family, familyOf, type Ip, parseIp } from '../../net/ip.js';
import { LAYOUTS } from './layouts/index.js';
import { elementOrigins, originOfElement } from './origin.js';
import { elementKey, tableName } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/** The UDP and SCTP frontends that the table of a family answers on, translated or refused. */
export function frontendsOfDump(dump: Dump, family: Family): readonly Frontend[] {
  const table = dump.tables.get(tableName(family));
  if (table === undefined) return [];
  const origins = elementOrigins(table);
  const maps = LAYOUTS.flatMap((layout) => layout.dispatchers);
  return maps
    .flatMap((map) => table.units.get(`map ${map}`)?.lines ?? [])
    .flatMap((line) => {
      const frontend = frontendOfKey(elementKey(line), family);
      return frontend === undefined ? [] : { ...frontend, origin: originOfElement(line, origins) };
    });
}

function frontendOfKey(key: string, family: Family): Omit<Frontend, 'origin'> | undefined {
  const match = /^(?:(?<ip>\S+) \. )?(?<protocol>udp|sctp) \. (?<port>\d+)$/.exec(key);
  if (match?.groups === undefined) return undefined;
  const { ip = '', protocol, port } = match.groups;
  const place = placeOf(ip, family);
  if (place === undefined) return undefined;
  return { family, protocol: protocol === 'udp' ? 'UDP' : 'SCTP', ip: place, port: Number(port) };
}

/** Node ports have no address. */
function placeOf(text: string, family: Family): Ip | '' | undefined {
  if (text === '') return '';
  const ip = parseIp(text);
  return ip !== undefined && familyOf(ip) === family ? ip : undefined;
}
