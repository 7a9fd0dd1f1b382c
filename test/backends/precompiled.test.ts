/** The precompiled templates are those of templates/. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { precompiledFiles } from '../../scripts/precompiled-templates.js';
import { templateFunction } from '../../scripts/template-code.js';

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

describe('a template as a function', () => {
  /** What the function of a template gives for a view. */
  function render(template: string, view: object): string {
    const code = templateFunction('render', 'object', template).replaceAll(': object', '');
    const body = code.replaceAll(': string', '').replace('export function', 'return function');
    return (new Function(body)() as (view: object) => string)(view);
  }

  it('has what is in the template, whatever it is', () => {
    expect(render('`${x}` $ \\n\n{{a}}', { a: '`${x}\\' })).to.equal('`${x}` $ \\n\n`${x}\\');
  });

  it('goes through lists, and finds what is around them', () => {
    const view = {
      port: 80,
      pools: [
        { chain: 'A', ips: [{ ip: 1 }, { ip: 2 }] },
        { chain: 'B', ips: [] },
      ],
    };
    const template =
      '{{#each pools}}\n{{#each ips}}\n{{../chain}} {{ip}} {{@root.port}}\n{{/each}}\n{{/each}}\n';
    expect(render(template, view)).to.equal('A 1 80\nA 2 80\n');
  });

  it('takes conditions, and what holds otherwise', () => {
    const template = '{{#if a}}a{{else if b}}b{{else}}none{{/if}}{{#unless a}}!{{/unless}}';
    expect(render(template, { a: 'x', b: 0 })).to.equal('a');
    expect(render(template, { a: '', b: 1 })).to.equal('b!');
    expect(render(template, { a: false, b: 0 })).to.equal('none!');
  });

  it('escapes in two braces alone, where that is wanted', () => {
    expect(templateFunction('page', 'View', '{{a}} {{{b}}}', 'safe')).to.include(
      '`${safe(view.a)} ${view.b}`',
    );
  });

  for (const template of [
    '{{shout id}}',
    '{{> other}}',
    '{{#repeat 3}}x{{/repeat}}',
    '{{@index}}',
    '{{../up}}',
    '{{"text"}}',
    '{{#each a}}x{{else}}y{{/each}}',
    '{{#if a b}}x{{/if}}',
  ])
    it(`refuses ${template}`, () => {
      expect(() => templateFunction('render', 'View', template)).to.throw(Error);
    });
});
