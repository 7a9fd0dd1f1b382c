/**
 * Lists of clients that rules of Services keep: what the kernel does with `!`
 * (net/netfilter/xt_recent.c).
 */

import { expect } from 'chai';
import { machineOf } from '../../src/explain/machine.js';
import { parseIp, readRules } from '../../src/index.js';
import { address, everything, numbers, type Region, word } from '../../src/netfilter/region.js';
import { Router } from '../../src/netfilter/route.js';

const HOST = { nodeName: 'n', nfacct: false, interfaces: [] };
const CHAIN = 'KUBE-SVC-AAAAAAAAAAAAAAAA';

/** The first packets of a client, on a list since so many seconds if it is on it. */
function from(seconds: number): Region {
  const source = parseIp('10.0.0.1') ?? expect.fail();
  return {
    ...everything('IPv4'),
    ...{ saddr: address(source), state: word('new'), age: numbers(seconds, seconds) },
  };
}

/** Whether a match holds, and the lists that the client is put on. */
function found(match: string, client: readonly string[], seconds = 0): string {
  const rule = `-m recent ${match} --name K --mask 255.255.255.255 --rsource -j DROP`;
  const text = `*nat
:PREROUTING ACCEPT [0:0]
:${CHAIN} - [0:0]
-A PREROUTING -j ${CHAIN}
-A ${CHAIN} ${rule}
COMMIT
`;
  const program = readRules('iptables', text, { family: 'IPv4' }).program();
  const router = new Router(program, machineOf('IPv4', HOST, undefined));
  const arrivals = router.route(from(seconds), 'prerouting', { client: new Set(client) });
  return [
    ...new Set(arrivals.map(({ ending, flow }) => `${ending.kind} [${flow.lists.join()}]`)),
  ].join(', ');
}

describe('netfilter: lists of clients', () => {
  for (const client of [[], ['K']])
    it(`! --set puts ${client.length === 0 ? 'a new' : 'a known'} client there and matches nothing`, () => {
      expect(found('--set', client)).to.equal('drop [K]');
      expect(found('! --set', client)).to.equal('accept [K]');
    });

  it('! --update matches a client that was never seen, and does not put it there', () => {
    expect(found('--update --seconds 60', [])).to.equal('accept []');
    expect(found('! --update --seconds 60', [])).to.equal('drop []');
  });

  it('! --update leaves the time of a client that was seen', () => {
    expect(found('--update --seconds 60', ['K'], 59)).to.equal('drop [K]');
    expect(found('! --update --seconds 60', ['K'], 59)).to.equal('accept []');
    expect(found('! --update', ['K'], 59)).to.equal('accept []');
  });

  it('! --update renews the time of a client that was seen before that', () => {
    expect(found('--update --seconds 60', ['K'], 60)).to.equal('accept []');
    expect(found('! --update --seconds 60', ['K'], 60)).to.equal('drop [K]');
  });

  it('! --rcheck leaves the time of every client', () => {
    expect(found('! --rcheck --seconds 60', ['K'], 59)).to.equal('accept []');
    expect(found('! --rcheck --seconds 60', ['K'], 60)).to.equal('drop []');
  });
});
