/** Finds the sign that a dump was printed by an iptables older than the one that wrote the rules. */

import { ParseError } from '../../../errors.js';

/** The parts of a dump that the check reads. */
type Tables = ReadonlyMap<string, ReadonlyMap<string, { readonly rules: readonly string[] }>>;

/** Every rule for one protocol in these chains is about one port. */
const PORT_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
];

/**
 * Throws {@link ParseError} if a rule of ours lacks a condition that it cannot have been written
 * without. iptables 1.8.7 (nf_tables) leaves out every TCP and UDP port and every mark of rules
 * that 1.8.9 or later loaded, and says nothing; taken for the truth, such a dump would show
 * Services that answer on all ports.
 */
export function checkWriter(tables: Tables, where: string): void {
  for (const [table, chains] of tables) {
    for (const chain of PORT_CHAINS) {
      const rule = chains.get(chain)?.rules.find((line) => lacksPort(chain, line));
      if (rule !== undefined) throw tooOld(table, rule, where);
    }
    const rule = chains
      .get('KUBE-POSTROUTING')
      ?.rules.find((line) => line === '-A KUBE-POSTROUTING -j RETURN');
    if (rule !== undefined) throw tooOld(table, rule, where);
  }
}

/** Asked of every Service's rules, so by searching, without a parse. */
function lacksPort(chain: string, line: string): boolean {
  if (line.includes('--dport')) return false;
  const at = line.indexOf(' -p ', chain.length);
  const quote = line.indexOf('"');
  return at > 0 && (quote < 0 || at < quote);
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
