/**
 * The modules that hold templates in precompiled form: those of the layouts, and the page of a
 * report.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportModule } from './report-page.js';
import { templateFunction } from './template-code.js';

/** A layout that ships with vipc, and where the type of the view of each of its templates is. */
interface ShippedLayout {
  readonly folder: string;
  /** By template: the type, and its module as seen from that of the layout. */
  readonly views: Readonly<Record<string, readonly [type: string, module: string]>>;
  /** What other layouts need of a template. */
  readonly edits?: Readonly<Record<string, (text: string) => string>>;
}

const LAYOUTS: readonly ShippedLayout[] = [
  {
    folder: 'iptables/kube-proxy',
    views: {
      frame: ['FrameView', './frame-view.js'],
      port: ['PortView', './view.js'],
      tail: ['FrameView', './frame-view.js'],
    },
    edits: { port: withParents },
  },
  {
    folder: 'iptables/fast',
    views: {
      frame: ['FastFrameView', './frame-view.js'],
      port: ['FastPortView', './view.js'],
      tail: ['FastFrameView', './frame-view.js'],
      shared: ['BranchView', '../../dispatch/arrange.js'],
    },
  },
  {
    folder: 'nftables/kube-proxy',
    views: { frame: ['FrameView', './frame-view.js'], port: ['PortView', './view.js'] },
  },
  {
    folder: 'nftables/kube-proxy-chains',
    views: { frame: ['FrameView', './views.js'], port: ['PortView', './views.js'] },
  },
  {
    folder: 'nftables/fast',
    views: {
      frame: ['FastFrameView', './frame-view.js'],
      port: ['FastPortView', './view.js'],
      shared: ['SharedView', './shared-view.js'],
    },
  },
];

/** Every module, by its absolute path. */
export function precompiledFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...LAYOUTS.map((layout): [string, string] => {
      const [mode, name] = layout.folder.split('/');
      return [pathOf(`src/backends/${mode}/layouts/${name}/precompiled.ts`), moduleText(layout)];
    }),
    [pathOf('src/report/precompiled.ts'), reportModule()],
  ]);
}

/**
 * A template of one Service port with a hole for the chain of every node that each rule stands in:
 * where kube-proxy has one chain, layout fast has a tree of them.
 */
function withParents(text: string): string {
  return text.replaceAll(/^-A KUBE-[-A-Z]+ /gm, '-A {{parent}} ');
}

function moduleText({ folder, views, edits }: ShippedLayout): string {
  const types = new Map(Object.values(views));
  return [
    `/** The templates of templates/${folder}/ as functions, by scripts/templates. */\n`,
    [...types].map(([type, from]) => `import type { ${type} } from '${from}';\n`).join(''),
    ...Object.entries(views).map(([name, [type]]) => {
      const text = readFileSync(pathOf(`templates/${folder}/${name}.hbs`), 'utf8');
      return templateFunction(name, type, edits?.[name]?.(text) ?? text);
    }),
  ].join('\n');
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
