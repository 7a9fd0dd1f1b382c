import { expect } from 'chai';
import { diagnosticText } from '../src/diagnostic-text.js';

const OBJECT = { kind: 'Service', namespace: 'shop', name: 'web' };

describe('diagnostic-text', () => {
  it('puts place, object, field and value before the sentence', () => {
    expect(
      diagnosticText({
        code: 'x',
        severity: 'warning',
        message: 'not an IP address: ignored',
        object: OBJECT,
        field: 'spec.externalIPs[0]',
        value: '"nope"',
        position: { file: 'a.yaml', line: 3, column: 5 },
      }),
    ).to.equal(
      'a.yaml:3:5: Service shop/web: spec.externalIPs[0]: "nope": not an IP address: ignored',
    );
  });

  it('does not repeat what the sentence names itself', () => {
    const message = 'Service shop/web left out: spec.type: "Cluste" is not one of ClusterIP';
    const said = diagnosticText({
      code: 'x',
      severity: 'error',
      message,
      object: OBJECT,
      field: 'spec.type',
      value: '"Cluste"',
    });
    expect(said).to.equal(message);
  });

  it('names cluster-scoped objects without a namespace', () => {
    const object = { kind: 'Node', namespace: '', name: 'a' };
    expect(diagnosticText({ code: 'x', severity: 'note', message: 'is odd', object })).to.equal(
      'Node a: is odd',
    );
  });

  it('gives a terminal nothing to obey', () => {
    const object = { ...OBJECT, name: 'a\u001b[31m\nerror: b\u202e' };
    expect(diagnosticText({ code: 'x', severity: 'note', message: 'is odd\r', object })).to.equal(
      'Service shop/a\\u001b[31m\\u000aerror: b\\u202e: is odd\\u000d',
    );
  });
});
