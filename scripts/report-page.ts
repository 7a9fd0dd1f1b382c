/**
 * The module that holds the page of a report: its frame, its style and its script in one text each.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync, type Loader, transformSync } from 'esbuild';
import { templateFunction } from './template-code.js';

const FOLDER = fileURLToPath(new URL('../templates/report/', import.meta.url));

/** The text of `src/report/precompiled.ts`. */
export function reportModule(): string {
  const script = bundled(`${FOLDER}main.ts`);
  const style = minified(readFileSync(`${FOLDER}style.css`, 'utf8'), 'css');
  const assets = { style, script, styleHash: hashOf(style), scriptHash: hashOf(script) };
  const page = readFileSync(`${FOLDER}page.hbs`, 'utf8');
  return [
    '/** The page of a report, made of templates/report/ by scripts/templates. */\n',
    "import { escapeHtml, type PageView } from './page-view.js';\n",
    `export const ASSETS: Readonly<Record<'style' | 'script' | 'styleHash' | 'scriptHash', string>> = ${JSON.stringify(assets, undefined, 2)};\n`,
    templateFunction('page', 'PageView', page, 'escapeHtml'),
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
