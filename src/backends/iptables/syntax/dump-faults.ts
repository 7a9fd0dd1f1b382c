/**
 * Finds signs that a text is no dump, or one that an iptables printed that is older than the writer
 * of the rules.
 */

import { ParseError } from '../../../errors.js';
import { wordOfNode } from '../dispatch/kinds.js';
import { originOfLine, targetOf } from './line-text.js';
import { namesOfEveryNode } from './text-chains.js';

/** The parts of a table that the check reads, by chain. */
type Chains = ReadonlyMap<string, { readonly rules: readonly string[] }>;

/**
 * In these chains, and in the nodes of their trees, every rule of ours for one protocol is for one
 * port too, and has one of these targets.
 */
const PORT_CHAINS = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);
const TARGETS = /^(?:KUBE-[A-Z]+-[A-Z2-7]+|REJECT|DROP|DNAT)$/;

/** iptables 1.8.7 keeps the ports of SCTP. */
const KEPT_PORT = / -m (?:tcp|udp) --dport /;
/** Marks are matched here. */
const MARK_CHAINS = ['KUBE-POSTROUTING', 'KUBE-FORWARD'];

/**
 * Throws {@link ParseError} if rules of ours lack a condition that they cannot have been written
 * without. iptables 1.8.7 (nf_tables) leaves out every TCP and UDP port and every mark of rules
 * that 1.8.9 or later loaded, and says nothing; taken for the truth, such a dump would show
 * Services that answer on all ports.
 *
 * A foreign rule, such as `-A KUBE-SERVICES -p tcp -j RETURN`, is no such sign: it names
 * no Service, or has another target. Where one rule of ours has its port or mark, the others were
 * changed on the machine.
 */
export function checkWriter(tables: ReadonlyMap<string, Chains>, where: string): void {
  for (const [table, chains] of tables) {
    const rule = lostPort(chains) ?? lostMark(chains.get('KUBE-POSTROUTING')?.rules ?? []);
    if (rule === undefined) continue;
    if (![...tables.values()].some(hasCondition)) throw tooOld(table, rule, where);
    return;
  }
}

/** Whether a rule of ours has a port or a mark. */
function hasCondition(chains: Chains): boolean {
  const hasPort = (line: string): boolean => KEPT_PORT.test(line) && originOfLine(line) !== '';
  return (
    [...chains].some(([name, { rules }]) => isPortChain(name) && rules.some(hasPort)) ||
    MARK_CHAINS.flatMap((chain) => chains.get(chain)?.rules ?? []).some((line) =>
      line.includes(' -m mark '),
    )
  );
}

function isPortChain(name: string): boolean {
  return PORT_CHAINS.has(name) || wordOfNode(name) !== undefined;
}

/** A rule that names a Service and a protocol, and has no port. */
function lostPort(chains: Chains): string | undefined {
  for (const chain of namesOfEveryNode(chains)) {
    if (!isPortChain(chain)) continue;
    const rule = chains
      .get(chain)
      ?.rules.find(
        (line) =>
          lacksPort(chain, line) && originOfLine(line) !== '' && TARGETS.test(targetOf(line)),
      );
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/** Searches the text: the rules of every Service are checked, and parsing costs more. */
function lacksPort(chain: string, line: string): boolean {
  if (line.includes('--dport') || line.includes('--sport')) return false;
  const at = line.indexOf(' -p ', chain.length);
  const quote = line.indexOf('"');
  return at > 0 && (quote < 0 || at < quote) && !line.startsWith('icmp', at + 4);
}

/** The rule that returns unmarked packets, without its mark. */
function lostMark(rules: readonly string[]): string | undefined {
  return rules.some((line) => line.includes(' -m mark '))
    ? undefined
    : rules.find((line) => line === '-A KUBE-POSTROUTING -j RETURN');
}

function tooOld(table: string, rule: string, where: string): ParseError {
  return new ParseError(
    `table ${table}: the rule "${rule.slice(0, 120)}" has lost a condition: the iptables that printed it is older than the one that loaded it${where}`,
    0,
    {
      hint: 'dump the rules with the iptables version that wrote them, for example from the kube-proxy image',
    },
  );
}

/**
 * The next command for a text that another command printed, by its first line; `''` for other
 * texts.
 */
export function hintFor(line: string): string {
  if (/^-[PN] \S/.test(line))
    return 'this is the output of "iptables -S"; save all tables with iptables-save';
  if (/^Chain \S+ \((?:policy|\d+ references)/.test(line))
    return 'this is the output of "iptables -L"; save the rules with iptables-save';
  if (/^table (?:ip|ip6|inet|arp|bridge|netdev) /.test(line))
    return 'this is the output of "nft list ruleset"; save the rules with iptables-save, or with "nft -j list ruleset" for --mode nftables';
  if (/^\{\s*"?(?:nftables|$)/.test(line))
    return 'this is the output of "nft -j list ruleset": give --mode nftables';
  if (/^(?:- |\{\s*)?"?(?:apiVersion|kind)"?:/.test(line))
    return 'this is an object of Kubernetes: objects are given with -f';
  if (/^IP Virtual Server version /.test(line))
    return 'this is the output of ipvsadm: kube-proxy runs in mode ipvs there, which vipc does not write';
  return '';
}
