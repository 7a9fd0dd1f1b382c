/** What `vipc apply` applies: the rules for a set of objects, or a saved plan. */

import { applyDesired, planApply } from '../apply/desired.js';
import { handBackNote } from '../apply/hand-back.js';
import type { Desired } from '../apply/machine-plan.js';
import { forgetProfiles } from '../apply/profile-state.js';
import { applySaved, planSaved } from '../apply/saved-plan.js';
import type { Applied, ApplyOptions, ApplySteps, FamilyStep } from '../apply/steps.js';
import type { Backend } from '../backends/backend.js';
import { BACKENDS } from '../backends/index.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import { hasIpv6 } from '../host/rights.js';
import type { Plan } from '../plan/plan.js';
import { loadPlan } from '../plan/plan-file.js';
import { AUTO } from '../profiles/profiles.js';
import { type CompiledInputs, compileRead, FAMILIES } from './compiled-inputs.js';
import { foundProfile, keepProfile } from './found-profile.js';
import { type InputFlags, objectFlagOf } from './input-flags.js';
import { unnamedNote } from './kept-services.js';
import type { KernelFlags } from './kernel-flags.js';
import { refuseOtherSettings, settingsInWords } from './node-settings.js';
import { readAutoInputs } from './read-inputs.js';
import { readText } from './sources.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './usable-inputs.js';
import { keptDiagnostics } from './views/diagnostics.js';
import { takenOver } from './written-by.js';

/** The flags that say what is applied. */
export interface WorkFlags extends Omit<InputFlags, 'family'>, KernelFlags {
  readonly strict: boolean;
}

/** What is to be applied, whichever way it was given. */
export interface Work {
  readonly plan: (options: ApplyOptions) => Promise<ApplySteps>;
  readonly apply: (
    options: ApplyOptions,
    show: (steps: ApplySteps) => Promise<void>,
  ) => Promise<Applied>;
  /** Throws OtherSettingsError where the kernel was programmed with other settings. */
  readonly checkSettings: (steps: ApplySteps) => void;
  /** What there is to say about what was found and what becomes of it. */
  readonly remarks: (steps: ApplySteps) => readonly Diagnostic[];
  readonly backend: Backend;
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** What the command line asks for: a saved plan, or the rules for a set of objects. */
export async function readWork(
  planFile: string | undefined,
  flags: WorkFlags,
  terminal: Terminal,
  machine: Host,
): Promise<Work> {
  if (planFile === undefined) return desiredWork(flags, terminal, machine);
  if (flags.filename.length > 0)
    throw new UsageError(
      'a plan and -f cannot be used together: a plan is for certain objects already',
    );
  const idle = objectFlagOf(flags) ?? workFlagOf(flags);
  if (idle !== undefined)
    throw new UsageError(`${idle} means nothing for a plan, which says itself what it changes`);
  const saved: Plan = loadPlan(await readText(planFile), planFile);
  return {
    plan: (options) => planSaved(options, saved),
    apply: (options, show) => applySaved(options, saved, show),
    // A plan was reviewed when it was made.
    checkSettings: () => {},
    remarks: () => [],
    backend: BACKENDS[saved.backend],
    diagnostics: [],
    locate: (diagnostics) => diagnostics,
  };
}

/** The first flag on the command line that says for what, and how, objects are applied. */
function workFlagOf({ host, family, iptables, prune, strict }: WorkFlags): string | undefined {
  if (host !== undefined) return '--host';
  if (family !== undefined) return '--family';
  if (iptables !== undefined) return '--iptables';
  if (prune !== undefined) return prune ? '--prune' : '--no-prune';
  return strict ? '--strict' : undefined;
}

async function desiredWork(flags: WorkFlags, terminal: Terminal, machine: Host): Promise<Work> {
  const family = flags.family ?? ((await hasIpv6(machine)) ? 'dual' : 'ipv4');
  const given = await readAutoInputs(flags, terminal);
  const backend = BACKENDS[given.mode];
  backend.kernel.checkFlags(flags);
  const { facts, diagnostics } = await backend.kernel.facts(machine, {
    layout: given.config.layout,
    iptables: flags.iptables,
  });
  const place = { backend, families: FAMILIES[family], iptables: flags.iptables, facts };
  const found =
    given.profile === AUTO
      ? await foundProfile(machine, { ...place, featureGates: given.featureGates })
      : undefined;
  const profile = found?.profile ?? given.config.profile;
  const read = { ...given, config: { ...given.config, profile } };
  const inputs = compileRead(read, { ...flags, family }, { host: facts });
  refuseUnusable(inputs, flags.strict);
  const { config, compiled, incomplete, kept, snapshot } = inputs;
  const desired: Desired = { config, compiled, kept };
  return {
    plan: (options) => planApply(options, desired),
    apply: async (options, show) => {
      if (found !== undefined) await keepProfile(machine, backend.name, found);
      else if (given.profile !== '') await forgetProfiles(machine);
      return applyDesired(options, desired, show);
    },
    checkSettings: ({ families }) => checkSettings(families, inputs, flags),
    remarks: ({ families }) => {
      const wanted = families.flatMap((one) => one.wanted ?? []);
      const changed = families.filter(({ input }) => input.length > 0);
      return [
        ...takenOver(
          changed.map(({ kernel }) => ({ name: kernel.family, rules: kernel.rules })),
          profile,
        ),
        ...unnamedNote(wanted, flags, snapshot.services, incomplete),
        ...handBackNote(
          families.map(({ kernel, wanted: one }) => ({ rules: kernel.rules, model: one?.model })),
          profile,
        ),
      ];
    },
    backend,
    diagnostics: [
      ...diagnostics,
      ...(found?.diagnostics ?? []),
      ...inputs.diagnostics,
      ...keptDiagnostics(incomplete),
    ],
    locate: inputs.locate,
  };
}

function checkSettings(
  families: readonly FamilyStep[],
  { compiled, mode, snapshot }: CompiledInputs,
  flags: WorkFlags,
): void {
  const settings = families.flatMap(({ kernel, input }) => {
    const model = compiled.find(({ ruleset }) => ruleset.family === kernel.family)?.model;
    if (input.length === 0 || model === undefined) return [];
    return settingsInWords(kernel.rules.settings(), model, mode, snapshot);
  });
  refuseOtherSettings(settings, flags);
}
