/** Rules about the node, its configuration and its tools, which reading and compiling check. */

import { kep, type LintRule } from '../rule.js';

/** The rules. */
export const NODE_RULES: readonly LintRule[] = [
  {
    code: 'node-missing',
    severity: 'warning',
    title: 'The node is not in the input',
    why: 'Its addresses, its zone and its networks of Pods are unknown, so node ports, topology hints and policy Local cannot be judged.',
    remedy: 'add the Node object to the input, or correct the name',
    references: [],
  },
  {
    code: 'primary-node-ip-unknown',
    severity: 'warning',
    title: 'The primary address of the node is unknown',
    why: 'Node ports answer on that address alone, by nodePortAddresses or by the default of mode nftables.',
    remedy: 'add the Node object to the input, or set bindAddress or nodePortAddresses',
    references: [kep(3866)],
  },
  {
    code: 'node-cidr-unknown',
    severity: 'warning',
    title: 'The network of Pods of the node is unknown',
    why: 'detectLocalMode NodeCIDR tells local traffic by spec.podCIDR of the Node. Without it nothing is masqueraded on its way out of the cluster, and policy Local does not know clients of the node.',
    remedy: 'add the Node object to the input',
    references: [kep(2450)],
  },
  {
    code: 'config-unknown-field',
    severity: 'warning',
    title: 'A field of the configuration is unknown',
    why: 'kube-proxy 1.36 has no such field. It warns of it and goes on, so what the field was to say is not said.',
    remedy: 'correct its name, or remove it',
    references: [],
  },
  {
    code: 'config-feature-gate-misspelled',
    severity: 'warning',
    title: 'A feature gate looks misspelled',
    why: 'Only AllowServiceExternalIPs decides about rules; any other gate is accepted and ignored.',
    remedy: 'correct its name',
    references: [kep(5707)],
  },
  {
    code: 'iptables-too-old',
    severity: 'error',
    title: 'iptables is too old',
    why: 'vipc refuses to load rules with it. iptables-nft before 1.8.7 does not store all of the rules so that they can be read back: 1.8.1 and 1.8.2 do not find a rule that they have added, and programs add it again and again. iptables-legacy before 1.6.2 cannot wait for the lock of its tables.',
    remedy: 'install a newer iptables',
    references: [
      ['kubernetes issue 82361', 'https://github.com/kubernetes/kubernetes/issues/82361'],
    ],
  },
  {
    code: 'mode-ipvs',
    severity: 'error',
    title: 'The rules of the node are those of mode ipvs',
    why: 'kube-proxy in mode ipvs keeps Services in IPVS and not in rules, so none of what is said about rules holds there. The mode is deprecated since Kubernetes 1.35.',
    remedy: 'set mode to nftables or iptables, and run kube-proxy --cleanup on the node',
    since: '1.35',
    references: [kep(5495)],
  },
  {
    code: 'kernel-too-old',
    severity: 'error',
    title: 'The kernel is too old for mode nftables',
    why: 'kube-proxy refuses to run in this mode before Linux 5.13.',
    remedy: 'use mode iptables there, or a newer kernel',
    references: [kep(3866)],
  },
  {
    code: 'nft-too-old',
    severity: 'error',
    title: 'nft is too old for mode nftables',
    why: 'nft before 1.0.1 cannot read or write all of the rules.',
    remedy: 'install a newer nftables there, or use mode iptables',
    references: [kep(3866)],
  },
  {
    code: 'layout-unsupported',
    severity: 'warning',
    title: 'The machine cannot take layout fast',
    why: 'In mode nftables the number of an endpoint is a part of the key of a map, which nft before 1.0.6 cannot read. In mode iptables a program of xt_bpf finds pods that reach themselves. Where either is missing, rules are written in the layout of kube-proxy.',
    remedy: 'install a newer nftables there, or use a kernel with xt_bpf, or use layout kube-proxy',
    references: [],
  },
  {
    code: 'nft-may-crash',
    severity: 'warning',
    title: 'Versions of nft that do not get on with each other',
    why: 'nft before 1.1.2 may crash when it reads sets that a newer one has made, in a container too. Rules of every table can then no longer be changed.',
    remedy: 'use one version of nft on a machine, 1.1.2 or newer, or the repaired 1.0.6.1',
    references: [],
  },
];
