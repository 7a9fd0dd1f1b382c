/** Collects what a check finds. */

import type { OwnChange } from '../backends/check/checker.js';
import type { Family } from '../net/ip.js';
import type { ChainChange, RuleChange } from '../plan/types.js';
import { unitKey, unitLabel } from '../plan/unit.js';
import type { Fragment } from '../ruleset/types.js';
import type { DriftFinding } from './types.js';

/** Changes beyond this number are only counted: everything was deleted. */
const MOST_KEPT = 256;

/**
 * Findings of a full check in chains of Services, kept until it is known which of these chains the
 * applier changed meanwhile.
 */
export class OwnChanges {
  readonly #kept: OwnChange[] = [];
  /** Findings beyond those that are kept. */
  readonly #more = new Map<Fragment, number>();

  add(own: OwnChange): void {
    if (this.#kept.length < MOST_KEPT) this.#kept.push(own);
    else {
      const count = FindingList.countOf(own.change);
      this.#more.set(own.fragment, (this.#more.get(own.fragment) ?? 0) + count);
    }
  }

  /** Adds the findings of fragments that are still loaded as the identical value. */
  giveTo(list: FindingList, now: ReadonlySet<Fragment>): void {
    for (const { fragment, change } of this.#kept) if (now.has(fragment)) list.addChange(change);
    for (const [fragment, count] of this.#more) if (now.has(fragment)) list.addCount(count);
  }
}

/** Whether `others` change every unit and rule that `changes` do. */
export function areWithin(
  changes: readonly ChainChange[],
  others: readonly ChainChange[],
): boolean {
  const known = new Map(others.map((change) => [unitKey(change), change]));
  return changes.every((change) => {
    const other = known.get(unitKey(change));
    if (other === undefined || other.action !== 'edit') return other !== undefined;
    const lines = new Set(other.rules.map(({ line }) => line));
    return change.action === 'edit' && change.rules.every(({ line }) => lines.has(line));
  });
}

/** Findings as reports carry them. */
export interface Findings {
  readonly findings: readonly DriftFinding[];
  readonly count: number;
}

/** Findings beyond this number are only counted: a table was emptied. */
const MOST_FINDINGS = 48;

/** Collects findings, of which it keeps the first ones and counts the rest. */
export class FindingList {
  readonly #family: Family;
  readonly #findings: DriftFinding[] = [];
  #count = 0;

  constructor(family: Family) {
    this.#family = family;
  }

  /** Adds the findings of a change. */
  addChange(change: ChainChange): void {
    const { action, kind, origin } = change;
    const table = tableOf(change);
    const chain = nameOf(change);
    if (kind === 'table' && action === 'create') this.add({ kind: 'table', table, chain, origin });
    else if (action === 'create' || action === 'delete')
      this.add({
        kind: 'chain',
        table,
        chain,
        origin,
        line: action === 'delete' ? `+ ${firstLine(change)}` : '',
      });
    else for (const rule of change.rules) this.#addRule(change, rule);
  }

  /** How many findings a change is. */
  static countOf({ action, rules }: ChainChange): number {
    return action === 'create' || action === 'delete' ? 1 : rules.length;
  }

  /** Adds findings that are only counted. */
  addCount(count: number): void {
    this.#count += count;
  }

  /** Adds one finding. */
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
      chain: nameOf(change),
      origin,
      line: `${op === 'add' ? '-' : '+'} ${line}`,
    });
  }
}

/** `kube-proxy` of `ip kube-proxy`. */
function tableOf({ table }: ChainChange): string {
  return table.slice(table.indexOf(' ') + 1);
}

/** Chains, sets and maps by their names alone. */
function nameOf(change: ChainChange): string {
  return change.kind === 'set' ? change.name : unitLabel(change);
}

function firstLine({ rules: [first], name }: ChainChange): string {
  return first?.line ?? name;
}
