/**
 * What diff compares: the desired rules of each family with what is there, and what of the
 * difference is only another configuration of kube-proxy.
 */

import type { MachinePlan } from '../apply/machine-plan.js';
import type { KernelRules } from '../backends/kernel-rules.js';
import { otherSettings } from '../backends/node-settings.js';
import type { Variant } from '../backends/tools.js';
import { UsageError } from '../errors.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import { compile } from '../pipeline.js';
import type { Plan } from '../plan/plan.js';
import type { PlanCheck } from '../plan/plan-file.js';
import { splitSummary } from '../plan/summary-explained.js';
import type { FamilySummary } from '../plan/summary-types.js';
import type { FamilyPlan, HostChange } from '../plan/types.js';
import type { Ruleset } from '../ruleset/types.js';
import type { Against, FamilyAgainst } from './against.js';
import type { CompiledInputs } from './compiled-inputs.js';
import {
  type OtherSetting,
  type SettingsFlags,
  settingsHint,
  settingsInWords,
} from './node-settings.js';
import type { ProfileDifference } from './profile-differences.js';
import type { PlannedFamily } from './written-by.js';

/** What differs in one family, and from what. */
export interface Compared {
  /** `the kernel (iptables-nft 1.8.9)`, or a path. */
  readonly against: string;
  readonly variant: Variant;
  /** Without what {@link shared} explains, unless all is to be shown. */
  readonly summary: FamilySummary;
  /** What differs because kube-proxy is configured otherwise. */
  readonly shared?: SharedDifference | undefined;
  /** What differs because another version of kube-proxy wrote the rules. */
  readonly versions?: ProfileDifference | undefined;
}

/** A difference that all Services share. */
export interface SharedDifference {
  readonly settings: readonly OtherSetting[];
  /** The Service ports with such rules; `''` for every node. */
  readonly origins: readonly string[];
  readonly rules: number;
  /** What to do; `''` where the command line says that it is meant. */
  readonly hint: string;
}

/** What differs, and what of it is shown. */
export interface DiffResult {
  readonly different: boolean;
  readonly compared: readonly Compared[];
  /** The kube-proxy that wrote what is there, if not 1.36: `1.34.2+ or 1.35`. */
  readonly writer?: string;
  /** Services that the input says less of than it meant to, in order; they keep what they have. */
  readonly incomplete: readonly string[];
  /** What was named and is not in the input: `no Service default/nope in the input`. */
  readonly missing: readonly string[];
  /** Settings of the machine that would be made. */
  readonly host: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  /** Whether differences of comments alone are shown. */
  readonly comments: boolean;
  /** Whether the rules of new and deleted chains are shown one by one. */
  readonly verbose: boolean;
}

/** The plan, and what it means to a person. */
export interface Comparison {
  readonly plan: Plan;
  readonly compared: readonly Compared[];
  readonly check: PlanCheck;
}

/** One family, and what is known of how it differs. */
export type FamilyDifference = FamilyAgainst & Partial<Pick<PlannedFamily, 'found' | 'asWritten'>>;

/** The flags that say what is shown. */
export interface ComparisonFlags extends SettingsFlags {
  /** Whether rules that settings explain are shown one by one too. */
  readonly verbose: boolean;
}

/** Compares. Throws UsageError for IPv4 rules in one variant of iptables and IPv6 in the other. */
export function compare(
  inputs: Pick<CompiledInputs, 'mode' | 'kept' | 'snapshot'>,
  sides: readonly FamilyDifference[],
  { settings, flows }: MachinePlan,
  flags: ComparisonFlags,
): Comparison {
  const variant = oneVariant(sides.map(({ side }) => side));
  const results = sides.map((side) => compareSide(inputs, side, flags));
  return {
    // What differs can be said without it.
    get plan(): Plan {
      const families = results.map(({ plan, rules }) => ({
        ...plan,
        base: rules.fingerprint(plan),
      }));
      return { version: 2, backend: inputs.mode, variant, families, host: settings, flows };
    },
    compared: results.map(({ compared }) => compared),
    check: ({ family }) => {
      const found = results.find(({ plan }) => plan.family === family);
      return found?.rules.planFault(found.plan, found.ruleset) ?? '';
    },
  };
}

/** What differs in one family, and what it was made from. */
interface ComparedSide {
  readonly plan: FamilyPlan;
  readonly rules: KernelRules;
  readonly ruleset: Ruleset;
  readonly compared: Compared;
}

function compareSide(
  { mode, kept, snapshot }: Pick<CompiledInputs, 'mode' | 'kept' | 'snapshot'>,
  side: FamilyDifference,
  flags: ComparisonFlags,
): ComparedSide {
  const { rules, name, variant } = side.side;
  const { ruleset, model, layout } = side.wanted;
  const plan = side.found ?? rules.plan(ruleset);
  const summary = rules.summary(plan, ruleset);
  const observed = summary.services.length === 0 ? {} : rules.settings();
  const settings = settingsInWords(observed, model, mode, snapshot);
  const { versions, rest } = byVersions(summary, side);
  const base = { against: name, variant, ...(versions === undefined ? {} : { versions }) };
  const shownOf = (left: FamilySummary): FamilySummary => (flags.verbose ? summary : left);
  const made = { plan, rules, ruleset };
  if (settings.length === 0) return { ...made, compared: { ...base, summary: shownOf(rest) } };
  const basis = side.asWritten?.wanted ?? { model, layout };
  const context = { ...basis.model.context, ...otherSettings(observed, model.context) };
  const alike = rules.keepServices(
    compile({ ...basis.model, context }, { mode, layout: basis.layout }),
    kept,
  );
  const same: FamilySummary = rules.summary(rules.plan(alike), alike);
  const { rest: left, origins, rules: count } = splitSummary(rest, same);
  const shared = { settings, origins, rules: count, hint: settingsHint(settings, flags) };
  const compared = {
    ...{ ...base, summary: shownOf(count === 0 ? rest : left) },
    ...(count === 0 ? {} : { shared }),
  };
  return { ...made, compared };
}

/** What the version of kube-proxy that wrote the rules explains, and what is left. */
function byVersions(
  summary: FamilySummary,
  { side: { rules }, asWritten }: FamilyDifference,
): { readonly rest: FamilySummary; readonly versions?: ProfileDifference } {
  if (asWritten === undefined) return { rest: summary };
  const { writer, kinds, found, wanted: written } = asWritten;
  const {
    rest,
    origins,
    rules: count,
  } = splitSummary(summary, rules.summary(found, written.ruleset));
  if (count === 0) return { rest: summary };
  return { rest, versions: { writer, kinds, origins, rules: count } };
}

function oneVariant(sides: readonly Against[]): Variant {
  const variants = new Set(sides.map(({ variant }) => variant));
  const [variant = 'nf_tables'] = variants;
  if (variants.size > 1)
    throw new UsageError('IPv4 rules are in one iptables variant and IPv6 rules in the other', {
      hint: 'compare them one by one with --family, or name the variant with --iptables',
    });
  return variant;
}
