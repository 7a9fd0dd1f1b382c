/** Services of a report that were not compiled, in any number. */

import type { ReportSummary } from '../../../src/report/page.js';
import type { ShownService } from '../../../src/report/service.js';
import type { ReachedFrom, State } from '../../../src/report/types.js';

export const SUMMARY: ReportSummary = {
  title: 'node worker-1',
  version: '0.0.0',
  made: '2026-01-02T03:04:05.000Z',
  facts: [['Mode', 'iptables']],
  findings: [],
  tables: [],
  clients: [
    ['pod', 'pods of this node'],
    ['node', 'the node itself'],
    ['outside', 'everybody else'],
  ],
  rulesOf: '',
};

const ANSWERED: ReachedFrom = {
  ...{ verdict: 'answered', pool: 'cluster', share: '1/2', masquerade: false },
  words: '1/2 to each of 2 endpoints, source kept',
};

/** Services `test/svc-00000` and on, every tenth with a problem. */
export function manyServices(count: number): readonly ShownService[] {
  return Array.from({ length: count }, (_, i) =>
    shownService(`test/svc-${String(i).padStart(5, '0')}`, i, i % 10 === 9 ? 'problem' : 'ok'),
  );
}

/** A Service with one port and two endpoints. */
export function shownService(name: string, i: number, state: State): ShownService {
  const address = `10.96.${i >> 8}.${i & 255}`;
  const findings =
    state === 'ok'
      ? []
      : [
          {
            state,
            source: 'lint x',
            text: `${name} fails`,
            hint: '',
            next: '',
            place: '',
            lines: [],
          },
        ];
  return {
    row: [name, state, 'ClusterIP', [address], ['80/TCP'], 2, 2, findings.length],
    detail: {
      ...{
        name,
        state,
        type: 'ClusterIP',
        addresses: [address],
        selector: `app=${name}`,
        findings,
      },
      ...{ answered: [], policies: [], leftOut: [] },
      ports: [
        {
          ...{ title: 'http 80/TCP', family: 'IPv4' },
          addresses: [
            {
              ...{ kind: 'cluster IP', where: `${address}:80`, sources: [], refuted: false },
              clients: [ANSWERED, ANSWERED, ANSWERED],
            },
          ],
          endpoints: ['10.244.0.1:8080', '10.244.1.1:8080'].map((target) => ({
            ...{ target, place: `worker-1, Pod ${name}`, cluster: '1/2', local: '', unused: '' },
          })),
          rules: [{ table: 'nat', chain: 'KUBE-SVC-X', rules: [['-A KUBE-SVC-X', 'go on']] }],
        },
      ],
    },
  };
}
