/** One vocabulary: the same problem reads the same in an object, a configuration and a plan. */

import { Ajv } from 'ajv';
import { expect } from 'chai';
import { CHECK_OPTIONS } from '../../scripts/precompiled-checks.js';
import { loadConfig } from '../../src/config/load.js';
import { problemText } from '../../src/input/problem.js';
import {
  array,
  choice,
  closed,
  jsonSchema,
  leaf,
  object,
  record,
  taggedUnion,
} from '../../src/input/shape.js';
import { shapeCheck } from '../../src/input/shape-check.js';
import { loadPlan } from '../../src/plan/plan-file.js';
import { loadSnapshot } from '../../src/snapshot/load.js';

function ofObject(metadata: string): string {
  const text = `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec: {ports: [{port: 1}]}\n`;
  const [first] = loadSnapshot([{ name: 'f', text }]).diagnostics;
  return (first?.message ?? '').replace(/^.* left out: /, '');
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (
      String(error)
        .split('\n')[0]
        ?.replace(/^.*(?:: c:\d+:\d+|carry out): /, '') ?? ''
    );
  }
  return '';
}

function ofConfig(line: string): string {
  const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
  return refusal(() => loadConfig(`${head}${line}\n`, 'c'));
}

function ofPlan(rest: object): string {
  const family = {
    family: 'IPv4',
    backend: 'iptables',
    base: '0'.repeat(64),
    changes: [],
    leftovers: [],
    uncommented: [],
    comments: [],
    pinned: [],
  };
  const plan = {
    version: 2,
    backend: 'iptables',
    variant: 'legacy',
    families: [family],
    host: [],
    flows: [],
  };
  return refusal(() => loadPlan(JSON.stringify({ ...plan, ...rest }), 'plan.json'));
}

describe('input: one vocabulary', () => {
  it('a scalar instead of a map', () => {
    expect(ofObject('{name: a, labels: 3}')).to.equal(
      'metadata.labels: must be a map, not a number',
    );
    expect(ofConfig('iptables: 3')).to.equal('iptables: must be a map, not a number');
  });

  it('a scalar instead of a list', () => {
    expect(ofObject('{name: a}\nstatus: {loadBalancer: {ingress: 3}}')).to.equal(
      'status.loadBalancer.ingress: must be a list, not a number',
    );
    expect(ofConfig('nodePortAddresses: 3')).to.equal(
      'nodePortAddresses: must be a list, not a number',
    );
    expect(ofPlan({ flows: 3 })).to.equal('flows: must be a list, not a number');
  });

  it('a scalar of another type', () => {
    expect(ofObject('{name: 3}')).to.equal(
      "metadata.name: 3: must be a DNS label: at most 63 lower-case letters, digits or '-', no '-' first or last, not a number",
    );
    expect(ofConfig('mode: 3')).to.equal('mode: 3: must be a string, not a number');
    expect(ofPlan({ version: 'x' })).to.equal('version: "x": must be 2, not a string');
  });

  it('a field that is missing or unknown, and a list that is empty', () => {
    expect(ofObject('{}')).to.equal('metadata.name: is required');
    expect(ofPlan({ families: [{}] })).to.equal('families[0].family: is required');
    expect(ofPlan({ extra: 1 })).to.equal('extra: unknown field');
    expect(ofPlan({ families: [] })).to.equal('families: must not be empty');
  });
});

describe('input/problem', () => {
  const shape = object(
    {
      text: leaf({ type: 'string', maxLength: 3 }),
      flag: leaf({ type: 'boolean' }),
      count: leaf({ type: 'integer', minimum: 1, maximum: 5 }),
      letters: leaf({ type: 'string', pattern: '^[a-z]+$' }),
      kinds: array(choice('Local', 'Cluster'), 1, 2),
      labels: record(leaf({ type: 'string' })),
      'odd/na%me~': leaf({ type: 'string', pattern: '^[a-z]+$' }),
      inner: closed({ known: leaf({ type: 'number' }) }),
      change: taggedUnion('action', {
        add: closed({ line: leaf({ type: 'string' }) }),
        drop: closed({}),
      }),
    },
    { required: ['flag'] },
  );
  const check = shapeCheck<object>(shape, new Ajv(CHECK_OPTIONS).compile(jsonSchema(shape)));
  const cases: readonly (readonly [object, string])[] = [
    [{}, 'flag: is required'],
    [{ flga: true }, 'flag: is required (is "flga" meant to be flag?)'],
    [
      { flag: 'true' },
      'flag: "true": must be true or false, not a string (write true without quotes)',
    ],
    [{ flag: true, text: 'long' }, 'text: "long": must be no more than 3 characters'],
    [{ flag: true, text: 7 }, 'text: 7: must be a string, not a number (put the value in quotes)'],
    [{ flag: true, count: 6 }, 'count: 6: must be a whole number from 1 to 5'],
    [{ flag: true, count: 1.5 }, 'count: 1.5: must be a whole number'],
    [
      { flag: true, letters: 'ABC' },
      'letters: "ABC": must be a string that matches ^[a-z]+$ (did you mean abc?)',
    ],
    [{ flag: true, kinds: [] }, 'kinds: must not be empty'],
    [{ flag: true, kinds: ['Local', 'Local', 'Local'] }, 'kinds: must have at most 2 items, not 3'],
    [
      { flag: true, kinds: ['local'] },
      'kinds[0]: "local": must be one of Local, Cluster (did you mean Local?)',
    ],
    [
      { flag: true, labels: { 'a/b~c': 1 } },
      'labels["a/b~c"]: 1: must be a string, not a number (put the value in quotes)',
    ],
    [
      { flag: true, 'odd/na%me~': 'A' },
      '"odd/na%me~": "A": must be a string that matches ^[a-z]+$ (did you mean a?)',
    ],
    [
      { flag: true, inner: { known: 1, knwon: 2 } },
      'inner.knwon: unknown field (did you mean known?)',
    ],
    [{ flag: true, inner: [1] }, 'inner: must be a map, not a list'],
    [{ flag: true, change: {} }, 'change.action: is required'],
    [{ flag: true, change: { action: 'go' } }, 'change.action: "go": must be one of add, drop'],
    [{ flag: true, change: { action: 'add' } }, 'change.line: is required'],
  ];
  for (const [value, text] of cases) {
    it(text, () => {
      expect(check.passes(value)).to.equal(false);
      const found = check
        .problems(value)
        .map((one) => `${problemText(one)}${one.hint === undefined ? '' : ` (${one.hint})`}`);
      expect(found).to.deep.equal([text]);
    });
  }

  it('takes null for absent where nothing is required', () =>
    expect(check.passes({ flag: true, text: null, kinds: null, labels: null })).to.equal(true));
});
