/** Puts differences between what is wanted and what is there into the words of a report. */

import type { Family } from '../net/ip.js';
import type { ChainChange, RuleChange } from '../plan/types.js';
import type { DriftFinding } from './types.js';

/** What was found, as far as anybody wants to read it. */
export interface Findings {
  readonly findings: readonly DriftFinding[];
  readonly count: number;
}

/** More tell nobody more: somebody has emptied a table. */
const MOST_FINDINGS = 48;

/** Collects findings without keeping all of them. */
export class FindingList {
  readonly #family: Family;
  readonly #findings: DriftFinding[] = [];
  #count = 0;

  constructor(family: Family) {
    this.#family = family;
  }

  /** Takes in what a change says. */
  addChange(change: ChainChange): void {
    const { action, chain, origin } = change;
    const table = tableOf(change);
    if (chain === '' && action === 'create') this.add({ kind: 'table', table, chain, origin });
    else if (action === 'create' || action === 'delete')
      this.add({
        kind: 'chain',
        table,
        chain: nameOf(chain),
        origin,
        line: action === 'delete' ? `+ ${firstLine(change)}` : '',
      });
    else for (const rule of change.rules) this.#addRule(change, rule);
  }

  /** How many findings a change is. */
  static countOf({ action, rules }: ChainChange): number {
    return action === 'create' || action === 'delete' ? 1 : rules.length;
  }

  /** Takes in findings of which nobody knows more than their number. */
  addCount(count: number): void {
    this.#count += count;
  }

  /** Takes in one finding. */
  add(finding: Omit<DriftFinding, 'family' | 'line'> & { readonly line?: string }): void {
    this.#count++;
    if (this.#findings.length < MOST_FINDINGS)
      this.#findings.push({ line: '', ...finding, family: this.#family });
  }

  result(): Findings {
    return { findings: this.#findings, count: this.#count };
  }

  #addRule(change: ChainChange, { op, line, origin }: RuleChange): void {
    this.add({
      kind: line.startsWith('add element ') ? 'element' : 'rule',
      table: tableOf(change),
      chain: nameOf(change.chain),
      origin,
      line: `${op === 'add' ? '-' : '+'} ${line}`,
    });
  }
}

/** `kube-proxy` of `ip kube-proxy`. */
function tableOf({ table }: ChainChange): string {
  return table.slice(table.indexOf(' ') + 1);
}

/** Sets and maps are named with `@` among chains. */
function nameOf(chain: string): string {
  return chain.replace(/^@/, '');
}

function firstLine({ rules: [first], chain }: ChainChange): string {
  return first?.line ?? chain;
}
