/** Finds the dumps of a folder that has one or more for each node. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { compareText } from '../model/order.js';
import type { Family } from '../net/ip.js';
import { unreadable } from './sources.js';

/** The endings of dump names, each with its family; a listing of nft names the family itself. */
const ENDINGS: readonly (readonly [ending: string, family: Family | undefined])[] = [
  ['.iptables', 'IPv4'],
  ['.ip6tables', 'IPv6'],
  ['.nft.json', undefined],
];
/** Facts of the machine, as `vipc host` prints them. */
const FACTS = '.host.yaml';

/** The dump of a node in one file. */
export interface NodeDump {
  readonly node: string;
  readonly path: string;
  /** The file name alone. */
  readonly name: string;
  readonly family: Family | undefined;
  /** The file with facts of its machine; `undefined`: there is none. */
  readonly facts: string | undefined;
}

/** Whether a path is that of a folder. Throws InputError. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return found.isDirectory();
}

/** The dumps of a folder, by the names of their nodes. Throws InputError where it has none. */
export async function nodeDumps(folder: string): Promise<readonly NodeDump[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const known = new Set(names);
  const dumps = names.flatMap((name): readonly NodeDump[] => {
    const [ending, family] = ENDINGS.find(([one]) => name.endsWith(one)) ?? [];
    const node = ending === undefined ? '' : name.slice(0, -ending.length);
    if (node === '') return [];
    const facts = known.has(`${node}${FACTS}`) ? join(folder, `${node}${FACTS}`) : undefined;
    return [{ node, name, path: join(folder, name), family, facts }];
  });
  if (dumps.length > 0)
    return dumps.sort((a, b) => compareText(a.node, b.node) || compareText(a.name, b.name));
  throw new InputError(`the folder ${JSON.stringify(folder)} has no dump of a node`, {
    hint: 'a file is called NODE.iptables, NODE.ip6tables or NODE.nft.json, by the name of the Node',
  });
}
