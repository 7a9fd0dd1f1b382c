/** What an apply does with tracked flows once the rules are loaded. */

import { expect } from 'chai';
import { type ApplySteps, carryOut, type FamilyStep } from '../../src/apply/steps.js';
import type { StaleFlow } from '../../src/flows/stale-flows.js';
import type { Ip } from '../../src/net/ip.js';
import { applyOptions } from '../support/cases/apply-case.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const PLAN: FamilyStep['plan'] = {
  family: 'IPv4',
  backend: 'iptables',
  base: '',
  changes: [],
  leftovers: [],
  uncommented: [],
  comments: [],
  pinned: [],
};

function stale(replySource: string, origin = 'shop/dns:udp UDP'): StaleFlow {
  return {
    flow: {
      protocol: 'UDP',
      source: '10.0.0.9' as Ip,
      sourcePort: 4000,
      destination: '10.96.0.10' as Ip,
      destinationPort: 53,
      replySource: replySource as Ip,
      replySourcePort: 53,
      zoned: false,
    },
    origin,
    cause: 'endpoint-gone',
    reason: 'its endpoint is gone',
  };
}

/**
 * Runs the steps with one family whose input is this, and says whose flows were deleted and left.
 */
async function run(input: string, refused: readonly string[], now: readonly StaleFlow[]) {
  const host = new MemoryHost({
    answer: () => ({
      kind: 'exited',
      code: 0,
      stdout: '',
      stderr: 'conntrack v1.4.7 (conntrack-tools): 1 flow entries have been deleted.\n',
    }),
  });
  const step = { plan: PLAN, input, kernel: { tools: {} } } as unknown as FamilyStep;
  const steps: ApplySteps = {
    families: [step],
    settings: [],
    flows: [stale('10.1.0.1')],
    diagnostics: [],
  };
  let left: ReadonlySet<string> | undefined;
  const applied = await carryOut(applyOptions(host, { verify: false }), steps, performance.now(), {
    load: async () => ({ plan: PLAN, loads: 1, refused, diagnostics: [], verify: async () => {} }),
    staleFlows: async (leave) => {
      left = leave;
      return now;
    },
  });
  const endpoints = host.ran.map(({ args }) => args.find((word) => word.startsWith('10.1.')));
  return { applied, left, endpoints };
}

describe('apply/apply-steps', () => {
  it('deletes the flows that are stale after the load, also those that began during it', async () => {
    const { applied, endpoints } = await run(
      '*nat\nCOMMIT\n',
      [],
      [stale('10.1.0.1'), stale('10.1.0.2')],
    );
    expect(endpoints).to.deep.equal(['10.1.0.1', '10.1.0.2']);
    expect(applied.flows.map(({ flow }) => flow.replySource)).to.deep.equal(endpoints);
    expect(applied.deletedFlows).to.equal(2);
  });

  it('leaves the flows of a Service whose rules were refused', async () => {
    const refused = ['shop/dns:udp UDP', 'shop/web TCP'];
    const { left } = await run('*nat\nCOMMIT\n', refused, []);
    expect([...(left ?? [])]).to.deep.equal(['shop/dns', 'shop/web']);
  });

  it('looks no second time where nothing was loaded', async () => {
    const { left, endpoints } = await run('', [], [stale('10.1.0.2')]);
    expect(left).to.equal(undefined);
    expect(endpoints).to.deep.equal(['10.1.0.1']);
  });
});
