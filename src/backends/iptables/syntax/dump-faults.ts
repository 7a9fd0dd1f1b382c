/**
 * Finds signs that a text is no dump, or one that an iptables printed that is older than the writer
 * of the rules.
 */

import { ParseError } from '../../../errors.js';
import { originOfLine, targetOf } from './line-text.js';

/** The parts of a dump that the check reads. */
type Tables = ReadonlyMap<string, ReadonlyMap<string, { readonly rules: readonly string[] }>>;

/**
 * In these chains every rule of ours for one protocol is for one port too, and has one of these
 * targets.
 */
const PORT_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
];
const TARGETS = /^(?:KUBE-[A-Z]+-[A-Z2-7]+|REJECT|DROP)$/;

/**
 * Throws {@link ParseError} if rules of ours lack a condition that they cannot have been written
 * without. iptables 1.8.7 (nf_tables) leaves out every TCP and UDP port and every mark of rules
 * that 1.8.9 or later loaded, and says nothing; taken for the truth, such a dump would show
 * Services that answer on all ports.
 *
 * A foreign rule, such as `-A KUBE-SERVICES -p tcp -j RETURN`, is no such sign: it names
 * no Service, has another target, or the other rules of the Service have their ports.
 */
export function checkWriter(tables: Tables, where: string): void {
  for (const [table, chains] of tables) {
    for (const chain of PORT_CHAINS) {
      const rule = lostPort(chain, chains.get(chain)?.rules ?? []);
      if (rule !== undefined) throw tooOld(table, rule, where);
    }
    const rule = lostMark(chains.get('KUBE-POSTROUTING')?.rules ?? []);
    if (rule !== undefined) throw tooOld(table, rule, where);
  }
}

/** A rule that names a Service and a protocol, where no rule of that Service has a port. */
function lostPort(chain: string, rules: readonly string[]): string | undefined {
  const suspects = rules.filter(
    (line) => lacksPort(chain, line) && originOfLine(line) !== '' && TARGETS.test(targetOf(line)),
  );
  if (suspects.length === 0) return undefined;
  const sound = new Set(rules.filter((line) => line.includes('--dport')).map(originOfLine));
  return suspects.find((line) => !sound.has(originOfLine(line)));
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
  if (/^IP Virtual Server version /.test(line))
    return 'this is the output of ipvsadm: kube-proxy runs in mode ipvs there, which vipc does not write';
  return '';
}
