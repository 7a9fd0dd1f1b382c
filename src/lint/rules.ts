/** The table of all rules. */

import { CONFIGURATION_CHECKS } from './checks/configuration.js';
import { ENDPOINT_CHECKS } from './checks/endpoints.js';
import { EXTERNAL_IP_CHECKS } from './checks/external-ips.js';
import { FAMILY_CHECKS } from './checks/families.js';
import { LIMIT_CHECKS } from './checks/limits.js';
import { LOAD_BALANCER_CHECKS } from './checks/load-balancers.js';
import { MACHINE_CHECKS } from './checks/machine.js';
import { MARK_CHECKS } from './checks/marks.js';
import { NETWORK_CHECKS } from './checks/networks.js';
import { NODE_PORT_CHECKS } from './checks/node-ports.js';
import { TOPOLOGY_CHECKS } from './checks/topology.js';
import type { CheckGroup } from './input.js';
import { ENDPOINT_RULES } from './reported/endpoints.js';
import { NODE_RULES } from './reported/node.js';
import { OBJECT_RULES } from './reported/objects.js';
import { SERVICE_RULES } from './reported/services.js';
import type { LintRule } from './rule.js';
import { SUPPRESSION_RULES } from './suppressions.js';

/** The checks beyond those of reading and compiling. */
export const CHECKS: readonly CheckGroup[] = [
  EXTERNAL_IP_CHECKS,
  ENDPOINT_CHECKS,
  FAMILY_CHECKS,
  TOPOLOGY_CHECKS,
  LOAD_BALANCER_CHECKS,
  NODE_PORT_CHECKS,
  LIMIT_CHECKS,
  CONFIGURATION_CHECKS,
  NETWORK_CHECKS,
  MACHINE_CHECKS,
  MARK_CHECKS,
];

/** Every rule, by its code. */
export const RULES: readonly LintRule[] = [
  ...CHECKS.flatMap(({ rules }) => rules),
  ...OBJECT_RULES,
  ...SERVICE_RULES,
  ...ENDPOINT_RULES,
  ...NODE_RULES,
  ...SUPPRESSION_RULES,
].sort((a, b) => (a.code < b.code ? -1 : 1));

const byCode: ReadonlyMap<string, LintRule> = new Map(RULES.map((rule) => [rule.code, rule]));

/** The rule of this code. */
export function ruleOf(code: string): LintRule | undefined {
  return byCode.get(code);
}
