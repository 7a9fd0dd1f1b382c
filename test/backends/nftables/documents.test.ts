import { expect } from 'chai';
import { familiesOf } from '../../../src/backends/nftables/documents.js';

const LISTING = {
  nftables: [
    { metainfo: { version: '1.1.3' } },
    { table: { family: 'inet', name: 'kube-proxy', handle: 1 } },
    { table: { family: 'ip', name: 'other', handle: 2 } },
    { table: { family: 'ip6', name: 'kube-proxy', handle: 3 } },
  ],
};

describe('the families of a document', () => {
  const documents: readonly (readonly [what: string, text: string])[] = [
    ['a listing', JSON.stringify(LISTING)],
    ['a listing through jq', JSON.stringify(LISTING, undefined, 2)],
    ['a listing with tabs', JSON.stringify(LISTING, undefined, '\t')],
    ['a script', 'add table ip other\nadd table ip6 kube-proxy { comment "x" ; }\n'],
    // It is refused, but with a hint that helps.
    ['a listing as text', 'table ip other {\n}\ntable ip6 kube-proxy {\n}\n'],
  ];
  for (const [what, text] of documents) {
    it(`are named by ${what}`, () => {
      expect(familiesOf(text)).to.deep.equal(['IPv6']);
    });
  }

  it('are none where nothing is ours', () => {
    expect(familiesOf('{"nftables": [{"table": {"family": "ip", "name": "x"}}]}')).to.deep.equal(
      [],
    );
  });
});
