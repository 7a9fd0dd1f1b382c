/** What a text is that holds no objects, where that can be told. */

/** Lines of iptables-save, of `iptables -S` and `-L`, of `nft list ruleset` and of its scripts. */
const RULES =
  /^(?:\*(?:nat|filter|mangle|raw|security)$|-[PNA] [A-Z]|Chain \S+ \((?:policy |\d+ ref)|(?:(?:add|create|flush) )?table (?:ip6?|inet|arp|bridge|netdev) )/m;

const RULES_HINT = 'these are rules, which are given with --rules or --against; -f takes objects';

/** What to do with a text that is something else than objects; `''` for other texts. */
export function foreignTextHint(text: string): string {
  if (/^[^'"#\n]*\{\{/m.test(text)) return 'this looks like a template; render it first';
  return RULES.test(text) ? RULES_HINT : '';
}

/** The same for what was read from a text: nft prints its rules as JSON. */
export function foreignValueHint(value: unknown): string {
  if (typeof value === 'string') return foreignTextHint(value);
  const isListing = typeof value === 'object' && value !== null && 'nftables' in value;
  return isListing ? RULES_HINT : '';
}
