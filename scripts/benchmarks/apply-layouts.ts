/** What layout fast costs beside kube-proxy's layout, from cells of one run. */

import type { Variant } from './apply-raw.js';
import type { Gathered } from './cells.js';
import { cpuName } from './measuring.js';
import { median, table } from './report.js';

/** Megabytes of the tool of a first load. */
export const TOOL_MEMORY = 'memory of the tool alone';

/** How many times as much kube-proxy's layout is to cost, by the tool; at 5,000 or 10,000 x 10. */
const GOALS: Readonly<Record<Variant, Readonly<Record<string, string>>>> = {
  nf_tables: {
    'first load': '>= 4',
    'save after it': '>= 3',
    'one slice changed': '>= 2',
    [TOOL_MEMORY]: '>= 2.2',
  },
  legacy: { 'first load': '>= 3', 'one slice changed': '>= 2.5' },
  nftables: { 'first load': '>= 4' },
};

/** Processor time by the tool and through vipc, and the memory of the tool. */
export function layoutTable(variant: Variant, theirs: Gathered, ours: Gathered): string {
  const ratio = (name: string): string => {
    const [slow, fast] = [theirs, ours].map((found) => sum(found.get(name) ?? []));
    return ((slow ?? 0) / (fast ?? 0)).toFixed(2);
  };
  const row = (what: string): readonly string[] => [
    what,
    ...['tool', 'vipc'].map((by) => ratio(cpuName(`${what}, ${by}`))),
    GOALS[variant][what] ?? '',
  ];
  const [theirMemory, ourMemory] = [theirs, ours].map((found) =>
    median(found.get(TOOL_MEMORY) ?? []),
  );
  return table([
    ["processor time, kube-proxy's layout / fast", 'the tool alone', 'vipc', 'goal for the tool'],
    ...['first load', 'save after it', 'one slice changed'].map(row),
    [
      TOOL_MEMORY,
      `${theirMemory?.toFixed(0)} / ${ourMemory?.toFixed(0)} MB = ${ratio(TOOL_MEMORY)}`,
      '',
      GOALS[variant][TOOL_MEMORY] ?? '',
    ],
  ]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
