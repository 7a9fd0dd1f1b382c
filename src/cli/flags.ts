/** Checks the values of flags; what is wrong is said in kubectl's words. */

import type { Command } from 'commander';
import { parseDuration } from '../config/duration.js';
import { UsageError } from '../errors.js';
import { type Cidr, cidrFamily, hostCidr, parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { AUTO, profileProblem } from '../profiles/profiles.js';
import { PROFILES } from '../profiles/table.js';
import { dnsLabelProblem } from '../snapshot/name-rules.js';
import { withWords } from './value-words.js';

/** A parser for a flag that takes one of a few words. */
export function oneOf<T extends string>(flag: string, words: readonly T[]): (text: string) => T {
  return withWords(words, (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw invalid(flag, text, `must be one of ${words.join(', ')}`);
  });
}

/** Collects the values of a flag that may be repeated. */
export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** A parser for the name of a node or a namespace: trimmed, lower case, not empty. */
export function objectName(flag: string): (text: string) => string {
  return (text) => {
    const name = text.trim().toLowerCase();
    if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && name.length <= 253) return name;
    throw invalid(flag, text, 'must be the name of a Kubernetes object');
  };
}

/** The DNS domain of a cluster: labels with dots between them, no dot at the end. */
export function clusterDomain(text: string): string {
  const domain = text.replace(/\.$/, '');
  const problems = domain.split('.').flatMap((label) => dnsLabelProblem(label) ?? []);
  if (problems.length === 0 && domain.length <= 253) return domain;
  throw invalid('--cluster-domain', text, 'must be a DNS name such as cluster.local');
}

/**
 * A parser for the value of a Kubernetes label, such as a zone: at most 63 characters, not empty.
 */
export function labelValue(flag: string): (text: string) => string {
  return (text) => {
    if (/^[a-z0-9A-Z]([-a-z0-9A-Z_.]*[a-z0-9A-Z])?$/.test(text) && text.length <= 63) return text;
    throw invalid(flag, text, 'must be the value of a Kubernetes label');
  };
}

/** A parser for a version of kube-proxy that has a profile. */
export function profileVersion(flag: string): (text: string) => string {
  const [first] = PROFILES[0].from;
  const [last] = PROFILES.at(-1)?.from ?? [first];
  const versions = Array.from({ length: last - first + 1 }, (_, i) => `1.${first + i}`);
  return withWords([...versions, AUTO], (text) => {
    const problem = profileProblem(text);
    if (problem === '') return text;
    throw invalid(flag, text, problem);
  });
}

/** A parser for a flag that takes a time: seconds, with a fraction if need be, at most a day. */
export function seconds(flag: string): (text: string) => number {
  return (text) => {
    const number = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    if (number <= 86_400) return number;
    throw invalid(flag, text, 'must be a number of seconds');
  };
}

/** What `--drift` says. */
export interface DriftPolicy {
  readonly policy: 'off' | 'report' | 'repair';
  /** Whether the kernel is listened to. */
  readonly watch: boolean;
}

/** The words of `--drift`, separated by commas: `watch` alone watches and repairs. */
export function driftPolicy(text: string): DriftPolicy {
  const words = text.split(',');
  const watch = words.includes('watch');
  const policies = (['off', 'report', 'repair'] as const).filter((word) => words.includes(word));
  const [policy = 'repair', ...others] = policies;
  const isKnown = policies.length + (watch ? 1 : 0) === new Set(words).size;
  if (isKnown && others.length === 0 && !(policy === 'off' && watch)) return { policy, watch };
  throw invalid(
    '--drift',
    text,
    'must be off, report or repair, or one of the last two with watch',
  );
}

/** The words that {@link driftPolicy} reads. */
export function driftText({ policy, watch }: DriftPolicy): string {
  return watch ? `${policy},watch` : policy;
}

/**
 * A parser for a flag that takes a time as Go writes it, more than none: `10m`, `1h30m`. In
 * milliseconds.
 */
export function duration(flag: string): (text: string) => number {
  return (text) => {
    const milliseconds = parseDuration(text) ?? 0;
    if (milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
    throw invalid(flag, text, 'must be a duration such as 10m or 30s');
  };
}

/** The networks of `--service-cidr`: one, or a comma-separated pair of both families. */
export function serviceCidrs(text: string): readonly Cidr[] {
  return cidrs('--service-cidr', text);
}

/** The networks of `--cluster-cidr`; `''` for none. */
export function clusterCidrs(text: string): readonly Cidr[] {
  return text === '' ? [] : cidrs('--cluster-cidr', text);
}

/** Networks and single addresses, separated by commas; the flag may be repeated. */
export function collectNetworks(
  flag: string,
): (text: string, before?: readonly Cidr[]) => readonly Cidr[] {
  return (text, before = []) => {
    const networks = text.split(',').map((part) => {
      const ip = parseIp(part.trim());
      const cidr = ip === undefined ? parseCidr(part.trim()) : hostCidr(ip);
      if (cidr === undefined)
        throw invalid(flag, part, 'must be an address or a network such as 192.0.2.0/24');
      return cidr;
    });
    return [...before, ...networks];
  };
}

function cidrs(flag: string, text: string): readonly Cidr[] {
  const networks = text.split(',').map((part) => {
    const cidr = parseCidr(part.trim());
    if (cidr === undefined) throw invalid(flag, part, 'must be a network such as 10.96.0.0/12');
    return cidr;
  });
  if (new Set(networks.map(cidrFamily)).size < networks.length)
    throw invalid(flag, text, 'must be one network per family');
  return networks;
}

function invalid(flag: string, text: string, reason: string): UsageError {
  return new UsageError(
    `invalid argument ${JSON.stringify(text)} for ${JSON.stringify(flag)} flag: ${reason}`,
  );
}

/** The same where `0` and `0s` mean none. */
export function durationOrZero(flag: string): (text: string) => number {
  const positive = duration(flag);
  return (text) => (parseDuration(text) === 0 ? 0 : positive(text));
}

/** `--request-timeout` as kubectl reads it: `10s`, or a number of seconds. In milliseconds. */
export function requestTimeout(text: string): number {
  const milliseconds = /^\d{1,7}$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (milliseconds !== undefined && milliseconds >= 0 && milliseconds < 2 ** 31)
    return milliseconds;
  throw invalid('--request-timeout', text, 'must be a duration such as 30s, or 0 for no limit');
}

/** The command with `--family`, whose text says what it means there. */
export function addFamilyFlag(command: Command, text: string, byDefault?: 'dual'): Command {
  return command.option(
    '--family <family>',
    `ipv4, ipv6 or dual${text}`,
    oneOf('--family', ['ipv4', 'ipv6', 'dual']),
    byDefault,
  );
}

/** The command with `--iptables`, whose text says what it means there. */
export function addVariantFlag(command: Command, text: string): Command {
  return command.option(
    '--iptables <variant>',
    `nft or legacy${text}`,
    oneOf('--iptables', ['nft', 'legacy']),
  );
}

/** How the result is printed. */
export interface FormFlags {
  readonly output: 'human' | 'json';
  readonly verbose: boolean;
}

/** The command with the flags of {@link FormFlags}; `more` is what -v shows. */
export function addFormFlags(command: Command, more: string): Command {
  return command
    .option(
      '-o, --output <form>',
      'human, or json for scripts',
      oneOf('--output', ['human', 'json']),
      'human',
    )
    .option('-v, --verbose', more, false);
}
