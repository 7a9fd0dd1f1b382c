/** What to say about a flag that a command does not have: the flag that was probably meant. */

import { nearestName } from '../nearest-name.js';
import { FLAG_DEFAULTS } from './proxy-flag-table.js';

/**
 * Flags of one meaning, without their dashes: under what name another command has it, or a related
 * program.
 */
const SAME_MEANING: readonly (readonly string[])[] = [
  ['mode', 'proxy-mode', 'backend'],
  ['node-name', 'hostname-override', 'node', 'hostname'],
  ['filename', 'file', 'input', 'manifest'],
  ['rules', 'against', 'dump'],
  ['out', 'out-dir', 'output-dir', 'output-file'],
  ['cluster-cidr', 'pod-cidr', 'pod-network-cidr'],
  ['service-cidr', 'service-cluster-ip-range'],
  ['server', 'master', 'apiserver'],
  ['timeout', 'request-timeout'],
  ['family', 'ip-family', 'ip-families'],
  ['iptables', 'variant'],
  ['from', 'src', 'source', 'source-ip'],
  ['to', 'dst', 'destination', 'dest', 'destination-ip'],
  ['in-iface', 'iif', 'in-interface', 'interface'],
  ['selector', 'label', 'labels'],
  ['stat', 'summary'],
  ['quiet', 'silent'],
  ['prune', 'delete'],
  ['drift-interval', 'resync-period'],
  ['all-namespaces', 'all'],
];

/**
 * The hint for a flag that is not among those of the command, all without dashes; `''` if nothing
 * is near.
 */
export function unknownFlagHint(flag: string, known: readonly string[]): string {
  const others = SAME_MEANING.find((names) => names.includes(flag)) ?? [];
  const meant = others.find((name) => known.includes(name)) ?? nearestName(flag, known);
  if (meant !== undefined) return `did you mean --${meant}?`;
  return FLAG_DEFAULTS.has(flag) && known.includes('config')
    ? "kube-proxy's settings are read from its configuration: --config"
    : '';
}
