/** sessionAffinity ClientIP: a client keeps its pod as long as it comes back in time. */

import { expect } from 'chai';
import { CLIENT_ADDRESSES, FAMILIES, POD_NAMES } from './addresses.js';
import type { Ask, Question } from './asking.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const sticky = (seconds: number) =>
  ({
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } },
  }) as const;
const lasting = testService('lasting', 1, { ready: POD_NAMES, spec: sticky(600) });
const brief = testService('brief', 2, { ready: POD_NAMES, spec: sticky(1) });

/** The pods that each client address reaches with `times` connections, one after the other. */
async function podsByClient(
  ask: Ask,
  question: Omit<Question, 'from' | 'times'>,
  times: number,
): Promise<readonly (readonly string[])[]> {
  const pods = CLIENT_ADDRESSES.map((): string[] => []);
  for (let round = 0; round < times; round++) {
    await Promise.all(
      CLIENT_ADDRESSES.map(async (client, i) => {
        const source = client[question.family];
        const [outcome] = await ask({ ...question, from: 'client', source, times: 1 });
        pods[i]?.push(outcome?.kind === 'answer' ? outcome.by : `${outcome?.kind}`);
      }),
    );
  }
  return pods;
}

scenario('sessionAffinity ClientIP', { services: [lasting, brief], core: true }, [], (ask) => {
  for (const family of FAMILIES) {
    for (const transport of ['tcp', 'udp'] as const) {
      it(`${family} ${transport}: each client reaches one pod with 20 connections`, async () => {
        const clients = await podsByClient(ask, { to: lasting.clusterIp, family, transport }, 20);
        for (const pods of clients) {
          expect(POD_NAMES).to.include(pods[0]);
          expect(new Set(pods).size, pods.join(' ')).to.equal(1);
        }
        // Twelve clients on one and the same of three pods by chance: 3^-11, 6 in a million.
        expect(new Set(clients.map(([pod]) => pod)).size, 'pods in use').to.be.greaterThan(1);
      });
    }
    it(`${family}: after the timeout a client may get another pod`, async () => {
      const question = { to: brief.clusterIp, family, transport: 'udp' } as const;
      const before = await podsByClient(ask, question, 1);
      await new Promise((resolve) => setTimeout(resolve, 1600));
      const later = await podsByClient(ask, question, 1);
      // Twelve clients that all draw the pod they had: 3^-12, 2 in a million.
      expect(later).to.not.deep.equal(before);
    });
  }
});
