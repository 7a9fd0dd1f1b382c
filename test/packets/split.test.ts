/** How connections spread over the endpoints: evenly, by a chi-square test. */

import { expect } from 'chai';
import { FAMILIES, POD_NAMES } from './addresses.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { ready: POD_NAMES });

const CONNECTIONS = 1800;
/**
 * Critical value of chi-square with 2 degrees of freedom at p = 1e-6: an even split fails once in a
 * million runs. The split of a cascade with equal chances (1/3, 1/3 of the rest, the rest) gives 133.
 */
const CRITICAL = 27.63;

scenario('the split over three endpoints', { services: [web], core: true }, [], (ask) => {
  for (const family of FAMILIES) {
    for (const transport of ['tcp', 'udp'] as const) {
      it(`${family} ${transport}: ${CONNECTIONS} connections, chi-square under ${CRITICAL}`, async () => {
        const outcomes = await ask({
          from: 'client',
          to: web.clusterIp,
          family,
          transport,
          times: CONNECTIONS,
        });
        const counts = POD_NAMES.map(
          (pod) => outcomes.filter((o) => o.kind === 'answer' && o.by === pod).length,
        );
        expect(
          counts.reduce((sum, count) => sum + count),
          'answers',
        ).to.equal(CONNECTIONS);
        const even = CONNECTIONS / counts.length;
        const chiSquare = counts.reduce((sum, count) => sum + (count - even) ** 2 / even, 0);
        expect(chiSquare, `connections per pod: ${counts.join(', ')}`).to.be.below(CRITICAL);
      });
    }
  }
});
