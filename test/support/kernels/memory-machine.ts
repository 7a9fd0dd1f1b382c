/**
 * A scripted machine whose iptables programs, of both variants and families, work on {@link
 * MemoryKernel}s.
 */

import type { Command, CommandResult } from '../../../src/host/host.js';
import { exited, MemoryHost, type MemoryHostScript } from './memory-host.js';
import { MemoryKernel } from './memory-kernel.js';

/** `iptables-nft`, `ip6tables-legacy`, …: the programs, each with what it works on. */
export type Kernels = Readonly<Record<string, MemoryKernel>>;

export interface MemoryMachine {
  readonly host: MemoryHost;
  readonly kernels: Kernels;
  /** Names of the tables that nft has, `ip kube-proxy`. */
  readonly nftTables: Set<string>;
  /** The commands that changed something, or tried to. */
  readonly changes: () => readonly string[];
}

export interface MachineOptions extends MemoryHostScript {
  /** Default: all four. */
  readonly programs?: readonly string[];
  /** Without it there is no nft. */
  readonly nftTables?: readonly string[] | undefined;
  /** Answers before the programs do. */
  readonly first?: (command: Command) => CommandResult | Promise<CommandResult> | undefined;
}

const PROGRAMS = ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy'];
const TABLE_NAMES = 'mangle\nfilter\nnat\n';

export function memoryMachine({
  programs = PROGRAMS,
  nftTables,
  first,
  ...script
}: MachineOptions = {}): MemoryMachine {
  const kernels = Object.fromEntries(programs.map((name) => [name, new MemoryKernel()]));
  const tables = new Set(nftTables);
  const answer = (command: Command): ReturnType<NonNullable<MemoryHostScript['answer']>> =>
    first?.(command) ??
    (nftTables === undefined ? undefined : nft(command, tables)) ??
    iptables(command, kernels);
  const files = {
    '/proc/net/ip_tables_names': TABLE_NAMES,
    '/proc/net/ip6_tables_names': TABLE_NAMES,
    '/proc/net/if_inet6': '',
    ...script.files,
  };
  const host = new MemoryHost({ ...script, files, answer });
  const changes = (): readonly string[] =>
    host.ran
      .map(({ command, args }) => [command, ...args].join(' '))
      .filter((line) => /-restore | delete /.test(line));
  return { host, kernels, nftTables: tables, changes };
}

function nft({ command, args }: Command, tables: Set<string>): CommandResult | undefined {
  if (command !== 'nft') return undefined;
  const [verb, what, ...name] = args;
  if (verb === 'list')
    return exited(0, [...tables].map((table) => `table ${table} {\n}\n`).join(''));
  return verb === 'delete' && what === 'table' && tables.delete(name.join(' '))
    ? exited(0, '')
    : exited(1, '', 'Error: No such file or directory');
}

function iptables({ command, args, input }: Command, kernels: Kernels): CommandResult | undefined {
  const [, program = '', verb = ''] = /^(.*?)(-save|-restore)?$/.exec(command) ?? [];
  const kernel = kernels[program];
  if (kernel === undefined) return undefined;
  const variant = program.endsWith('-nft') ? 'nf_tables' : 'legacy';
  if (verb === '') return exited(0, `${program.replace(/-.*/, '')} v1.8.9 (${variant})\n`);
  if (verb === '-save') return exited(0, kernel.save(args[args.indexOf('-t') + 1]));
  const { error } = kernel.restore(input ?? '');
  return error === '' ? exited(0, '') : exited(1, '', error);
}
