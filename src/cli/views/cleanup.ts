/** What `vipc cleanup` did or would do, for a person and for scripts. */

import type { Cleanup, KeptChain, RemovalStep } from '../../apply/cleanup.js';
import { hasErrors } from '../../diagnostics.js';
import type { HostChange } from '../../plan/types.js';
import { unitLabel } from '../../plan/unit.js';
import type { View } from './view.js';

/** What was removed; on a dry run the commands that would be run, as a script. */
export function cleanupView(cleanup: Cleanup, dryRun: boolean): View {
  return {
    text: () => (dryRun ? cleanupInputs(cleanup) : cleanupText(cleanup)),
    kind: 'Cleanup',
    content: () => cleanupContent(cleanup, dryRun),
  };
}

/** One line per step, setting and chain that stays; says so where there was nothing to do. */
function cleanupText(cleanup: Cleanup): string {
  if (isNothing(cleanup)) return nothingText(cleanup);
  const { steps, settings, kept } = cleanup;
  return [...steps.map(doneLine), ...settings.map(undoneLine), ...kept.flatMap(keptLines)]
    .map((line) => `${line}\n`)
    .join('');
}

function isNothing({ steps, settings, kept }: Cleanup): boolean {
  return steps.length + settings.length + kept.length === 0;
}

/** Nothing where errors say what could not be read. */
function nothingText({ diagnostics }: Cleanup): string {
  return hasErrors(diagnostics) ? '' : 'nothing to do: no rules of kube-proxy or vipc are here\n';
}

function doneLine(step: RemovalStep): string {
  if (step.kind === 'table') return `table ${step.name}: deleted`;
  const { changes } = step.plan;
  const deleted = changes.filter(({ action }) => action === 'delete').length;
  const emptied = changes.filter(({ action }) => action === 'rewrite').length;
  const jumps = changes.filter(({ action }) => action === 'edit').flatMap(({ rules }) => rules);
  const counts = [
    counted(deleted, 'chain deleted', 'chains deleted'),
    counted(jumps.length, 'jump removed', 'jumps removed'),
    counted(emptied, 'chain emptied', 'chains emptied'),
  ];
  return `${step.family} rules (${step.tools.variant}): ${counts.filter(Boolean).join(', ')}`;
}

function counted(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`;
}

function undoneLine(change: HostChange): string {
  return change.kind === 'sysctl'
    ? `${change.name}: ${change.before} again, was set to ${change.after} by vipc`
    : `nfacct object ${change.name}: deleted`;
}

function keptLines({ family, variant, table, chain, by }: KeptChain): readonly string[] {
  return [
    `${family} rules (${variant}): ${chain} of table ${table} stays, empty, because a foreign rule jumps to it:`,
    `  ${by}`,
  ];
}

/** The commands that would be run, each with its input, as a script that a person can read. */
function cleanupInputs(cleanup: Cleanup): string {
  if (isNothing(cleanup)) return nothingText(cleanup);
  const { steps, settings, kept } = cleanup;
  const loads = steps.map((step) =>
    step.kind === 'table'
      ? `# run nft delete table ${step.name}\n`
      : `# ${step.family}: load with ${step.tools.restore} --noflush\n${step.input}`,
  );
  const undone = settings.map((change) =>
    change.kind === 'sysctl'
      ? `# set ${change.name} to ${change.before}, if it is still ${change.after}\n`
      : `# run nfacct delete ${change.name}\n`,
  );
  return [...loads, ...undone, ...kept.flatMap(keptLines).map((line) => `# ${line}\n`)].join('');
}

function cleanupContent(cleanup: Cleanup, dryRun: boolean): object {
  const { settings, kept } = cleanup;
  const steps = cleanup.steps.map((step) => {
    if (step.kind === 'table') {
      const { kind, family, name } = step;
      return { kind, family, name };
    }
    const { kind, family, tools, input, plan } = step;
    const chains = plan.changes.map((change) => ({
      table: change.table,
      chain: unitLabel(change),
      action: change.action,
      origin: change.origin,
      rules: change.rules.map(({ line }) => line),
    }));
    return { kind, family, variant: tools.variant, program: tools.restore, input, chains };
  });
  return { dryRun, steps, settings, kept };
}
