/** The precompiled checks are what ajv makes of the shapes. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { precompiledChecks } from '../../scripts/precompiled-checks.js';

describe('precompiled checks', () => {
  const files = [...precompiledChecks()];

  it('are of every stage that has shapes', () => {
    expect(files.map(([path]) => path.replace(/^.*\/src\//, ''))).to.deep.equal([
      'snapshot/precompiled.ts',
      'config/precompiled.ts',
      'behaviour/precompiled.ts',
      'plan/precompiled.ts',
      'lint/precompiled.ts',
    ]);
  });

  for (const [path, text] of files)
    it(`${path.replace(/^.*\/src\//, '')} is what scripts/templates writes`, () => {
      expect(readFileSync(path, 'utf8'), 'run scripts/templates').to.equal(text);
    });
});
