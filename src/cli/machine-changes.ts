/** What an apply would do to this machine beside the rules: settings that they need, and flows that they make stale. */

import { findStaleFlows, interfaceAddresses } from '../apply/conntrack.js';
import { planSettings } from '../apply/host-settings.js';
import type { Diagnostic } from '../diagnostics.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import type { Host } from '../host/host.js';
import type { HostChange } from '../plan/types.js';
import type { Against } from './against.js';
import type { CompiledInputs } from './compiled-inputs.js';

/** Settings and flows. */
export interface MachineChanges {
  readonly host: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A dump of another machine tells nothing about either. */
export const NO_CHANGES: MachineChanges = { host: [], flows: [], diagnostics: [] };

/** Asks this machine, as `vipc apply` does. `sides` are what its kernel holds. */
export async function machineChanges(
  machine: Host,
  { compiled, config, incomplete }: CompiledInputs,
  sides: readonly Against[],
): Promise<MachineChanges> {
  const models = compiled.map(({ model }) => model);
  const host = await planSettings(machine, {
    config,
    rulesets: compiled.map(({ ruleset }) => ruleset),
    localhostNodePorts: models.some(({ context }) => context.localhostNodePorts),
  });
  const { stale, diagnostics } = await findStaleFlows(machine, models, {
    localAddresses: interfaceAddresses(machine.interfaces()),
    previous: sides.flatMap(({ rules, family }) => rules.frontends(family)),
    leave: incomplete,
  });
  return { host, flows: stale, diagnostics };
}
