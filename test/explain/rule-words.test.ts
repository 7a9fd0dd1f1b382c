/** Rules in words. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { rulesOfText } from '../../src/backends/named-rules.js';
import { ruleWords } from '../../src/explain/rule-words.js';
import { programChains } from '../../src/netfilter/program.js';

describe('explain/rule-words', () => {
  const rule = (line: string): string => {
    const text = `*nat\n:X - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n${line}\nCOMMIT\n`;
    const [chain] = [...programChains(rulesOfText(text, 'x', 'IPv4').program)].filter(
      ({ name }) => name === 'X',
    );
    return chain?.rules.map(ruleWords).join('\n') ?? '';
  };

  for (const [line, words] of [
    [
      '-A X -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ',
      'to 10.96.0.10, udp, port 53: go on in KUBE-MARK-MASQ',
    ],
    [
      '-A X ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
      'not from 10.244.0.0/16: go on in KUBE-MARK-MASQ',
    ],
    [
      '-A X -m statistic --mode random --probability 0.25000000000 -j RETURN',
      'with a chance of 25.0%: go back',
    ],
    ['-A X -p tcp -m tcp -j DNAT --to-destination 10.244.1.7:8080', 'tcp: send to 10.244.1.7:8080'],
    ['-A X -j MARK --or-mark 0x4000', 'mark 0x4000'],
    ['-A X -m mark ! --mark 0x4000/0x4000 -j RETURN', 'not marked 0x4000: go back'],
    ['-A X -j MASQUERADE --random-fully', 'masquerade the source'],
    [
      '-A X -m recent --rcheck --seconds 10800 --reap --name K --mask 255.255.255.255 --rsource -j RETURN',
      'client seen within 10800 s in list K: go back',
    ],
    [
      '-A X -m recent ! --set --name K --mask 255.255.255.255 --rsource -j RETURN',
      'put the client into list K, which ends the rule: go back',
    ],
    ['-A X -m addrtype --dst-type LOCAL -j RETURN', 'to an address that is local: go back'],
    ['-A X -m time --timestart 08:00 -j ACCEPT', 'not understood'],
  ] as const)
    it(line, () => {
      expect(rule(line)).to.include(words);
    });

  for (const dump of [
    'fixtures/behaviour/dumps/worker-1.v4.save',
    'fixtures/behaviour/dumps/worker-1.nft.json',
  ])
    it(`has words for all rules of ${dump}`, () => {
      const { program } = rulesOfText(readFileSync(dump, 'utf8'), dump, 'IPv4');
      const words = [...programChains(program)].flatMap(({ rules }) => rules.map(ruleWords));
      expect(words.length).to.be.above(25);
      expect(words.filter((text) => text === '' || text.includes('undefined'))).to.deep.equal([]);
    });
});
