/** Whatever the input is: no exception, no polluted prototype, and good objects beside it load. */

import { expect } from 'chai';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import type { Source } from '../../src/input/source.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { locate } from '../../src/snapshot/locate.js';
import { property } from '../support/arbitrary/property.js';
import { anyText } from '../support/arbitrary/text.js';
import { pod, service } from './support.js';

const GOOD = service(
  'good',
  { clusterIP: '10.0.0.1', ports: [{ port: 80 }] },
  { namespace: 'safe' },
);

/** One object of each kind, every field in use: places for hostile values. */
const OBJECTS: readonly object[] = [
  service('web', {
    type: 'LoadBalancer',
    clusterIP: '10.0.0.2',
    clusterIPs: ['10.0.0.2'],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    selector: { app: 'web' },
    ports: [{ name: 'a', port: 80, protocol: 'TCP', targetPort: 'http', nodePort: 30080 }],
    externalIPs: ['1.2.3.4'],
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
    healthCheckNodePort: 30001,
  }),
  service('bare', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] }),
  pod('a', '10.1.0.1'),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.1.0.1'],
        conditions: { ready: true },
        hints: { forZones: [{ name: 'z' }] },
      },
    ],
    ports: [{ name: 'a', port: 8080 }],
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'bare' },
    subsets: [{ addresses: [{ ip: '10.1.0.1' }], ports: [{ port: 1 }] }],
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: {} },
    spec: { podCIDRs: ['10.0.0.0/24'] },
    status: { addresses: [{ type: 'InternalIP', address: '1.1.1.1' }] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'c' },
    spec: { cidrs: ['10.0.0.0/24'] },
  },
];

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'None',
    '\u0000',
    'a\nb',
    '"; rm -rf / #',
    '$(id)',
    '\u202e\u{1F4A9}',
    'x'.repeat(300),
    '__proto__',
    'constructor',
    -1,
    0,
    65536,
    1e308,
    2 ** 53,
    0.5,
    [],
    {},
    [null],
    [[]],
    true,
    '::ffff:1.2.3.4',
    '0.0.0.0/0',
    '999.1.1.1',
    JSON.parse(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    ),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

const PATHS = OBJECTS.flatMap((object, i) => pathsOf(object).map((path) => ({ i, path })));

/** The value with another one at a path. */
function replaceAt(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, i) => (`${i}` === `${step}` ? replaceAt(item, rest, by) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [step]: replaceAt(object[step], rest, by) };
}

/** Loads and locates; holds for every input. */
function survive(text: string): ReturnType<typeof loadSnapshot> {
  const sources: readonly Source[] = [{ name: 'f', text }];
  const loaded = loadSnapshot(sources);
  for (const { message, value = '', hint = '', position, code } of locate(
    loaded.diagnostics,
    loaded,
    sources,
  )) {
    expect(`${message}${value}${hint}`, code).not.to.match(/\p{Cc}/u);
    expect(message.length, code).to.be.below(1000);
    if (position === undefined) continue;
    const lines = text.split('\n');
    expect(position.line).to.be.within(1, lines.length);
    expect(position.column).to.be.within(1, (lines[position.line - 1]?.length ?? 0) + 1);
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).to.equal(false);
  expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  return loaded;
}

const isGoodThere = ({ snapshot }: ReturnType<typeof loadSnapshot>): boolean =>
  snapshot.services.has('safe/good');

describe('snapshot, hostile input', () => {
  it('survives any value at any place of any object, and loads the good one beside it', () => {
    property(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...PATHS), hostile), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const items = changes.reduce<unknown[]>(
            (objects, [{ i, path }, value]) =>
              objects.map((object, k) => (k === i ? safeReplace(object, path, value) : object)),
            [...OBJECTS],
          );
          const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items, GOOD] });
          expect(isGoodThere(survive(list))).to.equal(true);
          const documents = [...items, GOOD].map((item) => dump(item)).join('---\n');
          expect(isGoodThere(survive(documents))).to.equal(true);
        },
      ),
    );
  });

  it('survives unknown fields of any name', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'spec'),
    );
    property(
      fc.property(fc.constantFrom(...PATHS), name, hostile, ({ i, path }, key, value) => {
        const base = path.reduce<unknown>(
          (here, step) => (here as Record<string, unknown>)[step],
          OBJECTS[i],
        );
        if (typeof base !== 'object' || base === null || Array.isArray(base)) return;
        const text = JSON.stringify({ ...base, '\u0001': 0 }).replace(
          '"\\u0001":0',
          () => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
        );
        const object = JSON.stringify(replaceAt(OBJECTS[i], path, '\u0001')).replace(
          '"\\u0001"',
          () => text,
        );
        survive(object);
      }),
    );
  });

  it('survives text that was cut, doubled or overwritten', () => {
    const yaml = OBJECTS.map((object) => dump(object)).join('---\n');
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }, null, 1);
    const scribble = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(20),
      fc.oneof(
        anyText({ maxLength: 4 }),
        fc.constantFrom(
          '\n',
          '\t',
          '---\n',
          '...\n',
          '&a ',
          '*a',
          '<<: ',
          '? ',
          '!!x ',
          '{',
          ']',
          '"',
          '%YAML 9\n',
          '\r',
          '\uFEFF',
          '\u0000',
        ),
      ),
    );
    property(
      fc.property(
        fc.constantFrom(yaml, json),
        fc.array(scribble, { minLength: 1, maxLength: 4 }),
        (text, scribbles) => {
          const broken = scribbles.reduce((whole, [where, cut, put]) => {
            const at = Math.floor(where * whole.length);
            return whole.slice(0, at) + put + whole.slice(at + cut);
          }, text);
          survive(broken);
        },
      ),
    );
  });

  it('survives any text', () => {
    property(
      fc.property(fc.oneof(anyText({ maxLength: 200 }), fc.json(), fc.string()), (text) => {
        survive(text);
      }),
    );
  });

  it('keeps a good document behind a broken one', () => {
    property(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const first = text.startsWith('%') ? `x${text}` : text;
        expect(isGoodThere(survive(`a: ${first}\n---\n${dump(GOOD)}`))).to.equal(true);
      }),
    );
  });

  it('is not slowed down by aliases that multiply', () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    const head = `l0: &l0 [x]\n${levels.join('\n')}\n`;
    for (const field of [
      'spec: *l30',
      'spec: {type: *l30}',
      'spec: {ports: *l30}',
      'spec: {selector: {a: *l30}}',
      'metadata: *l30',
    ]) {
      survive(`${head}apiVersion: v1\nkind: Service\n${field}\n`);
    }
    survive(`${head}a: *l30\n`);
    const slice =
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s}\naddressType: IPv4\n';
    survive(`${head}${slice}endpoints: *l30\n`);
  });

  it('survives JSON without end and nesting without end', () => {
    for (const text of [
      '{"a":'.repeat(100_000),
      '['.repeat(100_000),
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `{"a":"${'\\"'.repeat(100_000)}`,
    ]) {
      survive(text);
    }
  });
});

/** An earlier change may have removed the way to a place; then the later one has nothing to do. */
function safeReplace(object: unknown, path: Path, value: unknown): unknown {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>(
      (here, step) =>
        typeof here === 'object' && here !== null
          ? (here as Record<string, unknown>)[step]
          : undefined,
      object,
    );
  return typeof parent === 'object' && parent !== null ? replaceAt(object, path, value) : object;
}
