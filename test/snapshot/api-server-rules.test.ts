/** Walks the rules of the API server in fixtures/api-server, row by row. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { diagnosticText } from '../../src/diagnostic-text.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { manifestNotes } from '../../src/snapshot/notes.js';
import { loadObjects, service } from './support.js';

type Outcome = 'refused' | 'endpoint' | 'warned' | 'ignored' | 'given';

interface Row {
  readonly rule: string;
  readonly change: object;
  readonly says?: string;
  readonly then: Outcome;
  readonly stored?: Outcome;
  readonly because?: string;
}

interface Table {
  readonly base: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
}

const FOLDER = new URL('../../fixtures/api-server/', import.meta.url);

/** What stands beside each object, so that rules are made of it. */
const SLICE = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'other', labels: { 'kubernetes.io/service-name': 's' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.1.9'] }],
  ports: [{ port: 8080 }],
};
const SERVICE = service('s', {
  ...{ clusterIP: '10.96.6.11', clusterIPs: ['10.96.6.11', 'fd00:10:96::11'] },
  ...{ ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
  ports: [{ port: 80 }],
});

/** RFC 7386. */
function patched(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return expanded(patch);
  const fields: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete fields[key];
    else fields[key] = patched(fields[key], value);
  }
  return fields;
}

/** `%3 of x%` is the text xxx, or where x is JSON of a map or a text, a list of three. */
function expanded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => patched({}, item));
  const [, count = '', unit = ''] = /^%(\d+) of (.*)%$/.exec(String(value)) ?? [];
  if (count === '') return value;
  if (!/^[{"]/.test(unit)) return unit.repeat(Number(count));
  return Array.from({ length: Number(count) }, (): unknown => JSON.parse(unit));
}

/** What is said about an object, and how the worst of it is taken. */
function judged(object: object): { readonly outcome: Outcome; readonly texts: readonly string[] } {
  const beside = 'kind' in object && object.kind === 'Service' ? SLICE : SERVICE;
  const { snapshot, unclaimed, diagnostics } = loadObjects([object, beside]);
  const all = [
    ...diagnostics,
    ...manifestNotes(snapshot, unclaimed),
    ...compileSnapshot(snapshot, 'IPv4').diagnostics,
    ...compileSnapshot(snapshot, 'IPv6').diagnostics,
  ].filter((found) => found.severity !== 'note' && isAbout(found, object));
  return { outcome: outcomeOf(all), texts: all.map(diagnosticText) };
}

function isAbout({ object: ref }: Diagnostic, object: object): boolean {
  return 'kind' in object && ref?.kind === object.kind && ref?.name !== 'other';
}

function outcomeOf(found: readonly Diagnostic[]): Outcome {
  const codes = found.map(({ code }) => code);
  if (codes.includes('invalid-object')) return 'refused';
  if (codes.includes('invalid-endpoint')) return 'endpoint';
  return found.length > 0 ? 'warned' : 'ignored';
}

describe('snapshot/api-server-rules', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
    const { base, rows } = load(readFileSync(new URL(file, FOLDER), 'utf8')) as Table;
    describe(file, () => {
      it('accepts the object without a change', () => {
        expect(judged(base)).to.deep.equal({ outcome: 'ignored', texts: [] });
      });

      for (const row of rows) {
        it(`${row.rule}: ${row.then}, ${row.says ?? row.because}`, () => {
          const object = patched(base, row.change) as object;
          const { outcome, texts } = judged(object);
          expect(outcome, texts.join('\n')).to.equal(row.then === 'given' ? 'ignored' : row.then);
          if (row.says !== undefined) expect(texts.join('\n')).to.include(row.says);
          else expect(texts).to.deep.equal([]);
        });

        it(`${row.rule}: as an API server has stored it, ${row.stored ?? 'followed'}`, () => {
          const stored = patched(row.change, { metadata: { uid: 'u' } });
          const { outcome, texts } = judged(patched(base, stored) as object);
          expect(outcome, texts.join('\n')).to.equal(row.stored ?? 'ignored');
        });
      }
    });
  }
});
