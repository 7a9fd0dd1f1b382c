/**
 * Rules for single values of a KubeProxyConfiguration, each giving what kube-proxy's own
 * validation says when it refuses the value, or `''`.
 */

import { parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { parseDuration } from './duration.js';
import { LAYOUT_NAMES } from './types.js';

/** Longest name of a Linux network interface, in bytes (IFNAMSIZ without the final zero). */
const MAX_INTERFACE_NAME = 15;

/**
 * What is wrong with the name of an interface. It reaches rules, so the kernel's own rule for names
 * is held, and quotes are refused.
 */
export function interfaceNameProblem(name: string): string {
  if (name === '') return 'must not be empty';
  if (
    !/^[\x21-\x7e]+$/.test(name) ||
    /["'`\\/:]/.test(name) ||
    /^(?:\.|\.\.|!.*|-.*)$/.test(name)
  ) {
    return 'must be the name of a network interface: ASCII without blanks, quotes, slashes, colons or control characters, and not starting with - or !';
  }
  return name.length > MAX_INTERFACE_NAME
    ? `must be no longer than ${MAX_INTERFACE_NAME} bytes`
    : '';
}

/**
 * What is wrong with the prefix of interface names; one byte less, because iptables writes it with
 * a `+`.
 */
export function interfacePrefixProblem(prefix: string): string {
  if (prefix.length === MAX_INTERFACE_NAME && interfaceNameProblem(prefix) === '') {
    return `must be no longer than ${MAX_INTERFACE_NAME - 1} bytes`;
  }
  return interfaceNameProblem(prefix);
}

/** What is wrong with the text of an IP address. */
export function ipProblem(text: string): string {
  return parseIp(text) === undefined ? 'not a valid textual representation of an IP address' : '';
}

/** What is wrong with the text of a network in `clusterCIDR`. */
export function clusterCidrProblem(text: string): string {
  return parseCidr(text) === undefined
    ? 'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)'
    : '';
}

/**
 * What is wrong with the address that a server listens on: `IP:port`, or an IP alone, which gets
 * the default port.
 */
export function listenProblem(text: string): string {
  if (parseIp(text) !== undefined) return '';
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[^:]*)):(?<port>[^:]*)$/.exec(text);
  if (match === null) return 'must be IP:port';
  const ip = match.groups?.v6 ?? match.groups?.v4 ?? '';
  const port = match.groups?.port ?? '';
  if (parseIp(ip) === undefined) return 'must be a valid IP';
  const valid = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535;
  return valid ? '' : 'must be a valid port';
}

/** What is wrong with a number that has to lie in a range. */
export function rangeProblem(value: number, low: number, high: number): string {
  return value < low || value > high ? `must be within the range [${low}, ${high}]` : '';
}

/** What is wrong with a duration that has to be above zero (`positive`), or not below it. */
export function durationProblem(text: string, positive = false): string {
  const duration = parseDuration(text);
  if (duration === undefined) return 'must be a duration such as 30s, 1m30s or 1h';
  if (positive && duration <= 0) return 'must be greater than 0';
  return duration < 0 ? 'must be greater than or equal to 0' : '';
}

/** What is wrong with a period. 0s is replaced by the default, as kubeadm writes it. */
export function periodProblem(text: string): string {
  return durationProblem(text, parseDuration(text) !== 0);
}

/** What is wrong with the name of a layout. */
export function layoutProblem(name: string): string {
  return LAYOUT_NAMES.some((known) => known === name) ? '' : `must be ${LAYOUT_NAMES.join(' or ')}`;
}
