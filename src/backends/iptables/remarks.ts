/** Warnings about a dump whose rules are to be compared. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Dump } from './syntax/dump.js';

/**
 * The ipsets of Services, which the rules of the other modes do not match. Found in the text: this
 * backend writes no rule with an ipset, and so reads none.
 */
const SERVICE_SET = /--match-set KUBE-(?:6-)?(?:CLUSTER-IP|LOAD-BALANCER|EXTERNAL-IP|NODE-PORT)/;

const SERVICE_TABLES = ['nat', 'filter'];

/** The remarks about a dump; `name` is what it is called. */
export function dumpRemarks(dump: Dump, name: string): readonly Diagnostic[] {
  return [...emptyRemarks(dump, name), ...partRemarks(dump, name), ...ipvsRemarks(dump, name)];
}

/** Rules for Services are in two tables; `iptables-save -t` prints one. */
function partRemarks({ tables }: Dump, name: string): readonly Diagnostic[] {
  const there = SERVICE_TABLES.filter((table) => tables.has(table));
  const [table] = there;
  const isOurs =
    tables.get('nat')?.has('KUBE-SERVICES') || tables.get('filter')?.has('KUBE-FORWARD');
  if (!isOurs || there.length === SERVICE_TABLES.length) return [];
  const missing = SERVICE_TABLES.filter((one) => one !== table).join(' and ');
  return [
    {
      code: 'partial-dump',
      severity: 'warning',
      message: `${name} holds table ${table} and not table ${missing}, where rules for Services stand too: it looks like a part of a dump, and what it lacks counts as missing`,
      hint: 'save all tables: iptables-save > FILE, without -t',
    },
  ];
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
