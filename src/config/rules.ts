/**
 * kube-proxy's validation of a KubeProxyConfiguration: all findings of one file, so that it can be
 * put right in one go. The wording follows kube-proxy 1.36 where it refuses the same.
 */

import { nearestName } from '../nearest-name.js';
import { cidrFamily, parseCidr } from '../net/cidr.js';
import type { FieldPath } from './document.js';
import { parseDuration } from './duration.js';
import {
  clusterCidrFault,
  durationFault,
  interfaceNameFault,
  interfacePrefixFault,
  ipFault,
  listenFault,
  rangeFault,
} from './field-rules.js';
import type { RawConfig, RawRules } from './schema.js';
import type { Finding } from './shape.js';

/** The group and version of the only configuration that kube-proxy has. */
export const CONFIG_API_VERSION = 'kubeproxy.config.k8s.io/v1alpha1';
/** Its kind. */
export const CONFIG_KIND = 'KubeProxyConfiguration';
/** The values of `detectLocalMode`; an empty one means the first. */
export const DETECT_LOCAL_MODES = [
  'ClusterCIDR',
  'NodeCIDR',
  'BridgeInterface',
  'InterfaceNamePrefix',
] as const;
/** The one feature gate that decides rules (KEP-5707). */
export const EXTERNAL_IPS_GATE = 'AllowServiceExternalIPs';

/** Everything that kube-proxy would refuse, or that vipc passes over, in the order of the fields below. */
export function ruleFindings(raw: RawConfig): readonly Finding[] {
  return [
    ...modeFindings(raw),
    ...nameFindings(raw),
    ...addressFindings(raw),
    ...invalid(['oomScoreAdj'], raw.oomScoreAdj, (value) => rangeFault(value, -1000, 1000)),
    // 0s is replaced by the default, as kubeadm writes it.
    ...invalid(['configSyncPeriod'], raw.configSyncPeriod, (text) =>
      durationFault(text, !isZero(text)),
    ),
    ...sectionFindings('iptables', raw.iptables),
    ...sectionFindings('nftables', raw.nftables),
    ...conntrackFindings(raw.conntrack ?? {}),
    ...clusterCidrFindings(raw.clusterCIDR ?? ''),
    ...detectLocalFindings(raw),
    ...nodePortFindings(raw.nodePortAddresses ?? []),
    ...gateFindings(raw.featureGates ?? {}),
    ...invalid(['logging', 'format'], raw.logging?.format, (format) =>
      ['', 'text', 'json'].includes(format) ? '' : 'must be text or json',
    ),
  ];
}

function invalid<T>(
  path: FieldPath,
  value: T | undefined,
  fault: (value: T) => string,
  hint = '',
): Finding[] {
  const message = value === undefined ? '' : fault(value);
  return message === '' ? [] : [invalidValue(path, value, message, hint)];
}

function invalidValue(path: FieldPath, value: unknown, message: string, hint = ''): Finding {
  const finding: Finding = {
    code: 'config-invalid-value',
    severity: 'error',
    path,
    message,
    value,
  };
  return hint === '' ? finding : { ...finding, hint };
}

function modeFindings({ mode = '' }: RawConfig): Finding[] {
  if (['', 'iptables', 'nftables', 'ipvs'].includes(mode)) return [];
  const near = nearestName(mode, ['iptables', 'nftables']);
  const message =
    'must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])';
  return [invalidValue(['mode'], mode, message, near === undefined ? '' : `did you mean ${near}?`)];
}

function nameFindings({ hostnameOverride = '' }: RawConfig): Finding[] {
  const blank = hostnameOverride !== '' && hostnameOverride.trim() === '';
  return blank
    ? [invalidValue(['hostnameOverride'], hostnameOverride, 'empty hostname is invalid')]
    : [];
}

function addressFindings(raw: RawConfig): Finding[] {
  // An empty address is replaced by the default.
  const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  return [
    ...invalid(['bindAddress'], given(raw.bindAddress), ipFault),
    ...invalid(['healthzBindAddress'], given(raw.healthzBindAddress), listenFault),
    ...invalid(['metricsBindAddress'], given(raw.metricsBindAddress), listenFault),
  ];
}

function sectionFindings(name: 'iptables' | 'nftables', rules: RawRules = {}): Finding[] {
  const { syncPeriod = '0s', minSyncPeriod = '0s' } = rules;
  const findings = [
    ...invalid([name, 'masqueradeBit'], rules.masqueradeBit, (bit) => rangeFault(bit, 0, 31)),
    // 0s is replaced by the default, as kubeadm writes it.
    ...invalid([name, 'syncPeriod'], rules.syncPeriod, (text) =>
      durationFault(text, !isZero(text)),
    ),
    ...invalid([name, 'minSyncPeriod'], rules.minSyncPeriod, (text) => durationFault(text, false)),
  ];
  const sync = parseDuration(syncPeriod) || 30_000;
  const min = parseDuration(minSyncPeriod) || 1000;
  if (findings.length > 0 || min <= sync) return findings;
  const message = 'must be greater than or equal to minSyncPeriod';
  const path = [name, rules.syncPeriod === undefined ? 'minSyncPeriod' : 'syncPeriod'];
  return [
    invalidValue(
      path,
      rules.syncPeriod ?? minSyncPeriod,
      rules.syncPeriod === undefined ? 'must not be greater than syncPeriod (30s)' : message,
    ),
  ];
}

function isZero(text: string): boolean {
  return parseDuration(text) === 0;
}

function conntrackFindings(conntrack: NonNullable<RawConfig['conntrack']>): Finding[] {
  const notNegative = (value: number): string =>
    value < 0 ? 'must be greater than or equal to 0' : '';
  const timeouts = [
    'tcpEstablishedTimeout',
    'tcpCloseWaitTimeout',
    'udpTimeout',
    'udpStreamTimeout',
  ] as const;
  return [
    ...invalid(['conntrack', 'maxPerCore'], conntrack.maxPerCore, notNegative),
    ...invalid(['conntrack', 'min'], conntrack.min, notNegative),
    ...timeouts.flatMap((name) =>
      invalid(['conntrack', name], conntrack[name], (text) => durationFault(text, false)),
    ),
  ];
}

function clusterCidrFindings(text: string): Finding[] {
  if (text === '') return [];
  const parts = text.split(',');
  const path = ['clusterCIDR'];
  const pair =
    'must be either a single CIDR or a dual-stack pair of CIDRs (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)';
  if (parts.length > 2) return [invalidValue(path, text, pair)];
  const bad = parts.flatMap((part) => invalid(path, part, clusterCidrFault));
  if (bad.length > 0) return bad;
  const families = parts.map(parseCidr).map((cidr) => (cidr === undefined ? '' : cidrFamily(cidr)));
  return new Set(families).size === parts.length ? [] : [invalidValue(path, text, pair)];
}

function detectLocalFindings({
  detectLocalMode: mode = '',
  detectLocal = {},
}: RawConfig): Finding[] {
  const { bridgeInterface = '', interfaceNamePrefix = '' } = detectLocal;
  if (mode !== '' && !DETECT_LOCAL_MODES.some((known) => known === mode)) {
    const near = nearestName(mode, DETECT_LOCAL_MODES);
    return [
      {
        code: 'config-invalid-value',
        severity: 'error',
        path: ['detectLocalMode'],
        message: `must be one of ${DETECT_LOCAL_MODES.map((known) => `"${known}"`).join(', ')}, ""`,
        value: mode,
        ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
      },
    ];
  }
  const checkBridge = mode === 'BridgeInterface' || bridgeInterface !== '';
  const checkPrefix = mode === 'InterfaceNamePrefix' || interfaceNamePrefix !== '';
  return [
    ...(checkBridge
      ? interfaceFindings('bridgeInterface', bridgeInterface, interfaceNameFault)
      : []),
    ...(checkPrefix
      ? interfaceFindings('interfaceNamePrefix', interfaceNamePrefix, interfacePrefixFault)
      : []),
  ];
}

function interfaceFindings(
  name: 'bridgeInterface' | 'interfaceNamePrefix',
  value: string,
  fault: (value: string) => string,
): Finding[] {
  if (value !== '') return invalid(['detectLocal', name], value, fault);
  // A field that is not in the file has no place; the mode that asks for it has one.
  const mode = name === 'bridgeInterface' ? 'BridgeInterface' : 'InterfaceNamePrefix';
  return [
    invalidValue(
      ['detectLocalMode'],
      mode,
      `detectLocal.${name}: must not be empty`,
      `set detectLocal.${name}`,
    ),
  ];
}

function nodePortFindings(addresses: readonly string[]): Finding[] {
  const primary = addresses.indexOf('primary');
  if (primary >= 0 && addresses.length > 1) {
    return [
      invalidValue(['nodePortAddresses', primary], 'primary', "can't use both 'primary' and CIDRs"),
    ];
  }
  if (primary >= 0) return [];
  return addresses.flatMap((text, index) =>
    invalid(['nodePortAddresses', index], text, (cidr) =>
      parseCidr(cidr) === undefined ? 'must be a valid CIDR' : '',
    ),
  );
}

/** kube-proxy knows every gate of Kubernetes; all but one decide nothing here, so only a near miss is a warning. */
function gateFindings(gates: Readonly<Record<string, boolean>>): Finding[] {
  return Object.keys(gates).flatMap((gate): Finding[] => {
    if (gate === EXTERNAL_IPS_GATE) return [];
    const near = nearestName(gate, [EXTERNAL_IPS_GATE]);
    return [
      {
        code: 'config-feature-gate-ignored',
        severity: near === undefined ? 'note' : 'warning',
        path: ['featureGates', gate],
        atKey: true,
        message: 'changes no rule and is passed over',
        ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
      },
    ];
  });
}
