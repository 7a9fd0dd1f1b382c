/** The modules that hold the checks of shapes, as the code that ajv makes of their JSON schemas. */

import { fileURLToPath } from 'node:url';
import { Ajv, type Options } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';
import { TEST } from '../src/behaviour/test-shape.js';
import { HOST_FACTS, PROXY_CONFIG } from '../src/config/schema.js';
import { jsonSchema, type Shape } from '../src/input/shape.js';
import { SUPPRESSIONS } from '../src/lint/suppression-shape.js';
import { HOST_CHANGES, PLAN } from '../src/plan/plan-schema.js';
import { SHAPES } from '../src/snapshot/shapes.js';
import { POD_MAKER } from '../src/snapshot/workload-shape.js';

/**
 * Every problem is wanted, and its sentence is ours. Lengths are those of lines, whose characters
 * are bytes. Our schemas are typed: to check them against their own schema would say nothing.
 */
export const CHECK_OPTIONS: Options = {
  ...{ strict: true, allowUnionTypes: true, discriminator: true },
  ...{ meta: false, validateSchema: false },
  ...{ allErrors: true, messages: false, unicode: false, logger: false },
};

/** The shapes of each stage that checks some, by what their checks are called. */
const STAGES: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  snapshot: { ...SHAPES, PodMaker: POD_MAKER },
  config: { ProxyConfig: PROXY_CONFIG, HostFacts: HOST_FACTS },
  behaviour: { Test: TEST },
  plan: { Plan: PLAN, HostChanges: HOST_CHANGES },
  lint: { Suppressions: SUPPRESSIONS },
};

/** Every module, by its absolute path. */
export function precompiledChecks(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(STAGES).map(([stage, shapes]) => [
      fileURLToPath(new URL(`../src/${stage}/precompiled.ts`, import.meta.url)),
      moduleText(stage, Object.entries(shapes)),
    ]),
  );
}

function moduleText(stage: string, shapes: readonly (readonly [string, Shape])[]): string {
  return [
    `/** Checks of the shapes of ${stage}/, compiled by ajv for scripts/templates. */\n`,
    "// @ts-nocheck\n\nimport type { CompiledCheck } from '../input/shape-check.js';\n",
    ...shapes.map(
      ([name, shape]) => `export const check${name}: CompiledCheck = ${code(shape)};\n`,
    ),
  ].join('\n');
}

/** An expression whose value is the check; a closure, so that no name means two things. */
function code(shape: Shape): string {
  const ajv = new Ajv({ ...CHECK_OPTIONS, code: { source: true } });
  const module = standalone.default(ajv, ajv.compile(jsonSchema(shape)));
  const closure = `(() => { const module = {}; ${module}; return module.exports; })()`;
  const minified = transformSync(closure, { minify: true, charset: 'utf8' }).code;
  return `/* @__PURE__ */ ${minified.trim().replace(/;$/, '')}`;
}
