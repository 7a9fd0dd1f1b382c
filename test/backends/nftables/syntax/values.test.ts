/** Words of nft: keys that are taken as they stand are spelled as all others are. */

import { expect } from 'chai';
import fc from 'fast-check';
import {
  elementKeyText,
  plainKeyText,
  protocolName,
} from '../../../../src/backends/nftables/syntax/values.js';
import { property } from '../../../support/arbitrary/property.js';

const value = fc.constantFrom<string | number>(
  ...['10.0.0.1', '010.0.0.1', '256.0.0.1', '10.0.0.0/8', '10.0.0.1-10.0.0.2', 'fd00::0001'],
  ...['tcp', 'ipv6-icmp', 'eth0', '6', '', 6, 80, -1.5],
);
const type = fc.constantFrom('ipv4_addr', 'inet_proto', 'inet_service');

describe('the key of an element', () => {
  it('is spelled in one way, whether its parts are looked at or not', () => {
    const [plain, spelled] = [plainKeyText(['10.0.0.1', 'tcp', 80], []), '10.0.0.1 . tcp . 80'];
    expect(plain).to.equal(spelled);
    property(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), fc.array(type), (all, types) => {
        const words = all.flatMap((one, i) => (i === 0 ? [`${one}`] : ['.', `${one}`]));
        const text = plainKeyText(all, types);
        if (text !== undefined) expect(text).to.equal(elementKeyText(words, types));
      }),
    );
  });
});

describe('the name of a protocol', () => {
  it('is that of its number, and any other word is left as it is', () => {
    const names = ['17', 'sctp', '7', 'constructor', '__proto__'].map(protocolName);
    expect(names).to.deep.equal(['udp', 'sctp', '7', 'constructor', '__proto__']);
  });
});
