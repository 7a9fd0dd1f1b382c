/**
 * The modules that hold templates in precompiled form: those of the layouts, and the page of a
 * report.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { TEMPLATE_OPTIONS } from '../src/backends/user-templates.js';
import { reportModule } from './report-page.js';

/** The layouts that ship with vipc. */
const LAYOUTS = [
  ['iptables', 'kube-proxy'],
  ['iptables', 'fast'],
  ['nftables', 'kube-proxy'],
  ['nftables', 'kube-proxy-chains'],
  ['nftables', 'fast'],
] as const;

/** Every module, by its absolute path. */
export function precompiledFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...LAYOUTS.map(([mode, name]): [string, string] => [
      pathOf(`src/backends/${mode}/layouts/${name}/precompiled.ts`),
      moduleText(`templates/${mode}/${name}`),
    ]),
    [pathOf('src/report/precompiled.ts'), reportModule()],
  ]);
}

function moduleText(folder: string): string {
  const exported = ['frame', 'port', 'tail', 'shared'].flatMap((name) => {
    const file = pathOf(`${folder}/${name}.hbs`);
    if (!existsSync(file)) return [];
    const code = withoutPlaces(
      String(Handlebars.precompile(readFileSync(file, 'utf8'), TEMPLATE_OPTIONS)),
    );
    return `export const ${name}: PrecompiledTemplate = ${code};\n`;
  });
  return [
    `/** The templates of ${folder}/, precompiled by scripts/templates. */\n`,
    "// @ts-nocheck\n\nimport type { PrecompiledTemplate } from '../../../templates.js';\n",
    ...exported,
  ].join('\n');
}

/**
 * Without line and column of every hole, which are a third of the code: they are for messages about
 * a missing field, and the fields of our own views are known.
 */
function withoutPlaces(code: string): string {
  return code.replace(/,\s*(?:"loc":)?\{"start":\{[^{}]*\},"end":\{[^{}]*\}\}/g, '');
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
