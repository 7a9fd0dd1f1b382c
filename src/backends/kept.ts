/**
 * Gives Service ports of a Ruleset the rules that the kernel has for them, so that a plan leaves
 * these alone. Pure.
 */

import type { Diagnostic } from '../diagnostics.js';
import { claimKey, withoutHeld } from '../model/collisions.js';
import { compareText } from '../model/order.js';
import { EVERY_OTHER_SERVICE, type ServiceNames } from '../model/types.js';
import type { Family } from '../net/ip.js';
import { type Fragment, type Ruleset, serviceOf } from '../ruleset/types.js';
import type { Backend, Compilation } from './backend.js';
import { compileLayout } from './compile.js';
import type { KernelRules } from './kernel-rules.js';

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
  const isMeant = keptOrigins(ruleset, services);
  const others = ruleset.ports.filter(({ origin }) => !isMeant(origin));
  const kept = [...held(isMeant)].sort(([a], [b]) => compareText(a, b));
  return { ...ruleset, ports: [...others, ...kept.map(([, fragment]) => fragment)] };
}

/** Whether an origin is of these Services, as {@link keepServices} takes them. */
function keptOrigins(
  { ports }: Pick<Ruleset, 'ports'>,
  services: ServiceNames,
): (origin: string) => boolean {
  const named = services.has(EVERY_OTHER_SERVICE)
    ? new Set(ports.map(({ origin }) => serviceOf(origin)))
    : undefined;
  return (origin) => {
    const service = serviceOf(origin);
    // Rules of the node itself are of no Service.
    return services.has(service) || (service !== '' && named?.has(service) === false);
  };
}

/** What a family should hold, with some Services as the kernel has them. */
export interface BesideKept {
  /** Its Ruleset has the kept Services; its model has not. */
  readonly wanted: Compilation;
  readonly diagnostics: readonly Diagnostic[];
}

/** The part of {@link KernelRules} about the rules and addresses of Services. */
export type HeldRules = Pick<KernelRules, 'keepServices'> & {
  /** May leave out those of other origins than the given ones. */
  readonly allFrontends: (
    family: Family,
    isAsked: (origin: string) => boolean,
  ) => ReturnType<KernelRules['allFrontends']>;
};

/** The same from a Ruleset that was loaded, without reading the kernel. */
export function loadedRules(
  { read, print, withSharedChains }: Pick<Backend, 'read' | 'print' | 'withSharedChains'>,
  loaded: Ruleset,
): HeldRules {
  const portsOf = (isMeant: (origin: string) => boolean): readonly Fragment[] =>
    loaded.ports.filter(({ origin }) => isMeant(origin));
  return {
    keepServices: (ruleset, services) => {
      const kept = keepServices(
        ruleset,
        services,
        (isMeant) => new Map(portsOf(isMeant).map((fragment) => [fragment.origin, fragment])),
      );
      return withSharedChains(ruleset, kept, () => loaded.shared);
    },
    allFrontends: (family, isMeant) =>
      read(print({ ...loaded, ports: portsOf(isMeant) }), { family }).allFrontends(family),
  };
}

const UNNAMED_HINT =
  '--prune removes Services that the input does not name; otherwise change one of the two';

/**
 * The compilation in which these Services have what the kernel holds for them, as with
 * {@link keepServices}, and no other Service has an address that one of them answers on: mode
 * nftables would not load a second element for it, and in mode iptables the first rule would win.
 * Each address that a Service loses is a warning, with this hint.
 */
export function compileBeside(
  held: HeldRules,
  services: ServiceNames,
  compiled: Compilation,
  hint: string = UNNAMED_HINT,
): BesideKept {
  if (services.size === 0) return { wanted: compiled, diagnostics: [] };
  const isKept = keptOrigins(compiled.ruleset, services);
  const holders = new Map(
    held
      .allFrontends(compiled.ruleset.family, isKept)
      .filter(({ origin }) => isKept(origin))
      .map(({ ip, port, protocol, origin }) => [claimKey(ip, port, protocol), serviceOf(origin)]),
  );
  const { model, diagnostics } = withoutHeld(compiled.model, holders, services, hint);
  const ruleset =
    model === compiled.model ? compiled.ruleset : compileLayout(model, compiled.layout, compiled);
  return {
    wanted: { ...compiled, model, ruleset: held.keepServices(ruleset, services) },
    diagnostics,
  };
}
