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
interface Beginning {
  /** The Services that the kernel has rules for, or is about to get from the last good state. */
  readonly loaded: ReadonlySet<NamespacedName>;
  /** The last good state; only where the kernel has no rules that would be better. */
  readonly first: SourceState | undefined;
}

/** Reads the last good state, and each family of the kernel once, as far as that is asked for. */
export async function beginning(
  options: BeginningOptions,
  { noticed }: Pick<Required<AgentObserver>, 'noticed'>,
  signal: AbortSignal,
): Promise<Beginning> {
  const lastGood = await options.lastGood?.();
  const isAsked = lastGood !== undefined || options.removalGracePeriod > 0;
  const { isProgrammed, services, fault } = isAsked ? await heldRules(options, signal) : NONE;
  const loaded = new Set([...(lastGood?.services.keys() ?? []), ...services]);
  if (lastGood === undefined || isProgrammed) return { loaded, first: undefined };
  if (fault === '') return { loaded, first: { snapshot: lastGood, incomplete: new Set() } };
  // The kernel may hold newer rules.
  const message = `the last good state is not used, because the kernel cannot be read: ${fault}`;
  noticed([{ code: 'last-good-not-used', severity: 'warning', message }]);
  return { loaded, first: undefined };
}

/** What is known of the rules in the kernel. */
interface HeldRules {
  readonly isProgrammed: boolean;
  /** The Services that have rules; none where removals are not delayed. */
  readonly services: readonly NamespacedName[];
  /** Why a family could not be read. */
  readonly fault: string;
}

const NONE: HeldRules = { isProgrammed: false, services: [], fault: '' };

/** The rules of all families. The first sync reports what cannot be read, and reads it again. */
async function heldRules(options: BeginningOptions, signal: AbortSignal): Promise<HeldRules> {
  let all = NONE;
  for (const family of options.families) {
    const held = await rulesOfFamily(options, family, signal).catch((error: unknown) => ({
      ...NONE,
      fault: messageOf(error),
    }));
    all = {
      isProgrammed: all.isProgrammed || held.isProgrammed,
      services: [...all.services, ...held.services],
      fault: all.fault || held.fault,
    };
  }
  return all;
}

async function rulesOfFamily(
  { host, mode, iptables, removalGracePeriod }: BeginningOptions,
  family: Family,
  signal: AbortSignal,
): Promise<HeldRules> {
  const { rules } = await BACKENDS[mode].kernel.read(host, family, { iptables, signal });
  const isProgrammed = rules.isProgrammed();
  if (removalGracePeriod === 0) return { ...NONE, isProgrammed };
  const empty = { origin: '', text: '' };
  const nothing = { backend: mode, family, frame: empty, ports: [], shared: [], tail: empty };
  const { ports } = rules.keepServices(nothing, new Set([EVERY_OTHER_SERVICE]));
  return { isProgrammed, services: ports.map(({ origin }) => serviceOf(origin)), fault: '' };
}
