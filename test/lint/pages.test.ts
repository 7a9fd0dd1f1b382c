/** docs/lint is what the rules and their cases say. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { lintPages } from '../../scripts/lint-pages.js';

const FOLDER = join(import.meta.dirname, '../../docs/lint');

describe('lint: pages', () => {
  it('are what scripts/lint-docs writes', async () => {
    const pages = await lintPages();
    expect(readdirSync(FOLDER).sort()).to.deep.equal([...pages.keys()].sort());
    for (const [name, text] of pages)
      expect(readFileSync(join(FOLDER, name), 'utf8'), name).to.equal(text);
  });
});
