/** The settings of kube-proxy or vipc that the rules of a kernel were made with. */

import type { LocalDetector, NodeContext } from '../model/types.js';
import type { Rule } from '../netfilter/rule.js';

/** What every Service of a node shares; a member is absent where the rules do not show it. */
export type NodeSettings = Partial<
  Pick<
    NodeContext,
    | 'localDetector'
    | 'masqueradeAll'
    | 'masqueradeMark'
    | 'nodePortAddresses'
    | 'localhostNodePorts'
    | 'loopbackListed'
  >
>;

/** How traffic to ClusterIPs is masqueraded. */
export type Masquerading = Pick<NodeSettings, 'localDetector' | 'masqueradeAll'>;

/** Nothing is masqueraded: the node cannot detect traffic of its pods. */
export const NOT_MASQUERADED: Masquerading = {
  localDetector: { kind: 'none' },
  masqueradeAll: false,
};

/**
 * What a rule that masquerades traffic to ClusterIPs says: all of it, or all that does not come
 * from local pods.
 */
export function masqueradingOf({ statements }: Pick<Rule, 'statements'>): Masquerading {
  for (const statement of statements) {
    const localDetector = detectorOf(statement);
    if (localDetector !== undefined) return { localDetector, masqueradeAll: false };
  }
  return { masqueradeAll: true };
}

function detectorOf(statement: Rule['statements'][number]): LocalDetector | undefined {
  if (statement.kind === 'address' && statement.field === 'saddr' && statement.not) {
    const [cidr] = statement.networks;
    return cidr === undefined ? undefined : { kind: 'source', cidr };
  }
  if (statement.kind !== 'interface' || statement.field !== 'iif' || !statement.not)
    return undefined;
  const { name, prefix } = statement;
  return prefix ? { kind: 'interface-prefix', prefix: name } : { kind: 'interface', name };
}

/**
 * The members of `found` that say something else than the context does. Of the addresses for node
 * ports only their kind counts: which addresses a node has is no setting.
 */
export function otherSettings(found: NodeSettings, context: NodeContext): NodeSettings {
  const other: { -readonly [K in keyof NodeSettings]: NodeSettings[K] } = { ...found };
  if (sameDetector(found.localDetector, context.localDetector)) delete other.localDetector;
  if (found.masqueradeAll === context.masqueradeAll) delete other.masqueradeAll;
  if (found.masqueradeMark === context.masqueradeMark) delete other.masqueradeMark;
  if (found.nodePortAddresses?.kind === context.nodePortAddresses.kind)
    delete other.nodePortAddresses;
  if (found.loopbackListed === context.loopbackListed) delete other.loopbackListed;
  if (found.localhostNodePorts === context.localhostNodePorts) delete other.localhostNodePorts;
  return other;
}

function sameDetector(one: LocalDetector | undefined, other: LocalDetector): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
