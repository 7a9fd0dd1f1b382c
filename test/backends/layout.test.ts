import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { customLayout } from '../../src/backends/custom-layout.js';
import { builtinLayout } from '../../src/backends/index.js';
import { TemplateError } from '../../src/errors.js';

describe('layouts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-layout-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(port: string): void {
    writeFileSync(join(folder, 'frame.hbs'), '');
    writeFileSync(join(folder, 'port.hbs'), port);
  }

  /** What the port template makes of a view. */
  function render(port: string, view: object): string {
    write(port);
    return customLayout('iptables', folder).templates.port(view);
  }

  it('the one that ships with vipc is found and trusted', () => {
    for (const mode of ['iptables', 'nftables'] as const) {
      const layout = builtinLayout(mode, 'kube-proxy');
      expect(layout).to.include({ custom: false, backend: mode });
      expect(builtinLayout(mode)).to.equal(layout);
      expect(builtinLayout(mode, 'none')).to.equal(undefined);
    }
  });

  it("a user's is not trusted", () => {
    write('');
    expect(customLayout('iptables', folder)).to.include({ custom: true, name: folder });
  });

  it('the template of the tail may be missing', () => {
    write('');
    expect(customLayout('iptables', folder).templates.tail({})).to.equal('');
    writeFileSync(join(folder, 'tail.hbs'), '# {{mark}}');
    expect(customLayout('iptables', folder).templates.tail({ mark: '0x1' })).to.equal('# 0x1');
  });

  it('text is written as it is: quotes and ampersands are no HTML', () => {
    expect(render('-m comment --comment "{{id}}"', { id: `a<b>&"'\`=` })).to.equal(
      `-m comment --comment "a<b>&"'\`="`,
    );
  });

  it('what a field holds is not a template', () => {
    expect(render('{{id}}', { id: '{{secret}}', secret: 'x' })).to.equal('{{secret}}');
  });

  it('prototypes are out of reach', () => {
    expect(render('{{constructor}}{{a.constructor}}', { a: {} })).to.equal('');
  });

  it('a file that is missing is named', () => {
    writeFileSync(join(folder, 'frame.hbs'), '');
    expect(() => customLayout('iptables', folder)).to.throw(TemplateError, /port\.hbs: ENOENT/);
  });

  const refused: readonly (readonly [what: string, template: string, said: RegExp])[] = [
    ['a field that the view has not', '{{nothing}}', /port\.hbs: "nothing" not defined/],
    ['a field of a field that is missing', '{{a.nothing}}', /"nothing" not defined/],
    ['a helper that does not exist', '{{shout id}}', /unknown helper shout/],
    ['a block helper that does not exist', '{{#repeat 3}}x{{/repeat}}', /unknown helper repeat/],
    ['a partial', '{{> other}}', /other/],
    ['a block that is not closed', '{{#if id}}x', /Parse error/],
    ['a block that is closed by another', '{{#if id}}x{{/each}}', /doesn't match|Parse error/],
    ['what lies behind a prototype', '{{__proto__.polluted}}', /"polluted" not defined/],
  ];
  for (const [what, template, said] of refused) {
    it(`${what} is an error that names the file`, () => {
      const error = failure(() => render(template, { id: 'x', a: {} }));
      expect(error.message).to.match(said);
      expect(error.message).to.include('port.hbs');
      expect(error.hint).to.include('templates/');
    });
  }

  function failure(action: () => unknown): TemplateError {
    try {
      const text = action();
      return expect.fail(`it rendered ${JSON.stringify(text)}`);
    } catch (error) {
      expect(error).to.be.instanceOf(TemplateError);
      return error as TemplateError;
    }
  }
});
