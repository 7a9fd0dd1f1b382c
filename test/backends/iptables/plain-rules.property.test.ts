/** Rules that are passed over by their text: a walk that reads all of them says the same. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { machineOf } from '../../../src/explain/machine.js';
import { type Packet, tracePacket } from '../../../src/explain/trace.js';
import { readRules } from '../../../src/index.js';
import { familyOf, type Ip, parseIp } from '../../../src/net/ip.js';
import { type Program, programChains, programOf } from '../../../src/netfilter/program.js';
import { Router } from '../../../src/netfilter/route.js';
import { property } from '../../support/arbitrary/property.js';

const FOLDER = 'fixtures/dumps';

/** The same rules, each of which has to be read. */
function readWhole(program: Program): Program {
  const chains = [...programChains(program)].map(({ table, name, base, origin, rules }) => ({
    ...{ table, name, base, origin },
    rules: rules.map(({ statements, line, comment }) => ({ statements, line, comment })),
  }));
  return programOf(chains, []);
}

function traced(program: Program, packet: Packet): unknown {
  const machine = machineOf(familyOf(packet.source), undefined, undefined);
  const { outcomes, ...found } = tracePacket(new Router(program, machine), packet, { all: true });
  return { ...found, outcomes: outcomes.map((one) => ({ ...one, untranslated: undefined })) };
}

/** Checks a packet to an address. */
function check(program: Program, whole: Program, destination: Ip, port: number): void {
  const source = parseIp(familyOf(destination) === 'IPv4' ? '10.9.9.9' : 'fd09::9') as Ip;
  const packet: Packet = {
    ...{ source, destination, port, protocol: 'tcp' },
    ...{ start: 'prerouting', inInterface: undefined },
  };
  expect(traced(program, packet)).to.deep.equal(traced(whole, packet));
}

const DESTINATIONS = ['10.96.0.1', '10.96.0.2', '10.96.0.11', '10.96.0.21'];

const address = fc.constantFrom(
  ...DESTINATIONS.map((ip) => `-d ${ip}/32`),
  ...['-d 10.96.0.0/30', '! -d 10.96.0.1/32', '-d 10.96.0.1/128', '-d 10.96.0.01/32', ''],
  ...['-d 310.96.0.1/32', '-s 10.9.9.9/32 -d 10.96.0.2/32', '-d fd00::1/128'],
);
const conditions = fc.constantFrom(
  ...['', '-m statistic --mode random --probability 0.50000000000', '-m foreign --option 1'],
  ...[
    '-m udp --dport 80',
    '-m tcp --dport 80 --bogus',
    '-m comment --comment "x',
    '-m tcp ! --dport 80',
  ],
);
const port = fc.constantFrom('80', '81', '080', '65536', '99999', '80:90', 'http');
const target = fc.constantFrom('KUBE-SVC-A', 'KUBE-SVC-A', 'KUBE-GONE', 'ACCEPT', 'DROP', 'OTHER');
const plain = fc
  .tuple(address, port, target)
  .map(
    ([to, number, chain]) =>
      `-A KUBE-SERVICES ${to} -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport ${number} -j ${chain}`,
  );
const other = fc
  .tuple(address, conditions, target)
  .map(([to, asked, chain]) => `-A KUBE-SERVICES ${to} -p tcp ${asked} -j ${chain}`);
const rule = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: other });

describe('rules for plain addresses', () => {
  it('are passed over where no packet meets them, in any rules', () => {
    property(
      fc.property(
        fc.array(rule, { minLength: 17, maxLength: 40 }),
        fc.constantFrom(...DESTINATIONS, '10.96.0.99'),
        fc.constantFrom(80, 81, 65535),
        (lines, destination, number) => {
          // An open quote is no rule of a dump.
          const kept = lines.map((line) => line.replace(/"x(?= -j)/, 'x').replace(/ +/g, ' '));
          const text = [
            ...[
              '*nat',
              ':PREROUTING ACCEPT [0:0]',
              ':KUBE-SERVICES - [0:0]',
              ':KUBE-SVC-A - [0:0]',
            ],
            ...['-A PREROUTING -j KUBE-SERVICES', ...kept],
            ...['-A KUBE-SVC-A -p tcp -m tcp -j DNAT --to-destination 10.1.1.1:8080', 'COMMIT', ''],
          ].join('\n');
          const program = readRules('iptables', text, { family: 'IPv4' }).program();
          check(program, readWhole(program), destination as Ip, number);
        },
      ),
      4,
    );
  });

  it('are passed over where no packet meets them, in every recorded dump', () => {
    const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /v[46]\.save$/.test(path),
    );
    expect(paths).not.to.have.length(0);
    for (const path of paths) {
      const family = path.endsWith('v4.save') ? 'IPv4' : 'IPv6';
      const text = readFileSync(join(FOLDER, path), 'latin1');
      const rules = readRules('iptables', text, { family });
      const program = rules.program();
      const whole = readWhole(program);
      const asked = [...rules.allFrontends(family)].filter(({ ip }) => ip !== '').slice(0, 5);
      for (const { ip, port: number } of asked) check(program, whole, ip as Ip, number);
    }
  });
});
