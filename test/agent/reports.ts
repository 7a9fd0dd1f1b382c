/** Reports as observers get them, with a little of everything in them. */

import type { SyncReport } from '../../src/agent/observer.js';
import { oneTransaction } from '../../src/backends/transaction.js';
import type { DriftReport } from '../../src/drift/types.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot } from '../../src/pipeline.js';
import type { ChainChange, RuleChange } from '../../src/plan/types.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { service, slice } from '../support/cluster/small-cluster.js';

const items = [service('web', '10.96.0.1'), slice('web', ['10.0.0.1', '10.0.0.2', '10.0.0.3'])];
const { snapshot } = loadSnapshot([
  { name: 'cluster', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) },
]);

function chain(action: ChainChange['action'], ops: readonly RuleChange['op'][]): ChainChange {
  return {
    table: 'nat',
    kind: 'chain',
    name: `KUBE-${action}`,
    origin: '',
    action,
    lines: [],
    rules: ops.map((op) => ({ op, line: '-A X', origin: '', at: 'head' })),
  };
}

/** A full sync that changed something, left one Service out, and was read back. */
export function syncReport(family: Family = 'IPv4'): SyncReport {
  const { model, ruleset } = compileSnapshot(snapshot, family, { nodeName: 'n1' });
  const changes = [chain('create', ['add']), chain('rewrite', ['add']), chain('edit', ['remove'])];
  return {
    family,
    kind: 'full',
    seconds: 0.012,
    snapshot,
    incomplete: new Set(),
    model,
    ruleset,
    result: {
      family,
      plan: {
        ...{ family, backend: 'iptables', base: '', changes, comments: [], pinned: [] },
        leftovers: [chain('delete', [])],
        uncommented: [],
      },
      sent: ['abc', 'de'].map(oneTransaction),
      refused: [{ origin: 'shop/bad:http TCP', reason: 'no', line: '', file: '' }],
      diagnostics: [],
      from: 'kernel',
    },
    verified: true,
    triggered: [],
    diagnostics: [],
  };
}

/** A look that found a missing rule and a missing chain. */
export function driftReport(): DriftReport {
  const where = { family: 'IPv4', table: 'nat' } as const;
  return {
    family: 'IPv4',
    check: 'quick',
    seconds: 0.003,
    findings: [
      {
        ...where,
        kind: 'rule',
        chain: 'KUBE-SVC-X',
        origin: 'shop/web:http TCP',
        line: '- -A KUBE-SVC-X -j KUBE-SEP-Y',
      },
      { ...where, kind: 'chain', chain: 'KUBE-SERVICES', origin: '', line: '' },
    ],
    count: 2,
    repair: true,
  };
}
