/** The precompiled templates are those of templates/. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { precompiledFiles } from '../../scripts/precompiled-templates.js';

describe('precompiled templates', () => {
  const files = [...precompiledFiles()];

  it('are of every layout and of the page of a report', () => {
    expect(files.map(([path]) => path.replace(/^.*\/src\//, ''))).to.deep.equal([
      'backends/iptables/layouts/kube-proxy/precompiled.ts',
      'backends/iptables/layouts/fast/precompiled.ts',
      'backends/nftables/layouts/kube-proxy/precompiled.ts',
      'backends/nftables/layouts/kube-proxy-chains/precompiled.ts',
      'backends/nftables/layouts/fast/precompiled.ts',
      'report/precompiled.ts',
    ]);
  });

  for (const [path, text] of files)
    it(`${path.replace(/^.*\/src\//, '')} is what scripts/templates writes`, () => {
      expect(readFileSync(path, 'utf8'), 'run scripts/templates').to.equal(text);
    });
});
