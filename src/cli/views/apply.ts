/** What an apply did, or would do, as text and as JSON. */

import type { Applied, ApplySteps, FamilyStep } from '../../apply/steps.js';
import { BACKENDS } from '../../backends/index.js';
import { inputText } from '../../backends/transaction.js';
import type { StaleFlow } from '../../flows/stale-flows.js';
import { allChanges } from '../../plan/plan.js';
import { uncountedChains } from '../../plan/summary.js';
import type { FamilyPlan, HostChange } from '../../plan/types.js';
import { count, countsText, DONE, type StateOf } from './counts.js';
import { flowJson } from './json-document.js';
import type { View } from './view.js';

/**
 * One line per family, setting and group of flows, and a last line with the Service ports of all
 * families; `nothing to do` where all is as it should be.
 */
function appliedText(applied: Applied): string {
  const families = applied.families.filter(({ input }) => input.length > 0);
  const counts = countsText(families.flatMap(statesOf), DONE);
  const lines = [
    ...families.map(familyLine),
    ...applied.settings.map((change) => settingLine(change)),
    ...(applied.deletedFlows > 0 ? [`${count(applied.deletedFlows, 'stale flow')} deleted`] : []),
    ...(counts === '' ? [] : [`Service ports: ${counts}`]),
  ];
  return `${(lines.length === 0 ? ['nothing to do'] : lines).join('\n')}\n`;
}

function familyLine(step: FamilyStep): string {
  const { kernel, plan } = step;
  const { chains, rules } = sizeOf(plan);
  const services = countsText(statesOf(step), DONE);
  const what = services === '' ? '' : `; Service ports: ${services}`;
  const name = BACKENDS[plan.backend].kernel.name(kernel.tools);
  return `${kernel.family}: ${count(chains, 'chain')}, ${count(rules, 'rule')} changed in ${name}${what}`;
}

/** How many chains and rules change. */
function sizeOf(plan: FamilyPlan): { readonly chains: number; readonly rules: number } {
  const changes = allChanges(plan);
  const rules = changes.reduce((sum, change) => sum + change.rules.length, 0);
  return { chains: changes.length, rules };
}

/** The Service ports that a step changes; for a plan from a file, by their chains alone. */
function statesOf({ kernel, plan, wanted }: FamilyStep): readonly StateOf[] {
  if (wanted !== undefined)
    return kernel.rules
      .summary(plan, wanted.ruleset)
      .services.filter(({ origin }) => origin !== '');
  const actions = new Map<string, Set<string>>();
  for (const { action, origin, rules } of plan.changes)
    for (const one of new Set([origin, ...rules.map((rule) => rule.origin)]))
      if (one !== '')
        actions.set(one, (actions.get(one) ?? new Set()).add(one === origin ? action : 'rule'));
  return [...actions].map(([origin, of]) => ({
    origin,
    state: of.has('create')
      ? 'added'
      : of.has('delete') && !of.has('rewrite') && !of.has('edit')
        ? 'removed'
        : 'changed',
  }));
}

function settingLine(change: HostChange): string {
  return change.kind === 'nfacct'
    ? `nfacct object ${change.name} made`
    : `${change.name}: ${change.before === '' ? 'unknown' : change.before} -> ${change.after}`;
}

/**
 * The input of each family's iptables-restore under a comment line; settings and flows as comments.
 */
export function inputsText(steps: ApplySteps): string {
  const inputs = steps.families
    .filter(({ input }) => input.length > 0)
    .map(
      ({ kernel, plan, input }) =>
        `# ${kernel.family}: ${BACKENDS[plan.backend].kernel.usage(kernel.tools, kernel.family)}\n${inputText(input)}`,
    );
  const notes = [
    ...steps.settings.map((change) =>
      change.kind === 'nfacct'
        ? `# nfacct add ${change.name}`
        : `# sysctl -w ${change.name}=${change.after}`,
    ),
    ...steps.flows.map((flow) => `# stale: ${flowText(flow)}`),
  ];
  const parts = [...inputs, ...notes.map((line) => `${line}\n`)];
  return parts.length === 0 ? '# nothing to do\n' : parts.join('');
}

function flowText({ flow, reason }: StaleFlow): string {
  return `${flow.protocol} from ${flow.source} port ${flow.sourcePort} to ${flow.destination} port ${flow.destinationPort}: ${reason}`;
}

/** What was done, or what would be; `content` has times in milliseconds. */
export function appliedView(applied: Applied, dryRun: 'none' | 'client' | 'server'): View {
  return {
    text: () => (dryRun === 'none' ? appliedText(applied) : inputsText(applied)),
    kind: 'Applied',
    content: () => {
      const { settings, flows, deletedFlows, times, loads } = applied;
      const families = applied.families.map((step) => [
        step.kernel.family.toLowerCase(),
        familyJson(step),
      ]);
      return {
        dryRun,
        changed: loads > 0 || (dryRun === 'none' && settings.length > 0),
        families: Object.fromEntries(families),
        settings,
        flows: flows.map(flowJson),
        deletedFlows,
        times,
      };
    },
  };
}

function familyJson(step: FamilyStep): object {
  const { kernel, plan } = step;
  return {
    variant: kernel.variant,
    version: kernel.tools.version,
    ...sizeOf(plan),
    services: statesOf(step).map(({ origin, state }) => ({ origin, state })),
    ...uncountedChains(plan),
  };
}
