/** The metrics of the Kubernetes version and its feature gates. */

import { Gauge, type Registry } from 'prom-client';

/** `<major>.<minor>` of the Kubernetes whose kube-proxy vipc is equal to. */
export const KUBERNETES_VERSION = '1.36';
const PATCH = '2';

/** Go's words for what Node.js calls its architecture. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

export interface KubernetesMetricsOptions {
  readonly registry: Registry;
  /** Of vipc. */
  readonly version: string;
  /** The gate AllowServiceExternalIPs, the only one that can be set. */
  readonly allowServiceExternalIps: boolean;
}

/** Registers kubernetes_build_info and kubernetes_feature_enabled. */
export function kubernetesMetrics(options: KubernetesMetricsOptions): void {
  buildInfo(options);
  featureGates(options);
}

/**
 * The version is that of Kubernetes, because alerts compare it across components; vipc's own is its
 * build metadata, as in the versions of distributions. What only a Go build has is empty.
 */
function buildInfo({ registry, version }: KubernetesMetricsOptions): void {
  const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');
  const labels = {
    build_date: '',
    compiler: '',
    git_commit: '',
    git_tree_state: '',
    git_version: `v${KUBERNETES_VERSION}.${PATCH}+vipc.${version}`,
    go_version: '',
    major,
    minor,
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
 * kube-proxy lists every gate of Kubernetes, most of which mean nothing on a node's proxy.
 */
function featureGates({ registry, allowServiceExternalIps }: KubernetesMetricsOptions): void {
  const gates = [
    { name: 'AllowServiceExternalIPs', stage: '', enabled: allowServiceExternalIps },
    { name: 'ComponentFlagz', stage: 'BETA', enabled: true },
    { name: 'ComponentStatusz', stage: 'BETA', enabled: true },
    { name: 'MultiCIDRServiceAllocator', stage: '', enabled: true },
    { name: 'NFTablesProxyMode', stage: '', enabled: true },
    { name: 'PreferSameTrafficDistribution', stage: '', enabled: true },
  ];
  const gauge = new Gauge({
    name: 'kubernetes_feature_enabled',
    help: '[BETA] This metric records the data about the stage and enablement of a k8s feature.',
    labelNames: ['name', 'stage'],
    registers: [registry],
  });
  for (const { name, stage, enabled } of gates) gauge.set({ name, stage }, enabled ? 1 : 0);
}
