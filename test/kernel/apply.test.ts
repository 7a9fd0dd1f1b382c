/**
 * `vipc apply` on real kernels, in both modes: it sends what differs and nothing else, takes a node
 * over from kube-proxy without a word, and is held up, overtaken and interrupted without leaving
 * half of anything.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyDesired } from '../../src/apply/desired.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import { applySaved } from '../../src/apply/saved-plan.js';
import type { ApplyOptions } from '../../src/apply/steps.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { LockError, StalePlanError, VerifyError } from '../../src/errors.js';
import type { Family } from '../../src/net/ip.js';
import type { Plan } from '../../src/plan/plan.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { node, service, slice } from '../model/support.js';
import { applyOptions, desired as desiredIn, shop, shops } from '../support/cases/apply-case.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';
import { APPLY_VARIANTS } from '../support/kernels/apply-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { startVipc } from '../support/process/program-run.js';
import { scriptCommand } from '../support/process/script.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const HOLD_LOCK = new URL('../support/process/lock-holder.ts', import.meta.url);

for (const variant of APPLY_VARIANTS) {
  describe(`kernel: apply with ${variant.name}`, () => {
    const { mode } = variant;
    let namespace: Namespace;
    let host: NamespaceHost;
    let folder: string;

    before(function () {
      requireKernel(this, [...variant.tools, 'flock', 'conntrack']);
    });
    beforeEach(async () => {
      namespace = await openNamespace(`apply-${variant.name}`);
      host = new NamespaceHost(namespace);
      folder = await mkdtemp(join(tmpdir(), 'vipc-apply-'));
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await undoSettings(host);
      await namespace.close();
      await rm(folder, { recursive: true });
    });

    const options = (over: Partial<ApplyOptions> = {}): ApplyOptions =>
      applyOptions(host, { ...variant.options, failedFolder: folder, ...over });
    const desired = (objects: readonly KubernetesObject[], families?: readonly Family[]) =>
      desiredIn(objects, families, { mode });
    const saved = (family: Family = 'IPv4'): Promise<string> => variant.save(namespace, family);
    const loads = (): number => host.ran.filter(variant.isLoad).length;
    const run = ([command, ...args]: readonly string[]): Promise<string> =>
      namespace.run(command ?? '', args);

    it('applies both families and their settings, and then has nothing to do', async () => {
      const want = desired([...shops(3), ...shop('none', 9, 0)], FAMILIES);
      const first = await applyDesired(options(), want);
      expect(first.loads).to.equal(2);
      for (const { ruleset } of want.compiled)
        expect(variant.differences(await saved(ruleset.family), ruleset, true)).to.equal('');
      const localnet = await host.readFile('/proc/sys/net/ipv4/conf/all/route_localnet');
      expect(localnet).to.equal(mode === 'iptables' ? '1\n' : '0\n');
      expect(first.settings.map(({ name }) => name)).to.deep.equal(variant.settings);

      const before = [await saved('IPv4'), await saved('IPv6')];
      const started = loads();
      expect(started).to.equal(2);
      const second = await applyDesired(options(), want);
      expect(second.loads).to.equal(0);
      expect(second.settings).to.deep.equal([]);
      expect(loads()).to.equal(started);
      expect([await saved('IPv4'), await saved('IPv6')]).to.deep.equal(before);
    });

    it('keeps unchanged rules with their counters, and everything foreign', async () => {
      await variant.prepare(namespace);
      await variant.load(namespace, 'IPv4', variant.foreign);
      await applyDesired(options(), desired(shops(20)));
      if (variant.traffic !== undefined) await run(variant.traffic);
      const before = await saved();
      const theirs = await variant.foreignLines(namespace);
      expect(variant.counted(before)).to.equal(1);

      const want = desired([...shops(20), ...shop('new', 99)]);
      const { families } = await applyDesired(options(), want);
      const plan = families[0]!.plan;
      expect(plan.changes.length).to.be.within(1, 5);
      expect(variant.lost(before, await saved(), plan)).to.deep.equal([]);
      expect(theirs.join('\n')).to.have.length.greaterThan(100);
      expect(await variant.foreignLines(namespace)).to.deep.equal(theirs);
    });

    it('a kept Service keeps its addresses, and a new one that claims them is loaded without', async () => {
      const web = { type: 'NodePort' as const, clusterIP: '10.96.0.9' };
      const ports = [{ port: 80, protocol: 'TCP' as const, nodePort: 30080 }];
      const old = [service('old', { ...web, ports }), slice('old', ['10.0.0.1'])];
      await applyDesired(options(), desired(old));
      const before = await saved();
      const fresh = [
        service('a', { ...web, ports, externalIPs: ['192.0.2.77'] }),
        slice('a', ['10.0.0.2']),
      ];
      const kept = { size: Number.POSITIVE_INFINITY, has: (name: string) => name === 'shop/old' };
      const applied = await applyDesired(options(), { ...desired(fresh), kept });
      expect(applied.loads).to.equal(1);
      expect(applied.diagnostics.map(({ code, message }) => `${code}: ${message}`)).to.deep.equal([
        'address-held: cluster IP 10.96.0.9:80/TCP stays with Service shop/old, whose rules are kept',
        'address-held: node port 30080/TCP stays with Service shop/old, whose rules are kept',
      ]);
      expect(variant.lost(before, await saved(), applied.families[0]!.plan)).to.deep.equal([]);
      const summary = variant.options.backend
        .read(await saved())
        .allFrontends('IPv4')
        .map(({ ip, port, origin }) => `${ip} ${port} ${origin}`);
      expect(summary).to.have.members([
        '10.96.0.9 80 shop/old TCP',
        ' 30080 shop/old TCP',
        '192.0.2.77 80 shop/a TCP',
      ]);
    });

    it('takes over the rules of kube-proxy without a single command, and repairs them', async () => {
      await variant.prepare(namespace);
      const name = '268-kitchen-sink';
      const loaded = loadCase(conformanceCases().find((found) => found.name === name)!, mode);
      const want = {
        ...desired([]),
        compiled: FAMILIES.map((family) => loaded.compile(family)),
      };
      for (const [family, text] of variant.kubeProxy) await variant.load(namespace, family, text);
      const before = [await saved('IPv4'), await saved('IPv6')];
      expect((await applyDesired(options(), want)).loads).to.equal(0);
      expect(loads()).to.equal(0);
      expect([await saved('IPv4'), await saved('IPv6')]).to.deep.equal(before);
      for (const text of before) expect(variant.hasOurs(text)).to.equal(true);

      await run(variant.flush);
      const { families } = await applyDesired(options(), want);
      const touched = families.flatMap(({ plan }) =>
        plan.changes.map(({ table, name }) => `${table} ${name}`),
      );
      expect(touched).to.deep.equal([variant.flushed]);
      expect(variant.differences(await saved(), want.compiled[0]!.ruleset)).to.equal('');
    });

    it('deletes the flow of a UDP client whose endpoint was removed, and no other', async () => {
      const dns = service('dns', {
        clusterIP: '10.96.0.1',
        ports: [{ port: 53, protocol: 'UDP' }],
      });
      const ports = [{ port: 53, protocol: 'UDP' as const }];
      const at = (...ips: readonly string[]) =>
        desired([dns, slice('dns', ips, { ports })], ['IPv4']);
      await applyDesired(options(), at('10.0.0.5', '10.0.0.6'));
      for (const [i, endpoint] of ['10.0.0.5', '10.0.0.6'].entries())
        await namespace.run('conntrack', [
          ...['-I', '-p', 'udp', '-s', '192.0.2.1', '-d', '10.96.0.1'],
          ...['--sport', String(1000 + i), '--dport', '53', '-r', endpoint, '-q', '192.0.2.1'],
          ...['--reply-port-src', '53', '--reply-port-dst', String(1000 + i)],
          ...['-t', '10000', '-u', 'ASSURED,SEEN_REPLY'],
        ]);
      const { flows, deletedFlows } = await applyDesired(options(), at('10.0.0.6'));
      expect(flows.map(({ flow, cause }) => [flow.replySource, cause])).to.deep.equal([
        ['10.0.0.5', 'endpoint-gone'],
      ]);
      expect(deletedFlows).to.equal(1);
      const left = await namespace.run('conntrack', ['-L', '-p', 'udp']);
      expect(left).to.contain('src=10.0.0.6').and.not.contain('src=10.0.0.5');
    });

    it('refuses a saved plan when the rules have changed, and applies it when they have not', async () => {
      const first = await applyDesired(options(), desired(shops(3)));
      const kernel = first.families[0]!.kernel;
      const next = desired(shops(5));
      const plans: Plan[] = [];
      const stop = new Error('only looking');
      await applyDesired(options(), next, async ({ families }) => {
        plans.push({
          version: 2,
          backend: mode,
          variant: kernel.variant,
          families: families.map((step) => ({
            ...step.plan,
            base: step.kernel.rules.fingerprint(step.plan),
          })),
          host: [],
          flows: [],
        });
        throw stop;
      }).catch((error: unknown) => expect(error).to.equal(stop));
      const [plan] = plans;

      await run(variant.stray(false));
      const before = await saved();
      const error = await applySaved(options(), plan!).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(StalePlanError);
      expect(await saved()).to.equal(before);

      await run(variant.stray(true));
      expect((await applySaved(options(), plan!)).loads).to.equal(1);
      expect(variant.differences(await saved(), next.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('fails when the kernel does not hold what was loaded', async () => {
      const meddler = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const result = await super.run(command);
          if (variant.isLoad(command)) await run(variant.flush);
          return result;
        }
      })(namespace);
      const error = await applyDesired({ ...options(), host: meddler }, desired(shops(2))).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(VerifyError);
      if (error instanceof VerifyError) expect(error.chains).to.deep.equal([variant.flushed]);
    });

    it('starts over when the table changes between reading and loading', async () => {
      await applyDesired(options(), desired(shops(3)));
      let moves = 0;
      const meddled = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const move = variant.isLoad(command)
            ? variant.moveBefore(command.input ?? '')
            : undefined;
          if (move !== undefined && moves++ < 2) await run(move);
          return super.run(command);
        }
      })(namespace);
      const want = desired([...shops(2), ...shop('s2', 3, 4)]);
      await applyDesired({ ...options(), host: meddled }, want);
      expect(moves).to.be.greaterThan(0);
      expect(variant.differences(await saved(), want.compiled[0]!.ruleset, true)).to.equal('');
    });

    // A chain of mode nftables is flushed whatever it holds. ip6tables-legacy 1.8.9 takes a rule of
    // another mark for the same if it is asked with -C.
    if (mode === 'iptables')
      it('starts over when the rule of a chain that it rewrites has become another one', async () => {
        await applyDesired(options(), desired([], FAMILIES));
        const replaced = new Set<string>();
        const meddled = new (class extends NamespaceHost {
          override async run(command: Parameters<NamespaceHost['run']>[0]) {
            const tool = command.command.replace('-restore', '');
            if (variant.isLoad(command) && !replaced.has(tool)) {
              replaced.add(tool);
              const rule = ['KUBE-MARK-MASQ', '1', '-j', 'MARK', '--set-xmark', '0x2000/0x2000'];
              await run([tool, '-t', 'nat', '-R', ...rule]);
            }
            return super.run(command);
          }
        })(namespace);
        const iptables = { ...defaultConfig.iptables, masqueradeBit: 3 };
        const want = desiredIn([], FAMILIES, { mode, iptables });
        await applyDesired({ ...options(), host: meddled }, want);
        expect(meddled.ran.filter(variant.isLoad).map(({ command }) => command)).to.deep.equal(
          FAMILIES.flatMap((family) => [variant.loader(family), variant.loader(family)]),
        );
        for (const { ruleset } of want.compiled)
          expect(variant.differences(await saved(ruleset.family), ruleset, true)).to.equal('');
      });

    it('does not add to a chain that was created since it read the kernel', async () => {
      await applyDesired(options(), desired(shops(2)));
      let made = 0;
      const meddled = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const make = variant.isLoad(command)
            ? variant.makeBefore(command.input ?? '')
            : undefined;
          if (make !== undefined && made++ === 0) await run(make);
          return super.run(command);
        }
      })(namespace);
      const want = desired(shops(3));
      await applyDesired({ ...options({ verify: false }), host: meddled }, want);
      expect(made).to.be.greaterThan(0);
      expect(variant.differences(await saved(), want.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('two at once: the second waits for the first, plans again, and both succeed', async () => {
      const files = [join(folder, 'a.json'), join(folder, 'b.json')];
      const lists = [shops(40), shops(60)];
      for (const [i, file] of files.entries())
        await writeFile(
          file,
          JSON.stringify({
            apiVersion: 'v1',
            kind: 'List',
            items: [node(['192.0.2.10']), ...lists[i]!],
          }),
        );
      // The address of the Node: mode nftables opens node ports on addresses that the machine has.
      await run(['ip', 'address', 'add', '192.0.2.10/32', 'dev', 'lo']);
      const runs = await Promise.all(
        files.map((file) => vipc('apply', '-f', file, '--node-name', 'here')),
      );
      expect(runs.map(({ code }) => code)).to.deep.equal([0, 0]);
      const text = await saved();
      const which = lists.map(
        (list) => variant.differences(text, desired(list).compiled[0]!.ruleset) === '',
      );
      expect(which.filter(Boolean)).to.have.length(1);
    });

    it('the holder of the lock is named after the timeout', async () => {
      const release = await holdLock(namespace);
      try {
        const file = join(folder, 'a.json');
        await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shops(1) }));
        const { code, err } = await vipc('apply', '-f', file, '--lock-timeout', '0.3');
        expect(code).to.equal(75);
        expect(err).to.contain('pid 4711 (a test) is working on the IPv4 rules');
      } finally {
        await release();
      }
    });

    it('interrupted between two transactions: 130, and the next run completes', async () => {
      const controller = new AbortController();
      const interrupting = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const result = super.run(command);
          if (variant.isLoad(command)) controller.abort();
          return result;
        }
      })(namespace);
      const lock = { timeout: 1000, about: 'a test', signal: controller.signal };
      const want = desired(shops(3), FAMILIES);
      const error = await applyDesired({ ...options(), host: interrupting, lock }, want).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.have.property('exitCode', 130);
      // What had begun was finished, what had not was not begun.
      const [v4, v6] = want.compiled.map(({ ruleset }) => ruleset);
      expect(variant.differences(await saved('IPv4'), v4!, true)).to.equal('');
      expect(variant.hasOurs(await saved('IPv6'))).to.equal(false);
      expect((await applyDesired(options(), want)).loads).to.equal(1);
      expect(variant.differences(await saved('IPv6'), v6!, true)).to.equal('');
    });

    // Only the legacy tools have a lock of their own; the others rely on the kernel's transactions.
    if (variant.name === 'iptables-legacy')
      it('another process holds the xtables lock: it is waited for, then named', async () => {
        const file = namespace.env.XTABLES_LOCKFILE ?? '';
        const holder = spawn('flock', [file, 'sh', '-c', 'echo; exec sleep 60'], {
          stdio: ['ignore', 'pipe', 'inherit'],
          detached: true,
        });
        await once(holder.stdout, 'data');
        const named = new (class extends NamespaceHost {
          override variable(name: string): string {
            return name === 'XTABLES_LOCKFILE' ? file : super.variable(name);
          }
        })(namespace);
        const lock = { timeout: 1000, about: 'a test' };
        const error = await applyDesired({ ...options(), host: named, lock }, desired(shops(1)))
          .catch((thrown: unknown) => thrown)
          .finally(() => process.kill(-(holder.pid ?? 0)));
        expect(error).to.be.instanceOf(LockError);
        expect(String(error)).to.match(
          /pid \d+ \((?:flock|sleep)\) holds the xtables lock and did not release it within 1 s/,
        );
        expect(variant.hasOurs(await saved())).to.equal(false);
        expect((await applyDesired(options(), desired(shops(1)))).loads).to.equal(1);
      });

    const vipc = (...words: readonly string[]) =>
      startVipc(namespace, [...words, ...variant.words]).ended;
  });
}

/** Holds our lock for IPv4 in the namespace, as an apply does. Returns what releases it. */
async function holdLock(namespace: Namespace): Promise<() => Promise<void>> {
  const words = ['-t', String(namespace.pid), '-n', ...scriptCommand(HOLD_LOCK)];
  const child = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).to.equal('held\n');
  return async () => {
    child.stdin.end();
    await once(child, 'close');
  };
}
