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
} from '../../src/index.js';
import type { Cold } from './compile.js';

const [file = '', mode, layout] = process.argv.slice(2);
console.log(JSON.stringify(coldRun(file, mode as BackendName, layout as LayoutName)));

function coldRun(file: string, mode: BackendName, layout: LayoutName): Cold {
  const options = { mode, config: { ...defaultConfig, layout } };
  const read = measured(() => readFileSync(file, 'utf8'));
  const load = measured(() => loadSnapshot([{ name: file, text: read.value }]).snapshot);
  const model = measured(() => buildModel(load.value, modelSettings(options), 'IPv4'));
  const rules = measured(() => compile(model.value, options));
  const text = measured(() => print(rules.value));
  return {
    stages: {
      ...{ read: read.ms, 'parse, check, index': load.ms, model: model.ms },
      ...{ rules: rules.ms, print: text.ms },
    },
    lines: text.value.split('\n').length - 1,
    bytes: text.value.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function measured<T>(action: () => T): { readonly value: T; readonly ms: number } {
  const before = process.cpuUsage();
  const value = action();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1000 };
}
