/**
 * The language of the packet tests. A scenario is a set of Services on one node; its rows say who
 * asks where, who may answer, and which source address the pod must see. Every row is asked over
 * TCP and UDP, in IPv4 and IPv6, unless it says otherwise.
 */

import { expect } from 'chai';
import type { BackendName, Family } from '../../src/index.js';
import { makeNfacctObjects, setForwardPolicy } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { FAMILIES } from './addresses.js';
import { type Ask, asking } from './asking.js';
import { check, type Expectation, type Path, TRANSPORTS, wordsOf } from './expectations.js';
import { LOADERS } from './loaders.js';
import { loadRules, type NodeSetup } from './node-rules.js';
import { refusalsSent } from './refusals.js';
import { openTopology, type Topology } from './topology.js';
import { readTraces, type Traces } from './traced.js';

interface Scenario extends NodeSetup {
  /** Also run with the loaders that do not run every scenario. */
  readonly core?: boolean;
  /** Whether the node has a firewall that by itself forwards nothing. */
  readonly firewall?: boolean;
}

/** What differs between the modes; mode-differences.ts is the one place that may say so. */
type ByMode<T> = Readonly<Record<BackendName, T>>;

export interface Row extends Path {
  /** The sentence that the row proves. */
  readonly it: string | ByMode<string>;
  readonly expect: Expectation | ByMode<Expectation>;
  /** Default: both. */
  readonly families?: readonly Family[];
  /** Whether a trace of the first packet shows the outcome; default: it does. */
  readonly traced?: boolean;
}

/** Built for the first scenario that needs it, and shared by all. */
let topology: Promise<Topology> | undefined;

async function openTopologyWithCounters(): Promise<Topology> {
  const opened = await openTopology();
  await makeNfacctObjects(opened.node);
  return opened;
}

after(async () => (await topology)?.close());

/**
 * Declares a suite per loader that loads the Services and checks every row; `more` declares tests
 * that are no rows.
 */
export function scenario(
  title: string,
  setup: Scenario,
  rows: readonly Row[],
  more?: (ask: Ask, traces: Traces) => void,
): void {
  for (const loader of LOADERS) {
    if (!loader.everyScenario && !setup.core) continue;
    describe(`packets: ${title} (${loader.name})`, () => {
      let running: Topology | undefined;
      let read: Traces | undefined;
      const there = (): Topology => {
        if (running === undefined) throw new Error('the topology is not there yet');
        return running;
      };
      const ask: Ask = (question) => asking(there())(question);
      const traces: Traces = (question) => {
        if (read === undefined) throw new Error('the rules are not read yet');
        return read(question);
      };

      before(async function () {
        requireKernel(this, [...loader.tools, 'conntrack', 'nfacct']);
        topology ??= openTopologyWithCounters();
        running = await topology;
        await loadRules(running.node, loader, setup);
        if (setup.firewall) await setForwardPolicy(running.node, loader.firewall, 'DROP');
        read = await readTraces(running.node, loader);
      });
      after(async () => {
        if (running === undefined) return;
        if (setup.firewall) await setForwardPolicy(running.node, loader.firewall, 'ACCEPT');
        await loader.clear(running.node);
      });

      for (const row of rows) {
        for (const family of row.families ?? FAMILIES) {
          const title = typeof row.it === 'string' ? row.it : row.it[loader.mode];
          const expected = 'kind' in row.expect ? row.expect : row.expect[loader.mode];
          it(`${family}: ${title}`, () =>
            check(expected, row, family, ask, () => refusalsSent(there().node, family)));
          if (row.traced === false) continue;
          it(`${family}: a trace gives the same outcome: ${title}`, () => {
            for (const transport of row.transports ?? TRANSPORTS) {
              const shares = traces({ from: row.from, to: row.to, family, transport });
              expect([...shares.keys()].sort(), transport).to.deep.equal(
                wordsOf(expected, row.from, family),
              );
            }
          });
        }
      }
      more?.(ask, traces);
    });
  }
}
