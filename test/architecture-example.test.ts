/**
 * The Service and the dump that ARCHITECTURE.md follows: what it shows is what the program makes.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  buildModel,
  compileSnapshot,
  loadSnapshot,
  modelSettings,
  planInput,
  print,
  readRules,
  type Source,
} from '../src/index.js';
import type { Cidr } from '../src/net/cidr.js';
import { ROOT } from './support/documents.js';
import { runIn } from './support/process/run-in.js';

const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');
const FILES = ['fixtures/tutorial/demo.yaml', 'fixtures/tutorial/pods.yaml'];
const CIDR = '10.96.0.0/16';
const BROKEN = 'KUBE-SEP-FYYZCMUJ3PR45E7Y';
/** What the text leaves out of a value. */
const REST = ', …';

/** The code of the fences of the chapter, in order. */
const [, chapter = ''] =
  /^## One Service on its way$(.*?)^## /ms.exec(read('ARCHITECTURE.md')) ?? [];
const blocks = [...chapter.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** A block of the chapter by how it begins. */
function block(start: string, index = 0): string {
  const found = blocks.filter((code) => code.startsWith(start))[index];
  if (found === undefined) throw new Error(`no block begins with ${start}`);
  return found;
}

/** The value that a block writes in JavaScript, without what it leaves out. */
function shownValue(code: string): object {
  return new Function(`return ${code.replaceAll(REST, '')}`)() as object;
}

/** As much of a value as another one has. */
function partOf(value: unknown, shown: unknown): unknown {
  if (typeof shown !== 'object' || shown === null || typeof value !== 'object' || value === null)
    return value;
  if (Array.isArray(shown) && Array.isArray(value))
    return value.map((item, i) => partOf(item, shown[i]));
  return Object.fromEntries(
    Object.entries(shown).map(([key, one]) => [key, partOf(Reflect.get(value, key), one)]),
  );
}

describe('architecture: the Service on its way', () => {
  const sources: readonly Source[] = FILES.map((name) => ({ name, text: read(name) }));
  const { snapshot } = loadSnapshot(sources, { serviceCidrs: [CIDR as Cidr] });
  const { ruleset } = compileSnapshot(snapshot, 'IPv4', { mode: 'iptables' });
  const text = ruleset.ports[0]?.text.replace('*filter\n', '') ?? '';

  it('is that of the tutorial, with these notes', async () => {
    expect(read(FILES[0]!)).to.include(block('apiVersion'));
    const flags = FILES.flatMap((file) => ['-f', `${ROOT}${file}`]);
    const { err } = await runIn(['compile', ...flags, '--service-cidr', CIDR]);
    expect(err.replaceAll(ROOT, '')).to.include(block('note'));
  });

  it('has this model', () => {
    const [port] = buildModel(snapshot, modelSettings({ mode: 'iptables' }), 'IPv4').ports;
    const shown = shownValue(block('{ id'));
    expect(partOf(port, shown)).to.deep.equal(shown);
  });

  it('has rules from this part of the template', () => {
    expect(read('templates/iptables/kube-proxy/port.hbs')).to.include(block('{{#each'));
    const [shown = ''] = block('*nat').split('…');
    expect(text.startsWith(shown), text).to.equal(true);
  });

  it('is refuted with this packet by a dump without the rule of an endpoint', async () => {
    const [, shown = ''] = /^```\n(refuted.*?)^```$/ms.exec(read('ARCHITECTURE.md')) ?? [];
    const flags = FILES.flatMap((file) => ['-f', `${ROOT}${file}`]);
    const dump = `${ROOT}fixtures/tutorial/drifted.rules`;
    const { out } = await runIn(['verify', '--rules', dump, ...flags, '--service-cidr', CIDR]);
    expect(shown).to.match(/^refuted(?:.*\n){4}$/);
    expect(out.startsWith(shown), out).to.equal(true);
  });

  it('has this plan where the rules of an endpoint were deleted, and this input', () => {
    const lines = print(ruleset).split('\n');
    const left = lines.filter((line) => !line.startsWith(`-A ${BROKEN}`)).join('\n');
    const rules = readRules('iptables', left);
    const plan = rules.plan(ruleset);
    const shown = shownValue(block('{ family'));
    expect(partOf(plan, shown)).to.deep.equal(shown);
    const texts = planInput(plan, rules).map((transaction) => transaction.text);
    expect(texts).to.deep.equal([block('*nat', 1)]);
  });
});
