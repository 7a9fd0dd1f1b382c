/** Reads the families of a kernel, for apply and diff. */

import type { KernelDriver, KernelReadOptions, KernelState } from '../backends/kernel.js';
import type { Variant } from '../backends/tools.js';
import type { Host } from '../host/host.js';
import { hasIpv6 } from '../host/rights.js';
import type { Family } from '../net/ip.js';

/** The families that `--family` means on this machine. A kernel without IPv6 has one. */
export async function kernelFamilies(
  host: Host,
  flag: 'ipv4' | 'ipv6' | 'dual' | undefined,
): Promise<readonly Family[]> {
  if (flag === 'ipv4') return ['IPv4'];
  if (flag === 'ipv6') return ['IPv6'];
  return flag === 'dual' || (await hasIpv6(host)) ? ['IPv4', 'IPv6'] : ['IPv4'];
}

/** Reads one family after the other: the variant of the first is preferred for the second. */
export async function readKernels(
  host: Host,
  { read }: KernelDriver,
  families: readonly Family[],
  options: Omit<KernelReadOptions, 'otherFamily'>,
): Promise<readonly KernelState[]> {
  const kernels: KernelState[] = [];
  let otherFamily: Variant | undefined;
  for (const family of families) {
    const kernel = await read(host, family, { ...options, otherFamily });
    otherFamily = kernel.variant;
    kernels.push(kernel);
  }
  return kernels;
}
