/** The block of a hosts file: what it holds, and that nothing around it changes. */

import { expect } from 'chai';
import fc from 'fast-check';
import { hostsLines, withHostsBlock } from '../../src/dns/hosts-block.js';
import { type Ip, parseIp } from '../../src/net/ip.js';
import { EVERY_OTHER_SERVICE } from '../../src/snapshot/types.js';
import { property } from '../support/arbitrary/property.js';

const BEGIN = '# BEGIN vipc: names of Services; vipc replaces the lines up to END';
const END = '# END vipc';
const OWN = '127.0.0.1 localhost\n::1 localhost\n';
const WEB = '10.96.0.1 web.shop.svc.cluster.local web.shop.svc web.shop';
const DB = '10.96.0.2 db.shop.svc.cluster.local db.shop.svc db.shop';

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

describe('dns/hosts-block', () => {
  it('three names a record, in any domain', () => {
    const service = 'shop/web';
    expect(
      hostsLines([{ service, hostname: '', ip: ip('10.96.0.1') }], 'cluster.local'),
    ).to.deep.equal([WEB]);
    expect(hostsLines([{ service, hostname: 'a', ip: ip('fd00::1') }], 'k.example')).to.deep.equal([
      'fd00::1 a.web.shop.svc.k.example a.web.shop.svc a.web.shop',
    ]);
  });

  for (const [what, before, after] of [
    ['an empty file', '', `${BEGIN}\n${WEB}\n${END}\n`],
    ['a file with lines', OWN, `${OWN}${BEGIN}\n${WEB}\n${END}\n`],
    ['a file without a last newline', '::1 localhost', `::1 localhost\n${BEGIN}\n${WEB}\n${END}\n`],
    [
      'a block between lines',
      `a\n${BEGIN}\nold\n${END}\nb\r\n`,
      `a\n${BEGIN}\n${WEB}\n${END}\nb\r\n`,
    ],
    ['a block at the end', `a\n${BEGIN}\nold\n${END}`, `a\n${BEGIN}\n${WEB}\n${END}`],
    ['an empty block', `${BEGIN}\n${END}\nb\n`, `${BEGIN}\n${WEB}\n${END}\nb\n`],
    [
      'marks with other words behind them',
      `# BEGIN vipc (old)\n # END vipc\r\nb\n`,
      `${BEGIN}\n${WEB}\n${END}\nb\n`,
    ],
    ['a mark of another program', `# BEGIN vipcx\n`, `# BEGIN vipcx\n${BEGIN}\n${WEB}\n${END}\n`],
  ] as const)
    it(`writes into ${what}`, () => {
      expect(withHostsBlock(before, [WEB])).to.equal(after);
      expect(withHostsBlock(after, [WEB])).to.equal(after);
    });

  it('without lines there is no block', () => {
    expect(withHostsBlock(`a\n${BEGIN}\nold\n${END}\nb\n`, [])).to.equal('a\nb\n');
    expect(withHostsBlock('a\n', [])).to.equal('a\n');
  });

  for (const [text, line] of [
    [`${BEGIN}\na\n`, 1],
    [`a\n${END}\n`, 2],
    [`${BEGIN}\n${BEGIN}\n${END}\n`, 2],
    [`${BEGIN}\n${END}\n\n${BEGIN}\n${END}\n`, 4],
    [`${BEGIN}\n${END}\n${END}\n`, 3],
  ] as const)
    it(`refuses ${JSON.stringify(text.replaceAll(BEGIN, 'B').replaceAll(END, 'E'))}`, () => {
      expect(withHostsBlock(text, [WEB])).to.have.property('line', line);
    });

  it('of an incomplete Service no line is lost', () => {
    const pod = '10.0.0.1 db-0.db.shop.svc.cluster.local db-0.db.shop.svc db-0.db.shop';
    const text = `${BEGIN}\n${WEB}\n${DB}\n${pod}\n${END}\n`;
    const known = new Map([['shop/web', {}]]);
    const one = { services: new Set(['shop/db']), known };
    expect(withHostsBlock(text, ['x'], one)).to.equal(`${BEGIN}\nx\n${DB}\n${pod}\n${END}\n`);
    const others = { services: new Set([EVERY_OTHER_SERVICE]), known };
    expect(withHostsBlock(text, ['x'], others)).to.equal(`${BEGIN}\nx\n${DB}\n${pod}\n${END}\n`);
    expect(withHostsBlock(text, [DB], one)).to.equal(`${BEGIN}\n${DB}\n${pod}\n${END}\n`);
  });

  it('takes a namespace, a Service and a pod called svc for what they are', () => {
    const lines = [
      ['svc', 'web', 'web.svc.svc.cluster.local web.svc.svc web.svc'],
      ['shop', 'svc', 'svc.shop.svc.cluster.local svc.shop.svc svc.shop'],
      ['shop', 'svc', 'svc.svc.shop.svc.cluster.local svc.svc.shop.svc svc.svc.shop'],
    ];
    for (const [namespace, name, names] of lines) {
      const text = `${BEGIN}\n10.96.0.3 ${names}\n${END}\n`;
      const services = new Set([`${namespace}/${name}`]);
      expect(withHostsBlock(text, [], { services, known: new Map() })).to.equal(text);
    }
  });

  it('changes nothing outside the block, whatever stands there', () => {
    const lines = fc.array(fc.string().filter((line) => !/[\n]|# (?:BEGIN|END) vipc\b/.test(line)));
    property(
      fc.property(lines, lines, lines, (head, inside, tail) => {
        const text = [...head, BEGIN, ...inside, END, ...tail].join('\n');
        expect(withHostsBlock(text, [WEB])).to.equal(
          [...head, BEGIN, WEB, END, ...tail].join('\n'),
        );
        expect(withHostsBlock(text, [])).to.equal([...head, ...tail].join('\n'));
      }),
    );
  });
});
