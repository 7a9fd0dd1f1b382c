import { expect } from 'chai';
import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import {
  cidrContains,
  cidrFamily,
  cidrParts,
  hostCidr,
  isZeroCidr,
  parseCidr,
} from '../../src/net/cidr.js';
import { cidrLookup } from '../../src/net/cidr-set.js';
import { type Family, ipFromBigInt, parseIp } from '../../src/net/ip.js';
import { property } from '../support/arbitrary/property.js';

const anyIp = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ipFromBigInt(value, 'IPv4')),
  fc.bigInt({ min: 1n << 64n, max: (1n << 128n) - 1n }).map((value) => ipFromBigInt(value, 'IPv6')),
);

describe('parseCidr', () => {
  const read: readonly (readonly [text: string, canonical: string])[] = [
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['010.0.0.0/08', '10.0.0.0/8'],
    ['1.2.3.4/32', '1.2.3.4/32'],
    ['255.255.255.255/0', '0.0.0.0/0'],
    ['192.168.1.255/31', '192.168.1.254/31'],
    ['FD00::1/8', 'fd00::/8'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
    ['::10.0.0.1/128', '::a00:1/128'],
  ];
  for (const [text, canonical] of read)
    it(`reads ${text} as ${canonical}`, () => expect(parseCidr(text)).to.equal(canonical));

  const refused = ['', '/', '10.0.0.0', '10.0.0.0/', '/8', '10.0.0.0/33', '::/129', '10.0.0.0/-1'];
  refused.push(
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    ' 10.0.0.0/8',
    '10.0.0.0/+8',
    '10.0.0.0/1e1',
    '10.0.0/8',
  );
  refused.push(
    '10.0.0.0/255.0.0.0',
    '::ffff:10.0.0.0/104',
    '::ffff:10.0.0.0/24',
    'fe80::%eth0/64',
    '10.0.0.0/0x8',
    '10.0.0.0/٨',
  );
  for (const text of refused)
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseCidr(text)).to.equal(undefined));

  it('cuts host bits and decides membership as ip-address does', () => {
    property(
      fc.property(anyIp, anyIp, fc.nat(128), fc.boolean(), (network, stranger, length, near) => {
        const family: Family = network.includes(':') ? 'IPv6' : 'IPv4';
        const bits = family === 'IPv4' ? length % 33 : length;
        const Oracle = family === 'IPv4' ? Address4 : Address6;
        const cidr = parseCidr(`${network}/${bits}`)!;
        const oracle = new Oracle(`${network}/${bits}`);
        expect(cidrFamily(cidr)).to.equal(family);
        expect(cidrParts(cidr).bits).to.equal(bits);
        expect(parseIp(oracle.startAddress().correctForm())).to.equal(cidrParts(cidr).ip);
        expect(cidrContains(cidr, network)).to.equal(true);
        const other = near ? cidrParts(cidr).ip : stranger;
        const sameFamily = other.includes(':') === network.includes(':');
        const inside = sameFamily && new Oracle(other).isInSubnet(oracle as never);
        expect(cidrContains(cidr, other)).to.equal(inside);
        expect(isZeroCidr(cidr)).to.equal(bits === 0);
        expect(parseCidr(cidr)).to.equal(cidr);
      }),
    );
  });

  it('hostCidr holds its address and no neighbour', () => {
    property(
      fc.property(anyIp, (ip) => {
        expect(parseCidr(hostCidr(ip))).to.equal(hostCidr(ip));
        expect(cidrContains(hostCidr(ip), ip)).to.equal(true);
      }),
    );
    expect(cidrContains(hostCidr(parseIp('10.0.0.1')!), parseIp('10.0.0.2')!)).to.equal(false);
    expect(cidrContains(hostCidr(parseIp('::1')!), parseIp('0.0.0.1')!)).to.equal(false);
  });
});

describe('net/cidr-set: cidrLookup', () => {
  const networks = ['10.0.0.0/24', '10.0.1.0/24', '10.0.8.0/32', 'fd00::/64'];
  const holds = cidrLookup(networks.flatMap((text) => parseCidr(text) ?? []));
  const cases: readonly (readonly [string, boolean])[] = [
    ['9.255.255.255', false],
    ['10.0.0.0', true],
    ['10.0.1.255', true],
    ['10.0.2.0', false],
    ['10.0.8.0', true],
    ['10.0.8.1', false],
    ['fd00::ffff', true],
    ['fd00:0:0:1::', false],
  ];
  for (const [text, expected] of cases) {
    it(`${text} is ${expected ? 'in one' : 'in none'} of the networks`, () => {
      const ip = parseIp(text);
      expect(ip !== undefined && holds(ip)).to.equal(expected);
    });
  }
});
