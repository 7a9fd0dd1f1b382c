/**
 * The differences in few words: one line per Service port (`--stat`), or names alone (`-o name`).
 */

import { serviceOf } from '../../ruleset/types.js';
import type { DiffResult } from '../comparison.js';
import { count } from './counts.js';
import { concerned, totalText } from './diff.js';

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;

/**
 * One line per family and Service port with the chains and rules that differ; the last line counts
 * them.
 */
export function differencesStat({ compared, host }: DiffResult): string {
  const rows = compared.flatMap(({ summary, shared, versions }) => [
    ...(versions === undefined
      ? []
      : [
          {
            name: `~ ${summary.family} rules of kube-proxy ${versions.writer}`,
            numbers: `${count(versions.rules, 'rule')} of ${concerned(versions.origins)}`,
          },
        ]),
    ...(shared?.settings ?? []).map(({ name, kernel, wanted }) => ({
      name: `~ ${summary.family} ${name} ${kernel || 'none'} -> ${wanted || 'none'}`,
      numbers: `${count(shared?.rules ?? 0, 'rule')} of ${concerned(shared?.origins ?? [])}`,
    })),
    ...summary.services.map(({ origin, state, chains }) => {
      const rules = chains.reduce((sum, chain) => sum + chain.rules.length, 0);
      return {
        name: `${SIGNS[state]} ${summary.family} ${origin === '' ? 'every node' : origin}`,
        numbers: `${count(chains.length, 'chain')}, ${count(rules, 'rule')}`,
      };
    }),
  ]);
  const width = rows.reduce((most, { name }) => Math.max(most, name.length), 0);
  const lines = rows.map(({ name, numbers }) => `${name.padEnd(width)} | ${numbers}`);
  if (host.length > 0) lines.push(`~ ${count(host.length, 'setting')} of this machine`);
  return [...lines, totalText(compared) || 'no differences in the rules']
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Each Service that differs once, as `namespace/name`; `node` for the rules that every node has.
 */
export function differencesNames({ compared }: DiffResult): string {
  const origins = compared.flatMap(({ summary, shared, versions }) => [
    ...(shared === undefined ? [] : ['']),
    ...(versions?.origins ?? []),
    ...summary.services.map(({ origin }) => origin),
  ]);
  const names = new Set(origins.map((origin) => serviceOf(origin) || 'node'));
  return [...names].map((name) => `${name}\n`).join('');
}
