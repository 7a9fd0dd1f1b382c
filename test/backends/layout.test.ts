import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { builtinLayout, customLayout } from '../../src/backends/layout.js';
import { TemplateError } from '../../src/errors.js';

describe('layouts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-layout-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(port: string, frame = ''): void {
    writeFileSync(join(folder, 'frame.hbs'), frame);
    writeFileSync(join(folder, 'port.hbs'), port);
  }

  /** What the port template makes of a view. */
  function render(port: string, view: object): string {
    write(port);
    return customLayout(folder).port(view);
  }

  it('the one that ships with vipc is found and trusted', () => {
    const layout = builtinLayout('iptables/kube-proxy');
    expect(layout.custom).to.equal(false);
    expect(() => builtinLayout('iptables/none')).to.throw(TemplateError, /frame\.hbs: ENOENT/);
  });

  it("a user's is not trusted", () => {
    write('');
    expect(customLayout(folder)).to.include({ custom: true, directory: folder });
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
    expect(() => customLayout(folder)).to.throw(TemplateError, /port\.hbs: ENOENT/);
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
