/** What a configuration may say in the version of kube-proxy that is followed. */

import { fieldPath } from '../input/path.js';
import { nearestName } from '../nearest-name.js';
import { parseCidr } from '../net/cidr.js';
import { AUTO, DEFAULT_PROFILE, minorOf, profileOf } from '../profiles/profiles.js';
import { PROFILES } from '../profiles/table.js';
import type { Profile } from '../profiles/types.js';
import { type ConfigProblem, invalidValue } from './problems.js';
import { PROXY_CONFIG, type RawConfig } from './schema.js';

/** The one feature gate that decides rules of 1.36 (KEP-5707). */
export const EXTERNAL_IPS_GATE = 'AllowServiceExternalIPs';

/** The words that kube-proxy 1.37 takes beside networks. */
const NODE_PORT_KEYWORDS: readonly string[] = ['primary', 'localhost', 'all'];

/** What kube-proxy of the version that is followed refuses in nodePortAddresses. */
export function nodePortAddressProblems({
  nodePortAddresses = [],
  ...raw
}: RawConfig): ConfigProblem[] {
  const { name, config } = newest(raw);
  const { nodePortKeywords: allowed } = config;
  const isKeyword = (text: string): boolean => NODE_PORT_KEYWORDS.includes(text);
  const refuse = (index: number, message: string, hint?: string): ConfigProblem =>
    invalidValue(['nodePortAddresses', index], nodePortAddresses[index], message, hint);
  const later = `localhost, all, and primary beside CIDRs are of Kubernetes 1.37; vipc follows kube-proxy ${name}`;
  const primary = nodePortAddresses.indexOf('primary');
  if (allowed !== 'all' && primary >= 0) {
    if (nodePortAddresses.length > 1)
      return [refuse(primary, "can't use both 'primary' and CIDRs", later)];
    const message = `is of Kubernetes 1.31: kube-proxy ${name} itself refuses it`;
    return allowed === 'primary' ? [] : [{ ...refuse(0, message), severity: 'warning' }];
  }
  return nodePortAddresses.flatMap((text, index) => {
    if (parseCidr(text) !== undefined || (allowed === 'all' && isKeyword(text))) return [];
    return refuse(index, 'must be a valid CIDR', isKeyword(text) ? later : undefined);
  });
}

/** Which versions may be followed: with `auto` the rules that are there decide that later. */
function followed({ profile = '' }: Pick<RawConfig, 'profile'>): readonly Profile[] {
  return profile === AUTO ? PROFILES : [profileOf(profile) ?? DEFAULT_PROFILE];
}

/** The newest of them, which refuses the least. */
function newest(raw: Pick<RawConfig, 'profile'>): Profile {
  return followed(raw).at(-1) ?? DEFAULT_PROFILE;
}

/**
 * As component-base's `ValidateShowHiddenMetricsVersion`: hidden metrics are shown for the minor
 * version before this one alone.
 */
export function hiddenMetricsProblems({
  showHiddenMetricsForVersion: version = '',
  profile = '',
}: RawConfig): ConfigProblem[] {
  const minor = minorOf(profile) ?? DEFAULT_PROFILE.from[0];
  const minors = profile === AUTO ? PROFILES.map(({ from }) => from[0]) : [minor];
  if (version === '' || minors.some((one) => version === `1.${one - 1}`)) return [];
  const message = `must be omitted or have the value '1.${minor - 1}'. Only the previous minor version is allowed`;
  return [invalidValue(['showHiddenMetricsForVersion'], version, message)];
}

/** The fields of `conntrack` that kube-proxy has from 1.29 on. */
const UDP_FIELDS = ['tcpBeLiberal', 'udpTimeout', 'udpStreamTimeout'] as const;

/** Settings that kube-proxy of the version that is followed does not know, and ignores. */
export function laterConntrackProblems({ conntrack = {}, ...raw }: RawConfig): ConfigProblem[] {
  const { name, config } = newest(raw);
  if (config.conntrackUdp) return [];
  return UDP_FIELDS.filter((field) => conntrack[field] !== undefined).map((field) => {
    const path = ['conntrack', field];
    return {
      ...{ kind: 'unknown', code: 'config-unknown-field', severity: 'warning', path, atKey: true },
      field: fieldPath(path, PROXY_CONFIG),
      message: `is of Kubernetes 1.29: kube-proxy ${name} does not know it, and it is ignored`,
    };
  });
}

/**
 * kube-proxy accepts every gate of Kubernetes; all but a few decide nothing here, so only a near
 * miss is a warning.
 */
export function gateProblems({ featureGates = {}, ...raw }: RawConfig): ConfigProblem[] {
  const deciding = followed(raw).flatMap(({ policy, gates }) => [
    ...(policy.externalIpsGate ? [EXTERNAL_IPS_GATE] : []),
    ...Object.keys(gates),
  ]);
  return Object.keys(featureGates).flatMap((gate): ConfigProblem[] => {
    if (deciding.includes(gate)) return [];
    const path = ['featureGates', gate];
    const near = nearestName(gate, deciding);
    return [
      {
        kind: 'unknown',
        code: near === undefined ? 'config-feature-gate-ignored' : 'config-feature-gate-misspelled',
        severity: near === undefined ? 'note' : 'warning',
        path,
        field: fieldPath(path, PROXY_CONFIG),
        atKey: true,
        message: 'changes no rule and is ignored',
        hint: near === undefined ? undefined : `did you mean ${near}?`,
      },
    ];
  });
}
