/** Warnings about a dump whose rules are to be compared. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Dump } from './syntax/dump.js';

/**
 * The ipsets of Services, which the rules of the other modes do not match. Found in the text: this
 * backend writes no rule with an ipset, and so reads none.
 */
const SERVICE_SET = /--match-set KUBE-(?:6-)?(?:CLUSTER-IP|LOAD-BALANCER|EXTERNAL-IP|NODE-PORT)/;

/** The remarks about a dump; `name` is what it is called. */
export function dumpRemarks(dump: Dump, name: string): readonly Diagnostic[] {
  return [...emptyRemarks(dump, name), ...ipvsRemarks(dump, name)];
}

/** iptables-save prints nothing where nothing is loaded, and also where it failed. */
function emptyRemarks({ tables }: Dump, name: string): readonly Diagnostic[] {
  if (tables.size > 0) return [];
  return [
    {
      code: 'empty-dump',
      severity: 'note',
      message: `${name} holds no table, and counts as a machine without rules; most likely it could not be saved`,
      hint: 'save it as root, and look at what iptables-save says: iptables-save > FILE',
    },
  ];
}

/**
 * A warning where a dump is of a node in mode ipvs: kube-proxy keeps Services in IPVS there, so
 * that all of them look missing.
 */
export function ipvsRemarks({ tables }: Dump, name: string): readonly Diagnostic[] {
  const services = tables.get('nat')?.get('KUBE-SERVICES')?.rules ?? [];
  const isIpvs =
    tables.get('filter')?.has('KUBE-IPVS-FILTER') === true ||
    services.some((rule) => SERVICE_SET.test(rule));
  if (!isIpvs) return [];
  return [
    {
      code: 'mode-ipvs',
      severity: 'warning',
      message: `${name} has the rules of kube-proxy in mode ipvs, which keeps Services in IPVS and not in iptables`,
      hint: '"ipvsadm -Ln" on that node lists its Services; vipc has modes iptables and nftables',
    },
  ];
}
