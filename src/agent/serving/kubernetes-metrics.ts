/** The metrics of the Kubernetes version and its feature gates. */

import { Gauge, type Registry } from 'prom-client';
import type { ProxyConfig } from '../../config/types.js';

/** Go's names of architectures, by those of Node.js. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

export interface KubernetesMetricsOptions {
  readonly registry: Registry;
  /** Of vipc. */
  readonly version: string;
  /** The kube-proxy that is followed. */
  readonly profile: ProxyConfig['profile'];
  /** The gate AllowServiceExternalIPs. */
  readonly allowServiceExternalIps: boolean;
}

/** Registers kubernetes_build_info and kubernetes_feature_enabled. */
export function kubernetesMetrics(options: KubernetesMetricsOptions): void {
  buildInfo(options);
  featureGates(options);
}

/** `<major>.<minor>` of the Kubernetes whose kube-proxy is followed. */
export function kubernetesVersion({ from: [minor] }: Pick<ProxyConfig['profile'], 'from'>): string {
  return `1.${minor}`;
}

/**
 * The version is that of the Kubernetes whose kube-proxy is followed, because alerts compare it
 * across components; vipc's own is its build metadata, as in the versions of distributions. What
 * only a Go build has is empty.
 */
function buildInfo({ registry, version, profile }: KubernetesMetricsOptions): void {
  const [minor] = profile.from;
  const labels = {
    build_date: '',
    compiler: '',
    git_commit: '',
    git_tree_state: '',
    git_version: `v${kubernetesVersion(profile)}.${profile.patch}+vipc.${version}`,
    go_version: '',
    major: '1',
    minor: String(minor),
    platform: `${process.platform}/${GO_ARCHITECTURES[process.arch] ?? process.arch}`,
  };
  new Gauge({
    name: 'kubernetes_build_info',
    help: "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    labelNames: Object.keys(labels),
    registers: [registry],
  }).set(labels, 1);
}

/**
 * The gates of kube-proxy 1.36 whose features vipc has, with their stage in 1.36: `''` is stable.
 * Whether they are on is what the followed kube-proxy does. kube-proxy lists every gate of
 * Kubernetes, most of which mean nothing on a node's proxy.
 */
function featureGates({
  registry,
  profile: { nftables, policy },
  allowServiceExternalIps,
}: KubernetesMetricsOptions): void {
  const hasNftables = typeof nftables !== 'string';

  const gates = [
    { name: 'AllowServiceExternalIPs', stage: '', enabled: allowServiceExternalIps },
    { name: 'ComponentFlagz', stage: 'BETA', enabled: true },
    { name: 'ComponentStatusz', stage: 'BETA', enabled: true },
    {
      ...{ name: 'MultiCIDRServiceAllocator', stage: '' },
      enabled: hasNftables && nftables.unallocatedDrop,
    },
    { name: 'NFTablesProxyMode', stage: '', enabled: hasNftables },
    { name: 'PreferSameTrafficDistribution', stage: '', enabled: policy.nodeHints },
  ];
  const gauge = new Gauge({
    name: 'kubernetes_feature_enabled',
    help: '[BETA] This metric records the data about the stage and enablement of a k8s feature.',
    labelNames: ['name', 'stage'],
    registers: [registry],
  });
  for (const { name, stage, enabled } of gates) gauge.set({ name, stage }, enabled ? 1 : 0);
}
