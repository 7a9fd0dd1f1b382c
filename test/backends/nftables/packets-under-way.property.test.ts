/**
 * A packet that is under way while nft changes the table keeps the rules that it began with, and
 * looks elements up as they are when it comes to them. Whoever asks for a Service that is served
 * before and after finds an endpoint all the same.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { Compilation } from '../../../src/backends/backend.js';
import { BACKENDS } from '../../../src/backends/index.js';
import {
  elementKey,
  elementValue,
  referencesOf,
} from '../../../src/backends/nftables/syntax/line-text.js';
import { compileSnapshot } from '../../../src/pipeline.js';
import type { KubernetesObject } from '../../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../../model/support.js';
import { propertyUntil } from '../../support/arbitrary/property.js';
import { MemoryNft } from '../../support/kernels/memory-nft.js';

const backend = BACKENDS.nftables;
const options = { layout: backend.layouts.find(({ name }) => name === 'fast')!, nodeName: 'here' };

type Contents = ReadonlyMap<string, readonly string[]>;

/** The chain that a frontend leads to, by map and key. */
function frontends(units: Contents): ReadonlyMap<string, string> {
  return new Map(
    ['service-ips', 'service-nodeports'].flatMap((map) =>
      (units.get(map) ?? []).map((line) => {
        const [chain] = referencesOf(line).filter(({ kind }) => kind === 'chain');
        return [`${map} ${elementKey(line)}`, chain!.name] as const;
      }),
    ),
  );
}

/** A chain with those that it leads to. */
function reached(units: Contents, first: string): readonly string[] {
  const found = new Set([first]);
  for (const name of found)
    for (const { kind, name: next } of (units.get(name) ?? []).flatMap(referencesOf))
      if (kind === 'chain') found.add(next);
  return [...found];
}

/** What the chains behind a frontend draw from: how many numbers, and from which map. */
function draws(units: Contents, first: string): readonly { map: string; size: number }[] {
  return reached(units, first)
    .flatMap((name) => units.get(name) ?? [])
    .flatMap((rule) => {
      const [, size, map] = / numgen random mod (\d+) map @(\S+)/.exec(rule) ?? [];
      return map === undefined ? [] : [{ map, size: Number(size) }];
    });
}

/** The numbers behind a key in a map. */
function numbers(units: Contents, map: string, key: string): ReadonlySet<number> {
  return new Set(
    (units.get(map) ?? [])
      .filter((line) => elementKey(line).startsWith(`${key} . `) && elementValue(line) !== '')
      .map((line) => Number(elementKey(line).slice(key.length + 3))),
  );
}

/** How many frontends lead to another chain than before. */
function checkTransaction(before: Contents, after: Contents): number {
  const old = frontends(before);
  let moved = 0;
  for (const [frontend, chain] of frontends(after)) {
    const key = frontend.slice(frontend.indexOf(' ') + 1);
    for (const { map, size } of draws(after, chain)) {
      const there = [...numbers(after, map, key)];
      for (let n = 0; n < size; n++) expect(there, `${frontend} ${chain}`).to.include(n);
    }
    const was = old.get(frontend);
    if (was === undefined) continue;
    if (was !== chain) moved++;
    // With the rules of before, and the elements of after.
    for (const name of reached(after, chain))
      expect(before.get(name) ?? [], `${frontend} is led to ${name}`).to.not.deep.equal([]);
    const drawn = draws(before, was);
    for (const { map } of drawn) {
      const there = numbers(after, map, key);
      const largest = Math.max(...drawn.filter((one) => one.map === map).map(({ size }) => size));
      for (let n = 0; there.size > 0 && n < largest; n++) {
        const isFound = there.has(n) || drawn.some((one) => one.map === map && one.size === 1);
        expect(isFound && there.has(0), `${frontend} draws ${n} of ${map}`).to.equal(true);
      }
    }
  }
  return moved;
}

const POLICIES = [
  {},
  {
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
  },
  { type: 'NodePort', internalTrafficPolicy: 'Local', externalIPs: ['192.0.2.1'] },
] as const;

/** Endpoints of each of three Services, a third of them on the node. */
const endpoints = fc.tuple(
  ...POLICIES.map(() => fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 24 })),
);

function objects(pools: readonly (readonly number[])[]): readonly KubernetesObject[] {
  return POLICIES.flatMap((policy, i) => [
    service(`s${i}`, { clusterIP: `10.96.0.${i + 1}`, ...policy }),
    slice(
      `s${i}`,
      (pools[i] ?? []).map((n) => ({
        addresses: [`10.180.0.${n}`],
        nodeName: n % 3 === 0 ? 'here' : 'elsewhere',
      })),
    ),
  ]);
}

describe('nftables: packets under way during a change', () => {
  it('find an endpoint in layout fast', () => {
    let moved = 0;
    propertyUntil(
      () => moved > 0,
      fc.property(endpoints, fc.array(endpoints, { minLength: 1, maxLength: 3 }), (first, then) => {
        const compile = (pools: typeof first, before?: Compilation): Compilation =>
          compileSnapshot(snapshotOf(...objects(pools)), 'IPv4', options, before);
        let compiled = compile(first);
        const nft = new MemoryNft();
        expect(nft.load(backend.print(compiled.ruleset))).to.equal('');
        for (const step of then) {
          const next = compile(step, compiled);
          const plan =
            backend.planUpdate(compiled.ruleset, next.ruleset) ??
            backend.read(backend.print(compiled.ruleset)).plan(next.ruleset);
          for (const input of backend.input(plan, { variant: 'nf_tables', twoSteps: false })) {
            const before = nft.contents('ip kube-proxy');
            expect(nft.load(input.text)).to.equal('');
            moved += checkTransaction(before, nft.contents('ip kube-proxy'));
          }
          compiled = next;
        }
      }),
      0.4,
    );
    expect(moved, 'frontends that go on to another chain').to.be.above(0);
  });
});
