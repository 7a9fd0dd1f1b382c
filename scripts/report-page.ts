/**
 * The module that holds the page of a report: its frame, its style and its script in one text each.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync, type Loader, transformSync } from 'esbuild';
import Handlebars from 'handlebars';
import { TEMPLATE_OPTIONS } from '../src/backends/user-templates.js';

const FOLDER = fileURLToPath(new URL('../templates/report/', import.meta.url));

/** The text of `src/report/precompiled.ts`. */
export function reportModule(): string {
  const script = bundled(`${FOLDER}main.ts`);
  const style = minified(readFileSync(`${FOLDER}style.css`, 'utf8'), 'css');
  const assets = { style, script, styleHash: hashOf(style), scriptHash: hashOf(script) };
  const page = Handlebars.precompile(readFileSync(`${FOLDER}page.hbs`, 'utf8'), {
    ...TEMPLATE_OPTIONS,
    noEscape: false,
  });
  return [
    '/** The page of a report, made of templates/report/ by scripts/templates. */\n',
    "// @ts-nocheck\n\nimport type { PrecompiledTemplate } from '../backends/templates.js';\n",
    `export const ASSETS: Readonly<Record<'style' | 'script' | 'styleHash' | 'scriptHash', string>> = ${JSON.stringify(assets, undefined, 2)};\n`,
    `export const page: PrecompiledTemplate = ${String(page)};\n`,
  ].join('\n');
}

/** What a script of the page and all that it imports come to. */
function bundled(path: string): string {
  const { outputFiles } = buildSync({
    ...{ entryPoints: [path], bundle: true, minify: true, write: false },
    ...{ format: 'iife', target: 'es2022', charset: 'utf8' },
  });
  return outputFiles[0]?.text.trim() ?? '';
}

function minified(text: string, loader: Loader): string {
  return transformSync(text, { loader, minify: true, charset: 'utf8' }).code.trim();
}

/** The source of a Content-Security-Policy that allows exactly this text. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
