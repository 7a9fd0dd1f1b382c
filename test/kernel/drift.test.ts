/**
 * What somebody does to the rules by hand is found by the check that promises it and named with its
 * Service; what is done by ourselves, however much and whenever, is not.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { BACKENDS } from '../../src/backends/index.js';
import { ChangeDetector } from '../../src/drift/change-detector.js';
import { followKernel, SETTLE } from '../../src/drift/kernel-events.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { type Family, print } from '../../src/index.js';
import { rulesetPair } from '../support/arbitrary/pair.js';
import { seed } from '../support/arbitrary/property.js';
import { compiledAs } from '../support/cases/apply-case.js';
import {
  DRIFT_VARIANTS,
  findingTexts,
  movedWeb,
  type WatchedNode,
  watchedCluster,
  watchedNode,
} from '../support/cases/drift-case.js';
import { makeNfacctObjects } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { until } from '../support/until.js';
import { type Damage, type Scene, sceneOf } from './drift-damage.js';
import { FOREIGN_IPTABLES, IPTABLES, IPTABLES_FAST } from './drift-damage-iptables.js';
import { FOREIGN_NFTABLES, NFTABLES, NFTABLES_FAST } from './drift-damage-nftables.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const PAIRS = process.env.VIPC_FULL === '1' ? 60 : 2;

const DAMAGES = {
  'kube-proxy': { iptables: IPTABLES, nftables: NFTABLES },
  fast: { iptables: IPTABLES_FAST, nftables: NFTABLES_FAST },
} as const;

const FOREIGN_RULE = { iptables: FOREIGN_IPTABLES, nftables: FOREIGN_NFTABLES } as const;

/** Does something in front of, and behind, each reading of all rules. */
class BusyHost extends NamespaceHost {
  around: (() => Promise<void>) | undefined;

  override async run(command: Command): Promise<CommandResult> {
    const isWhole = command.args.includes('table');
    if (isWhole) await this.around?.();
    const result = await super.run(command);
    if (isWhole) await this.around?.();
    return result;
  }

  override async follow(
    command: Command,
    onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult> {
    await this.around?.();
    const result = await super.follow(command, onLine, onStart);
    await this.around?.();
    return result;
  }
}

for (const variant of DRIFT_VARIANTS) {
  const damages = DAMAGES[variant.layout][variant.mode];
  const isFast = variant.layout === 'fast';
  describe(`kernel: drift in ${variant.name}, layout ${variant.layout}`, () => {
    let namespace: Namespace;
    let host: BusyHost;
    let detector: ChangeDetector;
    const stop = new AbortController();

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`drift-${variant.name}-${variant.layout}`);
      host = new BusyHost(namespace);
      detector = new ChangeDetector(host, stop.signal);
      if (variant.mode === 'iptables') await makeNfacctObjects(namespace);
    });
    after(() => {
      stop.abort();
      return namespace?.close();
    });

    const nft = (lines: readonly string[]): Promise<string> =>
      namespace.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
    async function damage({ by, nft: byNft = false }: Damage, scene: Scene): Promise<void> {
      if (variant.mode === 'nftables' || byNft) {
        await nft(by(scene));
        return;
      }
      const program = variant.name.replace(
        'iptables',
        scene.ip === 'ip' ? 'iptables' : 'ip6tables',
      );
      for (const words of by(scene)) {
        const [table = '', ...rest] = words.split(' ');
        await namespace.script(`${program} -t ${table} ${rest.join(' ')}`);
      }
    }

    /** Nothing is found by any check; looking at every rule includes the quick one. */
    async function expectHealthy({ watch }: WatchedNode, about: string): Promise<void> {
      for (const report of [await watch.chains(), await watch.full()])
        if (report !== undefined) expect(findingTexts(report), about).to.deep.equal([]);
    }

    for (const family of FAMILIES) {
      const cluster = watchedCluster(variant, family);
      const { ruleset } = cluster.compiled;
      const scene = sceneOf(print(ruleset), family);
      const node = (): WatchedNode => watchedNode(host, variant, family, () => detector.mark());

      for (const [i, one] of damages.entries()) {
        if (one.only !== undefined && one.only !== variant.name) continue;
        // Families differ in nothing but their addresses: each kind of damage is done to one of
        // them.
        if (process.env.VIPC_FULL !== '1' && (i % 2 === 0) !== (family === 'IPv4')) continue;
        it(`${family}: ${one.what}`, async () => {
          const { applier, watch } = node();
          await applier.apply(cluster.compiled);
          await expectHealthy({ applier, watch }, 'right after loading');
          await damage(one, scene);
          const quick = await watch.quick();
          if (one.check === 'quick') {
            expect(findingTexts(quick)).to.include.members(one.found(scene));
            expect(quick).to.include({ family, check: 'quick', repair: true });
          } else {
            expect(findingTexts(quick)).to.deep.equal([]);
            if (variant.name === 'iptables-nft')
              expect(findingTexts(await watch.chains())).to.include.members(one.found(scene));
            expect(findingTexts(await watch.full())).to.include.members(one.found(scene));
          }
          applier.forget();
          await applier.apply(cluster.compiled);
          expect(findingTexts(await watch.quick())).to.deep.equal([]);
        });
      }

      // What follows does not ask for the layout, but for what rules a change touches.
      if (variant.name !== 'iptables-legacy' && !isFast)
        it(`${family}: a kernel that has not changed is not read again`, async () => {
          const { applier, watch } = node();
          await applier.apply(cluster.compiled);
          await until(async () => (await detector.mark()) !== undefined);
          const programs = async (): Promise<number> => {
            const before = host.ran.length;
            for (const report of [await watch.quick(), await watch.chains(), await watch.full()])
              expect(report?.count ?? 0).to.equal(0);
            return host.ran.length - before;
          };
          expect(await programs()).to.be.greaterThan(0);
          await until(async () => (await programs()) === 0);
          await nft([`add table ${scene.ip} somebody`, `delete table ${scene.ip} somebody`]);
          expect(await programs()).to.be.greaterThan(0);
        });

      it(`${family}: loads of ours during checks are no drift, and wait for none`, async () => {
        const { applier, watch } = node();
        let last = cluster;
        await applier.apply(last.compiled);
        let held = 0;
        const inspect = applier.inspect.bind(applier);
        applier.inspect = (look) => {
          held++;
          return inspect(look);
        };
        let step = 0;
        host.around = async () => {
          step++;
          last = movedWeb(variant, last, [20 + step, 21 + step]);
          await applier.apply(last.compiled);
        };
        try {
          expect(findingTexts(await watch.quick())).to.deep.equal([]);
          expect(findingTexts(await watch.full())).to.deep.equal([]);
          expect(step).to.be.greaterThan(1);
          expect(held).to.equal(0);
        } finally {
          host.around = undefined;
        }
      });

      if (isFast && family === 'IPv6') continue;
      it(`${family}: a load of ours during a full check is no drift, and a foreign change is`, async () => {
        const { applier, watch } = node();
        await applier.apply(cluster.compiled);
        let step = 0;
        let last = cluster;
        host.around = async () => {
          step++;
          if (step === 1) await damage(FOREIGN_RULE[variant.mode], scene);
          last = movedWeb(variant, last, [10 + step, 11 + step]);
          await applier.apply(last.compiled);
        };
        try {
          expect(findingTexts(await watch.full())).to.deep.equal(
            FOREIGN_RULE[variant.mode].found(scene),
          );
          expect(step).to.be.greaterThan(1);
        } finally {
          host.around = undefined;
        }
      });
    }

    // Random pairs are of random layouts.
    if (isFast) return;
    if (variant.name !== 'iptables-legacy')
      it('foreign changes are reported at once, and ours are not', async () => {
        const cluster = watchedCluster(variant, 'IPv6');
        const { applier, watch } = watchedNode(host, variant, 'IPv6');
        await applier.apply(cluster.compiled);
        const notified: (readonly Family[])[] = [];
        const stop = new AbortController();
        const end = followKernel(
          {
            host,
            backend: BACKENDS[variant.mode],
            loaded: () => (applier.loaded === undefined ? [] : [applier.loaded]),
            changed: (families) => notified.push(families),
          },
          stop.signal,
        );
        try {
          const scene = sceneOf(print(cluster.compiled.ruleset), 'IPv6');
          // The monitor says nothing when it is ready.
          while (notified.length === 0) {
            await damage(FOREIGN_RULE[variant.mode], scene);
            await sleep(100);
          }
          await sleep(3 * SETTLE);
          notified.length = 0;
          await applier.apply(movedWeb(variant, cluster, [7, 8]).compiled);
          await sleep(3 * SETTLE);
          expect(notified).to.deep.equal([]);
          await damage(damages[0]!, scene);
          while (notified.length === 0) await sleep(20);
          expect(notified).to.deep.equal([['IPv6']]);
          const report = await watch.quick(undefined, 'watch');
          expect(report?.check).to.equal('watch');
          expect(report?.count).to.equal(1);
        } finally {
          stop.abort();
        }
        expect(await end).to.equal(undefined);
      });

    it(`none in a kernel that only we have changed, after ${PAIRS} random pairs of rulesets`, async () => {
      const nodes = new Map(FAMILIES.map((family) => [family, watchedNode(host, variant, family)]));
      for (const pair of fc.sample(rulesetPair, { seed, numRuns: PAIRS })) {
        for (const [family, one] of nodes) {
          const [before, after] = pair(family, variant.mode);
          await one.applier.apply(compiledAs(before));
          expect(findingTexts(await one.watch.quick())).to.deep.equal([]);
          await one.applier.apply(compiledAs(after));
          await expectHealthy(one, `VIPC_SEED=${seed}`);
        }
      }
    });
  });
}
