/** A long List in YAML is read in steps, to what it is as a whole. */

import { expect } from 'chai';
import { load } from 'js-yaml';
import { readInSteps } from '../../src/input/documents.js';
import type { ReadResult } from '../../src/input/source.js';

/** As kubectl prints it: more than a step can take, with each thing that could mislead a cut. */
function listText(indent = '', item: (i: number) => string = () => ''): string {
  const items = Array.from(
    { length: 800 },
    (_, i) => `- apiVersion: v1
  kind: Service
  metadata:
    name: s${i}
    annotations:
      text: |
        items:
        - ${'x'.repeat(300)}

      folded: "one
        - two # no comment"
# a comment in the first column
  spec: {ports: [{port: ${i + 1}}], selector: null}
${item(i)}`,
  );
  const lines = items.join('').replace(/^(?=[^\n#])/gm, indent);
  return `apiVersion: v1\nitems:\n${lines}kind: List\nmetadata:\n  resourceVersion: ""\n`;
}

function read(text: string): { readonly result: ReadResult; readonly steps: number } {
  const reading = readInSteps({ name: 'f', text });
  for (let steps = 0; ; steps++) {
    const step = reading.next();
    if (step.done === true) return { result: step.value, steps };
  }
}

describe('input/yaml-list', () => {
  const texts: Readonly<Record<string, string>> = {
    'without indentation': listText(),
    indented: listText('  '),
    'with carriage returns': listText().replaceAll('\n', '\r\n'),
    'behind dashes': `# first\n---\n${listText()}`,
    'at the end of the document': listText().replace(/kind: List[\s\S]*$/, ''),
  };
  for (const [name, text] of Object.entries(texts))
    it(`reads a List ${name}`, () => {
      const { result, steps } = read(text);
      expect(steps).to.be.greaterThan(text.length / 100_000);
      expect(result.diagnostics).to.deep.equal([]);
      expect(result.documents.map(({ value }) => value)).to.deep.equal([load(text)]);
    });

  it('reads as a whole what parts would read in another way', () => {
    const anchors = listText('', (i) => (i === 0 ? '  a: &a 1\n' : i === 700 ? '  b: *a\n' : ''));
    expect(read(anchors).result.documents.map(({ value }) => value)).to.deep.equal([load(anchors)]);
    const scalar = `a: |\n${listText().replace(/^(?=.)/gm, '  ')}`;
    expect(read(scalar).result.documents.map(({ value }) => value)).to.deep.equal([load(scalar)]);
  });

  it('says where it breaks, and which key is given twice, as of any document', () => {
    const broken = listText('', (i) => (i === 600 ? '  spec: [\n' : ''));
    const line = broken.slice(0, broken.indexOf('spec: [\n')).split('\n').length;
    const [fault] = read(broken).result.diagnostics;
    expect([fault?.code, fault?.position?.line]).to.deep.equal(['invalid-yaml', line + 1]);
    const twice = listText('', (i) => (i === 600 ? '  kind: Service\n' : ''));
    const { documents, diagnostics } = read(twice).result;
    expect(documents).to.have.length(1);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).to.deep.equal([
      'duplicate-key key kind is set twice in one map; the last one counts',
    ]);
    const again = read(`${listText()}items: []\n`).result;
    expect(again.diagnostics.map(({ code }) => code)).to.deep.equal(['duplicate-key']);
  });
});
