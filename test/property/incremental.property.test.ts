/**
 * Compiling what changed gives what compiling everything gives, and leaves alone what did not
 * change.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { entryOf } from '../../src/model/entries.js';
import type { Family } from '../../src/net/ip.js';
import { type Compiled, compileSnapshot, print } from '../../src/pipeline.js';
import { indexSnapshot } from '../../src/snapshot/index-objects.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type Node,
  objectRef,
  type Service,
  type Snapshot,
} from '../../src/snapshot/types.js';
import { type SnapshotChange, updateSnapshot } from '../../src/snapshot/update.js';
import { property, propertyUntil, runs } from '../support/arbitrary/property.js';
import { change, cluster, keyOf, options } from '../support/arbitrary/snapshot.js';
import { TESTED_BACKENDS } from '../support/cases/backends.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

function snapshotOf(objects: readonly unknown[]): Snapshot {
  return loadSnapshot([
    { name: 'cluster', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) },
  ]).snapshot;
}

/** Objects as they are, nothing filled in: what a watch delivers. */
function indexed(objects: readonly KubernetesObject[]): Snapshot {
  return indexSnapshot({
    services: objects.filter((object) => object.kind === 'Service'),
    slices: objects.filter((object) => object.kind === 'EndpointSlice'),
    nodes: objects.filter((object) => object.kind === 'Node'),
    serviceCidrs: [],
  });
}

/** Everything that a caller can see of a compilation. */
function visible({ ruleset, diagnostics, model }: Compiled): object {
  return {
    text: print(ruleset),
    origins: ruleset.ports.map(({ origin }) => origin),
    fragments: ruleset.ports.map(({ text }) => text),
    diagnostics,
    ports: model.ports,
    context: model.context,
  };
}

/**
 * How many fragments of Services that the change did not touch there are; each must be the same
 * value as before.
 */
function checkKept(before: Compiled, after: Compiled, old: Snapshot, fresh: Snapshot): number {
  if (before.model.context !== after.model.context) return 0;
  if (before.model.serviceContext !== after.model.serviceContext) return 0;
  const kept = new Map(before.ruleset.ports.map((fragment) => [fragment.origin, fragment]));
  let untouched = 0;
  for (const [i, port] of after.model.ports.entries()) {
    const name = port.service;
    const same =
      old.services.get(name) === fresh.services.get(name) &&
      old.slices.get(name) === fresh.slices.get(name);
    const claims = entryOf(after.model.entries, name)?.claims ?? [];
    const contested = claims.some(
      ({ key }) => before.model.winners.has(key) || after.model.winners.has(key),
    );
    if (!same || contested) continue;
    const fragment = after.ruleset.ports[i];
    expect(fragment === kept.get(fragment?.origin ?? ''), `${fragment?.origin} is kept`).to.equal(
      true,
    );
    untouched++;
  }
  return untouched;
}

for (const { mode } of TESTED_BACKENDS) {
  const compile: typeof compileSnapshot = (snapshot, family, given, previous) =>
    compileSnapshot(snapshot, family, { ...given, mode }, previous);

  describe(`properties of recompiling in mode ${mode}`, () => {
    it('after any sequence of changes it equals a fresh compile, and keeps untouched fragments', () => {
      let untouched = 0;
      propertyUntil(
        () => untouched > 2 * runs,
        fc.property(
          cluster,
          options,
          fc.array(change, { minLength: 1, maxLength: 6 }),
          (objects, given, changes) => {
            for (const family of FAMILIES) {
              let snapshot = snapshotOf(objects);
              let compiled = compile(snapshot, family, given);
              for (const step of changes) {
                const next = updateSnapshot(snapshot, step);
                const again = compile(next, family, given, compiled);
                expect(visible(again)).to.deep.equal(visible(compile(next, family, given)));
                untouched += checkKept(compiled, again, snapshot, next);
                [snapshot, compiled] = [next, again];
              }
            }
          },
        ),
      );
      expect(untouched, 'fragments that were kept').to.be.greaterThan(2 * runs);
    });

    it('a change of options in between is noticed', () => {
      property(
        fc.property(
          cluster,
          fc.array(options, { minLength: 2, maxLength: 4 }),
          change,
          (objects, lives, step) => {
            for (const family of FAMILIES) {
              let snapshot = snapshotOf(objects);
              let compiled: Compiled | undefined;
              for (const given of lives) {
                const again: Compiled = compile(snapshot, family, given, compiled);
                expect(visible(again)).to.deep.equal(visible(compile(snapshot, family, given)));
                compiled = again;
                snapshot = updateSnapshot(snapshot, step);
              }
            }
          },
        ),
      );
    });

    it('without a change everything is the value that it was', () => {
      property(
        fc.property(cluster, options, (objects, given) => {
          const snapshot = snapshotOf(objects);
          const first = compile(snapshot, 'IPv4', given);
          const second = compile(updateSnapshot(snapshot, {}), 'IPv4', given, first);
          expect(second.ruleset.frame === first.ruleset.frame).to.equal(true);
          expect(second.model.context === first.model.context).to.equal(true);
          for (const [i, fragment] of second.ruleset.ports.entries())
            expect(fragment === first.ruleset.ports[i], fragment.origin).to.equal(true);
        }),
      );
    });

    it('doing a change and undoing it gives the same bytes', () => {
      property(
        fc.property(cluster, options, change, (objects, given, step) => {
          const snapshot = snapshotOf(objects);
          const first = compile(snapshot, 'IPv4', given);
          const changed = updateSnapshot(snapshot, step);
          const second = compile(changed, 'IPv4', given, first);
          const back = updateSnapshot(changed, undo(snapshot, changed));
          expect(visible(compile(back, 'IPv4', given, second))).to.deep.equal(visible(first));
        }),
      );
    });
  });
}

describe('properties of updating', () => {
  it('a snapshot after changes is the snapshot of the objects that are left', () => {
    property(
      fc.property(cluster, fc.array(change, { minLength: 1, maxLength: 6 }), (objects, changes) => {
        const left = new Map(objects.map((object) => [keyOf(object), object]));
        let snapshot = indexed(objects);
        for (const step of changes) {
          snapshot = updateSnapshot(snapshot, step);
          for (const { kind, namespace, name } of step.delete ?? [])
            left.delete(`${kind} ${namespace}/${name}`);
          for (const object of step.set ?? []) left.set(keyOf(object), object);
        }
        expect(snapshot).to.deep.equal(indexed([...left.values()]));
      }),
    );
  });
});

/** The change that leads from `after` back to `before`. */
function undo(before: Snapshot, after: Snapshot): SnapshotChange {
  const all = ({
    services,
    slices,
    nodes,
  }: Snapshot): ReadonlyMap<string, Service | EndpointSlice | Node> =>
    new Map(
      [...services.values(), ...[...slices.values()].flat(), ...nodes.values()].map((object) => [
        keyOf(object),
        object,
      ]),
    );
  const [old, fresh] = [all(before), all(after)];
  return {
    set: [...old.values()],
    delete: [...fresh].filter(([key]) => !old.has(key)).map(([, object]) => objectRef(object)),
  };
}
