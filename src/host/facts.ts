/** Collects the facts of a machine, in the form that `--host` reads. */

import { LIBERAL_SYSCTL } from '../config/liberal-conntrack.js';
import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { goodOutput, type Host, type NetworkInterface } from './host.js';
import { kernelModules } from './modules.js';
import { readSysctls } from './sysctls.js';

/** The facts of a machine, and diagnostics about those that are guessed or missing. */
export interface CollectedFacts {
  readonly facts: HostFacts;
  readonly diagnostics: readonly Diagnostic[];
}

type IptablesTool = NonNullable<HostFacts['iptables']>[number];

/** `iptables` is whichever variant the machine prefers; the other names say which ones it has. */
const IPTABLES_COMMANDS: readonly string[] = [
  'iptables',
  'iptables-nft',
  'iptables-legacy',
  'ip6tables',
  'ip6tables-nft',
  'ip6tables-legacy',
];

/**
 * The facts of a machine: name, interfaces, nfacct, tools, kernel, and whether it tracks
 * connections liberally. Changes nothing on it. A tool that is missing or does not answer is absent
 * from the facts.
 */
export async function collectFacts(host: Host): Promise<CollectedFacts> {
  const [interfaces, nfacct, sysctls, tools] = await Promise.all([
    listInterfaces(host),
    nfacctSupport(host),
    readSysctls(host, [LIBERAL_SYSCTL]),
    toolFacts(host),
  ]);
  return {
    facts: {
      nodeName: host.hostname().trim().toLowerCase(),
      nfacct: nfacct.supported,
      interfaces: interfaces.found,
      ...(Object.keys(sysctls).length === 0 ? {} : { sysctls }),
      ...tools,
    },
    diagnostics: [...interfaces.diagnostics, ...nfacct.diagnostics],
  };
}

/** The versions of the kernel and of the tools that a machine has. */
export async function toolFacts(
  host: Host,
): Promise<Pick<HostFacts, 'kernel' | 'iptables' | 'nft'>> {
  const [nft, ...tools] = await Promise.all([
    nftVersion(host),
    ...IPTABLES_COMMANDS.map((command) => iptablesTool(host, command)),
  ]);
  const kernel = host.kernel();
  return {
    ...(kernel === '' ? {} : { kernel }),
    iptables: tools.flatMap((tool) => tool ?? []),
    ...(nft === undefined ? {} : { nft }),
  };
}

/**
 * The interfaces that have an address. kube-proxy lists every address, also of interfaces that are
 * down; so does `ip`. Where that does not answer those are left out, with a diagnostic.
 */
export async function listInterfaces(host: Host): Promise<{
  readonly found: readonly NetworkInterface[];
  readonly diagnostics: readonly Diagnostic[];
}> {
  const output = goodOutput(await host.run({ command: 'ip', args: ['-j', 'address', 'show'] }));
  const found = output === undefined ? undefined : parseIpAddress(output);
  if (found !== undefined) return { found, diagnostics: [] };
  const diagnostic: Diagnostic = {
    code: 'host-interfaces-up-only',
    severity: 'warning',
    message: 'the program ip does not answer, so addresses of interfaces that are down are missing',
    hint: 'install iproute2',
  };
  return { found: host.interfaces(), diagnostics: [diagnostic] };
}

/**
 * The interfaces of `ip -j address show` that have an address, or `undefined` if the text is
 * something else.
 */
export function parseIpAddress(json: string): readonly NetworkInterface[] | undefined {
  const links = parseJson(json);
  if (!Array.isArray(links)) return undefined;
  return links
    .map((link: unknown) => ({ name: textOf(link, 'ifname'), addresses: addressesOf(link) }))
    .filter(({ name, addresses }) => name !== '' && addresses.length > 0);
}

function addressesOf(link: unknown): readonly string[] {
  const list = member(link, 'addr_info');
  if (!Array.isArray(list)) return [];
  return list.flatMap((info: unknown) => {
    const local = textOf(info, 'local');
    const bits = member(info, 'prefixlen');
    return local === '' || typeof bits !== 'number' ? [] : `${local}/${bits}`;
  });
}

async function iptablesTool(host: Host, command: string): Promise<IptablesTool | undefined> {
  const output = goodOutput(await host.run({ command, args: ['--version'] }));
  const match = /^ip6?tables v(?<version>\S+)(?: \((?<variant>\S+)\))?/.exec(output ?? '');
  if (match?.groups?.version === undefined) return undefined;
  // Before 1.8 there was only one variant, and it did not say so.
  const variant = match.groups.variant === 'nf_tables' ? 'nf_tables' : 'legacy';
  return { command, version: match.groups.version, variant };
}

async function nftVersion(host: Host): Promise<string | undefined> {
  const output = goodOutput(await host.run({ command: 'nft', args: ['--version'] }));
  return /^nftables v(\S+)/.exec(output ?? '')?.[1];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = member(value, name);
  return typeof text === 'string' ? text : '';
}

/** The answer, and a diagnostic where it is a guess. */
interface NfacctSupport {
  readonly supported: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The modules of the kernel: the counters, and the match that names them in a rule. */
const MODULES: readonly string[] = ['nfnetlink_acct', 'xt_nfacct'];

/**
 * Whether rules may name nfacct counters. kube-proxy creates its counters over netlink and leaves
 * the rules out if that fails; vipc only asks, so `nfacct list` answering means yes. Without the
 * tool, or without the right to use it, the kernel's list of modules gives a guess, and a kernel
 * that has none is taken not to support it: rules without counters load everywhere.
 */
export async function nfacctSupport(host: Host): Promise<NfacctSupport> {
  const result = await host.run({ command: 'nfacct', args: ['list'] });
  if (goodOutput(result) !== undefined) return { supported: true, diagnostics: [] };
  const supported = MODULES.every((await kernelModules(host)).has);
  const reason =
    result.kind === 'exited'
      ? `nfacct list says ${JSON.stringify(result.stderr.trim())}`
      : 'the program nfacct does not answer';
  const diagnostic: Diagnostic = {
    code: 'host-nfacct-guessed',
    severity: 'note',
    message: `${reason}, so nfacct: ${supported} is read from the kernel's modules`,
    hint: 'run as root with the program nfacct installed to be sure',
  };
  return { supported, diagnostics: [diagnostic] };
}
