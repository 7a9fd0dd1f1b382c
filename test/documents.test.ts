/** What the README and docs/ point to is there: files, headings, commands and flags. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { DOCUMENTS, documentText, ROOT } from './support/documents.js';
import { runIn } from './support/process/run-in.js';

/** What a Markdown page calls its headings in links. */
function anchors(path: string): readonly string[] {
  return [...documentText(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Whether the package has a file, by the list in package.json. */
function isPublished(path: string, published: readonly string[]): boolean {
  return published.some((pattern) =>
    new RegExp(`^${pattern.replace('.', '\\.').replace('*', '[^/]*')}(?:/|$)`).test(path),
  );
}

/**
 * Links of a page that lead to nothing, and those out of what is published. Pictures are in a
 * checkout alone.
 */
function deadLinks(path: string, published: readonly string[]): readonly string[] {
  const links = [...documentText(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, target))) return true;
    if (!/\.(?:webp|svg)$/.test(target) && !isPublished(target, published)) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });
}

/** `vipc COMMAND …` with its flags, in code of any kind. */
function usedFlags(text: string): readonly (readonly [command: string, flag: string])[] {
  return [...text.matchAll(/\bvipc ([a-z]+)\b([^\n|`]*)/g)].flatMap(([, command = '', rest = '']) =>
    [...rest.matchAll(/ (--[a-z][a-z-]+)/g)].map(([, flag = '']) => [command, flag] as const),
  );
}

describe('documents', () => {
  const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    files: readonly string[];
  };

  for (const path of DOCUMENTS)
    it(`${path} has no link that leads to nothing, in the package either`, () => {
      expect(deadLinks(path, files)).to.deep.equal([]);
    });

  it('have no figure in README that the page of measurements does not have', () => {
    const rows = documentText('README.md').match(
      /^\|.*\[measured\]\(docs\/performance\.md\) \|$/gm,
    );
    const figures = (rows ?? []).flatMap((row) => row.match(/[\d.]+(?= m?s )/g) ?? []);
    expect(figures.length).to.be.at.least(4);
    const measured = documentText('docs/performance.md');
    expect(figures.filter((one) => !measured.split(/[^\d.]+/).includes(one))).to.deep.equal([]);
  });

  it('are all in the index', () => {
    const index = documentText('docs/README.md');
    const pages = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'));
    expect(
      pages.filter((name) => name !== 'README.md' && !index.includes(`](${name})`)),
    ).to.deep.equal([]);
  });

  it('name only flags that their commands have', async () => {
    const used = DOCUMENTS.flatMap((path) => usedFlags(documentText(path)));
    expect(used.length).to.be.above(40);
    const unknown: string[] = [];
    const helps = new Map<string, string>();
    for (const [command, flag] of used) {
      const help = helps.get(command) ?? (await runIn([command, '--help'])).out;
      helps.set(command, help);
      if (!new RegExp(`${flag}\\b(?!-)`).test(help)) unknown.push(`vipc ${command} ${flag}`);
    }
    expect(unknown).to.deep.equal([]);
  });
});
