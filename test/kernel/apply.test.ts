/**
 * `vipc apply` on real kernels: it sends what differs and nothing else, takes a node over from kube-proxy without a
 * word, and is held up, overtaken and interrupted without leaving half of anything.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { applyDesired } from '../../src/apply/apply-desired.js';
import { applySaved } from '../../src/apply/apply-saved.js';
import type { ApplyOptions } from '../../src/apply/apply-steps.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import { LockError, StalePlanError, VerifyError } from '../../src/errors.js';
import type { Family } from '../../src/net/ip.js';
import type { Plan } from '../../src/plan/plan.js';
import { service, slice } from '../model/support.js';
import { applyOptions, desired, shop, shops } from '../support/apply-case.js';
import { conformanceCases, loadCase } from '../support/conformance-cases.js';
import { recordedDumps } from '../support/dumps.js';
import {
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { missingFrom } from '../support/ruleset-in-kernel.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const TSX = import.meta.resolve('tsx');
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** To an address of loopback; the rules for Services count it. */
const ONE_DATAGRAM = `const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1', () => s.close());`;

const FOREIGN = `*filter
:DOCKER - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
-A INPUT -s 203.0.113.9/32 -j ACCEPT
-A FORWARD -j DOCKER
-A FORWARD -j KUBE-ROUTER-FORWARD
-A OUTPUT -d 127.0.0.0/8 -j ACCEPT
-A KUBE-ROUTER-FORWARD -s 10.244.0.0/16 -j ACCEPT
COMMIT
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -p udp -m udp --dport 5300 -j DNAT --to-destination 172.17.0.2:53
COMMIT
*raw
-A PREROUTING -s 203.0.113.9/32 -j ACCEPT
COMMIT
`;

for (const variant of VARIANTS) {
  describe(`kernel: apply with ${variant.name}`, () => {
    const iptables = variant.name === 'iptables-nft' ? 'nft' : 'legacy';
    let namespace: Namespace;
    let host: NamespaceHost;
    let folder: string;

    before(function () {
      requireKernel(this, [...variant.tools, 'nfacct', 'flock', 'conntrack']);
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
      applyOptions(host, { iptables, failedFolder: folder, ...over });
    /** With counters, and without the lines that hold the time. */
    const saved = async (family: Family = 'IPv4'): Promise<string> =>
      (await saveDocument(namespace, variant, family, true)).replace(/^#.*\n/gm, '');
    const restores = (): number =>
      host.ran.filter(({ command }) => command.endsWith('-restore')).length;

    it('makes both families what they should be, sets what they need, and then has nothing to do', async () => {
      const want = desired([...shops(3), ...shop('none', 9, 0)], FAMILIES);
      const first = await applyDesired(options(), want);
      expect(first.loads).to.equal(2);
      for (const { ruleset } of want.compiled)
        expect(missingFrom(await saved(ruleset.family), ruleset, true)).to.equal('');
      expect(await host.readFile('/proc/sys/net/ipv4/conf/all/route_localnet')).to.equal('1\n');
      expect(first.settings.map(({ name }) => name)).to.deep.equal([
        'ct_state_invalid_dropped_pkts',
        'net.ipv4.conf.all.route_localnet',
      ]);

      const before = [await saved('IPv4'), await saved('IPv6')];
      const started = restores();
      const second = await applyDesired(options(), want);
      expect(second.loads).to.equal(0);
      expect(second.settings).to.deep.equal([]);
      expect(restores()).to.equal(started);
      expect([await saved('IPv4'), await saved('IPv6')]).to.deep.equal(before);
    });

    it('keeps the counters of rules that it does not write, and everything of others', async () => {
      await makeNfacctObjects(namespace);
      await loadDocument(namespace, variant, 'IPv4', FOREIGN);
      await applyDesired(options(), desired(shops(20)));
      await namespace.run(process.execPath, ['-e', ONE_DATAGRAM]);
      const before = (await saved()).split('\n');
      expect(
        before.filter((line) => /^\[[1-9]\d*:\d+\] -A KUBE-POSTROUTING/.test(line)),
      ).to.have.length(1);

      const { families } = await applyDesired(
        options(),
        desired([...shops(20), ...shop('new', 99)]),
      );
      const [step] = families;
      const written = new Set(
        step?.plan.changes.flatMap(({ chain, lines }) => (lines.length > 0 ? [chain] : [])),
      );
      const after = (await saved()).split('\n').map((line) => line.replace(/^(:\S+ \S+) .*/, '$1'));
      const kept = before
        .map((line) => line.replace(/^(:\S+ \S+) .*/, '$1'))
        .filter((line) => !written.has(/-A (\S+)/.exec(line)?.[1] ?? ''));
      expect(kept.filter((line) => !after.includes(line))).to.deep.equal([]);
      expect(written.size).to.be.lessThan(6);
      const theirs = (lines: readonly string[]): readonly string[] =>
        lines.filter((line) => /DOCKER|ROUTER|203\.0\.113|-A OUTPUT -d 127/.test(line));
      expect(theirs(after)).to.deep.equal(
        theirs(before).map((line) => line.replace(/^(:\S+ \S+) .*/, '$1')),
      );
    });

    it('takes over what kube-proxy has written, without a single command', async () => {
      await makeNfacctObjects(namespace);
      const name = '268-kitchen-sink';
      const recorded = recordedDumps().filter(
        (dump) => dump.case === name && dump.form === 'save' && dump.version === '1.8.9',
      );
      const loaded = loadCase(conformanceCases().find((found) => found.name === name)!);
      const compiled = FAMILIES.map((family) => loaded.compile(family));
      for (const { family, text } of recorded.filter(
        (dump) => dump.variant === recorded[0]?.variant,
      ))
        await loadDocument(namespace, variant, family, text);
      const before = [await saved('IPv4'), await saved('IPv6')];
      const { loads } = await applyDesired(options(), { ...desired([]), compiled });
      expect(loads).to.equal(0);
      expect(restores()).to.equal(0);
      expect([await saved('IPv4'), await saved('IPv6')]).to.deep.equal(before);
      expect(before.join('')).to.contain('KUBE-SEP-');
    });

    it('forgets the flow of a UDP client whose endpoint is gone, and no other', async () => {
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
          ...['-t', '100', '-u', 'ASSURED,SEEN_REPLY'],
        ]);
      const { flows, deletedFlows } = await applyDesired(options(), at('10.0.0.6'));
      expect(flows.map(({ flow, cause }) => [flow.replySource, cause])).to.deep.equal([
        ['10.0.0.5', 'endpoint-gone'],
      ]);
      expect(deletedFlows).to.equal(1);
      const left = await namespace.run('conntrack', ['-L', '-p', 'udp']);
      expect(left).to.contain('src=10.0.0.6').and.not.contain('src=10.0.0.5');
    });

    it('refuses a saved plan when the rules have moved, and carries it out when they have not', async () => {
      const first = await applyDesired(options(), desired(shops(3)));
      const [kernel] = first.families.map((step) => step.kernel);
      const next = desired(shops(5));
      const plans: Plan[] = [];
      const stop = new Error('only looking');
      await applyDesired(options(), next, async ({ families }) => {
        plans.push({
          version: 1,
          backend: 'iptables',
          variant: kernel!.variant,
          families: families.map((step) => ({
            ...step.plan,
            base: step.kernel.reading.fingerprint(),
          })),
          host: [],
          flows: [],
        });
        throw stop;
      }).catch((error: unknown) => expect(error).to.equal(stop));
      const [plan] = plans;

      const line = ['-t', 'nat', '-A', 'KUBE-SERVICES', '-d', '10.96.0.77', '-j', 'RETURN'];
      await namespace.run(variant.name, line);
      const before = await saved();
      const error = await applySaved(options(), plan!).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(StalePlanError);
      expect(await saved()).to.equal(before);

      await namespace.run(variant.name, line.with(2, '-D'));
      expect((await applySaved(options(), plan!)).loads).to.equal(1);
      expect(missingFrom(await saved(), next.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('says so when what was loaded is not what is there afterwards', async () => {
      const meddler = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const result = await super.run(command);
          if (command.command.endsWith('-restore'))
            await namespace.run(variant.name, ['-t', 'nat', '-F', 'KUBE-SERVICES']);
          return result;
        }
      })(namespace);
      const error = await applyDesired({ ...options(), host: meddler }, desired(shops(2))).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(VerifyError);
      if (error instanceof VerifyError) expect(error.chains).to.deep.equal(['nat KUBE-SERVICES']);
    });

    it('starts anew when somebody changes the table between reading and loading', async () => {
      await applyDesired(options(), desired(shops(3)));
      let moves = 0;
      const meddled = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          // The chain that is about to be rewritten loses the rule that the plan was made from.
          const chain = /^-C (KUBE-SVC-\S+) /m.exec(command.input ?? '')?.[1];
          if (chain !== undefined && moves++ < 2)
            await namespace.run(variant.name, ['-t', 'nat', '-F', chain]);
          return super.run(command);
        }
      })(namespace);
      const want = desired([...shops(2), ...shop('s2', 3, 4)]);
      await applyDesired({ ...options(), host: meddled }, want);
      expect(moves).to.be.greaterThan(0);
      expect(missingFrom(await saved(), want.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('two at once: the second waits for the first, plans anew, and both are right', async () => {
      const files = [join(folder, 'a.json'), join(folder, 'b.json')];
      const lists = [shops(40), shops(60)];
      for (const [i, file] of files.entries())
        await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: lists[i] }));
      const runs = await Promise.all(files.map((file) => vipc('apply', '-f', file)));
      expect(runs.map(({ code }) => code)).to.deep.equal([0, 0]);
      const text = await saved();
      const which = lists.map(
        (list) => missingFrom(text, desired(list).compiled[0]!.ruleset) === '',
      );
      expect(which.filter(Boolean)).to.have.length(1);
    });

    it('a holder that does not let go is named after the time is up', async () => {
      const lock = await new NamespaceLock(namespace).take();
      try {
        const file = join(folder, 'a.json');
        await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shops(1) }));
        const { code, err } = await vipc('apply', '-f', file, '--lock-timeout', '0.3');
        expect(code).to.equal(75);
        expect(err).to.contain('pid 4711 (a test) is working on the IPv4 rules');
      } finally {
        await lock.release();
      }
    });

    it('interrupted between two transactions: 130, and the next run finds all in order', async () => {
      const controller = new AbortController();
      const interrupting = new (class extends NamespaceHost {
        override async run(command: Parameters<NamespaceHost['run']>[0]) {
          const result = super.run(command);
          if (command.command.endsWith('-restore')) controller.abort();
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
      expect(missingFrom(await saved('IPv4'), v4!, true)).to.equal('');
      expect(await saved('IPv6')).to.not.contain('KUBE-');
      expect((await applyDesired(options(), want)).loads).to.equal(1);
      expect(missingFrom(await saved('IPv6'), v6!, true)).to.equal('');
    });

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
        expect(await saved()).to.not.contain('KUBE-');
        expect((await applyDesired(options(), desired(shops(1)))).loads).to.equal(1);
      });

    /** The program itself, inside. */
    async function vipc(
      ...words: readonly string[]
    ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
      const program = [process.execPath, '--import', TSX, MAIN, ...words, '--iptables', iptables];
      const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...program], {
        env: { ...process.env, ...namespace.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (text) => (out += text));
      child.stderr.on('data', (text) => (err += text));
      const [code] = await once(child, 'close');
      return { code: Number(code), out, err };
    }
  });
}

/** A process in the namespace that holds our lock for IPv4, as an apply does. */
class NamespaceLock {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  async take(): Promise<{ readonly release: () => Promise<void> }> {
    const script = `require('node:net').createServer((s) => s.write('pid 4711 (a test)\\n')).listen('\\0vipc/apply/IPv4', () => console.log('held'))`;
    const words = ['-t', String(this.#namespace.pid), '-n', process.execPath, '-e', script];
    const child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return {
      release: async () => {
        child.kill();
        await once(child, 'close');
      },
    };
  }
}
