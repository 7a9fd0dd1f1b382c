/** What the API server of Kubernetes 1.36 refuses in labels and annotations of a Service. */

import { expect } from 'chai';
import { LB, refused } from './refused-service.js';

describe('snapshot/service-rules, of metadata', () => {
  it('refuse invalid labels', () => {
    expect(refused({}, {}, { labels: { 'a b': 'c' } })[0]).to.match(/^metadata.labels: "a b": /);
    expect(refused({}, {}, { labels: { a: 'b c' } })[0]).to.match(/^metadata.labels: "b c": /);
  });

  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  const mode = 'service.kubernetes.io/topology-mode';
  const hints = 'service.kubernetes.io/topology-aware-hints';
  const annotations: readonly (readonly [string, object, Record<string, unknown>, string])[] = [
    ['a key with a blank', {}, { 'a b': '' }, 'metadata.annotations: "a b": name part must'],
    [
      'a key in upper case behind a bad prefix',
      {},
      { '-A/b': '' },
      'metadata.annotations: "-A/b": prefix part',
    ],
    [
      'more than 256 KiB',
      {},
      { a: 'x'.repeat(262_144) },
      'metadata.annotations: may not be more than 262144 bytes',
    ],
    [
      'two topology modes',
      {},
      { [mode]: 'Auto', [hints]: 'Disabled' },
      `metadata.annotations[${mode}]: "Auto": must match`,
    ],
    [
      'source ranges on a ClusterIP',
      {},
      { [ranges]: '' },
      `metadata.annotations[${ranges}]: ${only}`,
    ],
    [
      'source ranges that are none',
      LB,
      { [ranges]: '10.0.0.0/8, junk' },
      `metadata.annotations[${ranges}]: "junk": must be a valid CIDR value`,
    ],
  ];
  for (const [what, spec, values, message] of annotations) {
    it(`refuse annotations with ${what}`, () => {
      const [first, ...more] = refused(spec, {}, { annotations: values });
      expect(first).to.satisfy((text: string) => text?.startsWith(message), `${first}`);
      expect(more).to.deep.equal([]);
    });
  }

  it('accept annotations that agree', () => {
    for (const values of [
      { 'Example.com/A': 'b' },
      { a: 'x'.repeat(262_143) },
      { [mode]: 'Auto', [hints]: 'Auto' },
      { [ranges]: ' 10.0.0.0/8, fd00::/8 ' },
    ]) {
      expect(refused(LB, {}, { annotations: values })).to.deep.equal([]);
    }
  });
});
