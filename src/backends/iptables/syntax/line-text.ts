/** Finds parts of a rule line without parsing it, for scans over all lines of a kernel. */

import { unquote } from './words.js';

/**
 * The chain or target that a rule line jumps or goes to; `''` for a rule without target. Exact for
 * lines as iptables-save prints them: the target stands last, and only a comment or a string match
 * can look like one, in quotes.
 */
export function targetOf(line: string): string {
  const quote = line.lastIndexOf('"');
  const isPlain = quote >= 0 || !line.includes('--comment');
  const jump = isPlain ? line.indexOf(' -j ', quote + 1) : -1;
  if (jump >= 0) return wordAt(line, jump + ' -j '.length);
  return / -[jg] (\S+)/.exec(withoutComment(line))?.[1] ?? '';
}

function wordAt(line: string, start: number): string {
  const end = line.indexOf(' ', start);
  return end < 0 ? line.slice(start) : line.slice(start, end);
}

/**
 * Whether a condition on an address stands first in a rule, so that it depends on the client or the
 * Service.
 */
export function beginsWithAddress(line: string): boolean {
  const first = line.indexOf(' ', 3) + 1;
  const option = line.startsWith('! ', first) ? first + 2 : first;
  return line.startsWith('-s ', option) || line.startsWith('-d ', option);
}

const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\[\s\S])*"|[^\s"]+)/g;

/** The line without its comments, which mean nothing to the kernel. */
export function withoutComment(line: string): string {
  return line.includes('--comment') ? line.replace(COMMENT, '') : line;
}

const COMMENT_OPTION = ' -m comment --comment ';

/** The comments of a line, joined by blanks; `''` for none. */
export function commentOf(line: string): string {
  const at = line.indexOf(COMMENT_OPTION);
  if (at < 0) return '';
  // Nearly every line has one, in quotes and without escapes.
  const start = at + COMMENT_OPTION.length + 1;
  const end = line.indexOf('"', start);
  const isPlain = line[start - 1] === '"' && end >= 0 && line.indexOf(COMMENT_OPTION, end) < 0;
  const text = isPlain ? line.slice(start, end) : '';
  if (isPlain && !text.includes('\\')) return text;
  return (line.match(COMMENT) ?? [])
    .map((match) => unquote(match.slice(COMMENT_OPTION.length)))
    .join(' ');
}

const NETWORKS = /^(-A \S+)(?: -[sd] [\da-f.:]+\/\d{1,3})+ /;

/** The line without the networks that it begins with. */
export function withoutNetworks(line: string): string {
  return line.replace(NETWORKS, '$1 ');
}

/** The line without comments and without the probability of `-m statistic`. */
export function withoutChance(line: string): string {
  return withoutComment(line).replace(/ -m statistic --mode random --probability \S+/, '');
}

/** `namespace/name` or `namespace/name:port`, as kube-proxy writes it in comments. */
const SERVICE_IN_COMMENT =
  /--comment "(?:[^"]*? )??([a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?::[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)?)[ "]/;

/**
 * The Service port that a rule's comment names, with its protocol as in a fragment's origin where
 * the rule has one: a health check uses TCP whatever the port's protocol. `''` where the comment
 * names none.
 */
export function originOfLine(line: string): string {
  const id = SERVICE_IN_COMMENT.exec(line)?.[1];
  if (id === undefined) return '';
  if (line.includes(' health check node port"')) return id;
  const protocol = / -p (tcp|udp|sctp) /.exec(line)?.[1];
  return protocol === undefined ? id : `${id} ${protocol.toUpperCase()}`;
}

/** The chain that a rule line belongs to. */
export function chainOf(line: string): string {
  return line.slice(3, line.indexOf(' ', 3));
}

/** The protocol that a rule line names, negated or not; `''` for none. */
export function protocolOf(line: string): string {
  return / -p (\S+)/.exec(line)?.[1] ?? '';
}

/** The destination port that a rule line names; `''` for none, or for several. */
export function destinationPortOf(line: string): string {
  return / --dport (\d+) /.exec(line)?.[1] ?? '';
}

/** The command that deletes the rule of a line. */
export function deleted(line: string): string {
  return `-D${line.slice('-A'.length)}`;
}

/** The command that puts the rule of a line in front of all others of its chain. */
export function inserted(line: string): string {
  return line.replace(/^-A (\S+)/, '-I $1 1');
}

/** Larger numbers may be no ports. */
const PLAIN_RULE =
  /^-A \S+ -d (?:([\d.]+)\/32|([\da-f.]*:[\da-f:.]*)\/128) -p (tcp|udp|sctp) -m comment --comment "[^"\\]*" -m \3 --dport (?:0|[1-9]\d{0,3}|[1-5]\d{4}) -j KUBE-[\w-]+$/;

/**
 * The address of a rule for one port of one address, as nearly all of Services are; `''` for any
 * other rule, and for one that could not be read.
 */
export function plainDestinationOf(line: string): string {
  const found = PLAIN_RULE.exec(line);
  return found?.[1] ?? found?.[2] ?? '';
}

/** A command of an input, with `-I CHAIN 1` as the `-A CHAIN` that iptables-save prints. */
export function appended(command: string): string {
  return command.replace(/^-I (\S+) 1 /, '-A $1 ');
}
