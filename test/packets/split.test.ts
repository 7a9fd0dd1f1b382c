/**
 * How connections spread over the endpoints: as a trace of the rules says, by a chi-square test.
 */

import { expect } from 'chai';
import { toNumber } from '../../src/netfilter/fraction.js';
import { FAMILIES, POD_NAMES } from './addresses.js';
import { chiSquare } from './chi-square.js';
import { inWords } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { ready: POD_NAMES });

const CONNECTIONS = 1800;
/**
 * Critical value of chi-square with 2 degrees of freedom at p = 1e-9: four right splits fail once
 * in 250 million runs. The split of a cascade with equal chances (1/3, 1/3 of the rest, the rest)
 * gives
 * 133.
 */
const CRITICAL = 41.45;

scenario('the split over three endpoints', { services: [web], core: true }, [], (ask, traces) => {
  for (const family of FAMILIES) {
    for (const transport of ['tcp', 'udp'] as const) {
      it(`${family} ${transport}: ${CONNECTIONS} connections, chi-square under ${CRITICAL}`, async () => {
        const question = { from: 'client', to: web.clusterIp, family, transport } as const;
        const outcomes = (await ask({ ...question, times: CONNECTIONS })).map(inWords);
        const shares = [...traces(question)].map(
          ([words, share]) => [words, toNumber(share)] as const,
        );
        expect(shares.length).to.equal(POD_NAMES.length);
        for (const [, share] of shares) expect(share).to.be.closeTo(1 / 3, 1e-9);
        const chances = new Map(shares);
        expect(outcomes.filter((words) => !chances.has(words))).to.deep.equal([]);
        expect(chiSquare(outcomes, chances), outcomes.join('\n')).to.be.below(CRITICAL);
      });
    }
  }
});
