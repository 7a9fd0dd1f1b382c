/** Rules of the API server for names and addresses, in its own words (apimachinery). */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import { isObject } from '../input/value.js';
import { cidrContains, parseCidr } from '../net/cidr.js';
import { type Ip, isLoopback, isUnspecified, parseIp } from '../net/ip.js';

/** Message for a text that is not an IP address (`IsValidIP`). */
export const INVALID_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
/** Message for a text that is not a network (`IsValidCIDR`). */
export const INVALID_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const NAME_PART = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const PART_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** What is wrong with a DNS subdomain (`IsDNS1123Subdomain`), or undefined. */
export function subdomainProblem(text: string): string | undefined {
  if (text.length > 253) return 'must be no more than 253 characters';
  return SUBDOMAIN.test(text) ? undefined : SUBDOMAIN_WORDS;
}

/** What is wrong with a name that may end in the dot of the root, or undefined. */
export function dottedNameProblem(text: string): string | undefined {
  return subdomainProblem(text.replace(/\.$/, ''));
}

/** What is wrong with a DNS label (`IsDNS1123Label`), or undefined. */
export function dnsLabelProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  return LABEL.test(text) ? undefined : LABEL_WORDS;
}

/** What is wrong with a name such as `example.com/app` (`IsQualifiedName`), or undefined. */
export function qualifiedNameProblem(text: string): string | undefined {
  const parts = text.split('/');
  if (parts.length > 2)
    return `a qualified name ${PART_WORDS} with an optional DNS subdomain prefix and '/'`;
  const [prefix, name = ''] = parts.length === 2 ? parts : [undefined, text];
  if (prefix === '') return 'prefix part must be non-empty';
  const wrong = prefix === undefined ? undefined : subdomainProblem(prefix);
  if (wrong !== undefined) return `prefix part ${wrong}`;
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 characters';
  return NAME_PART.test(name) ? undefined : `name part ${PART_WORDS}`;
}

/** What is wrong with the value of a label (`IsValidLabelValue`), or undefined. */
export function labelValueProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 characters';
  return text === '' || NAME_PART.test(text)
    ? undefined
    : `a valid label must be an empty string or ${PART_WORDS.slice('must '.length)}`;
}

/** A problem if there are words for it. */
export function when(
  words: string | undefined,
  path: FieldPath,
  value: unknown,
): readonly Problem[] {
  return words === undefined ? [] : [invalid(path, words, value)];
}

/** The problems of a field that no rule reads, and that is a string where it is there. */
export function textProblems(
  problemOf: (text: string) => string | undefined,
  path: FieldPath,
  value: unknown,
): readonly Problem[] {
  if (value === undefined || value === null) return [];
  return when(typeof value === 'string' ? problemOf(value) : 'must be a string', path, value);
}

/** A field of a value that may be anything; null is absent, as in Go. */
export function child(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? undefined) : undefined;
}

/**
 * What an address must not be, with the words of `ValidateNonSpecialIP`, and two that route
 * nowhere.
 */
const SPECIAL: readonly (readonly [words: string, test: (ip: Ip) => boolean])[] = [
  ['may not be unspecified (0.0.0.0 or ::)', isUnspecified],
  ['may not be in the loopback range (127.0.0.0/8, ::1/128)', isLoopback],
  [
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    within('169.254.0.0/16', 'fe80::/10'),
  ],
  [
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    within('224.0.0.0/24', 'ff02::/16'),
  ],
  ['may not be a multicast address (224.0.0.0/4, ff00::/8)', within('224.0.0.0/4', 'ff00::/8')],
  ['may not be the broadcast address (255.255.255.255)', within('255.255.255.255/32')],
];

function within(...networks: readonly string[]): (ip: Ip) => boolean {
  const cidrs = networks.flatMap((text) => parseCidr(text) ?? []);
  return (ip) => cidrs.some((cidr) => cidrContains(cidr, ip));
}

/** A quick check: every special address begins like this, however it is written. */
const MAYBE_SPECIAL = /^(?:[0:]|127\.|169\.254\.|22[4-9]\.|23\d\.|255\.|f[ef])/i;

/** Why traffic may not be sent to an address, or undefined; also where the text is no address. */
export function specialIpProblem(text: string): string | undefined {
  if (!MAYBE_SPECIAL.test(text)) return undefined;
  const ip = parseIp(text);
  return ip === undefined ? undefined : SPECIAL.find(([, test]) => test(ip))?.[0];
}
