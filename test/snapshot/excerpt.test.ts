/** An excerpt says of a Service what the whole says, and its places are those of the whole. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { BACKENDS } from '../../src/backends/index.js';
import { listLines, listText } from '../../src/cli/cluster.js';
import { checksOf } from '../../src/explain/all-checks.js';
import { explainService } from '../../src/explain/service.js';
import type { Source } from '../../src/input/source.js';
import { type StoredSource, storedIn } from '../../src/input/stored-source.js';
import { buildModel } from '../../src/model/build.js';
import { modelSettings } from '../../src/pipeline.js';
import { excerptOf } from '../../src/snapshot/excerpt.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { locate } from '../../src/snapshot/locate.js';
import { namespacedName } from '../../src/snapshot/types.js';
import { propertyUntil } from '../support/arbitrary/property.js';
import { cluster } from '../support/arbitrary/snapshot.js';

const FORMS = ['yaml', 'json'] as const;
const STORY = readFileSync('fixtures/explain/cluster.yaml', 'utf8');
const PRINTED = FORMS.map((form) => readFileSync(`fixtures/kubectl/get-all.${form}`, 'utf8'));
/** What kubectl prints, and the same on one line. */
const KUBECTL = [...PRINTED, JSON.stringify(JSON.parse(PRINTED[1] ?? ''))];

/** Everything that is explained about a Service. */
function explained(sources: readonly Source[], name: string, nodeName: string): object {
  const loaded = loadSnapshot(sources, { workloads: true });
  const models = (['IPv4', 'IPv6'] as const).map((family) =>
    buildModel(loaded.snapshot, modelSettings({ nodeName }), family),
  );
  const found = explainService(name, models, BACKENDS.iptables.behaviour);
  return { found, checks: found && checksOf({ explained: found, loaded, models }) };
}

/** The length of the excerpt where it says the same as the whole; 0 where the whole is needed. */
function compared(text: string, service: string, nodeName: string): number {
  const whole = [{ name: 'whole', text }];
  const excerpt = excerptOf(whole, { service, nodeName });
  if (excerpt === undefined) return 0;
  const parts = explained(excerpt.sources, service, nodeName);
  expect(parts, service).to.deep.equal(explained(whole, service, nodeName));
  return excerpt.sources[0]?.text.length ?? 0;
}

describe('snapshot/excerpt', () => {
  it('says the same as the whole, of any Service in any cluster', () => {
    let excerpts = 0;
    propertyUntil(
      () => excerpts > 0,
      fc.property(cluster, fc.constantFrom(...FORMS, 'lines'), (objects, form) => {
        const raw = objects.map((object) => ({ ...object }));
        const text = form === 'lines' ? listLines(raw) : listText(raw, form);
        for (const object of objects)
          if (
            object.kind === 'Service' &&
            compared(text, namespacedName(object.metadata), 'node-1') > 0
          )
            excerpts++;
      }),
      2,
    );
    expect(excerpts).to.be.above(0);
  });

  it('says the same of what kubectl prints, in all forms, and is shorter', () => {
    for (const text of KUBECTL)
      for (const name of ['web', 'web-lb', 'web-nodeport', 'manual', 'empty-lb'])
        expect(compared(text, `shop/${name}`, 'node-a')).to.be.within(1000, text.length - 1000);
    expect(compared(STORY, 'shop/web', 'worker-1')).to.be.within(1000, STORY.length - 1000);
  });

  it('finds the Service and its slices in different files', () => {
    const at = STORY.indexOf('- addressType');
    const tail = 'kind: List\nmetadata:\n  resourceVersion: ""\n';
    const texts = [`${STORY.slice(0, at)}${tail}`, `apiVersion: v1\nitems:\n${STORY.slice(at)}`];
    const sources = texts.map((text, i) => ({ name: `${i}`, text }));
    const excerpt = excerptOf(sources, { service: 'shop/cart', nodeName: 'worker-1' });
    expect(explained(excerpt?.sources ?? [], 'shop/cart', 'worker-1')).to.deep.equal(
      explained([{ name: 'all', text: STORY }], 'shop/cart', 'worker-1'),
    );
  });

  it('needs the whole where a part of the answer may be anywhere', () => {
    const needsWhole = (text: string, service = 'shop/cart'): void => {
      expect(compared(text, service, 'worker-1')).to.equal(0);
    };
    needsWhole(STORY, 'shop/none');
    needsWhole(STORY.replace('service-name: cart', 'service-name: crat'));
    needsWhole(STORY.replaceAll(/ {4}clusterIP.*\n(?: {4}- .*\n)?/g, ''));
    needsWhole(`${STORY}---\n${STORY}`);
    needsWhole(`# a comment\n${STORY}`);
    needsWhole(STORY.replaceAll('\n', '\r\n'));
    needsWhole('{"apiVersion":"v1","kind":"List","items":[]}');
  });

  it('decodes what is wanted alone', () => {
    const fileOf = (text: string): StoredSource => ({
      name: 'all',
      bytes: storedIn(Buffer.from(text.replace('@', '\xff'), 'latin1')),
      get text(): string {
        throw new Error('the whole is decoded');
      },
    });
    const question = { service: 'shop/cart', nodeName: 'worker-1' } as const;
    const other = STORY.replace('    name: web\n', '    annotations: {a: "@"}\n    name: web\n');
    const own = STORY.replace('    name: cart\n', '    annotations: {a: "@"}\n    name: cart\n');
    for (const text of [other, own]) expect(text).to.include('@');
    const excerpt = excerptOf([fileOf(other)], question);
    expect(explained(excerpt?.sources ?? [], 'shop/cart', 'worker-1')).to.deep.equal(
      explained([{ name: 'all', text: STORY }], 'shop/cart', 'worker-1'),
    );
    const [whole] = excerptOf([fileOf(own)], question)?.sources ?? [];
    expect(() => whole?.text, 'no UTF-8').to.throw('the whole is decoded');
  });

  it('takes every Node where the one that is asked about is not there, or none is named', () => {
    for (const nodeName of ['worker-9', '']) {
      const sources = [{ name: 'all', text: STORY }];
      const excerpt = excerptOf(sources, { service: 'shop/cart', nodeName });
      expect([...loadSnapshot(excerpt?.sources ?? []).snapshot.nodes.keys()]).to.have.length(2);
    }
  });

  it('finds items wherever a part of a file ends', () => {
    for (const lines of [500, 3000, 12_000, 40_000]) {
      const long = `    annotations:\n      a: |\n${'        - kind: x\n'.repeat(lines)}    name: web\n`;
      const text = STORY.replace('    name: web\n', long);
      expect(compared(text, 'shop/cart', 'worker-1')).to.be.within(1000, STORY.length);
    }
  });

  it('keeps the places of the whole', () => {
    const wrong = '10.96.95.300';
    for (const text of KUBECTL.map((good) =>
      good.replace(/clusterIPs"?:\s*\S?\s*"?10\.96\.95\.120/, (found) =>
        found.replace('10.96.95.120', wrong),
      ),
    )) {
      expect(text).to.include(wrong);
      const whole = [{ name: 'all', text: text.replace('creationTimestamp', 'größe') }];
      const excerpt = excerptOf(whole, { service: 'shop/web', nodeName: 'node-a' });
      const placesIn = (sources: readonly Source[]) => {
        const loaded = loadSnapshot(sources);
        const { diagnostics } = buildModel(loaded.snapshot, modelSettings(), 'IPv4');
        return locate(diagnostics, loaded, sources).flatMap(({ object, position }) =>
          object?.name === 'web' && position !== undefined ? [position] : [],
        );
      };
      const restored = placesIn(excerpt?.sources ?? []).map((one) => excerpt?.restore(one));
      expect(restored).to.deep.equal(placesIn(whole));
      expect(restored).to.not.be.empty;
    }
  });
});
