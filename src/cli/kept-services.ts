/**
 * Which Services of a kernel a command leaves alone: without `--prune` those that its input does
 * not name.
 */

import type { Compilation } from '../backends/backend.js';
import type { Diagnostic } from '../diagnostics.js';
import { EVERY_OTHER_SERVICE, type NamespacedName, type ServiceNames } from '../model/types.js';
import { serviceOf } from '../ruleset/types.js';
import type { InputFlags } from './input-flags.js';
import { CLUSTER } from './sources.js';

/** The flags that choose Services. */
export type SelectionFlags = Pick<InputFlags, 'namespace' | 'services'>;

/**
 * Whether a command is about a Service: it is in the namespace, and among the Services that are
 * named.
 */
export function isSelected(
  service: NamespacedName,
  { namespace, services }: SelectionFlags,
): boolean {
  if (namespace !== undefined && !service.startsWith(`${namespace}/`)) return false;
  return services === undefined || services.length === 0 || services.includes(service);
}

/**
 * Whether Services that the input does not name are removed. A running cluster is the whole input.
 */
function isPruning({ prune, filename }: Pick<InputFlags, 'prune' | 'filename'>): boolean {
  return prune ?? filename.includes(CLUSTER);
}

/**
 * The Services that keep the rules that they have: `incomplete` ones, those that are not selected,
 * and as with `kubectl apply` those that the input does not name, unless it prunes.
 */
export function keptServices(
  flags: SelectionFlags & Pick<InputFlags, 'prune' | 'filename'>,
  named: Pick<ServiceNames, 'has'>,
  incomplete: ServiceNames,
): ServiceNames {
  const prunes = isPruning(flags);
  const selectsAll = flags.namespace === undefined && (flags.services ?? []).length === 0;
  if (prunes && selectsAll) return incomplete;
  return {
    size: Number.POSITIVE_INFINITY,
    has: (service) => {
      if (incomplete.has(service)) return true;
      // The rules of the node belong to no Service.
      if (service === '' || service === EVERY_OTHER_SERVICE) return false;
      return !isSelected(service, flags) || (!prunes && !named.has(service));
    },
  };
}

/** A note with the number of Services that `wanted` has only because the kernel has them. */
export function unnamedNote(
  wanted: readonly Pick<Compilation, 'ruleset'>[],
  flags: SelectionFlags,
  named: Pick<ServiceNames, 'has'>,
  incomplete: ServiceNames,
): readonly Diagnostic[] {
  // A warning has said so already.
  if (incomplete.has(EVERY_OTHER_SERVICE)) return [];
  const unnamed = new Set(
    wanted
      .flatMap(({ ruleset }) => ruleset.ports.map(({ origin }) => serviceOf(origin)))
      .filter(
        (service) => !named.has(service) && !incomplete.has(service) && isSelected(service, flags),
      ),
  );
  if (unnamed.size === 0) return [];
  const [services, stay] = unnamed.size === 1 ? ['Service', 'stays'] : ['Services', 'stay'];
  return [
    {
      code: 'services-not-named',
      severity: 'note',
      message: `${unnamed.size} ${services} of the kernel ${stay}, because the input does not name ${unnamed.size === 1 ? 'it' : 'them'}`,
      hint: '--prune removes what the input does not name',
    },
  ];
}
