/**
 * Gives Service ports of a Ruleset the rules that the kernel has for them, so that a plan leaves
 * these alone. Pure.
 */

import { compareText } from '../model/order.js';
import { EVERY_OTHER_SERVICE, type ServiceNames } from '../model/types.js';
import { serviceOf } from '../ruleset/origin.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';

/**
 * What a kernel holds for the origins that are meant, as fragments by origin; none where it holds
 * nothing.
 */
export type HeldFragments = (isMeant: (origin: string) => boolean) => ReadonlyMap<string, Fragment>;

/**
 * The Ruleset in which the ports of `origins` have what the kernel holds for them. A port that the
 * kernel does not know is left out; nothing else changes, and a plan from what was read touches no
 * rule of these ports.
 */
export function keepAsItWas(
  ruleset: Ruleset,
  origins: ReadonlySet<string>,
  held: HeldFragments,
): Ruleset {
  if (origins.size === 0) return ruleset;
  const found = held((origin) => origins.has(origin));
  const ports = ruleset.ports.flatMap((fragment) =>
    origins.has(fragment.origin) ? (found.get(fragment.origin) ?? []) : [fragment],
  );
  return { ...ruleset, ports };
}

/**
 * The Ruleset in which these Services (`namespace/name`) have what the kernel holds for them,
 * also where the Ruleset does not know them: for Services of which the input was not understood.
 * {@link EVERY_OTHER_SERVICE} stands for all that have no port in the Ruleset.
 */
export function keepServices(
  ruleset: Ruleset,
  services: ServiceNames,
  held: HeldFragments,
): Ruleset {
  if (services.size === 0) return ruleset;
  const named = services.has(EVERY_OTHER_SERVICE)
    ? new Set(ruleset.ports.map(({ origin }) => serviceOf(origin)))
    : undefined;
  const isMeant = (origin: string): boolean => {
    const service = serviceOf(origin);
    // Rules of the node itself are of no Service.
    return services.has(service) || (service !== '' && named?.has(service) === false);
  };
  const others = ruleset.ports.filter(({ origin }) => !isMeant(origin));
  const kept = [...held(isMeant)].sort(([a], [b]) => compareText(a, b));
  return { ...ruleset, ports: [...others, ...kept.map(([, fragment]) => fragment)] };
}
