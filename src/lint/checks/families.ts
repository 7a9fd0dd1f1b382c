/** Services of two families that only one of them serves. */

import type { Family } from '../../net/ip.js';
import type { NamespacedName } from '../../snapshot/types.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const HALF: LintRule = {
  code: 'half-dual-stack',
  severity: 'warning',
  title: 'A dual-stack Service is served in one family only',
  why: 'DNS names both of its cluster IPs. The one without endpoints refuses connections, so clients that try it first fail, or wait before they try the other.',
  remedy: 'give the Pods addresses of both families, or set ipFamilyPolicy: SingleStack',
  references: [kep(563)],
};

/** The Services that have endpoints in a family, and those that have rules there. */
interface Served {
  readonly family: Family;
  readonly all: ReadonlySet<NamespacedName>;
  readonly served: ReadonlySet<NamespacedName>;
}

function servedIn(model: LintInput['models'][number]): Served {
  return {
    family: model.context.family,
    all: new Set(model.ports.map(({ service }) => service)),
    served: new Set(model.ports.flatMap(({ service, pools }) => (pools.any ? service : []))),
  };
}

function checkFamily({ snapshot }: LintInput, here: Served, other: Served): readonly LintFinding[] {
  return [...here.all].flatMap((name) => {
    const service = snapshot.services.get(name);
    if (service === undefined || here.served.has(name) || !other.served.has(name)) return [];
    // Where there is no slice at all, family-without-slices says so.
    const slices = snapshot.slices.get(name) ?? [];
    if (!slices.some(({ addressType }) => addressType === here.family)) return [];
    const message = `has endpoints of ${other.family} that are ready, and none of ${here.family}`;
    return [finding(HALF, message, inObject(service, 'spec.ipFamilies'))];
  });
}

/** Checks of dual-stack Services. */
export const FAMILY_CHECKS: CheckGroup = {
  rules: [HALF],
  check: (input) => {
    const [first, second] = input.models.map(servedIn);
    if (first === undefined || second === undefined) return [];
    return [...checkFamily(input, first, second), ...checkFamily(input, second, first)];
  },
};
