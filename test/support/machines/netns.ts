/**
 * Network namespaces that cannot be left behind: each lives exactly as long as one shell, which
 * ends with its standard input, and so with the test, even with a killed one.
 */

import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOOL_PATH } from '../kernels/kernel-tools.js';
import { type NamespaceShell, openNamespaceShell } from './namespace-shell.js';

/** One namespace, and how to work in it. */
export interface Namespace {
  /** For messages only; namespaces have no names in the kernel. */
  readonly name: string;
  /** The process that holds it: what `ip link … netns PID` and `nsenter -t PID` take. */
  readonly pid: number;
  /**
   * Environment of commands that run inside: a PATH with sbin, and a lock file of its own for
   * legacy iptables.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a program inside. */
  readonly start: NamespaceShell['start'];
  /** Standard output of a command run inside; throws with the command's own words if it fails. */
  readonly run: (command: string, args: readonly string[], input?: string) => Promise<string>;
  /** Runs a shell script inside that stops at its first failure. */
  readonly script: (text: string) => Promise<string>;
  /** Ends the holder, and with it the namespace once nothing else runs inside. */
  readonly close: () => Promise<void>;
}

/**
 * A new, empty namespace with loopback up.
 *
 * The limits on ICMP errors are lifted, because they would swallow most REJECT answers, and
 * duplicate address detection is off, because it keeps IPv6 addresses silent for two seconds.
 */
export async function openNamespace(name: string): Promise<Namespace> {
  const lock = await openUnnamedFile();
  const env = {
    PATH: TOOL_PATH,
    XTABLES_LOCKFILE: `/proc/${process.pid}/fd/${lock.fd}`,
    LC_ALL: 'C',
  };
  const { pid, start, run, close } = await openNamespaceShell(name, env);
  const namespace: Namespace = {
    name,
    pid,
    env,
    start,
    run,
    script: (text) => run('sh', ['-e'], text),
    close: async () => {
      await close();
      await lock.close();
    },
  };
  await namespace.script(`${sysctls(QUIET_KERNEL)}\nip link set lo up`);
  return namespace;
}

/** A file without a name: it has a path as long as this process holds it open, and ends with it. */
async function openUnnamedFile(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'vipc-netns-'));
  const file = await open(join(directory, 'lock'), 'w');
  await rm(directory, { recursive: true });
  return file;
}

const QUIET_KERNEL = {
  'net.ipv4.icmp_ratelimit': 0,
  'net.ipv4.icmp_msgs_per_sec': 1_000_000,
  'net.ipv4.icmp_msgs_burst': 1_000_000,
  'net.ipv6.icmp.ratelimit': 0,
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
  'net.ipv6.conf.default.accept_ra': 0,
};

/** Shell lines that set sysctls; one that this kernel does not have per namespace is skipped. */
export function sysctls(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const path = `/proc/sys/${key.replaceAll('.', '/')}`;
      return `if [ -w ${path} ]; then echo ${value} > ${path}; fi`;
    })
    .join('\n');
}

/**
 * Waits until every link that is up has a carrier and no address is tentative: a fresh veth can
 * need a second for that, and a packet sent earlier is lost.
 */
export async function waitForLinks(namespace: Namespace): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const links = await namespace.run('ip', ['-o', 'link', 'show', 'up']);
    const addresses = await namespace.run('ip', ['-o', 'address', 'show']);
    const waiting = links.split('\n').filter((line) => line !== '' && !line.includes('LOWER_UP'));
    if (waiting.length === 0 && !addresses.includes(' tentative')) return;
    if (Date.now() > deadline)
      throw new Error(`no carrier in ${namespace.name}:\n${waiting.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
