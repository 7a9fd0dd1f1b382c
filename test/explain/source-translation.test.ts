/** Rules that masquerade or mark in other words are judged alike in both modes. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { BackendName, Family } from '../../src/index.js';
import { conformanceCases } from '../support/cases/conformance-cases.js';
import { type Subject, subjectOf } from '../support/mutants/proven.js';

const CASE = '268-kitchen-sink';
const MASQUERADES = {
  iptables: '-j MASQUERADE --random-fully',
  nftables: '{"masquerade": {"flags": ["fully-random"]}}',
};
const MARKS = {
  iptables: '--set-xmark 0x4000/0x4000',
  nftables: '"value": {"|": [{"meta": {"key": "mark"}}, 16384]}',
};
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

function subjectIn(mode: BackendName, family: Family): Subject {
  const found = conformanceCases().find(({ name }) => name === CASE);
  if (found === undefined) throw new Error(`${CASE} is not there`);
  const subject = subjectOf(found, mode, family);
  if (mode === 'iptables') return subject;
  const path = `../../fixtures/dumps/nft-1.1.7/${CASE}.v${family.slice(3)}.json`;
  return { ...subject, text: readFileSync(new URL(path, import.meta.url), 'latin1') };
}

describe('masquerading in other words', () => {
  for (const family of FAMILIES) {
    const { own } = subjectIn('iptables', family).place;
    const node = own.find((ip) => !/^(?:127\.|::1$)/.test(ip)) ?? '';
    const other = family === 'IPv4' ? '203.0.113.9' : '2001:db8:ffff::9';
    const snat = (addr: string, flags = ''): string =>
      JSON.stringify({
        snat: { family: family === 'IPv4' ? 'ip' : 'ip6', addr, ...(flags && { flags }) },
      });
    for (const [iptables, nftables, answer] of [
      ['MASQUERADE --random-fully', '{"masquerade": {"flags": ["fully-random"]}}', 'proven'],
      ['MASQUERADE', '{"masquerade": null}', 'refuted'],
      [
        'MASQUERADE --to-ports 1024-65535 --random-fully',
        '{"masquerade": {"port": {"range": [1024, 65535]}, "flags": ["fully-random", "persistent"]}}',
        'proven',
      ],
      [
        'MASQUERADE --to-ports 1024-65535',
        '{"masquerade": {"port": {"range": [1024, 65535]}}}',
        'refuted',
      ],
      [
        'MASQUERADE --to-ports 1-100 --random-fully',
        '{"masquerade": {"port": {"range": [1, 100]}, "flags": "fully-random"}}',
        'refuted',
      ],
      [
        'MASQUERADE --to-ports 5000 --random-fully',
        '{"masquerade": {"port": 5000, "flags": "fully-random"}}',
        'refuted',
      ],
      [`SNAT --to-source ${node} --random-fully`, snat(node, 'fully-random'), 'proven'],
      [`SNAT --to-source ${node} --random`, snat(node, 'random'), 'proven'],
      [`SNAT --to-source ${node}`, snat(node), 'refuted'],
      [`SNAT --to-source ${other} --random-fully`, snat(other, 'fully-random'), 'refuted'],
    ] as const)
      it(`${iptables} is ${answer}`, () => {
        for (const [mode, words] of [
          ['iptables', `-j ${iptables}`],
          ['nftables', nftables],
        ] as const) {
          const { text, ask } = subjectIn(mode, family);
          expect(text).to.include(MASQUERADES[mode]);
          expect(ask(text.replaceAll(MASQUERADES[mode], words)), mode).to.equal(answer);
        }
      });
  }
});

describe('marking in other words', () => {
  for (const family of FAMILIES)
    for (const [iptables, nftables, answer] of [
      ['--set-mark 0x4000/0x4000', MARKS.nftables, 'proven'],
      ['--set-xmark 0x4000/0xffffffff', '"value": 16384', 'refuted'],
    ] as const)
      it(`${iptables} is ${answer} in ${family}`, () => {
        for (const [mode, words] of [
          ['iptables', iptables],
          ['nftables', nftables],
        ] as const) {
          const { text, ask } = subjectIn(mode, family);
          expect(text).to.include(MARKS[mode]);
          expect(ask(text.replaceAll(MARKS[mode], words)), mode).to.equal(answer);
        }
      });
});

describe('rules of nft with what decides nothing', () => {
  for (const [what, before, after] of [
    ['a quote in a comment', /"comment": "[^"]*"/g, '"comment": "a \\"b\\""'],
    [
      'a quote in the comment of an element',
      /(\{"concat": \["[\d.]+", "tcp", \d+\]\})(?=, \{"goto)/g,
      '{"elem": {"val": $1, "comment": "a\\"b"}}',
    ],
    ['continue', /"expr": \[/g, '"expr": [{"continue": null}, '],
  ] as const)
    it(`are proven with ${what}`, () => {
      const { text, ask } = subjectIn('nftables', 'IPv4');
      const other = text.replaceAll(before, after);
      expect(other).not.to.equal(text);
      expect(ask(other)).to.equal('proven');
    });
});
