/** Packets that take a walk from the cache arrive where they would have arrived without it. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { expectedTraffic } from '../../src/explain/expected-traffic.js';
import { machineOf } from '../../src/explain/machine.js';
import { type BackendName, loadHostFacts, readRules } from '../../src/index.js';
import { parseIp } from '../../src/net/ip.js';
import { address, everything, numbers, type Region, word } from '../../src/netfilter/region.js';
import { type Arrival, Router } from '../../src/netfilter/route.js';
import { WalkCache } from '../../src/netfilter/walk-cache.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { isRecorded, recordedRules } from '../support/cases/recorded-rules.js';

const HOST = {
  nodeName: 'n',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

function textOf({ flow, ending, hook, policy }: Arrival): string {
  const { dnat, mark, masquerade, region, share, lists, path } = flow;
  const steps: string[] = [];
  for (let step = path; step !== undefined; step = step.before) steps.push(step.rule.line);
  return [
    ...[hook, JSON.stringify(ending), policy?.name, dnat?.to.ip, dnat?.to.port, mark, masquerade],
    ...[`${share.numerator}/${share.denominator}`, lists.join()],
    ...Object.values(region).map((set) => set.join()),
    ...steps,
  ].join(' | ');
}

const textsOf = (arrivals: readonly Arrival[]): readonly string[] => arrivals.map(textOf).sort();

function packet(source: string, destination: string, port: number): Region {
  const point = (text: string): Region['saddr'] => address(parseIp(text) ?? expect.fail(text));
  return {
    ...everything('IPv4'),
    saddr: point(source),
    daddr: point(destination),
    protocol: word('tcp'),
    dport: numbers(port, port),
    state: word('new'),
  };
}

/** Every pair of a source and a destination, each asked about twice. */
const PACKETS = ['10.0.0.1', '10.0.0.2', '172.16.0.1', '10.0.0.1'].flatMap((source) =>
  ['10.1.0.1', '10.1.0.2', '192.168.0.10', '10.1.0.1'].flatMap((destination) =>
    [80, 443, 22].map((port) => packet(source, destination, port)),
  ),
);

/** Rules that make a difference by source, destination, port, mark, chance and client. */
const FILTERS = [
  '-A FORWARD -s 10.0.0.1/32 -j DROP',
  '-A FORWARD -d 10.1.0.2/32 -j DROP',
  '-A FORWARD -p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset',
  '-A FORWARD ! -s 10.0.0.0/8 -d 10.1.0.1/32 -p tcp -m tcp --dport 443 -j MARK --set-xmark 0x1/0x1',
  '-A FORWARD -m statistic --mode random --probability 0.50000000000 -j DROP',
  '-A FORWARD -m recent --name X --set --rsource',
  '-A FORWARD -m nosuch --thing 1 -j DROP',
  ...Array.from({ length: 20 }, (_, i) => `-A FORWARD -d 10.1.0.${i}/32 -j DROP`),
  ...Array.from({ length: 20 }, (_, i) => `-A FORWARD -p tcp -m tcp --dport ${i + 20} -j DROP`),
];

describe('netfilter: cached walks', () => {
  for (const [i, rule] of FILTERS.slice(0, 7).entries())
    it(`are those of ${rule.slice('-A FORWARD '.length)}`, () => {
      const lines = [rule, ...FILTERS.slice(7 + (i % 2) * 20, 27 + (i % 2) * 20)].join('\n');
      const text = `*filter\n:FORWARD ACCEPT [0:0]\n:INPUT DROP [0:0]\n${lines}\n-A FORWARD -m mark --mark 0x1/0x1 -j DROP\nCOMMIT\n`;
      const program = readRules('iptables', text, { family: 'IPv4' }).program();
      const router = new Router(program, machineOf('IPv4', HOST, undefined));
      const cache = new WalkCache('IPv4');
      for (const region of PACKETS)
        expect(textsOf(router.route(region, 'prerouting', { cache }))).to.deep.equal(
          textsOf(router.route(region, 'prerouting')),
        );
    });

  for (const mode of ['iptables', 'nftables'] satisfies BackendName[])
    it(`are those of all packets that a model distinguishes, in mode ${mode}`, () => {
      const [kitchenSink] = conformanceCases().filter(({ name }) => name.endsWith('kitchen-sink'));
      const found = kitchenSink ?? expect.fail('no such case');
      expect(isRecorded(found, mode)).to.equal(true);
      const { model } = loadCase(found, mode).compile('IPv4');
      const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
      const machine = machineOf('IPv4', host, undefined);
      const text = recordedRules(found, mode, 'IPv4');
      const router = new Router(readRules(mode, text, { family: 'IPv4' }).program(), machine);
      const cache = new WalkCache('IPv4');
      const setting = settingOf(model, machine, BACKENDS[mode].behaviour);
      for (const { region, sender } of expectedTraffic(model, setting))
        expect(textsOf(router.route(region, sender.start, { cache }))).to.deep.equal(
          textsOf(router.route(region, sender.start)),
        );
    });
});
