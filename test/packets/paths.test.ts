/**
 * The rules that a trace says a packet matches, in their order, and those that the kernel says it
 * matched, on the way that the kernel drew.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { rulesOfKernel } from '../../src/cli/rule-sources.js';
import { knownMachine, machineOf } from '../../src/explain/machine.js';
import { type Packet, tracePacket } from '../../src/explain/trace.js';
import {
  type BackendName,
  type Family,
  type HostFacts,
  loadHostFacts,
  print,
} from '../../src/index.js';
import { type Arrival, Router } from '../../src/netfilter/route.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { seed } from '../support/arbitrary/property.js';
import {
  type ConformanceCase,
  conformanceCases,
  loadCase,
  readCaseFile,
} from '../support/cases/conformance-cases.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS, type KernelVariant } from '../support/kernels/kernel-variants.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { openPathNode, type PathNode } from '../support/machines/path-node.js';
import { openWatcher, WATCHER_TOOLS, type WatcherName } from '../support/machines/path-watchers.js';
import {
  linkAddresses,
  pathDifferences,
  type Said,
  servicePackets,
  withoutRemembered,
} from './paths.js';

const FULL = process.env.VIPC_FULL === '1';
/** Cases for each way to watch, and the most packets of one. */
const CASES = FULL ? 20 : 4;
const PACKETS = FULL ? 20 : 10;
/** The same cases and packets each time, unless all is asked for. */
const DRAW = FULL ? seed : 65_117_288;

/**
 * Who is asked about the rules of each kernel. The monitor of iptables 1.8.9 ends at a packet of
 * IPv6 with "unsupported layer 4 protocol value".
 */
const WATCHED: readonly (readonly [KernelVariant['name'], Family, WatcherName])[] = [
  ['nftables', 'IPv4', 'nft'],
  ['nftables', 'IPv6', 'nft'],
  ['iptables-nft', 'IPv4', 'xtables'],
  ['iptables-nft', 'IPv6', 'nft'],
  ['iptables-legacy', 'IPv4', 'counters'],
  ['iptables-legacy', 'IPv6', 'counters'],
];

interface Drawn {
  readonly found: ConformanceCase;
  readonly host: HostFacts;
  readonly ruleset: Ruleset;
  readonly packets: readonly Packet[];
}

const [shuffledCases = []] = fc.sample(
  fc.shuffledSubarray(
    conformanceCases().filter(({ recordedHere }) => recordedHere),
    { minLength: conformanceCases().filter(({ recordedHere }) => recordedHere).length },
  ),
  { seed: DRAW, numRuns: 1 },
);

/** Cases with enough packets of a family, and some of these packets. */
function drawnCases(mode: BackendName, family: Family): readonly Drawn[] {
  const drawn: Drawn[] = [];
  for (const found of shuffledCases) {
    const { ruleset, model } = loadCase(found, mode).compile(family);
    const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
    const all = [...servicePackets(model.ports, family, host)];
    const [order = []] = fc.sample(fc.shuffledSubarray(all, { minLength: all.length }), {
      seed: DRAW,
      numRuns: 1,
    });
    const packets = withoutRemembered(order).slice(0, PACKETS);
    if (packets.length === PACKETS) drawn.push({ found, host, ruleset, packets });
    if (drawn.length === CASES) break;
  }
  return drawn;
}

for (const [name, family, watcherName] of WATCHED) {
  const variant = KERNEL_VARIANTS.find((one) => one.name === name);
  if (variant === undefined) throw new Error(`no kernel ${name}`);
  describe(`packets: rules on the way, ${name}, ${family}, by ${watcherName}, VIPC_SEED=${DRAW}`, () => {
    before(function () {
      requireKernel(this, [...variant.tools, ...WATCHER_TOOLS[watcherName]]);
    });
    for (const { found, host, ruleset, packets } of drawnCases(variant.mode, family))
      it(`are those of the kernel: ${found.name}`, async () => {
        const sources = packets.filter(({ start }) => start === 'prerouting');
        const node = await openPathNode(
          `path-${name}`,
          linkAddresses(family, host),
          sources.map(({ source }) => source),
        );
        try {
          await variant.prepare(node.namespace);
          await variant.load(node.namespace, family, print(ruleset));
          const say = await sayer(node, variant, family, host);
          const watcher = await openWatcher(watcherName, node, family, packets);
          try {
            for (const packet of packets) {
              const differences = pathDifferences(say(packet), await watcher.follow(packet));
              expect(differences, JSON.stringify(packet)).to.deep.equal([]);
            }
          } finally {
            await watcher.close();
          }
        } finally {
          await node.close();
        }
      });
  });
}

/** What is said of packets by the rules that the kernel has now. */
async function sayer(
  { namespace }: PathNode,
  { options, mode }: KernelVariant,
  family: Family,
  host: HostFacts,
): Promise<(packet: Packet) => Said> {
  const iptables = mode === 'iptables' ? options.iptables : 'nft';
  const rules = await rulesOfKernel(new NamespaceHost(namespace), family, iptables);
  const machine = knownMachine(machineOf(family, host, undefined));
  const router = new RecordingRouter(rules.program, machine);
  return (packet) => {
    const traced = tracePacket(router, packet, { all: true });
    return { program: rules.program, arrivals: router.arrivals, trace: traced };
  };
}

/** Keeps the ways that it found last. */
class RecordingRouter extends Router {
  arrivals: readonly Arrival[] = [];

  override route(...asked: Parameters<Router['route']>): readonly Arrival[] {
    this.arrivals = super.route(...asked);
    return this.arrivals;
  }
}
