/** What an agent begins with: rules that the kernel has, or what was applied before a restart. */

import { BACKENDS } from '../backends/index.js';
import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import { type BackendName, serviceOf } from '../ruleset/types.js';
import { EVERY_OTHER_SERVICE, type NamespacedName, type Snapshot } from '../snapshot/types.js';
import type { AgentObserver } from './observer.js';
import type { SourceState } from './source.js';

/** Where an agent looks. */
export interface BeginningOptions {
  readonly host: Host;
  readonly mode: BackendName;
  readonly families: readonly Family[];
  /**
   * How long Services stay where the source suddenly lacks most of them; 0 for a source that knows
   * that they were deleted.
   */
  readonly removalGracePeriod: number;
  readonly iptables?: 'nft' | 'legacy' | undefined;
  /**
   * Reads what was applied last before a restart: used where the kernel holds nothing yet, until
   * the source is complete. A function, so that nothing holds it longer.
   */
  readonly lastGood?: () => Promise<Snapshot | undefined>;
}

/** What there is before the source has a state. */
export async function beginning(
  options: BeginningOptions,
  observer: Required<AgentObserver>,
  signal: AbortSignal,
): Promise<{
  readonly loaded: ReadonlySet<NamespacedName>;
  readonly first: SourceState | undefined;
}> {
  const lastGood = await options.lastGood?.();
  return {
    loaded: await loadedServices(options, lastGood, signal),
    first: await firstState(options, lastGood, observer, signal),
  };
}

/**
 * The state that is there before the source has one; only where the kernel has no rules that would
 * be better.
 */
async function firstState(
  { host, mode, families, ...options }: BeginningOptions,
  lastGood: Snapshot | undefined,
  { noticed }: Required<AgentObserver>,
  signal: AbortSignal,
): Promise<SourceState | undefined> {
  if (lastGood === undefined) return undefined;
  try {
    for (const family of families) {
      const { rules } = await BACKENDS[mode].kernel.read(host, family, {
        iptables: options.iptables,
        signal,
      });
      if (rules.isProgrammed()) return undefined;
    }
  } catch (error) {
    // The kernel may hold newer rules. Syncs try again to read it.
    const reason = messageOf(error);
    const message = `the last good state is not used, because the kernel cannot be read: ${reason}`;
    noticed([{ code: 'last-good-not-used', severity: 'warning', message }]);
    return undefined;
  }
  return { snapshot: lastGood, incomplete: new Set() };
}

/** The Services that the kernel has rules for, or is about to get from the last good state. */
async function loadedServices(
  { removalGracePeriod, host, mode, families, ...options }: BeginningOptions,
  lastGood: Snapshot | undefined,
  signal: AbortSignal,
): Promise<ReadonlySet<NamespacedName>> {
  const names = new Set(lastGood?.services.keys() ?? []);
  if (removalGracePeriod === 0) return names;
  const read = { iptables: options.iptables, signal };
  const empty = { origin: '', text: '' };
  for (const family of families) {
    const kernel = await BACKENDS[mode].kernel.read(host, family, read).catch(() => undefined);
    // The first sync reports the error.
    if (kernel === undefined) continue;
    const nothing = { backend: mode, family, frame: empty, ports: [], shared: [], tail: empty };
    const { ports } = kernel.rules.keepServices(nothing, new Set([EVERY_OTHER_SERVICE]));
    for (const { origin } of ports) names.add(serviceOf(origin));
  }
  return names;
}
