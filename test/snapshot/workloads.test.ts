/** Pods and their owners are kept on request, and change nothing else. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadSnapshot } from '../../src/snapshot/load.js';

const text = readFileSync('fixtures/explain/cluster.yaml', 'utf8');
const names = (objects: readonly { readonly metadata: { readonly name: string } }[]): string[] =>
  objects.map(({ metadata }) => metadata.name);

describe('snapshot/workloads', () => {
  it('are kept where they are asked for', () => {
    const { workloads } = loadSnapshot([{ name: 'all', text }], { workloads: true });
    expect(names(workloads.pods)).to.deep.equal(['web-6d5f8c7b9-4xk2p', 'web-6d5f8c7b9-nb6dz']);
    expect(workloads.makers.map(({ kind, spec }) => [kind, spec.replicas])).to.deep.equal([
      ['Deployment', 2],
    ]);
  });

  it('are dropped otherwise, and the rest is the same', () => {
    const { workloads, ...others } = loadSnapshot([{ name: 'all', text }]);
    expect(workloads).to.deep.equal({ pods: [], makers: [] });
    const { workloads: _, ...same } = loadSnapshot([{ name: 'all', text }], { workloads: true });
    expect(others).to.deep.equal(same);
  });

  it('are no others than those of apps/v1 that have a template', () => {
    const odd = text
      .replace('replicas: 2', 'replicas: two')
      .concat('---\napiVersion: example.org/v1\nkind: Deployment\nmetadata: {name: other}\n');
    const { workloads } = loadSnapshot([{ name: 'all', text: odd }], { workloads: true });
    expect(workloads.makers).to.deep.equal([]);
  });
});
