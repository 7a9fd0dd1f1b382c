/**
 * iptables-restore commits one table after the other. Killed in between, when the last endpoint of
 * a Service goes or its first comes, it leaves rules that translate or refuse every address of the
 * Service: no packet to it leaves the node.
 */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { inputText } from '../../src/backends/transaction.js';
import type { Ruleset } from '../../src/index.js';
import {
  clearTables,
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import type { Outcome } from '../support/machines/station-protocol.js';
import { FAMILIES, NODE_IP, type PodName } from './addresses.js';
import { asking } from './asking.js';
import type { Path } from './expectations.js';
import { LOADERS } from './loaders.js';
import { compileRules, loadRules } from './node-rules.js';
import { type TestService, testService } from './services.js';
import { openTopology, type Topology } from './topology.js';

const BACKEND = BACKENDS.iptables!;
const READY: readonly PodName[] = ['pod-a', 'pod-remote'];

const SERVICES = ['web', 'shop'] as const;

/** The endpoints that each Service has, or none. */
function services(web: readonly PodName[], shop: readonly PodName[]): readonly TestService[] {
  return [web, shop].map((ready, i) =>
    testService(SERVICES[i]!, i + 1, { type: 'LoadBalancer', external: true, ready }),
  );
}

/** Every address of a Service, from those who reach it in different ways. */
function pathsTo(service: TestService): readonly Path[] {
  return [
    { from: 'node', to: service.clusterIp },
    ...(['pod-b', 'client'] as const).flatMap((from) =>
      [service.clusterIp, service.externalIp, service.loadBalancer].map((to) => ({ from, to })),
    ),
    { from: 'client', to: service.nodePortOn(NODE_IP) },
  ];
}

interface Direction {
  readonly it: string;
  readonly before: readonly TestService[];
  readonly after: readonly TestService[];
  /** Transactions that the change takes. */
  readonly tables: number;
}

const DIRECTIONS: readonly Direction[] = [
  {
    it: 'the last endpoint goes',
    before: services(READY, READY),
    after: services([], READY),
    tables: 2,
  },
  {
    it: 'the first endpoint comes',
    before: services([], READY),
    after: services(READY, READY),
    tables: 2,
  },
  {
    it: 'the last of one goes while the first of another comes',
    before: services(READY, []),
    after: services([], READY),
    tables: 3,
  },
];

/** The second way is tried with the first variant: the text is the same. */
const PLANNED_FROM = ['memory', 'the kernel'] as const;

let topology: Promise<Topology> | undefined;
after(async () => (await topology)?.close());

for (const [i, variant] of VARIANTS.entries()) {
  describe(`packets: killed between two tables (${variant.name})`, () => {
    const loader = LOADERS[i]!;
    let running: Topology;

    before(async function () {
      requireKernel(this, [...loader.tools, 'conntrack', 'nfacct']);
      if (topology === undefined) {
        topology = openTopology();
        await makeNfacctObjects((await topology).node);
      }
      running = await topology;
    });
    afterEach(async () => {
      if (running === undefined) return;
      for (const family of FAMILIES) await clearTables(running.node, variant, family);
    });

    for (const { it: title, before, after, tables } of DIRECTIONS) {
      for (const from of PLANNED_FROM.slice(0, i === 0 ? 2 : 1)) {
        it(`${title}; planned from ${from}`, async () => {
          await loadRules(running.node, loader, { services: before });
          const inputs = await Promise.all(
            FAMILIES.map(async (family, n) => {
              const [old, wanted] = [before, after].map(
                (services) => compileRules({ services }, loader)[n]!.ruleset,
              );
              const dump =
                from === 'memory' ? '' : await saveDocument(running.node, variant, family);
              return blocks(inputFor(variant, old!, wanted!, dump));
            }),
          );
          for (const input of inputs) expect(input).to.have.length(tables);
          await askAll(running, before, before, 'before');
          for (let written = 1; written <= tables; written++) {
            for (const [n, family] of FAMILIES.entries())
              await loadDocument(running.node, variant, family, inputs[n]![written - 1]!);
            const when = `${written} of ${tables} tables written`;
            if (written < tables) await askAll(running, before, after, when);
            else await askAll(running, after, after, when);
          }
        });
      }
    }
  });
}

/** What apply would send. */
function inputFor(variant: IptablesVariant, before: Ruleset, after: Ruleset, dump: string): string {
  const plan = dump === '' ? BACKEND.planUpdate(before, after) : BACKEND.read(dump).plan(after);
  if (plan === undefined) throw new Error('this change needs a look at the kernel');
  const store = variant.name === 'iptables-nft' ? 'nf_tables' : 'legacy';
  return inputText(BACKEND.input(plan, { variant: store }));
}

/** What is committed at once, in order. */
function blocks(input: string): readonly string[] {
  return input.split(/(?<=^COMMIT\n)/m).filter((block) => block !== '');
}

/**
 * Asks on every path, and throws where the outcome is neither what it should be before the change
 * nor what it should be after it.
 */
async function askAll(
  running: Topology,
  before: readonly TestService[],
  after: readonly TestService[],
  when: string,
): Promise<void> {
  const ask = asking(running);
  const questions = before.flatMap((service, i) =>
    pathsTo(service).flatMap((path) =>
      FAMILIES.flatMap((family) =>
        (['tcp', 'udp'] as const).map((transport) => ({
          question: { ...path, family, transport, times: 2 },
          fine: [service, after[i]!].map(kindOf),
        })),
      ),
    ),
  );
  const asked = await Promise.all(
    questions.map(async ({ question, fine }) => ({
      question,
      fine,
      outcomes: await ask(question),
    })),
  );
  const astray = asked.flatMap(({ question, fine, outcomes }) =>
    outcomes
      .filter((outcome) => !fine.includes(kindOfOutcome(outcome)))
      .map(
        (outcome) =>
          `${when}: ${question.from} asked ${question.to.addresses[question.family]} ` +
          `port ${question.to.port} over ${question.transport}: ${JSON.stringify(outcome)}`,
      ),
  );
  expect(astray).to.deep.equal([]);
}

type Kind = 'endpoint' | 'refused' | 'astray';

/** What becomes of a packet to the Service. */
function kindOf({ objects }: TestService): Kind {
  const slices = objects.filter((object) => object.kind === 'EndpointSlice');
  return slices.some(({ endpoints }) => endpoints.length > 0) ? 'endpoint' : 'refused';
}

function kindOfOutcome(outcome: Outcome): Kind {
  if (outcome.kind === 'refused') return 'refused';
  const answered = outcome.kind === 'answer' && READY.some((pod) => pod === outcome.by);
  return answered ? 'endpoint' : 'astray';
}
