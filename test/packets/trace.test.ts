/**
 * A trace of the rules in a kernel, and real connections: whatever Services there are and whoever
 * asks, both have the same outcomes, and connections are split as the trace says, by a chi-square
 * test.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { toNumber } from '../../src/netfilter/fraction.js';
import { seed } from '../support/arbitrary/property.js';
import { FAMILIES, NODE_IP, NODE_SECOND_IP, POD_NAMES, type PodName } from './addresses.js';
import type { Ask, Sender } from './asking.js';
import { chiSquare } from './chi-square.js';
import { inWords, SILENCE_MS } from './expectations.js';
import { scenario } from './scenario.js';
import { type ServiceOptions, type TestService, testService } from './services.js';
import type { TracedQuestion, Traces } from './traced.js';

const FULL = process.env.VIPC_FULL === '1';
/** Clusters, questions about each, and connections for each question. */
const CLUSTERS = FULL ? 10 : 1;
const QUESTIONS = FULL ? 20 : 12;
const CONNECTIONS = FULL ? 2000 : 90;
const SERVICES = 4;

/**
 * Of the standard normal distribution at p = 1e-9: one question of a billion is refused wrongly.
 */
const QUANTILE = 5.998;
/** How often silence and refusals are asked for: they have no shares, and take their time. */
const FEW = 2;

const policy = fc.constantFrom('Cluster', 'Local') as fc.Arbitrary<'Cluster' | 'Local'>;

const options: fc.Arbitrary<ServiceOptions> = fc
  .record({
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
    ready: fc.subarray([...POD_NAMES]),
    terminating: fc.subarray([...POD_NAMES]),
    external: fc.boolean(),
    internalTrafficPolicy: policy,
    externalTrafficPolicy: policy,
    ranges: fc.constantFrom([], ['192.168.7.50/32', 'fd00:192:7::50/128']),
  })
  .map(({ type, ready, terminating, external, ranges, ...policies }) => ({
    ...{ type, ready, external },
    terminating: terminating.filter((pod: PodName) => !ready.includes(pod)),
    spec: {
      internalTrafficPolicy: policies.internalTrafficPolicy,
      ...(type === 'ClusterIP' && !external
        ? {}
        : { externalTrafficPolicy: policies.externalTrafficPolicy }),
      ...(type === 'LoadBalancer' && ranges.length > 0 ? { loadBalancerSourceRanges: ranges } : {}),
    },
  }));

interface Drawn {
  readonly services: readonly TestService[];
  readonly questions: readonly (TracedQuestion & { readonly title: string })[];
}

// A pod of another node asks that node, whose rules are not under test.
const senders: readonly Sender[] = ['node', 'client', 'stranger', 'pod-a', 'pod-b'];
const targets = ['clusterIp', 'nodePort', 'secondNodePort', 'loadBalancer', 'externalIp'] as const;

const drawn: fc.Arbitrary<Drawn> = fc
  .tuple(
    fc.array(options, { minLength: SERVICES, maxLength: SERVICES }),
    fc.array(
      fc.record({
        service: fc.nat(SERVICES - 1),
        from: fc.constantFrom(...senders),
        target: fc.constantFrom(...targets),
        family: fc.constantFrom(...FAMILIES),
        transport: fc.constantFrom('tcp' as const, 'udp' as const),
      }),
      { minLength: QUESTIONS, maxLength: QUESTIONS },
    ),
  )
  .map(([all, questions]) => {
    const services = all.map((one, i) => testService(`s${i}`, i + 1, one));
    return {
      services,
      questions: questions.map(({ service, target, ...question }, i) => ({
        ...question,
        to: targetOf(services[service]!, target),
        title: `${i}: ${question.from} to ${target} of s${service}, ${question.family} ${question.transport}`,
      })),
    };
  });

function targetOf(service: TestService, target: (typeof targets)[number]): TracedQuestion['to'] {
  if (target === 'nodePort') return service.nodePortOn(NODE_IP);
  return target === 'secondNodePort' ? service.nodePortOn(NODE_SECOND_IP) : service[target];
}

for (const [i, { services, questions }] of fc.sample(drawn, { seed, numRuns: CLUSTERS }).entries())
  scenario(
    `cluster ${i} of VIPC_SEED=${seed}`,
    { services, serviceCidr: true },
    [],
    (ask, traces) => {
      for (const { title, ...question } of questions)
        it(title, () => compare(ask, traces, question));
    },
  );

async function compare(ask: Ask, traces: Traces, question: TracedQuestion): Promise<void> {
  const shares = new Map([...traces(question)].map(([words, share]) => [words, toNumber(share)]));
  const isAnswered = [...shares.keys()].every((words) => words.includes(' saw '));
  const times = isAnswered ? CONNECTIONS : FEW;
  const waiting = shares.has('timeout') ? { timeoutMs: SILENCE_MS } : {};
  const found = (await ask({ ...question, ...waiting, times })).map(inWords);
  expect(found.filter((words) => !shares.has(words))).to.deep.equal([]);
  const said = [...shares].map(([words, share]) => `${words}: ${share}`).join(', ');
  expect(chiSquare(found, shares), said).to.be.at.most(criticalValue(shares.size - 1));
}

/**
 * Of chi-square with so many degrees of freedom at p = 1e-9, by Wilson and Hilferty; 0 for none.
 */
function criticalValue(freedom: number): number {
  if (freedom === 0) return 0;
  const variance = 2 / (9 * freedom);
  return freedom * (1 - variance + QUANTILE * Math.sqrt(variance)) ** 3;
}
