/**
 * A whole agent through any sequence of faults and changes, over kernels in memory and the real
 * one.
 */

import fc from 'fast-check';
import type { Misbehaviour } from '../support/api-server/index.js';
import { seed } from '../support/arbitrary/property.js';
import { change, withAgent } from '../support/cluster/fault-cluster.js';
import {
  type AgentKernel,
  memoryIptables,
  memoryNftables,
  namespaceKernel,
} from '../support/kernels/agent-kernels.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import type { RunningAgent } from '../support/process/running-agent.js';
import { cluster } from './objects.js';

/**
 * One thing that goes wrong, or a change. None of them makes a client believe that it has what it
 * has not.
 */
type Step =
  | { readonly do: 'change' | 'heal' | 'compact' | 'restore' }
  | { readonly do: 'misbehave'; readonly how: Misbehaviour }
  | { readonly do: 'reset'; readonly midLine: boolean }
  | { readonly do: 'end'; readonly errorCode: number }
  | { readonly do: 'inject'; readonly text: string }
  | { readonly do: 'restart'; readonly how: 'term' | 'kill'; readonly unauthorizedMs: number }
  | { readonly do: 'pass'; readonly seconds: number };

const verbs = fc.constantFrom(['list' as const], ['watch' as const], ['list', 'watch'] as const);
const status = fc.record({
  kind: fc.constant('status' as const),
  status: fc.constantFrom(401, 403, 404, 410, 429, 500, 503, 504),
  text: fc.boolean(),
  verbs,
});
const misbehaviour: fc.Arbitrary<Misbehaviour> = fc.oneof(
  { arbitrary: status, weight: 4 },
  {
    arbitrary: fc.constantFrom<Misbehaviour>(
      { kind: 'reset' },
      { kind: 'reset-mid-line', afterBytes: 700 },
      { kind: 'cut-short', afterBytes: 300 },
      { kind: 'error-event' },
      { kind: 'error-event', code: 500 },
      { kind: 'expired-continue' },
      { kind: 'duplicate-events' },
      { kind: 'reorder-events' },
      { kind: 'empty-events' },
      { kind: 'slow', delayMs: 30 },
      { kind: 'silent', forMs: 200 },
    ),
    weight: 6,
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.constantFrom<Step>({ do: 'change' }, { do: 'change' }, { do: 'heal' }),
    weight: 6,
  },
  { arbitrary: misbehaviour.map((how): Step => ({ do: 'misbehave', how })), weight: 6 },
  { arbitrary: fc.boolean().map((midLine): Step => ({ do: 'reset', midLine })), weight: 3 },
  {
    arbitrary: fc.constantFrom(410, 500).map((errorCode): Step => ({ do: 'end', errorCode })),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom<Step>(
      { do: 'compact' },
      { do: 'restore' },
      { do: 'inject', text: '{"type":"ADDED","obj\n' },
      { do: 'inject', text: '\n\n{}\nnull\n' },
      { do: 'restart', how: 'term', unauthorizedMs: 0 },
      { do: 'restart', how: 'kill', unauthorizedMs: 20 },
    ),
    weight: 4,
  },
  {
    arbitrary: fc.integer({ min: 1, max: 40 }).map((seconds): Step => ({ do: 'pass', seconds })),
    weight: 5,
  },
);

async function take(agent: RunningAgent, one: Step, round: number): Promise<void> {
  const { server } = agent;
  switch (one.do) {
    case 'change':
      return change(server, round);
    case 'heal':
      return server.heal();
    case 'compact':
      return server.compact();
    case 'restore': {
      // A resourceVersion that the store never reaches again.
      const resourceVersion = 90_000 - 1000 * round;
      return server.restart({ how: 'kill', restored: cluster(3 + (round % 3)), resourceVersion });
    }
    case 'misbehave':
      return void server.misbehave(one.how);
    case 'reset':
      return void server.resetWatches(one);
    case 'end':
      return void server.endWatches(one);
    case 'inject':
      for (const resource of ['services', 'endpointslices']) server.inject(resource, one.text);
      return;
    case 'restart':
      return server.restart(one);
    case 'pass':
      return agent.pass(one.seconds);
  }
}

function survives(
  open: () => AgentKernel | Promise<AgentKernel>,
  steps: readonly Step[],
): () => Promise<void> {
  return async () => {
    const kernel = await open();
    await withAgent(
      async (agent) => {
        for (const [round, one] of steps.entries()) await take(agent, one, round);
        agent.server.heal();
        await agent.converged();
        change(agent.server, steps.length);
        await agent.converged();
      },
      { kernel, resourceVersion: 100_000 },
    );
  };
}

const samples = fc.sample(fc.array(step, { minLength: 12, maxLength: 18 }), { seed, numRuns: 10 });
const [first = [], second = [], ...others] = samples;

describe(`an agent and any sequence of faults, VIPC_SEED=${seed}`, () => {
  for (const [i, steps] of others.entries()) {
    const open = i % 2 === 0 ? memoryIptables : memoryNftables;
    it(`ends at the server's objects: ${i}, ${open().name}`, survives(open, steps));
  }
});

describe(`kernel: an agent and any sequence of faults, VIPC_SEED=${seed}`, () => {
  before(function () {
    requireKernel(this, ['iptables-nft', 'nft', 'conntrack', 'ip']);
  });
  it(
    "ends at the server's objects: iptables-nft",
    survives(() => namespaceKernel('iptables', 'nft'), first),
  );
  it(
    "ends at the server's objects: nftables",
    survives(() => namespaceKernel('nftables'), second),
  );
});
