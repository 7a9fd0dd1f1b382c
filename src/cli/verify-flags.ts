/** What the forms of `vipc verify` have in common. */

import type { Diagnostic } from '../diagnostics.js';
import { compareText } from '../model/order.js';
import { EVERY_OTHER_SERVICE, type NamespacedName } from '../model/types.js';
import { serviceOf } from '../ruleset/types.js';
import type { FormFlags } from './flags.js';
import type { InputFlags } from './input-flags.js';
import { isSelected, type SelectionFlags } from './kept-services.js';
import type { RuleFlags } from './rule-sources.js';

/** The flags of `vipc verify`, checked one by one. */
export interface VerifyFlags extends Omit<InputFlags, 'family'>, RuleFlags, FormFlags {
  readonly family?: InputFlags['family'];
  /** Rules to compare with instead of objects: a dump, or a mode. */
  readonly against?: string;
}

/** Warns of Services of which an object was left out. */
export function unverifiedNotes(incomplete: Iterable<NamespacedName>): readonly Diagnostic[] {
  return [...incomplete].sort(compareText).map((service): Diagnostic => {
    const isNamed = service !== EVERY_OTHER_SERVICE;
    const [namespace = '', name = ''] = service.split('/');
    return {
      code: 'service-unverified',
      severity: 'warning',
      message: isNamed
        ? `Service ${service} was not verified, because an object of it was left out`
        : 'addresses that no Service names were not verified, because a part of the input could not be understood',
      ...(isNamed && { object: { kind: 'Service', namespace, name } }),
      hint: 'repair the input',
    };
  });
}

/** Which traffic and questions a command is about, by their origin; `''`: those of no Service. */
export function selectedOrigins(
  flags: SelectionFlags,
  incomplete: ReadonlySet<string>,
): (origin: string) => boolean {
  const isAll = flags.namespace === undefined && (flags.services ?? []).length === 0;
  return (origin) => {
    if (origin === '') return isAll && incomplete.size === 0;
    const service = serviceOf(origin);
    return isSelected(service, flags) && !incomplete.has(service);
  };
}
