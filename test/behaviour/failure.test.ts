/** Expectations about packets: which hold, which fail, and with which words. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Expectation,
  failureOf,
  nodeRules,
  type PacketOutcome,
  type TracedPacket,
  trace,
  UsageError,
} from '../../src/index.js';
import { fraction } from '../../src/netfilter/fraction.js';
import { exampleRules, exampleSnapshot } from '../support/cases/example-node.js';

const SAVE = readFileSync('fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save', 'latin1');
const [A, B, C] = ['10.0.0.1:80', '10.0.0.2:80', '[fd00::1]:80'] as const;

interface Part extends Partial<PacketOutcome> {
  readonly parts?: number;
}

/** A packet with these outcomes, each with its part of all. */
function packetWith(...outcomes: readonly Part[]): TracedPacket {
  const all = outcomes.reduce((sum, { parts = 1 }) => sum + parts, 0);
  const isMixed = new Set(outcomes.map(({ verdict }) => verdict)).size > 1;
  return {
    ...trace(SAVE, { from: '10.81.0.9', to: '192.0.2.1:80' }),
    verdict: isMixed ? 'mixed' : (outcomes[0]?.verdict ?? 'unknown'),
    outcomes: outcomes.map(({ parts = 1, ...outcome }) => {
      const share = fraction(BigInt(parts), BigInt(all));
      return {
        ...{ verdict: 'untouched', endpoint: '', masquerade: false, masqueradedBy: '' },
        ...{ refusedWith: '', least: share, most: share },
        ...outcome,
      };
    }),
  };
}

const reach = (endpoint: string, parts = 1, masquerade = false): Part => ({
  ...{ verdict: 'reached', endpoint, parts, masquerade },
});
const DROP: Part = { verdict: 'dropped' };
const RESET: Part = { verdict: 'refused', refusedWith: 'tcp-reset' };

/** Whether an expectation holds, and whether its negation does. */
function verdictsOf(found: TracedPacket, expected: Expectation): readonly [boolean, boolean] {
  return [failureOf(found, expected) === undefined, failureOf(found, expected, true) === undefined];
}

describe('behaviour: expectations', () => {
  const both = packetWith(reach(A), reach(B));
  const half = packetWith(reach(A), DROP);
  const some = packetWith(reach(A, 1, true), reach(B));
  const cases: readonly (readonly [
    what: string,
    found: TracedPacket,
    expected: Expectation,
    holds: boolean,
    negationHolds: boolean,
  ])[] = [
    ['any endpoint', both, { kind: 'reach' }, true, false],
    ['any endpoint, of half', half, { kind: 'reach' }, false, false],
    ['any endpoint, of a refused one', packetWith(RESET), { kind: 'reach' }, false, true],
    ['both endpoints', both, { kind: 'reach', endpoints: [B, A] }, true, false],
    ['one endpoint of two', both, { kind: 'reach', endpoints: [A] }, false, false],
    ['one as text', packetWith(reach(A)), { kind: 'reach', endpoints: A }, true, false],
    ['an endpoint too many', both, { kind: 'reach', endpoints: [A, B, C] }, false, false],
    ['another endpoint', both, { kind: 'reach', endpoints: [C] }, false, true],
    ['the endpoint that half reach', half, { kind: 'reach', endpoints: [A] }, false, false],
    [
      'an address spelled otherwise',
      packetWith(reach(C)),
      { kind: 'reach', endpoints: '[FD00:0:0::1]:80' },
      true,
      false,
    ],
    ['shares', both, { kind: 'reach', endpoints: { [A]: '1/2', [B]: 0.5 } }, true, false],
    ['one share of two', both, { kind: 'reach', endpoints: { [A]: '1/2' } }, false, true],
    [
      'wrong shares',
      packetWith(reach(A, 2), reach(B)),
      { kind: 'reach', endpoints: { [A]: '1/3', [B]: '2/3' } },
      false,
      true,
    ],
    [
      'shares of one endpoint in two ways, and none of another',
      packetWith(reach(A, 1, true), reach(A)),
      { kind: 'reach', endpoints: { [A]: 1, [B]: 0 } },
      true,
      false,
    ],
    ['refused', packetWith(RESET), { kind: 'refused' }, true, false],
    ['refused with', packetWith(RESET), { kind: 'refused', with: 'tcp-reset' }, true, false],
    ['refused with another', packetWith(RESET), { kind: 'refused', with: 'x' }, false, true],
    ['refused, of one dropped', packetWith(DROP), { kind: 'refused' }, false, true],
    ['dropped', packetWith(DROP), { kind: 'dropped' }, true, false],
    ['dropped, of half', half, { kind: 'dropped' }, false, false],
    ['untouched', packetWith({}), { kind: 'untouched' }, true, false],
    ['untouched, of one reached', both, { kind: 'untouched' }, false, true],
    ['masqueraded', packetWith(reach(A, 1, true)), { kind: 'masquerade' }, true, false],
    ['masqueraded, of none', both, { kind: 'masquerade' }, false, true],
    ['masqueraded, of some', some, { kind: 'masquerade' }, false, false],
    ['masqueraded, of one dropped', packetWith(DROP), { kind: 'masquerade' }, false, true],
    [
      'masqueraded, of those that are not dropped',
      packetWith(reach(A, 1, true), DROP),
      { kind: 'masquerade' },
      true,
      false,
    ],
    ['masqueraded to one', some, { kind: 'masquerade', endpoints: [A] }, true, false],
    ['masqueraded to the other', some, { kind: 'masquerade', endpoints: [B] }, false, true],
    ['masqueraded to both', some, { kind: 'masquerade', endpoints: [A, B] }, false, false],
    [
      'masqueraded to one, of one that goes where it was sent to',
      packetWith({ verdict: 'masqueraded', masquerade: true }),
      { kind: 'masquerade', endpoints: [A] },
      false,
      true,
    ],
  ];
  for (const [what, found, expected, holds, negationHolds] of cases)
    it(`${what}: ${holds ? 'holds' : 'fails'}`, () => {
      expect(verdictsOf(found, expected)).to.deep.equal([holds, negationHolds]);
    });

  it('no expectation holds together with its negation', () => {
    const endpoint = fc.constantFrom(A, B, C);
    const outcome = fc.oneof(
      fc.tuple(endpoint, fc.integer({ min: 1, max: 3 }), fc.boolean()).map((x) => reach(...x)),
      fc.constantFrom<Part>(DROP, RESET, {}, { verdict: 'masqueraded', masquerade: true }),
    );
    const endpoints = fc.uniqueArray(endpoint, { minLength: 1 });
    const expectation = fc.oneof(
      fc.constantFrom<Expectation>(
        { kind: 'reach' },
        { kind: 'refused' },
        { kind: 'refused', with: 'x' },
        { kind: 'dropped' },
        { kind: 'untouched' },
        { kind: 'masquerade' },
      ),
      endpoints.map((names): Expectation => ({ kind: 'reach', endpoints: names })),
      endpoints.map((names): Expectation => ({ kind: 'masquerade', endpoints: names })),
      endpoints.map((names): Expectation => {
        const shares = names.map((name) => [name, `1/${names.length}`]);
        return { kind: 'reach', endpoints: Object.fromEntries(shares) };
      }),
    );
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 4 }), expectation, (parts, one) => {
        const [holds, negationHolds] = verdictsOf(packetWith(...parts), one);
        return !(holds && negationHolds);
      }),
    );
  });

  it('refuses endpoints and shares that are none', () => {
    const wrong: readonly (readonly [Expectation, RegExp])[] = [
      [{ kind: 'reach', endpoints: ['10.0.0.1'] }, /^"10\.0\.0\.1" is not an endpoint$/],
      [{ kind: 'reach', endpoints: ['10.0.0.1:70000'] }, /is not an endpoint/],
      [{ kind: 'reach', endpoints: ['300.0.0.1:1'] }, /is not an endpoint/],
      [{ kind: 'masquerade', endpoints: ['web:1'] }, /is not an endpoint/],
      [{ kind: 'reach', endpoints: { [A]: 'half' } }, /^"half" is not a share$/],
      [{ kind: 'reach', endpoints: { [A]: '1/0' } }, /is not a share/],
      [{ kind: 'reach', endpoints: { [A]: '3/2' } }, /is not a share/],
      [{ kind: 'reach', endpoints: { [A]: 1e-30 } }, /is not a share/],
      [{ kind: 'reach', endpoints: { [A]: -1 } }, /is not a share/],
      [{ kind: 'reach', endpoints: [] }, /^no endpoint is given$/],
      [{ kind: 'reach', endpoints: {} }, /^no endpoint is given$/],
      [{ kind: 'masquerade', endpoints: [] }, /^no endpoint is given$/],
    ];
    for (const [expected, message] of wrong)
      for (const negated of [false, true])
        expect(() => failureOf(both, expected, negated), JSON.stringify(expected))
          .to.throw(UsageError, message)
          .with.property('hint')
          .that.does.not.equal('');
  });
});

describe('behaviour: failures', () => {
  const rules = nodeRules(exampleRules('iptables'), { snapshot: exampleSnapshot });
  const dns = rules.trace({ from: 'pod', to: '10.96.0.10:53/udp' });

  it('say what was expected, what happens, and by which rules', () => {
    const shares = { '10.244.1.7:53': '1/2', '10.244.2.8:53': '1/2' };
    const { message, compared } = failureOf(dns, { kind: 'reach', endpoints: shares })!;
    const [sentence, ...others] = message.split('\n');
    expect(sentence).to.equal(
      'expected udp 10.244.0.1 -> 10.96.0.10:53 to reach 10.244.1.7:53 (1/2), 10.244.2.8:53 (1/2), but it reaches 10.244.1.7:53 (1/2), reaches 10.244.2.9:53 (1/2)',
    );
    expect(others.slice(1).join('\n')).to.equal(dns.text.trimEnd());
    expect(compared).to.deep.equal({ actual: dns.endpoints, expected: shares });
  });

  const sentences: readonly (readonly [Expectation, negated: boolean, sentence: string])[] = [
    [{ kind: 'refused', with: 'tcp-reset' }, false, 'to be refused with tcp-reset, but it reaches'],
    [{ kind: 'reach' }, true, 'not to reach an endpoint, but it reaches'],
    [{ kind: 'masquerade' }, false, 'to be masqueraded, but it reaches'],
    [{ kind: 'untouched' }, false, 'to be untouched, but it reaches'],
  ];
  for (const [expected, negated, sentence] of sentences)
    it(`says ${sentence} …`, () => {
      const { message } = failureOf(dns, expected, negated)!;
      expect(message).to.include(`expected udp 10.244.0.1 -> 10.96.0.10:53 ${sentence}`);
    });

  it('name each thing that happens', () => {
    const refused = rules.trace({ from: 'pod', to: 'svc/shop/cart:80' });
    expect(failureOf(refused, { kind: 'reach' })?.message).to.include(
      ', but it is refused with port-unreachable\n',
    );
    const dropped = rules.trace({ from: 'outside', to: '203.0.113.80:80' });
    expect(failureOf(dropped, { kind: 'reach' })?.message).to.include(', but it is dropped\n');
    const hairpin = rules.trace({ from: '10.244.1.7', to: '10.96.0.10:53/udp' });
    expect(failureOf(hairpin, { kind: 'masquerade' })?.message).to.include(
      'but it reaches 10.244.1.7:53 masqueraded (1/2), reaches 10.244.2.9:53 (1/2)\n',
    );
  });

  it('are what an unknown outcome is, negated or not', () => {
    const rule = '-A PREROUTING -m nosuch --thing 1 -j DROP\n';
    const odd = SAVE.replace(/^(?=-A PREROUTING )/m, rule);
    const found = trace(odd, { from: '10.81.0.9', to: '10.82.95.113:53/udp' });
    const expectations: readonly Expectation[] = [
      { kind: 'reach' },
      { kind: 'dropped' },
      { kind: 'refused' },
      { kind: 'untouched' },
      { kind: 'masquerade' },
    ];
    for (const expected of expectations)
      for (const negated of [false, true]) {
        const { message = '' } = failureOf(found, expected, negated) ?? {};
        expect(message, expected.kind).to.include(
          ', but it is not known what becomes of it: -m nosuch --thing 1\n',
        );
        expect(message).to.include('0% to 100%  dropped in prerouting');
      }
  });

  it('stay short for a Service with many endpoints', () => {
    const outcomes = Array.from({ length: 5000 }, (_, i) => reach(`10.1.${i >> 8}.${i & 255}:80`));
    const text = Array.from({ length: 20_000 }, (_, i) => `line ${i}`).join('\n');
    const { message } = failureOf({ ...packetWith(...outcomes), text }, { kind: 'dropped' })!;
    expect(message)
      .to.include(' and 4992 more\n')
      .and.to.match(/… and 19940 lines more$/);
    expect(message.length).to.be.below(2000);
  });

  it('obey no control character of a rule', () => {
    const rule = '-A PREROUTING -m nosuch --thing \u001b[2J -j DROP\n';
    const odd = SAVE.replace(/^(?=-A PREROUTING )/m, rule);
    const found = trace(odd, { from: '10.81.0.9', to: '10.82.95.113:53/udp' });
    expect(failureOf(found, { kind: 'reach' })?.message).to.not.include('\u001b');
  });
});
