/** Whose a chain is. Everything that changes or removes chains asks here first, so nothing foreign is ever touched. */

/**
 * `service`: of one Service port. `frame`: of every node, with rules in one order. `shared`: of every
 * node, with lines of all Services in any order but for its tail. `guest`: exists without us (a built-in
 * chain, or KUBE-FIREWALL, which kubelet also fills): single rules in it are ours. `foreign`: not ours.
 */
export type ChainRole = 'service' | 'frame' | 'shared' | 'guest' | 'foreign';

const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|SEP|EXT|FW)-[A-Z2-7]{16}$/;

const ROLES: Readonly<Record<string, Readonly<Record<string, ChainRole>>>> = {
  mangle: { 'KUBE-PROXY-CANARY': 'frame' },
  filter: {
    'KUBE-PROXY-CANARY': 'frame',
    'KUBE-FORWARD': 'frame',
    'KUBE-SERVICES': 'shared',
    'KUBE-EXTERNAL-SERVICES': 'shared',
    'KUBE-NODEPORTS': 'shared',
    'KUBE-PROXY-FIREWALL': 'shared',
    'KUBE-FIREWALL': 'guest',
    INPUT: 'guest',
    FORWARD: 'guest',
    OUTPUT: 'guest',
  },
  nat: {
    'KUBE-PROXY-CANARY': 'frame',
    'KUBE-MARK-MASQ': 'frame',
    'KUBE-POSTROUTING': 'frame',
    'KUBE-SERVICES': 'shared',
    'KUBE-NODEPORTS': 'shared',
    PREROUTING: 'guest',
    INPUT: 'guest',
    OUTPUT: 'guest',
    POSTROUTING: 'guest',
  },
};

/**
 * The role of a chain in a table. Ours are exact names and the hashed names of kube-proxy's scheme, never
 * `KUBE-*`: kube-router's and kubelet's chains are foreign (KEP-3178).
 */
export function chainRole(table: string, chain: string): ChainRole {
  // Nearly all chains of a node are these, and a name cut out of a line is slow to look up.
  if (table === 'nat' && SERVICE_CHAIN.test(chain)) return 'service';
  const roles = Object.hasOwn(ROLES, table) ? ROLES[table] : undefined;
  return roles !== undefined && Object.hasOwn(roles, chain)
    ? (roles[chain] ?? 'foreign')
    : 'foreign';
}

/** Whether the chain is ours as a whole: declared, filled and deleted by us. */
export function isOwned(table: string, chain: string): boolean {
  const role = chainRole(table, chain);
  return role === 'service' || role === 'frame' || role === 'shared';
}

/** The chain that a rule line jumps or goes to, verdicts and extension targets included; `''` where it has none. */
export function targetOf(line: string): string {
  // The target is the last option but for its own, and a comment may hold anything: look behind the last quote first.
  const quote = line.lastIndexOf('"');
  const match =
    (quote < 0 ? null : / -[jg] (\S+)/.exec(line.slice(quote + 1))) ??
    / -[jg] (\S+)/.exec(withoutComment(line));
  return match?.[1] ?? '';
}

const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\[\s\S])*"|[^\s"]+)/g;

/** The line without its comments, which mean nothing to the kernel. */
export function withoutComment(line: string): string {
  return line.includes('--comment') ? line.replace(COMMENT, '') : line;
}
