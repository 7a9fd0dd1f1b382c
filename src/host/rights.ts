/**
 * Whether this process may read and write the rules of the kernel, and which families the kernel
 * has.
 */

import { PermissionError, UnsupportedError } from '../errors.js';
import type { Family } from '../net/ip.js';
import type { Host } from './host.js';

/** CAP_NET_ADMIN, as a bit of `CapEff`. */
const NET_ADMIN = 1n << 12n;

/**
 * Throws PermissionError without CAP_NET_ADMIN. Asked before any tool is: iptables-legacy-save
 * shows empty tables to users without rights, and succeeds.
 */
export async function checkRights(host: Host): Promise<void> {
  const status = await host.readFile('/proc/self/status');
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status ?? '')?.[1];
  if (mask === undefined || (BigInt(`0x${mask}`) & NET_ADMIN) !== 0n) return;
  throw new PermissionError('only root may read the rules of the kernel', {
    hint: 'run as root (CAP_NET_ADMIN)',
  });
}

/** Throws UnsupportedError where the kernel has no IPv6. */
export async function checkFamily(host: Host, family: Family): Promise<void> {
  if (family === 'IPv4' || (await hasIpv6(host))) return;
  throw new UnsupportedError('this kernel has IPv6 switched off', { hint: 'use --family ipv4' });
}

/**
 * Whether the kernel has IPv6 at all: there are no sysctls of it where it was started with
 * `ipv6.disable=1`.
 */
export async function hasIpv6(host: Host): Promise<boolean> {
  return (await host.readFile('/proc/net/if_inet6')) !== undefined;
}
