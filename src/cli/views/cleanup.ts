/** What `vipc cleanup` did or would do, for a person and for scripts. */

import type { Cleanup, CleanupStep, KeptChain } from '../../apply/cleanup.js';
import type { Diagnostic } from '../../diagnostics.js';

/** One line per step and per chain that stays; says so where there was nothing to do. */
export function cleanupText({ steps, kept }: Cleanup): string {
  if (steps.length === 0 && kept.length === 0)
    return 'nothing to do: no rules of kube-proxy or vipc are here\n';
  return [...steps.map(doneLine), ...kept.flatMap(keptLines)].map((line) => `${line}\n`).join('');
}

function doneLine(step: CleanupStep): string {
  if (step.kind === 'table') return `${tableOf(step)}: deleted`;
  const { changes } = step.plan;
  const deleted = changes.filter(({ action }) => action === 'delete').length;
  const emptied = changes.filter(({ action }) => action === 'rewrite').length;
  const jumps = changes.filter(({ action }) => action === 'edit').flatMap(({ rules }) => rules);
  const counts = [
    counted(deleted, 'chain deleted', 'chains deleted'),
    counted(jumps.length, 'jump removed', 'jumps removed'),
    counted(emptied, 'chain emptied', 'chains emptied'),
  ];
  return `${step.family} rules (${step.variant}): ${counts.filter(Boolean).join(', ')}`;
}

function counted(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`;
}

function tableOf(step: CleanupStep): string {
  return step.command.args.slice(1).join(' ');
}

function keptLines({ family, variant, table, chain, by }: KeptChain): readonly string[] {
  return [
    `${family} rules (${variant}): ${chain} of table ${table} stays, empty, because a foreign rule jumps to it:`,
    `  ${by}`,
  ];
}

/** The commands that would be run, each with its input, as a script that a person can read. */
export function cleanupInputs({ steps, kept }: Cleanup): string {
  if (steps.length === 0) return cleanupText({ steps, kept, diagnostics: [] });
  const texts = steps.map(({ family, command }) => {
    const words = [command.command, ...command.args].join(' ');
    return command.input === undefined
      ? `# run ${words}\n`
      : `# ${family}: load with ${words}\n${command.input}`;
  });
  return [...texts, ...kept.flatMap(keptLines).map((line) => `# ${line}\n`)].join('');
}

/** The same as one JSON document. */
export function cleanupJson(
  { steps, kept }: Cleanup,
  diagnostics: readonly Diagnostic[],
  dryRun: boolean,
): string {
  const shown = steps.map((step) => {
    const { kind, family, command } = step;
    const run = [command.command, ...command.args];
    if (step.kind === 'table') return { kind, family, command: run };
    const chains = step.plan.changes.map(({ table, chain, action, origin, rules }) => ({
      table,
      chain,
      action,
      origin,
      rules: rules.map(({ line }) => line),
    }));
    return { kind, family, variant: step.variant, command: run, input: command.input, chains };
  });
  return `${JSON.stringify({ dryRun, steps: shown, kept, diagnostics }, null, 2)}\n`;
}
