/**
 * kube-proxy's validation of a KubeProxyConfiguration: all problems of one file, so that it can be
 * put right in one go. The wording follows kube-proxy 1.36 where it refuses the same.
 */

import type { FieldPath } from '../input/path.js';
import { nearestName } from '../nearest-name.js';
import { cidrFamily, parseCidr } from '../net/cidr.js';
import { profileProblem } from '../profiles/profiles.js';
import { parseDuration } from './duration.js';
import {
  clusterCidrProblem,
  durationProblem,
  interfaceNameProblem,
  interfacePrefixProblem,
  ipProblem,
  layoutProblem,
  listenProblem,
  periodProblem,
  rangeProblem,
} from './field-rules.js';
import { type ConfigProblem, invalidValue } from './problems.js';
import {
  gateProblems,
  hiddenMetricsProblems,
  laterConntrackProblems,
  nodePortAddressProblems,
} from './profile-rules.js';
import type { RawClientConnection, RawConfig, RawRules } from './schema.js';

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

/** Everything that kube-proxy would refuse or vipc ignores, in the order of the fields below. */
export function ruleProblems(raw: RawConfig): readonly ConfigProblem[] {
  return [
    ...modeProblems(raw),
    ...nameProblems(raw),
    ...addressProblems(raw),
    ...invalid(['oomScoreAdj'], raw.oomScoreAdj, (value) => rangeProblem(value, -1000, 1000)),
    ...invalid(['configSyncPeriod'], raw.configSyncPeriod, periodProblem),
    ...invalid(['removalGracePeriod'], raw.removalGracePeriod, durationProblem),
    ...invalid(['layout'], raw.layout, layoutProblem),
    ...invalid(['profile'], raw.profile, profileProblem),
    ...clientProblems(raw.clientConnection ?? {}),
    ...sectionProblems('iptables', raw.iptables),
    ...sectionProblems('nftables', raw.nftables),
    ...conntrackProblems(raw.conntrack ?? {}),
    ...laterConntrackProblems(raw),
    ...clusterCidrProblems(raw.clusterCIDR ?? ''),
    ...detectLocalProblems(raw),
    ...nodePortAddressProblems(raw),
    ...hiddenMetricsProblems(raw),
    ...gateProblems(raw),
    ...invalid(['logging', 'format'], raw.logging?.format, (format) =>
      ['', 'text', 'json'].includes(format) ? '' : 'must be text or json',
    ),
  ];
}

function invalid<T>(
  path: FieldPath,
  value: T | undefined,
  problem: (value: T) => string,
): ConfigProblem[] {
  const message = value === undefined ? '' : problem(value);
  return message === '' ? [] : [invalidValue(path, value, message)];
}

function modeProblems({ mode = '' }: RawConfig): ConfigProblem[] {
  if (['', 'iptables', 'nftables', 'ipvs'].includes(mode)) return [];
  const near = nearestName(mode, ['iptables', 'nftables']);
  const message =
    'must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])';
  return [
    invalidValue(['mode'], mode, message, near === undefined ? undefined : `did you mean ${near}?`),
  ];
}

function nameProblems({ hostnameOverride = '' }: RawConfig): ConfigProblem[] {
  const blank = hostnameOverride !== '' && hostnameOverride.trim() === '';
  return blank
    ? [invalidValue(['hostnameOverride'], hostnameOverride, 'empty hostname is invalid')]
    : [];
}

function addressProblems(raw: RawConfig): ConfigProblem[] {
  // An empty address is replaced by the default.
  const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  return [
    ...invalid(['bindAddress'], given(raw.bindAddress), ipProblem),
    ...invalid(['healthzBindAddress'], given(raw.healthzBindAddress), listenProblem),
    ...invalid(['metricsBindAddress'], given(raw.metricsBindAddress), listenProblem),
  ];
}

/** As `validateKubeProxyClientConnectionConfiguration`, which checks `burst` alone. */
function clientProblems({ burst }: RawClientConnection): ConfigProblem[] {
  return invalid(['clientConnection', 'burst'], burst, notNegative);
}

function notNegative(value: number): string {
  return value < 0 ? 'must be greater than or equal to 0' : '';
}

function sectionProblems(name: 'iptables' | 'nftables', rules: RawRules = {}): ConfigProblem[] {
  const { syncPeriod = '0s', minSyncPeriod = '0s' } = rules;
  const problems = [
    ...invalid([name, 'masqueradeBit'], rules.masqueradeBit, (bit) => rangeProblem(bit, 0, 31)),
    ...invalid([name, 'syncPeriod'], rules.syncPeriod, periodProblem),
    ...invalid([name, 'minSyncPeriod'], rules.minSyncPeriod, durationProblem),
  ];
  const sync = parseDuration(syncPeriod) || 30_000;
  const min = parseDuration(minSyncPeriod) || 1000;
  if (problems.length > 0 || min <= sync) return problems;
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

function conntrackProblems(conntrack: NonNullable<RawConfig['conntrack']>): ConfigProblem[] {
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
      invalid(['conntrack', name], conntrack[name], (text) => durationProblem(text, false)),
    ),
  ];
}

function clusterCidrProblems(text: string): ConfigProblem[] {
  if (text === '') return [];
  const parts = text.split(',');
  const path = ['clusterCIDR'];
  const pair =
    'must be either a single CIDR or a dual-stack pair of CIDRs (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)';
  if (parts.length > 2) return [invalidValue(path, text, pair)];
  const bad = parts.flatMap((part) => invalid(path, part, clusterCidrProblem));
  if (bad.length > 0) return bad;
  const families = parts.map(parseCidr).map((cidr) => (cidr === undefined ? '' : cidrFamily(cidr)));
  return new Set(families).size === parts.length ? [] : [invalidValue(path, text, pair)];
}

function detectLocalProblems({
  detectLocalMode: mode = '',
  detectLocal = {},
}: RawConfig): ConfigProblem[] {
  const { bridgeInterface = '', interfaceNamePrefix = '' } = detectLocal;
  if (mode !== '' && !DETECT_LOCAL_MODES.some((known) => known === mode)) {
    const near = nearestName(mode, DETECT_LOCAL_MODES);
    return [
      invalidValue(
        ['detectLocalMode'],
        mode,
        `must be one of ${DETECT_LOCAL_MODES.map((known) => `"${known}"`).join(', ')}, ""`,
        near === undefined ? undefined : `did you mean ${near}?`,
      ),
    ];
  }
  const checkBridge = mode === 'BridgeInterface' || bridgeInterface !== '';
  const checkPrefix = mode === 'InterfaceNamePrefix' || interfaceNamePrefix !== '';
  return [
    ...(checkBridge
      ? interfaceProblems('bridgeInterface', bridgeInterface, interfaceNameProblem)
      : []),
    ...(checkPrefix
      ? interfaceProblems('interfaceNamePrefix', interfaceNamePrefix, interfacePrefixProblem)
      : []),
  ];
}

function interfaceProblems(
  name: 'bridgeInterface' | 'interfaceNamePrefix',
  value: string,
  problem: (value: string) => string,
): ConfigProblem[] {
  if (value !== '') return invalid(['detectLocal', name], value, problem);
  // A missing field has no position in the file, so the error points at the mode that needs it.
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
