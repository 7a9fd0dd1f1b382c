/** Which versions of nft and of Linux support kube-proxy's tables. */

import type { Diagnostic } from '../../diagnostics.js';
import { compareVersions, isOlderVersion } from '../version-order.js';

/** The oldest nft that is supported, as kube-proxy has it (KEP-3866). */
const OLDEST_NFT = '1.0.1';
/** The oldest Linux that kube-proxy takes for this mode. */
const OLDEST_KERNEL = '5.13';
/** Since this version nft stores data with a set that older versions cannot read. */
const NEWER_SETS = '1.1.2';
/** Debian's 1.0.6 with a fix for that, which the image of kube-proxy has. */
const REPAIRED = '1.0.6.1';

/**
 * Diagnostics for versions of nft and Linux that do not support our tables; none for a version that
 * is `undefined` or unreadable. With `nft-too-old` and `kernel-too-old` rules must not be loaded.
 * `nft-may-crash`: another program on the machine can make this nft end with a segmentation fault,
 * in commands for any table.
 */
export function unsupported(
  nft: string | undefined,
  kernel: string | undefined,
): readonly Diagnostic[] {
  const findings: Diagnostic[] = [];
  if (isOlderVersion(kernel, OLDEST_KERNEL)) {
    findings.push({
      code: 'kernel-too-old',
      severity: 'warning',
      message: `mode nftables needs Linux ${OLDEST_KERNEL} or newer, and the machine has ${kernel}`,
      hint: 'use mode iptables there',
    });
  }
  if (isOlderVersion(nft, OLDEST_NFT)) {
    findings.push({
      code: 'nft-too-old',
      severity: 'warning',
      message: `mode nftables needs nft ${OLDEST_NFT} or newer, and the machine has ${nft}`,
      hint: 'install a newer nftables there, or use mode iptables',
    });
  } else if (isOlderVersion(nft, NEWER_SETS) && compareVersions(nft, REPAIRED) !== 0) {
    findings.push({
      code: 'nft-may-crash',
      severity: 'warning',
      message: `nft ${nft} may crash if anything on the machine, in a container too, makes sets with nft ${NEWER_SETS} or newer`,
      hint: `use one version of nft on a machine, ${NEWER_SETS} or newer, or the repaired ${REPAIRED}`,
    });
  }
  return findings;
}

/** The oldest nft that takes a number in the key of a map; 0.9.8 does not. */
const OLDEST_NUMBERED = '1.0.6';

/** The diagnostic for an nft that cannot take layout fast; none for an unknown version. */
export function unsupportedFast(nft: string | undefined): Diagnostic | undefined {
  if (!isOlderVersion(nft, OLDEST_NUMBERED)) return undefined;
  return {
    code: 'layout-unsupported',
    severity: 'warning',
    message: `layout fast needs nft ${OLDEST_NUMBERED} or newer, and the machine has ${nft}: layout kube-proxy is used`,
    hint: 'install a newer nftables there, or use layout kube-proxy',
  };
}

/**
 * Up to here a chain counts as used until the transaction ends that takes the last use of it away.
 */
const COUNTS_AT_ONCE = '6.2';

/**
 * Whether a kernel refuses to delete a chain in the transaction that deletes what led to it, so
 * that two are needed. An unknown kernel is taken for a new one.
 */
export function needsTwoSteps(kernel: string | undefined): boolean {
  return isOlderVersion(kernel, COUNTS_AT_ONCE);
}
