/** The machine: its kernel, its tools, and who else writes rules there. */

import { RULE_MODULES } from '../../config/rule-modules.js';
import type { HostFacts } from '../../config/types.js';
import { IPVS_INTERFACE } from '../addresses.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inFile, kep, type LintFinding, type LintRule } from '../rule.js';

const MODULE: LintRule = {
  code: 'missing-module',
  severity: 'error',
  title: 'The kernel lacks a module that rules need',
  why: 'The module is neither loaded nor built in nor there to be loaded, so the kernel refuses the rules that use it, and with them the whole transaction.',
  remedy:
    'install the modules of the running kernel, or reboot into the kernel whose modules are there',
  references: [],
};

const FORWARDING: LintRule = {
  code: 'forwarding-off',
  severity: 'error',
  title: 'The kernel does not forward packets',
  why: 'Packets to a Service leave the node again once they are translated, on their way to a Pod. With forwarding off they are dropped; only programs of the node itself reach Services.',
  remedy: 'set the sysctl to 1, also in /etc/sysctl.d',
  references: [
    ['kernel.org, ip-sysctl', 'https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html'],
  ],
};

const BRIDGE: LintRule = {
  code: 'bridge-unfiltered',
  severity: 'warning',
  title: 'Packets of a bridge bypass the rules',
  why: 'Where Pods of a node share a Linux bridge, as with flannel or the bridge plugin, a reply from one to another goes over the bridge alone. It is not translated back, so a Pod that reaches a neighbour by its Service gets no answer.',
  remedy: 'set the sysctl to 1 where Pods are on a bridge; other networks do not need it',
  references: [
    [
      'network plugin requirements',
      'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
    ],
  ],
};

const VARIANTS: LintRule = {
  code: 'both-iptables-variants',
  severity: 'warning',
  title: 'iptables-nft and iptables-legacy are both in use',
  why: 'The kernel runs the rules of both, one after the other, and neither tool shows those of the other. What one accepts the other may drop, and rules that a program left behind in the unused one keep working.',
  remedy:
    'remove the rules of the variant that is not used, and have every program, in containers too, use the same one',
  references: [
    ['kubernetes issue 71305', 'https://github.com/kubernetes/kubernetes/issues/71305'],
    ['KEP-3178', 'https://kep.k8s.io/3178'],
  ],
};

const VERSIONS: LintRule = {
  code: 'iptables-versions-differ',
  severity: 'warning',
  title: 'Tools of iptables have different versions',
  why: 'An older iptables-nft cannot always read what a newer one has stored, and writes it back without the part that it did not understand: a rule that drops marked packets became one that drops all.',
  remedy: 'install one version of iptables for both families and all of its names',
  references: [
    ['kubernetes issue 112477', 'https://github.com/kubernetes/kubernetes/issues/112477'],
  ],
};

const IPVS: LintRule = {
  code: 'ipvs-node',
  severity: 'error',
  title: 'The node still has the interface of mode ipvs',
  why: 'kube-proxy in mode ipvs puts every cluster IP on the interface kube-ipvs0. While it is there the node takes the addresses for its own, and IPVS may answer before the rules of another mode do. Mode ipvs is deprecated since Kubernetes 1.35.',
  remedy: 'run kube-proxy --cleanup on the node, or reboot it, before another mode is used',
  since: '1.35',
  references: [kep(5495)],
};

function modules({ host, mode, models, files }: LintInput): readonly LintFinding[] {
  const missing = new Set(host?.missingModules ?? []);
  const hasIpv6 = models.some(({ context }) => context.family === 'IPv6');
  return RULE_MODULES[mode]
    .filter((names) => missing.has(names) && (hasIpv6 || !/(?:^ip6|_ipv6)/.test(names)))
    .map((names) =>
      finding(
        MODULE,
        `the kernel ${host?.kernel ?? ''} has no module ${names.replace('|', ' or ')}`,
        inFile(files.host, 'missingModules'),
      ),
    );
}

/** The settings by family: whether it forwards, and whether rules see what passes a bridge. */
const SYSCTLS = {
  IPv4: ['net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables'],
  IPv6: ['net.ipv6.conf.all.forwarding', 'net.bridge.bridge-nf-call-ip6tables'],
} as const;

function settings({ host, models, files }: LintInput): readonly LintFinding[] {
  const families =
    models.length === 0 ? (['IPv4'] as const) : models.map(({ context }) => context.family);
  return families.flatMap((family) => {
    const [forward, bridge] = SYSCTLS[family];
    return [
      ...isOff(host, forward, FORWARDING, `no ${family} packet is forwarded`, files),
      ...isOff(host, bridge, BRIDGE, `rules do not see ${family} packets of a bridge`, files),
    ];
  });
}

function isOff(
  host: HostFacts | undefined,
  sysctl: string,
  rule: LintRule,
  effect: string,
  files: LintInput['files'],
): readonly LintFinding[] {
  if (host?.sysctls?.[sysctl] !== '0') return [];
  const message = `${sysctl} is 0: ${effect}`;
  return [finding(rule, message, inFile(files.host, `sysctls[${sysctl}]`))];
}

/** The tables that iptables has; one of them in nft may be one that iptables-nft has made. */
const IPTABLES = /^ip6? (?:raw|mangle|nat|filter|security)$/;

function variants({ host, files }: LintInput): readonly LintFinding[] {
  const { legacy = [], nft = [] } = host?.tables ?? {};
  const own = nft.filter((table) => IPTABLES.test(table));
  if (legacy.length === 0 || own.length === 0) return [];
  const message = `iptables-legacy has ${legacy.join(', ')}, and iptables-nft has ${own.join(', ')}`;
  return [finding(VARIANTS, message, inFile(files.host, 'tables'))];
}

function versions({ host, files }: LintInput): readonly LintFinding[] {
  const tools = host?.iptables ?? [];
  const [first] = tools;
  const other = tools.find(({ version }) => version !== first?.version);
  if (first === undefined || other === undefined) return [];
  const message = `${first.command} is ${first.version}, and ${other.command} is ${other.version}`;
  return [finding(VERSIONS, message, inFile(files.host, 'iptables'))];
}

function ipvs({ host, files }: LintInput): readonly LintFinding[] {
  const index = host?.interfaces.findIndex(({ name }) => name === IPVS_INTERFACE) ?? -1;
  if (index < 0) return [];
  const message = 'the interface kube-ipvs0 of mode ipvs is there, with addresses of Services';
  return [finding(IPVS, message, inFile(files.host, `interfaces[${index}]`))];
}

/** Checks of the facts of a machine. */
export const MACHINE_CHECKS: CheckGroup = {
  rules: [MODULE, FORWARDING, BRIDGE, VARIANTS, VERSIONS, IPVS],
  check: (input) => [modules, settings, variants, versions, ipvs].flatMap((check) => check(input)),
};
