/** What conntrack prints, line by line. */

import { expect } from 'chai';
import { isTranslatedFlow, parseFlows } from '../../src/flows/flows.js';

const ADDRESSES =
  'src=10.244.1.9 dst=10.96.0.10 sport=40000 dport=53 [UNREPLIED] src=10.244.1.5 dst=10.244.1.9 sport=5353 dport=40000';

describe('plan: flows', () => {
  it('reads a flow that was translated', () => {
    const line = `ipv4     2 udp      17 29 ${ADDRESSES} mark=0 use=1 id=1336583598`;
    expect(parseFlows(`${line}\n`)).to.deep.equal([
      {
        protocol: 'UDP',
        source: '10.244.1.9',
        sourcePort: 40000,
        destination: '10.96.0.10',
        destinationPort: 53,
        replySource: '10.244.1.5',
        replySourcePort: 5353,
        zoned: false,
      },
    ]);
    expect(parseFlows(line).map(isTranslatedFlow)).to.deep.equal([true]);
  });

  const same: readonly (readonly [title: string, line: string])[] = [
    ['without -o extended', `udp      17 29 ${ADDRESSES} mark=0 use=1`],
    ['without the id', `ipv4     2 udp      17 29 ${ADDRESSES} mark=0 use=1`],
    [
      'with counters',
      'ipv4     2 udp      17 119 src=10.244.1.9 dst=10.96.0.10 sport=40000 dport=53 packets=12 bytes=700 src=10.244.1.5 dst=10.244.1.9 sport=5353 dport=40000 packets=11 bytes=900 [ASSURED] mark=16384 secctx=system_u:object_r:unlabeled_t:s0 use=2 id=5',
    ],
    ['in the zone that is none', `udp      17 29 ${ADDRESSES} mark=0 zone=0 use=1`],
    ['at the end of a cut line', `udp      17 29 ${ADDRESSES}`],
  ];
  for (const [title, line] of same) {
    it(`reads the same flow ${title}`, () => {
      const usual = parseFlows(`ipv4     2 udp      17 29 ${ADDRESSES} mark=0 use=1 id=1`);
      expect(parseFlows(line)).to.deep.equal(usual);
    });
  }

  it('reads SCTP, whose state stands before the addresses', () => {
    const line =
      'ipv4     2 sctp     132 29 ESTABLISHED src=10.0.0.1 dst=10.96.0.11 sport=1000 dport=53 [UNREPLIED] src=10.0.0.9 dst=10.0.0.1 sport=5 dport=1000 mark=0 use=1 id=336993064';
    const [flow] = parseFlows(line);
    expect(flow?.protocol).to.equal('SCTP');
    expect(flow?.replySource).to.equal('10.0.0.9');
  });

  it('reads IPv6 into canonical addresses', () => {
    const [flow] = parseFlows(
      'ipv6     10 udp      17 29 src=fd00::1 dst=fd00:96::0:10 sport=38182 dport=53 src=fd00:244::5 dst=fd00::1 sport=5353 dport=38182 mark=0 use=1',
    );
    expect(flow?.destination).to.equal('fd00:96::10');
  });

  it('sees that a flow was not translated', () => {
    const line =
      'udp 17 29 src=10.0.0.1 dst=10.96.0.10 sport=1 dport=53 src=10.96.0.10 dst=10.0.0.1 sport=53 dport=1 use=1';
    expect(parseFlows(line).map(isTranslatedFlow)).to.deep.equal([false]);
    // The same host on another port is another endpoint.
    expect(parseFlows(line.replace('sport=53', 'sport=54')).map(isTranslatedFlow)).to.deep.equal([
      true,
    ]);
  });

  it('marks flows of zones', () => {
    const zones = ['zone=7', 'zone-orig=7', 'zone-reply=12'].map(
      (zone) => parseFlows(`udp      17 29 ${ADDRESSES} mark=0 ${zone} use=1`)[0]?.zoned,
    );
    expect(zones).to.deep.equal([true, true, true]);
  });

  const nothing: readonly (readonly [title: string, line: string])[] = [
    ['TCP', `ipv4     2 tcp      6 431999 ESTABLISHED ${ADDRESSES} [ASSURED] mark=0 use=1`],
    ['a protocol that begins like UDP', `ipv4     2 udplite  136 29 ${ADDRESSES} mark=0 use=1`],
    [
      'ICMP',
      'ipv4     2 icmp     1 29 src=1.1.1.1 dst=2.2.2.2 type=8 code=0 id=3 src=2.2.2.2 dst=1.1.1.1 type=0 code=0 id=3',
    ],
    ['one direction', 'udp 17 29 src=10.0.0.1 dst=10.96.0.10 sport=1 dport=53 mark=0 use=1'],
    ['an address that is none', `udp      17 29 ${ADDRESSES.replace('10.96.0.10', '10.96.0')}`],
    ['the closing words', 'conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.'],
    ['an empty line', ''],
  ];
  for (const [title, line] of nothing) {
    it(`passes over ${title}`, () => expect(parseFlows(line)).to.deep.equal([]));
  }
});
