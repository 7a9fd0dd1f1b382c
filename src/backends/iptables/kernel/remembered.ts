/**
 * Records which chains and rules vipc has loaded that are in no layout that ships with it, and
 * whether it created KUBE-FIREWALL, so that another layout and a cleanup find them again:
 * `chains.json` in the folder of its network namespace.
 */

import type { Host } from '../../../host/host.js';
import { namespaceFolder } from '../../../host/namespace-folder.js';
import type { Family } from '../../../net/ip.js';
import {
  builtinRole,
  isBuiltinRule,
  NOTHING_REMEMBERED,
  type Remembered,
  tableRule,
} from '../ownership.js';
import { appended } from '../syntax/line-text.js';

/**
 * What was loaded in one family; nothing where the file is missing or not readable as one of ours.
 */
export async function remembered(host: Host, family: Family): Promise<Remembered> {
  return (await readState(host)).get(family) ?? NOTHING_REMEMBERED;
}

/** Adds what is going to be created. Returns what was remembered before, if anything is added. */
export function remember(host: Host, family: Family, added: Remembered): Promise<Remembered> {
  return change(host, family, added, (known, items) => new Set([...known, ...items]));
}

/** Drops what was deleted. */
export async function forget(host: Host, family: Family, removed: Remembered): Promise<void> {
  await change(
    host,
    family,
    removed,
    (known, items) => new Set([...known].filter((item) => !items.has(item))),
  );
}

type State = ReadonlyMap<Family, Remembered>;
type Strings = ReadonlySet<string>;

async function change(
  host: Host,
  family: Family,
  items: Remembered,
  next: (known: Strings, items: Strings) => Strings,
): Promise<Remembered> {
  if (items.chains.size + items.rules.size === 0) return NOTHING_REMEMBERED;
  const state = await readState(host);
  const before = state.get(family) ?? NOTHING_REMEMBERED;
  const after = {
    chains: next(before.chains, items.chains),
    rules: next(before.rules, items.rules),
  };
  if (after.chains.size === before.chains.size && after.rules.size === before.rules.size)
    return before;
  const entries = [...new Map(state).set(family, after)]
    .filter(([, { chains, rules }]) => chains.size + rules.size > 0)
    .map(([name, { chains, rules }]) => [name, { chains: [...chains], rules: [...rules] }]);
  const path = `${await namespaceFolder(host)}/chains.json`;
  const text = `${JSON.stringify(Object.fromEntries(entries))}\n`;
  // Rules are loaded also where /run cannot be written.
  await (entries.length === 0 ? host.removeFile(path) : host.replaceFile(path, text)).catch(
    () => {},
  );
  return before;
}

async function readState(host: Host): Promise<State> {
  const text = await host.readFile(`${await namespaceFolder(host)}/chains.json`);
  const value = text === undefined ? undefined : parseJson(text);
  const state = new Map<Family, Remembered>();
  for (const family of ['IPv4', 'IPv6'] as const) {
    const own = field(value, family);
    state.set(family, {
      chains: strings(field(own, 'chains')),
      rules: strings(field(own, 'rules')),
    });
  }
  return state;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function strings(value: unknown): Strings {
  return new Set(
    Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [],
  );
}

/**
 * What an input of iptables-restore creates and deletes that no layout that ships with vipc has.
 */
export interface UnknownParts {
  readonly added: Remembered;
  readonly removed: Remembered;
}

/**
 * Reads an input that {@link ../restore-input.ts} made. Most of its lines are skipped unread.
 */
export function unknownParts(input: string): UnknownParts {
  const added = { chains: new Set<string>(), rules: new Set<string>() };
  const removed = { chains: new Set<string>(), rules: new Set<string>() };
  let table = '';
  for (let start = 0, end = 0; start < input.length; start = end + 1) {
    end = input.indexOf('\n', start);
    if (end < 0) end = input.length;
    if (isRuleOfOwnChain(input, start)) continue;
    if (input.startsWith(':', start))
      readDeclaration(table, input.slice(start + 1, input.indexOf(' ', start)), added);
    else if (input.startsWith('*', start)) table = input.slice(start + 1, end);
    else readCommand(table, input.slice(start, end), added, removed);
  }
  return { added, removed };
}

/** The chains that others create too: KUBE-FIREWALL. */
export function partialChains({ chains }: Remembered): Strings {
  return new Set(
    [...chains].filter((key) => {
      const [table = '', chain = ''] = key.split(' ');
      return builtinRole(table, chain) === 'partial';
    }),
  );
}

/** Chains as `table chain`, rules as {@link tableRule} gives them. */
interface Sets {
  readonly chains: Set<string>;
  readonly rules: Set<string>;
}

/** Declarations are a quarter of the lines of a first load: no pattern is tried on them. */
function readDeclaration(table: string, chain: string, added: Sets): void {
  if (builtinRole(table, chain) === 'foreign') added.chains.add(`${table} ${chain}`);
}

function readCommand(table: string, line: string, added: Sets, removed: Sets): void {
  const [, command = '', chain = ''] = COMMAND.exec(line) ?? [];
  if (chain === '') return;
  const parts = command === '-X' || command === '-D' ? removed : added;
  const role = builtinRole(table, chain);
  if (command === '-N' || command === '-X') {
    // `-N` fails where the chain exists, so after it KUBE-FIREWALL is ours and not kubelet's.
    if (role === 'foreign' || role === 'partial') parts.chains.add(`${table} ${chain}`);
  } else if (role === 'partial')
    addRule(parts.rules, tableRule(table, appended(line).replace(/^-D /, '-A ')));
}

function addRule(rules: Set<string>, rule: string): void {
  if (!isBuiltinRule(rule)) rules.add(rule);
}

const COMMAND = /^(-[NXAID]) (\S+)/;

/** Chains with such names are created whole, but for KUBE-FIREWALL. */
function isRuleOfOwnChain(input: string, start: number): boolean {
  return (
    (input.startsWith('-A KUBE-', start) || input.startsWith('-C KUBE-', start)) &&
    !input.startsWith('KUBE-FIREWALL ', start + 3)
  );
}
