/** Text of any kind becomes documents; a broken one does not affect the others. */

import { expect } from 'chai';
import { readSource } from '../../src/input/documents.js';

function read(text: string): { values: unknown[]; faults: string[] } {
  const { documents, diagnostics } = readSource({ name: 'f', text });
  return {
    values: documents.map((document) => document.value),
    faults: diagnostics.map(
      ({ code, position }) => `${code} ${position?.line}:${position?.column}`,
    ),
  };
}

describe('input/documents', () => {
  describe('YAML', () => {
    it('reads several documents, empty ones being none', () => {
      const text = '---\n---\na: 1\n--- # next\nb: 2\n...\n# only a comment\n---\n- c\n';
      expect(read(text)).to.deep.equal({ values: [{ a: 1 }, { b: 2 }, ['c']], faults: [] });
      expect(read('')).to.deep.equal({ values: [], faults: [] });
      expect(read('\n# nothing\n')).to.deep.equal({ values: [], faults: [] });
    });

    it('loses only the broken document, and says where it breaks', () => {
      const text = 'a: 1\n---\nb: [1, 2\nc: }\n---\nd: 4\n---\ne: "x\n---\nf: 6\n';
      expect(read(text)).to.deep.equal({
        values: [{ a: 1 }, { d: 4 }, { f: 6 }],
        faults: ['invalid-yaml 4:1', 'invalid-yaml 9:1'],
      });
    });

    it('takes dashes for a separator only at the start of a line and before a blank', () => {
      const text = 'a: |\n  ---\n  x\nb: ---x\nc: "y ---\n  ---"\n';
      expect(read(text).values).to.deep.equal([{ a: '---\nx\n', b: '---x', c: 'y --- ---' }]);
    });

    it('reads documents on the line of the dashes, with directives, CRLF and a byte order mark', () => {
      expect(read('--- {a: 1}\n--- [2]\n').values).to.deep.equal([{ a: 1 }, [2]]);
      expect(read('%YAML 1.2\n---\na: 1\n...\n# c\n%YAML 1.2\n---\nb: 2\n').values).to.deep.equal([
        { a: 1 },
        { b: 2 },
      ]);
      expect(read('\uFEFFa: 1\r\n---\r\nb:\r\n  - 2\r\n').values).to.deep.equal([
        { a: 1 },
        { b: [2] },
      ]);
      expect(read('\uFEFF---\na: 1\n').values).to.deep.equal([{ a: 1 }]);
      for (const text of [
        'a: 1\n---\n\uFEFFb: 2\n',
        'a: 1\n\uFEFF---\nb: 2\n',
        'a: 1\n--- # two\n\n# more\n\uFEFFb: 2\n',
        'a: 1\n...\n\uFEFFb: 2\n',
        '{"a": 1}\n\uFEFF{"b": 2}\n',
      ]) {
        expect(read(text).values, JSON.stringify(text)).to.deep.equal([{ a: 1 }, { b: 2 }]);
      }
    });

    it('keeps directives with the document behind them', () => {
      const text = 'a: 1\n...\n# c\n\n%TAG !y! tag:yaml.org,2002:\n---\nb: !y!str 5\n';
      expect(read(text)).to.deep.equal({ values: [{ a: 1 }, { b: '5' }], faults: [] });
    });

    it('reads scalars as kubectl does', () => {
      const text =
        'time: 2026-11-20T09:21:47Z\ndate: 2026-11-20\noctal: 0644\nplain: 0o17\non: on\nno: No\nquoted: "on"\n' +
        'nan: .nan\nhuge: 99999999999999999999\nnull: ~\ny: y\n';
      expect(read(text).values).to.deep.equal([
        {
          time: '2026-11-20T09:21:47Z',
          date: '2026-11-20',
          octal: 420,
          plain: 15,
          true: true,
          false: false,
          quoted: 'on',
          nan: Number.NaN,
          huge: 1e20,
          null: null,
          y: 'y',
        },
      ]);
    });

    it('merges with <<', () => {
      expect(read('a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n').values).to.deep.equal([
        { a: { x: 1, y: 2 }, b: { x: 1, y: 3 } },
      ]);
    });

    it('lets the last of equal keys count, and names each', () => {
      const text = 'a: 1\nb: {x: 1, "x": 2, y: 3}\na: [{c: 1}, {c: 2, c: 3}]\n';
      const { documents, diagnostics } = readSource({ name: 'f', text });
      expect(documents.map(({ value }) => value)).to.deep.equal([
        { a: [{ c: 1 }, { c: 3 }], b: { x: 2, y: 3 } },
      ]);
      expect(diagnostics.map(({ severity, message }) => `${severity}: ${message}`)).to.deep.equal([
        'warning: key x is set twice in one map; the last one counts',
        'warning: key a is set twice in one map; the last one counts',
        'warning: key c is set twice in one map; the last one counts',
      ]);
      expect(diagnostics.map(({ position }) => position?.line)).to.deep.equal([2, 3, 3]);
    });

    it('refuses what is dangerous or has two meanings', () => {
      expect(read(`a: &a x\nb: [${'*a,'.repeat(2000)}]\n`).faults).to.have.length(1);
      expect(read(`${'['.repeat(5000)}`).faults).to.have.length(1);
      expect(read('a: "\u0000"\n').faults).to.have.length(1);
      expect(read('a: !!js/function "x"\n').faults).to.have.length(1);
      expect(read('a: *unknown\n').faults).to.deep.equal(['invalid-yaml 1:5']);
    });

    it('keeps __proto__ a key like any other', () => {
      const [value] = read(
        '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n',
      ).values;
      expect(Object.keys(value as object)).to.deep.equal(['__proto__', 'constructor']);
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    });

    it('says that a template is one', () => {
      const { diagnostics } = readSource({ name: 'f', text: 'a: {{ .Values.port }}\n' });
      expect(diagnostics[0]?.hint).to.include('template');
    });

    it('says that rules are no objects', () => {
      const texts = [
        '# Generated by iptables-save v1.8.9\n*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n',
        'Chain INPUT (policy ACCEPT)\ntarget     prot opt source: x: y\n',
        'table ip kube-proxy {\n\tcomment "rules: x"\n',
      ];
      for (const text of texts)
        expect(readSource({ name: 'f', text }).diagnostics[0]?.hint, text).to.include('--rules');
    });

    it('reads flow style, which is not JSON for its first brace', () => {
      expect(read('{a: 1, b: [x]}').values).to.deep.equal([{ a: 1, b: ['x'] }]);
      expect(read("{'a': 1}").values).to.deep.equal([{ a: 1 }]);
    });
  });

  describe('JSON', () => {
    it('reads one value, with blanks and a byte order mark around it', () => {
      expect(read('\uFEFF \n{"a": [1]}\n').values).to.deep.equal([{ a: [1] }]);
      expect(read('[1]').values).to.deep.equal([[1]]);
      expect(read('{}').values).to.deep.equal([{}]);
    });

    it('reads several values in a row', () => {
      const expected = [{ a: '}{' }, { b: '\\"' }, { c: 1 }];
      const texts = expected.map((value) => JSON.stringify(value));
      for (const between of ['', '\n', ' \r\n\n', '\n---\n']) {
        expect(read(texts.join(between))).to.deep.equal({ values: expected, faults: [] });
      }
    });

    const twice: readonly (readonly [text: string, value: unknown, warnings: readonly string[]])[] =
      [
        ['{"a": 1, "b": 2}', { a: 1, b: 2 }, []],
        [
          '{"a": "\\"a\\":", "b": [{"a": 1}, {"a": 2}]}',
          { a: '"a":', b: [{ a: 1 }, { a: 2 }] },
          [],
        ],
        ['{"a": 1,\n "a": 2}', { a: 2 }, ['key a 2:2']],
        ['{"b": {"x": 1, "\\u0078": 2}}', { b: { x: 2 } }, ['key x 1:16']],
        ['[{"c": 1, "c" :2, "c": 3}]', [{ c: 3 }], ['key c 1:11', 'key c 1:19']],
        ['{"": 1, "": 2}', { '': 2 }, ['key "" 1:9']],
      ];
    // Alone, and behind another one, where it is read in another way.
    for (const [text, value, warnings] of twice)
      for (const [before, lines] of [
        ['', 0],
        ['{}\n', 1],
      ] as const)
        it(`finds the keys given twice in ${JSON.stringify(before + text)}`, () => {
          const { documents, diagnostics } = readSource({ name: 'f', text: before + text });
          expect(documents.at(-1)?.value).to.deep.equal(value);
          expect(
            diagnostics.map(({ code, severity, message, position }) => {
              const key = message.replace(/ is set twice in one map; the last one counts$/, '');
              const line = (position?.line ?? 0) - lines;
              return [code, severity, `${key} ${line}:${position?.column}`];
            }),
          ).to.deep.equal(warnings.map((warning) => ['duplicate-key', 'warning', warning]));
        });

    const broken: readonly (readonly [string, string])[] = [
      ['{"a": 1,}', '1:9'],
      ['{"a" 1}', '1:6'],
      ['{"a":\n  tru}', '2:3'],
      ['{"a": [1 2]}', '1:10'],
      ['{"a": [1}', '1:9'],
      ['{"a": "x\ny"}', '1:9'],
      ['{"a": "\\x"}', '1:8'],
      ['{"a": "x}', '1:7'],
      ['{"a": 01}', '1:7'],
      ['{"a": [1, 2', '1:12'],
      ['{"a": 1} x', '1:10'],
      ['["a", nul]', '1:7'],
    ];
    for (const [text, where] of broken) {
      it(`finds the fault in ${JSON.stringify(text)}`, () => {
        expect(read(text).faults).to.deep.equal([`invalid-json ${where}`]);
      });
    }

    it('loses only the broken value of a stream', () => {
      expect(read('{"a": 1}\n{"b": tru}\n{"c": 3}\n')).to.deep.equal({
        values: [{ a: 1 }, { c: 3 }],
        faults: ['invalid-json 2:7'],
      });
      expect(read('{"a": 1}\n{"b": [1\n{"c": 3}\n')).to.deep.equal({
        values: [{ a: 1 }, { c: 3 }],
        faults: ['invalid-json 3:1'],
      });
    });
  });
});
