/**
 * A program that compiles once from a file of JSON, and measures each stage: `FILE MODE LAYOUT`.
 */

import { readFileSync } from 'node:fs';
import { defaultConfig } from '../../src/config/defaults.js';
import type { LayoutName } from '../../src/config/types.js';
import {
  type BackendName,
  buildModel,
  compile,
  loadSnapshot,
  modelSettings,
  print,
  type Snapshot,
} from '../../src/index.js';
import type { Cold } from './compile.js';

const [file = '', mode, layout] = process.argv.slice(2);
console.log(JSON.stringify(coldRun(file, mode as BackendName, layout as LayoutName)));

function coldRun(file: string, mode: BackendName, layout: LayoutName): Cold {
  const options = { mode, config: { ...defaultConfig, layout } };
  const { snapshot, read, load } = loaded(file);
  const model = measured(() => buildModel(snapshot, modelSettings(options), 'IPv4'));
  const rules = measured(() => compile(model.value, options));
  const text = measured(() => print(rules.value));
  return {
    stages: {
      ...{ read, 'parse, check, index': load, model: model.ms },
      ...{ rules: rules.ms, print: text.ms },
    },
    lines: linesOf(text.value),
    bytes: text.value.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

/** Nothing holds the text of the file afterwards, as in the program. */
function loaded(file: string): {
  readonly snapshot: Snapshot;
  readonly read: number;
  readonly load: number;
} {
  const read = measured(() => readFileSync(file, 'utf8'));
  const load = measured(() => loadSnapshot([{ name: file, text: read.value }]).snapshot);
  return { snapshot: load.value, read: read.ms, load: load.ms };
}

/** How many lines a text has, without a copy of each. */
function linesOf(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function measured<T>(action: () => T): { readonly value: T; readonly ms: number } {
  const before = process.cpuUsage();
  const value = action();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1000 };
}
