/**
 * What an agent saves of its last good state, and what it accepts of it after whatever happened in
 * between.
 */

import { expect } from 'chai';
import { LastGood, readLastGood } from '../../../src/agent/observers/last-good.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { loadSnapshot } from '../../../src/snapshot/load.js';
import type { Snapshot } from '../../../src/snapshot/types.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';
import { until } from '../../support/until.js';
import { textOf } from './saved-text.js';

const PATH = '/var/lib/vipc/last-good.json';

function load(text: string): Snapshot {
  return loadSnapshot([{ name: 'x', text }]).snapshot;
}

function numbered(zone: string): Snapshot {
  return load(
    `apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {topology.kubernetes.io/zone: ${zone}}}\n`,
  );
}

const zoneOf = (snapshot: Snapshot | undefined): string =>
  snapshot?.nodes.get('n1')?.metadata.labels?.['topology.kubernetes.io/zone'] ?? '';

describe('agent/observers/last-good', () => {
  const file = (text: string): MemoryHost => new MemoryHost({ files: { [PATH]: text } });

  it('keeps names in any script', () => {
    const snapshot = numbered('"Zürich \\u6771\\U0001F600"');
    expect(zoneOf(load(textOf(snapshot)))).to.equal('Zürich 東😀');
  });

  it('does not use a file that was cut anywhere, or is none of ours', async () => {
    const text = textOf(numbered('a'));
    for (let length = 0; length < text.length; length++) {
      const { loaded, diagnostics } = await readLastGood(file(text.slice(0, length)), PATH);
      expect(loaded, String(length)).to.equal(undefined);
      expect(diagnostics.map(({ code }) => code)).to.deep.equal(['last-good-broken']);
    }
    for (const broken of [
      `${text}${text.slice(0, -9)}${text.slice(-4)}`,
      `{"a": \n]}\n`,
      text.replace('{"apiVersion":"v1","kind":"Node"', '{"apiVersion":"v1",,"kind":"Node"'),
      text.replace(/\n\{/, '\n[1],\n{'),
      'x\n]}\n',
    ])
      expect((await readLastGood(file(broken), PATH)).loaded, broken).to.equal(undefined);
    expect(await readLastGood(new MemoryHost(), PATH)).to.deep.equal({
      loaded: undefined,
      diagnostics: [],
    });
  });

  it('lets the event loop turn while it reads', async () => {
    const snapshot = load(
      Array.from(
        { length: 100 },
        (_, i) => `{kind: Node, apiVersion: v1, metadata: {name: n${i}}}`,
      ).join('\n---\n'),
    );
    let turns = 0;
    let time = 0;
    const immediate = (): void => {
      turns++;
      next = setImmediate(immediate);
    };
    let next = setImmediate(immediate);
    // Each step takes the time that one turn may.
    const clock = { now: () => (time += 20) };
    const { loaded } = await readLastGood(file(textOf(snapshot)), PATH, clock);
    clearImmediate(next);
    expect(loaded?.snapshot.nodes.size).to.equal(100);
    // Each object is parsed in one step and checked in another.
    expect(turns).to.be.at.least(200);
  });

  it('leaves out single objects that are not understood any more', async () => {
    const text = textOf(numbered('a')).replace(
      '"items":[',
      '"items":[\n{"apiVersion":"v1","kind":"Service","metadata":{"name":"odd","namespace":"x"},"spec":{"type":"Odd"}},',
    );
    const { loaded, diagnostics } = await readLastGood(file(text), PATH);
    expect(zoneOf(loaded?.snapshot)).to.equal('a');
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(['invalid-object']);
    expect([...(loaded?.incomplete ?? [])]).to.deep.equal(['x/odd']);
  });

  it('writes soon, then not before the time, and what is left at the end', async () => {
    const host = new MemoryHost();
    let writes = 0;
    const replace = host.replaceFile.bind(host);
    host.replaceFile = (path, text) => {
      writes++;
      return replace(path, text);
    };
    const noticed: Diagnostic[] = [];
    const saved = (): string => zoneOf(load(host.files.get(PATH) ?? ''));
    const lastGood = new LastGood({
      host,
      path: PATH,
      every: 3_600_000,
      noticed: (some) => noticed.push(...some),
    });
    const first = numbered('a');
    lastGood.applied(first);
    await until(() => saved() === 'a');
    lastGood.applied(first);
    lastGood.applied(numbered('b'));
    lastGood.applied(numbered('c'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(saved()).to.equal('a');
    await lastGood.close();
    expect(saved()).to.equal('c');
    expect(writes).to.equal(2);
    lastGood.applied(numbered('d'));
    await lastGood.close();
    expect(saved()).to.equal('d');
    await lastGood.close();
    expect(writes).to.equal(3);
    expect(noticed).to.deep.equal([]);
  });

  it('goes on when the time has come, also after a write that failed', async () => {
    const host = new MemoryHost();
    const replace = host.replaceFile.bind(host);
    let full = true;
    host.replaceFile = async (path, text) => {
      if (full) throw new Error('ENOSPC: no space left on device');
      await replace(path, text);
    };
    const noticed: Diagnostic[] = [];
    const lastGood = new LastGood({
      host,
      path: PATH,
      every: 5,
      noticed: (some) => noticed.push(...some),
    });
    lastGood.applied(numbered('a'));
    await until(() => noticed.length > 1);
    expect(noticed[0]).to.include({
      code: 'last-good-not-written',
      message: `${PATH} cannot be written: ENOSPC: no space left on device`,
    });
    full = false;
    await until(() => host.files.has(PATH));
    lastGood.applied(numbered('b'));
    await until(() => zoneOf(load(host.files.get(PATH) ?? '')) === 'b');
    await lastGood.close();
  });
});
