/**
 * Gives Service ports of a Ruleset the rules that the kernel has for them, so that a plan leaves
 * these alone. Pure.
 */

import type { Diagnostic } from '../diagnostics.js';
import { claimKey, withoutHeld } from '../model/collisions.js';
import { compareText } from '../model/order.js';
import { EVERY_OTHER_SERVICE, type ServiceNames } from '../model/types.js';
import { serviceOf } from '../ruleset/origin.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';
import type { Compilation, KernelRules } from './backend.js';
import { compile } from './compile.js';

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

/** What a family should hold, with some Services as the kernel has them. */
export interface BesideKept {
  /** Its Ruleset has the kept Services; its model has not. */
  readonly wanted: Compilation;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The compilation in which these Services have what the kernel holds for them, as with
 * {@link keepServices}, and no other Service has an address that one of them answers on: mode
 * nftables would not load a second element for it, and in mode iptables the first rule would win.
 */
export function compileBeside(
  kernel: KernelRules,
  services: ServiceNames,
  compiled: Compilation,
): BesideKept {
  if (services.size === 0) return { wanted: compiled, diagnostics: [] };
  const holders = new Map(
    kernel
      .allFrontends(compiled.ruleset.family)
      .filter(({ origin }) => services.has(serviceOf(origin)))
      .map(({ ip, port, protocol, origin }) => [claimKey(ip, port, protocol), serviceOf(origin)]),
  );
  const { model, diagnostics } = withoutHeld(compiled.model, holders, services);
  const ruleset =
    model === compiled.model ? compiled.ruleset : compile(model, compiled.layout, compiled);
  return {
    wanted: { ...compiled, model, ruleset: kernel.keepServices(ruleset, services) },
    diagnostics,
  };
}
