/** Runs of rules about one field: all packets together arrive where each does alone. */

import { expect } from 'chai';
import fc from 'fast-check';
import { machineOf } from '../../src/explain/machine.js';
import { readRules } from '../../src/index.js';
import { type fraction, NONE, plus } from '../../src/netfilter/fraction.js';
import { contains } from '../../src/netfilter/intervals.js';
import {
  everything,
  numbers,
  type Region,
  singlePoint,
  word,
  words,
} from '../../src/netfilter/region.js';
import { type Arrival, Router } from '../../src/netfilter/route.js';
import { filter } from './small-programs.js';

const HOST = { nodeName: 'n', nfacct: false, interfaces: [] };
const MACHINE = machineOf('IPv4', HOST, undefined);
/** More than the shortest run. */
const RULES = 60;

const WHOLE: Region = {
  ...everything('IPv4'),
  ...{ daddr: numbers(0x0a600001, 0x0a600001), state: word('new'), iif: words(['eth0', 'lo']) },
};

/** Addresses below 10.0.0.64, in networks that touch and contain each other. */
const source = fc
  .tuple(fc.nat(63), fc.constantFrom(32, 32, 32, 31, 30, 28))
  .map(([i, bits]) => `10.0.0.${i & -(2 ** (32 - bits))}/${bits}`);
const target = fc.constantFrom(
  ...['-j DROP', '-j RETURN', '-j A', '-g B', '-p udp -j DROP', '-p tcp -j B', '-j ACCEPT'],
  ...['-j MARK --set-xmark 0x1/0x1', '-j MARK --set-xmark 0x6/0xf', '-m mark --mark 0x1/0x1 -j A'],
  ...['-m statistic --mode random --probability 0.50000000000 -j DROP', ''],
);
const before = fc.constantFrom('', '-p udp', '! -i lo');
const rules = fc
  .tuple(before, fc.array(fc.tuple(source, target), { minLength: RULES, maxLength: RULES }))
  .map(([shared, all]) => all.map(([from, to]) => lineOf('FORWARD', from, shared, to)));

/** In the order of iptables-save: addresses, interfaces, the protocol. */
function lineOf(chain: string, from: string, shared: string, to: string): string {
  return `-A ${chain} -s ${from} ${shared.startsWith('-p') && to.startsWith('-p') ? '' : shared} ${to}`
    .replace(/ +/g, ' ')
    .trim();
}

const A = ['-A A -s 10.0.0.8/30 -j DROP', '-A A -p udp -j MARK --set-xmark 0x2/0x2'];
const B = ['-A B -s 10.0.0.0/27 -j RETURN', '-A B -j MARK --set-xmark 0x8/0x8'];

/** What becomes of some packets, each with its share. */
function outcomesOf(arrivals: readonly Arrival[]): Readonly<Record<string, string>> {
  const found = new Map<string, ReturnType<typeof fraction>>();
  for (const { flow, ending, hook } of arrivals) {
    const outcome = `${hook} ${ending.kind} ${flow.mark}`;
    found.set(outcome, plus(found.get(outcome) ?? NONE, flow.share));
  }
  const entries = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, s]) => [k, `${s.numerator}/${s.denominator}`]));
}

describe('netfilter/rule-runs', () => {
  for (const paths of [true, false]) {
    it(`leads all sources to where each goes alone, ${paths ? 'with' : 'without'} paths`, () => {
      fc.assert(
        fc.property(rules, (lines) => {
          const dump = filter('ACCEPT', ...lines, ...A, ...B);
          const router = new Router(
            readRules('iptables', dump, { family: 'IPv4' }).program(),
            MACHINE,
          );
          const all = router.route(WHOLE, 'prerouting', { paths });
          for (let i = 0; i < 64; i += 3) {
            for (const protocol of ['tcp', 'udp']) {
              const [saddr, iif] = [0x0a000000 + i, i % 2 === 0 ? 'eth0' : 'lo'];
              const alone: Region = {
                ...WHOLE,
                ...{ saddr: singlePoint(saddr), protocol: word(protocol), iif: word(iif) },
              };
              const here = all.filter(
                ({ flow: { region } }) =>
                  contains(region.saddr, saddr) &&
                  contains(region.protocol, protocol) &&
                  contains(region.iif, iif),
              );
              expect(outcomesOf(here), `${i} ${protocol}`).to.deep.equal(
                outcomesOf(router.route(alone, 'prerouting', { visit: () => undefined })),
              );
            }
          }
        }),
      );
    });
  }
});
