/**
 * What an apply changes on a machine beside the rules: settings that they need, and flows that they
 * make stale.
 */

import type { Compilation } from '../backends/backend.js';
import type { KernelRules } from '../backends/kernel-rules.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import type { Host } from '../host/host.js';
import type { NamespacedName, ServiceNames } from '../model/types.js';
import { type Family, interfaceAddresses } from '../net/ip.js';
import type { HostChange } from '../plan/types.js';
import { findStaleFlows } from './conntrack.js';
import { planSettings } from './host-settings.js';

/** What a machine should hold. */
export interface Desired {
  readonly config: ProxyConfig;
  /** One per family. */
  readonly compiled: readonly Compilation[];
  /** Services that keep their rules and flows, also those that the Rulesets do not have. */
  readonly kept?: ServiceNames | undefined;
}

/** What the kernel holds now in one family. */
export interface HeldFamily {
  readonly family: Family;
  readonly rules: KernelRules;
}

export interface MachinePlan {
  readonly settings: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

const NONE: ReadonlySet<NamespacedName> = new Set();

/** Plans settings and flows. Changes nothing. */
export async function planMachine(
  host: Host,
  desired: Desired,
  held: readonly HeldFamily[],
  signal?: AbortSignal,
): Promise<MachinePlan> {
  const { config, compiled } = desired;
  const settings = await planSettings(host, {
    config,
    rulesets: compiled.map(({ ruleset }) => ruleset),
    localhostNodePorts: compiled.some(({ model }) => model.context.localhostNodePorts),
  });
  const { stale, diagnostics } = await staleFlowsOf(host, desired, held, NONE, signal);
  return { settings, flows: stale, diagnostics };
}

/**
 * The flows that the rules of `held` were made for and the desired ones are not, also those that
 * began since. Flows of kept Services and of those in `refused` stay, because their rules do.
 */
export function staleFlowsOf(
  host: Host,
  { compiled, kept = NONE }: Desired,
  held: readonly HeldFamily[],
  refused: ReadonlySet<NamespacedName>,
  signal?: AbortSignal,
): ReturnType<typeof findStaleFlows> {
  const models = compiled.map(({ model }) => model);
  const options = {
    localAddresses: interfaceAddresses(host.interfaces()),
    previous: held.flatMap(({ rules, family }) => rules.frontends(family)),
    leave: { has: (service: NamespacedName) => kept.has(service) || refused.has(service) },
  };
  return findStaleFlows(host, models, options, signal);
}
