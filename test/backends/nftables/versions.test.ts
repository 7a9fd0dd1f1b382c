import { expect } from 'chai';
import { unsupported } from '../../../src/backends/nftables/versions.js';

describe('versions of nft', () => {
  const cases: readonly (readonly [
    nft: string | undefined,
    kernel: string | undefined,
    codes: string,
  ])[] = [
    ['0.9.8', '6.1.0-18-amd64', 'nft-too-old'],
    ['1.0.0', '6.1', 'nft-too-old'],
    ['1.0', '6.1', 'nft-too-old'],
    ['1.0.1', '6.1', 'nft-may-crash'],
    ['1.0.6', '6.1', 'nft-may-crash'],
    ['1.0.6.1', '6.1', ''],
    ['1.0.9', '6.1', 'nft-may-crash'],
    ['1.1.1', '6.1', 'nft-may-crash'],
    ['1.1.2', '6.1', ''],
    ['1.1.10', '6.1', ''],
    ['2.0', '6.1', ''],
    ['1.1.3', '5.12.19', 'kernel-too-old'],
    ['1.1.3', '5.4.0-generic', 'kernel-too-old'],
    ['1.1.3', '5.13.0', ''],
    ['1.1.3', '10.0', ''],
    ['0.9.8', '4.19', 'kernel-too-old nft-too-old'],
    [undefined, undefined, ''],
    ['', '', ''],
    ['unknown', 'unknown', ''],
  ];
  for (const [nft, kernel, codes] of cases) {
    it(`${nft} on Linux ${kernel}: ${codes === '' ? 'nothing' : codes}`, () => {
      const found = unsupported(nft, kernel);
      expect(found.map(({ code }) => code).join(' ')).to.equal(codes);
      for (const { message, hint } of found)
        expect(`${message} ${hint}`).to.not.include('undefined');
    });
  }
});
