/**
 * An agent that is not alone: a second one, a `vipc apply`, another program that holds a lock,
 * tools that fail for a while, a clock that jumps.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { pause } from '../packets/under-load.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type AgentProcess, isSync, type LogLine } from '../support/process/agent-process.js';
import { PROGRAM } from '../support/process/program.js';
import { scriptCommand } from '../support/process/script.js';
import { until } from '../support/until.js';
import { AGENT_MODES, type AgentMode, AgentNode, FAMILIES } from './node.js';
import { cluster, shop, slice } from './objects.js';

const CLOCK = new URL('../support/process/jumping-clock.mjs', import.meta.url).href;
const HOLD_LOCK = new URL('../support/process/lock-holder.ts', import.meta.url);
const SECOND = [
  '--healthz-bind-address',
  '127.0.0.1:20256',
  '--metrics-bind-address',
  '127.0.0.1:20249',
];
/** Events of one change: without trying again there are no more failures. */
const CHANGES = 2;
/**
 * Milliseconds without a write after which two agents are at rest: longer than one's period of
 * looks at the kernel.
 */
const QUIET = 3000;
const FAILURES: Readonly<Record<AgentMode['mode'], string>> = {
  iptables: 'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
  nftables: 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
};

for (const mode of AGENT_MODES)
  describe(`e2e: an agent beside other writers, ${mode.name}`, () => {
    let node: AgentNode;
    let agent: AgentProcess;
    let tools: string;

    before(async function () {
      requireKernel(this, [
        'iptables-nft',
        'iptables-legacy',
        'nft',
        'conntrack',
        'openssl',
        'curl',
        'flock',
      ]);
      node = await AgentNode.open({ objects: cluster(5) });
      tools = join(node.folder, 'tools');
      await brittleTools(tools, node, mode);
      // The clock of this agent jumps all the time, whatever else happens.
      agent = await node.start(mode, {
        flags: ['--lock-timeout', '1'],
        env: { PATH: `${tools}:${node.namespace.env.PATH}`, NODE_OPTIONS: `--import ${CLOCK}` },
      });
      for (const family of FAMILIES) await agent.until('first sync', isSync(family));
      await node.settled(mode);
    });
    after(() => node?.close());

    /**
     * Makes a change while something is in the way, sees the agent suffer and tell, and heal by
     * itself.
     */
    async function suffers(
      begin: () => Promise<() => Promise<unknown>>,
      matches: (line: LogLine) => boolean,
      n: number,
    ): Promise<void> {
      await until(
        async () => (await health(node, 'readyz')) === 200,
        () => 'ready before',
      );
      const failures = await failed(node, mode);
      const start = agent.log.length;
      const end = await begin();
      try {
        await node.server.set(slice('s1', 'IPv4', [`10.8.8.${n}`]));
        await node.server.set(slice('s1', 'IPv6', [`fd00:8::${n}`]));
        const isFailure = ({ msg }: LogLine): boolean => msg === 'SyncProxyRules failed';
        await agent.until(
          'the failure is logged',
          (line) => isFailure(line) && matches(line),
          start,
        );
        await until(
          async () => (await health(node)) === 503,
          () => 'unhealthy',
        );
        const tries = (): number => agent.log.slice(start).filter(isFailure).length;
        await until(
          async () => tries() > CHANGES,
          () => 'trying again',
        );
        expect(await health(node, 'readyz')).to.equal(503);
        expect(await failed(node, mode)).to.be.greaterThan(failures);
      } finally {
        await end();
      }
      await node.settled(mode);
      await until(
        async () => (await health(node)) === 200,
        () => 'healthy',
      );
      await until(
        async () => (await health(node, 'readyz')) === 200,
        () => 'ready',
      );
    }

    it('waits for the lock of vipc', () =>
      suffers(
        () => holder(node, ...scriptCommand(HOLD_LOCK)),
        ({ error, err }) => error === 'LockError' && String(err).includes('pid 4711 (a test)'),
        71,
      ));

    if (mode.iptables === 'legacy')
      it('waits for the lock of iptables', () =>
        suffers(
          () => {
            const script = 'echo held; exec cat';
            const lock = node.namespace.env.XTABLES_LOCKFILE!;
            return holder(node, 'flock', lock, 'sh', '-c', script);
          },
          ({ error, err }) => error === 'LockError' && String(err).includes('xtables lock'),
          72,
        ));

    it('recovers from tools that fail for a while', () =>
      suffers(
        async () => {
          await writeFile(join(tools, 'broken'), '');
          return () => rm(join(tools, 'broken'));
        },
        ({ err }) => String(err).includes('out of order'),
        73,
      ));

    it('agrees with another agent, and with vipc apply', async () => {
      const other = await node.start(mode, { flags: SECOND });
      for (const family of FAMILIES) await other.until('first sync', isSync(family));
      for (let i = 0; i < 10; i++) {
        await node.server.set(
          slice(
            `s${i % 5}`,
            i % 2 === 0 ? 'IPv4' : 'IPv6',
            i % 2 === 0 ? [`10.9.9.${i + 1}`] : [`fd00:9::${i + 1}`],
          ),
        );
        await node.server.setMany(shop(`new${i}`, 80 + i));
        if (i === 5) await applied(node, mode);
      }
      await node.settled(mode);
      // Each may repair once what it took for drift while the other one wrote. A fight would have
      // no end.
      await until(
        async () => (await writtenIn(QUIET, [agent, other])).length === 0,
        () => 'two agents at rest',
      );
      expect(await node.differences(mode)).to.equal('');
      expect(await other.stop()).to.deep.equal({ code: 0, signal: null });
    });

    it('is not disturbed by a clock that jumps', async () => {
      // The jumps are what its log has as times.
      const times = agent.log.map(({ time }) => Date.parse(String(time)));
      const jumps = times.filter((time, i) => i > 0 && Math.abs(time - times[i - 1]!) > 1e9);
      expect(jumps.length).to.be.greaterThan(3);
      expect(await agent.stop()).to.deep.equal({ code: 0, signal: null });
      expect(agent.other).to.deep.equal([]);
    });
  });

/** What agents write into the kernel, and find to repair there, during some milliseconds. */
async function writtenIn(
  milliseconds: number,
  agents: readonly AgentProcess[],
): Promise<readonly LogLine[]> {
  const starts = agents.map(({ log }) => log.length);
  await pause(milliseconds);
  return agents
    .flatMap(({ log }, i) => log.slice(starts[i]))
    .filter((line) => line.part === 'drift' || (isSync()(line) && Number(line.bytesSent) > 0));
}

/**
 * Runs a program in the namespace that says when it holds something, and holds it until its input
 * ends.
 */
async function holder(
  node: AgentNode,
  command: string,
  ...args: readonly string[]
): Promise<() => Promise<unknown>> {
  const words = ['-t', String(node.namespace.pid), '-n', command, ...args];
  const child: ChildProcess = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout!, 'data'),
    ended.then(() => Promise.reject(new Error(`${command} ended`))),
  ]);
  return () => {
    child.stdin!.end();
    return ended;
  };
}

/**
 * A folder with the programs that load, which fail as long as there is a file `broken` beside them.
 */
async function brittleTools(folder: string, node: AgentNode, mode: AgentMode): Promise<void> {
  await mkdir(folder);
  const names =
    mode.mode === 'nftables'
      ? ['nft']
      : [mode.name, mode.name.replace('ip', 'ip6')].map((name) => `${name}-restore`);
  for (const name of names) {
    const real = (await node.namespace.run('sh', ['-c', `command -v ${name}`])).trim();
    const script = `#!/bin/sh\nif [ -e ${folder}/broken ]; then echo "${name} is out of order" >&2; exit 3; fi\nexec ${real} "$@"\n`;
    await writeFile(join(folder, name), script, { mode: 0o755 });
  }
}

/** `vipc apply` of what the server holds. */
async function applied(node: AgentNode, { mode, flags }: AgentMode): Promise<void> {
  const file = join(node.folder, 'objects.json');
  const items = await node.server.objects();
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const words = ['apply', '-f', file, '--mode', mode, ...flags, '--node-name', 'node-a'];
  await execa('nsenter', ['-t', String(node.namespace.pid), '-n', ...PROGRAM, ...words], {
    env: node.namespace.env,
  });
}

function get(node: AgentNode, path: string): Promise<string> {
  return node.namespace.run('curl', ['-s', `http://127.0.0.1:${path}`]);
}

async function health(node: AgentNode, path = 'healthz'): Promise<number> {
  const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', `http://127.0.0.1:10256/${path}`];
  return Number(await node.namespace.run('curl', args));
}

/** How many loads have failed, of all families. */
async function failed(node: AgentNode, { mode }: AgentMode): Promise<number> {
  const lines = (await get(node, '10249/metrics')).split('\n');
  const own = lines.filter((line) => line.startsWith(`${FAILURES[mode]}{`));
  return own.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
}
