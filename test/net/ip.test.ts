import { expect } from 'chai';
import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import {
  addressBits,
  familyOf,
  inetNtop,
  interfaceAddresses,
  ipFromBigInt,
  ipToBigInt,
  isIpv4Mapped,
  isLoopback,
  isUnspecified,
  joinHostPort,
  parseIp,
} from '../../src/net/ip.js';
import { property } from '../support/arbitrary/property.js';

/**
 * Canonical text as WHATWG URL writes an IPv6 host; it knows no IPv4-mapped addresses, which stay
 * hexadecimal.
 */
function byUrl(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

const ipv4 = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 255 })));
/** Many zeros, so that runs of them are found at every place. */
const words = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
});
const mapped = (group: readonly number[]): boolean =>
  group.slice(0, 5).every((word) => word === 0) && group[5] === 0xffff;
const hex = (group: readonly number[]): string => group.map((word) => word.toString(16)).join(':');

describe('parseIp', () => {
  const same = [
    '0.0.0.0',
    '10.96.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    'fd00::1',
    '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1::1',
    '1:2:3:4:5:6:7:8',
  ];
  for (const text of same) it(`${text} is canonical`, () => expect(parseIp(text)).to.equal(text));

  const others: readonly (readonly [text: string, canonical: string])[] = [
    ['010.096.000.001', '10.96.0.1'],
    ['0010.0.0.00009', '10.0.0.9'],
    ['08.09.0.0', '8.9.0.0'],
    ['FD00::ABCD', 'fd00::abcd'],
    ['fd00:0:0:0:0:0:0:1', 'fd00::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:0:2:0:0:0:4', '1:0:0:2::4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['0001:002:03:4::', '1:2:3:4::'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
    ['::10.0.0.1', '::a00:1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['::ffff:010.0.0.01', '10.0.0.1'],
    ['::ffff:0:10.0.0.1', '::ffff:0:a00:1'],
    // Go's sloppy parser counts no digits, only the value.
    ['00001::', '1::'],
  ];
  for (const [text, canonical] of others)
    it(`reads ${text} as ${canonical}`, () => expect(parseIp(text)).to.equal(canonical));

  const refused = [
    [
      '',
      ' ',
      ' 10.0.0.1',
      '10.0.0.1 ',
      '10.0.0.1\n',
      '10.0.0',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.',
      '.1.2.3',
    ],
    [
      '1..2.3',
      '256.0.0.1',
      '1.2.3.999',
      '0x1.2.3.4',
      '-1.0.0.1',
      '+1.0.0.1',
      '1e1.0.0.1',
      '１.2.3.4',
    ],
    [
      '1.2.3.4/32',
      '1.2.3.4:80',
      'localhost',
      '16777217',
      ':',
      ':::',
      '1:',
      ':1',
      '1::2::3',
      '1:2:3:4:5:6:7',
    ],
    [
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '::1:2:3:4:5:6:7:8',
      '12345::',
      'g::',
      '::-1',
      ': :',
    ],
    [
      'fe80::1%eth0',
      'fe80::1%',
      '[::1]',
      '::1/128',
      '1.2.3.4::',
      '::1.2.3',
      '::1.2.3.4.5',
      '::1.2.3.4:5',
    ],
    ['1:2:3:4:5:6:7:1.2.3.4', '::ffff:256.0.0.1', '::\u0661', 'null', '__proto__'],
  ].flat();
  for (const text of refused)
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseIp(text)).to.equal(undefined));

  it('reads any IPv4 address as ip-address does, leading zeros being decimal', () => {
    property(
      fc.property(ipv4, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (octets, zeros) => {
        const canonical = octets.join('.');
        const padded = octets.map((octet, i) => '0'.repeat(zeros[i]!) + octet).join('.');
        expect(parseIp(padded)).to.equal(canonical);
        expect(ipToBigInt(parseIp(padded)!)).to.equal(new Address4(canonical).bigInt());
        expect(ipFromBigInt(ipToBigInt(parseIp(canonical)!), 'IPv4')).to.equal(canonical);
      }),
    );
  });

  it('prints any IPv6 address as WHATWG URL does, and counts as ip-address does', () => {
    property(
      fc.property(words, (group) => {
        fc.pre(!mapped(group));
        const ip = parseIp(hex(group))!;
        expect(ip).to.equal(byUrl(hex(group)));
        expect(ipToBigInt(ip)).to.equal(new Address6(hex(group)).bigInt());
        expect(ipFromBigInt(ipToBigInt(ip), 'IPv6')).to.equal(ip);
        expect(parseIp(ip)).to.equal(ip);
        expect(familyOf(ip)).to.equal('IPv6');
      }),
    );
  });

  it('reads every spelling of an IPv6 address alike: upper case, padded, any run of zeros cut, dotted end', () => {
    property(
      fc.property(words, fc.nat(7), fc.nat(7), fc.boolean(), (group, from, length, dotted) => {
        const run = group.map((word, i) => (i >= from && i <= from + length ? 0 : word));
        const end = Math.min(from + length + 1, 8);
        const parts = run.map((word) => word.toString(16).padStart(4, '0').toUpperCase());
        const whole = parts.join(':');
        const tail = [run[6]! >> 8, run[6]! & 255, run[7]! >> 8, run[7]! & 255].join('.');
        const cut = `${parts.slice(0, from).join(':')}::${parts.slice(end).join(':')}`;
        expect(parseIp(cut)).to.equal(parseIp(whole));
        if (dotted)
          expect(parseIp([...parts.slice(0, 6), tail].join(':'))).to.equal(parseIp(whole));
      }),
    );
  });

  it('accepts no text that WHATWG URL refuses as an IPv6 host, but for leading zeros', () => {
    const character = fc.constantFrom(...'0123456789abcdefABCDEF:::::....%/[]g ');
    property(
      fc.property(fc.string({ unit: character, maxLength: 24 }), (text) => {
        fc.pre(text.includes(':'));
        const ip = parseIp(text);
        let url: string | undefined;
        try {
          url = byUrl(text);
        } catch {}
        if (ip === undefined && url !== undefined) expect(text).to.match(/[%[\]/]/);
        if (ip !== undefined && url === undefined)
          expect(text).to.match(/\.0\d|:0\d+\.|0[\da-f]{4}/i);
      }),
      5,
    );
  });
});

describe('addresses', () => {
  it('inetNtop writes IPv4-compatible addresses dotted, as iptables prints them', () => {
    const table: readonly (readonly [text: string, printed: string])[] = [
      ['10.0.0.1', '10.0.0.1'],
      ['::', '::'],
      ['::1', '::1'],
      ['::ffff', '::ffff'],
      ['::a00:1', '::10.0.0.1'],
      ['::1:0', '::0.1.0.0'],
      ['::1:a00:1', '::1:a00:1'],
      ['fd00::a00:1', 'fd00::a00:1'],
    ];
    for (const [text, printed] of table) expect(inetNtop(parseIp(text)!), text).to.equal(printed);
  });

  it('inetNtop is read back as the same address', () => {
    property(
      fc.property(words, (group) => {
        const ip = parseIp(hex(group))!;
        expect(parseIp(inetNtop(ip))).to.equal(ip);
      }),
    );
  });

  it('isIpv4Mapped knows only IPv4 in IPv6 clothes', () => {
    for (const text of ['::ffff:10.0.0.1', '::ffff:a00:1', '0:0:0:0:0:FFFF:0:0'])
      expect(isIpv4Mapped(text), text).to.equal(true);
    for (const text of ['10.0.0.1', '::10.0.0.1', '::fffe:10.0.0.1', '::ffff:0:1:2', 'x', ''])
      expect(isIpv4Mapped(text), text).to.equal(false);
  });

  it('isLoopback and isUnspecified are those of Go', () => {
    for (const text of ['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1'])
      expect(isLoopback(parseIp(text)!), text).to.equal(true);
    for (const text of ['126.0.0.1', '12.7.0.1', '::', '::2', '::127.0.0.1'])
      expect(isLoopback(parseIp(text)!), text).to.equal(false);
    for (const text of ['0.0.0.0', '::', '0::0', '::ffff:0.0.0.0'])
      expect(isUnspecified(parseIp(text)!), text).to.equal(true);
    for (const text of ['0.0.0.1', '::1'])
      expect(isUnspecified(parseIp(text)!), text).to.equal(false);
  });

  it('joinHostPort puts brackets around IPv6 only', () => {
    expect(joinHostPort('10.0.0.1', 80)).to.equal('10.0.0.1:80');
    expect(joinHostPort('fd00::1', 80)).to.equal('[fd00::1]:80');
  });

  it('ipFromBigInt refuses what no address of the family is', () => {
    for (const family of ['IPv4', 'IPv6'] as const) {
      const end = 1n << BigInt(addressBits(family));
      expect(() => ipFromBigInt(-1n, family)).to.throw(RangeError);
      expect(() => ipFromBigInt(end, family)).to.throw(RangeError);
      expect(ipToBigInt(ipFromBigInt(end - 1n, family))).to.equal(end - 1n);
    }
  });
});

describe('addresses of interfaces', () => {
  it('are those of their texts, without the prefix', () => {
    const interfaces = [
      { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
      { name: 'eth0', addresses: ['192.0.2.10/24', 'fe80::1/64', 'nonsense'] },
    ];
    expect(interfaceAddresses(interfaces)).to.deep.equal([
      '127.0.0.1',
      '::1',
      '192.0.2.10',
      'fe80::1',
    ]);
  });
});
