/**
 * vipc is killed (SIGKILL) at random moments while it applies changing snapshots: every table then
 * holds its complete old or its complete new rules, and perhaps chains that no packet meets, in
 * either mode and from layout to layout, and the next apply ends where nothing differs.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyDesired } from '../../src/apply/desired.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import { BACKENDS } from '../../src/backends/index.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { planFromDump } from '../../src/backends/nftables/diff.js';
import { type Dump, parseDump as parseNft } from '../../src/backends/nftables/syntax/parse.js';
import { allChanges } from '../../src/plan/plan.js';
import { type BackendName, fragmentsOf, type Ruleset } from '../../src/ruleset/types.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { seed } from '../support/arbitrary/property.js';
import { applyOptions, desired, shop } from '../support/cases/apply-case.js';
import { makeNfacctObjects, saveDocument, VARIANTS } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { scriptCommand } from '../support/process/script.js';
import { until } from '../support/until.js';

/** Per variant. */
const KILLS = process.env.VIPC_FULL === '1' ? 100 : 4;
const SERVICES = 150;
const LOOP = new URL('../support/process/apply-loop.ts', import.meta.url);

/**
 * Two snapshots between which every third Service comes, goes, gains or loses its last endpoint.
 */
function snapshot(which: 0 | 1): readonly KubernetesObject[] {
  return Array.from({ length: SERVICES }, (_, n) => {
    const kind = n % 6;
    if (kind === 0 && which === 1) return [];
    const endpoints =
      kind === 1 ? which * 3 : kind === 2 ? 3 - which * 3 : kind === 3 ? 2 + which : 2;
    return shop(`s${n}`, n + 1, endpoints);
  }).flat();
}

/** Of each snapshot: going from one to the other changes the layout too. */
const LAYOUTS = ['kube-proxy', 'fast'] as const;

/** A way to load rules that is killed in the middle. */
interface Way {
  readonly name: string;
  /** The arguments of the process of the test. */
  readonly word: 'nft' | 'legacy' | 'nftables';
  readonly mode: BackendName;
  readonly tools: readonly string[];
  /** The program that loads. */
  readonly loader: string;
  /** Which of two Rulesets each table holds. */
  readonly states: (
    namespace: Namespace,
    a: Ruleset,
    b: Ruleset,
  ) => Promise<readonly (readonly [table: string, state: string])[]>;
}

const WAYS: readonly Way[] = [
  ...VARIANTS.map(
    (variant): Way => ({
      name: variant.name,
      word: variant.name === 'iptables-nft' ? 'nft' : 'legacy',
      mode: 'iptables',
      tools: [...variant.tools, 'nfacct'],
      loader: `${variant.name}-restore`,
      states: async (namespace, a, b) => {
        const dump = parseDump(await saveDocument(namespace, variant, 'IPv4'));
        return ['mangle', 'filter', 'nat'].map((table) => [
          table,
          stateOf(table, dump.tables.get(table), a, b),
        ]);
      },
    }),
  ),
  {
    name: 'nft',
    word: 'nftables',
    mode: 'nftables',
    tools: ['nft'],
    loader: 'nft',
    states: async (namespace, a, b) => {
      const found = parseNft(
        await namespace.run('nft', ['-j', 'list', 'table', 'ip', 'kube-proxy']),
      );
      const [old, fresh] = [a, b].map((ruleset) => holds(found, ruleset));
      return [['ip kube-proxy', old ? 'a' : fresh ? 'b' : 'neither']];
    },
  },
];

for (const way of WAYS) {
  describe(`kernel: apply with ${way.name} is killed`, () => {
    let namespace: Namespace;
    let host: NamespaceHost;
    let folder: string;

    before(async function () {
      requireKernel(this, way.tools);
      namespace = await openNamespace(`kill-${way.name}`);
      host = new NamespaceHost(namespace);
      if (way.mode === 'iptables') await makeNfacctObjects(namespace);
      folder = await mkdtemp(join(tmpdir(), 'vipc-kill-'));
    });
    after(async () => {
      if (namespace === undefined) return;
      await undoSettings(host);
      await namespace.close();
      await rm(folder, { recursive: true });
    });

    it(`${KILLS} times: tables are whole, and the next apply completes`, async () => {
      const wants = ([0, 1] as const).map((which) =>
        desired(snapshot(which), ['IPv4'], { mode: way.mode, layout: LAYOUTS[which] }),
      );
      const [a, b] = wants.map((want) => want.compiled[0]!.ruleset);
      const files = await Promise.all(
        ([0, 1] as const).map(async (which) => {
          const file = join(folder, `${which}.json`);
          const text = { apiVersion: 'v1', kind: 'List', items: snapshot(which) };
          await writeFile(file, JSON.stringify(text));
          return file;
        }),
      );
      const options = applyOptions(host, {
        backend: BACKENDS[way.mode],
        ...(way.word === 'nftables' ? {} : { iptables: way.word }),
        failedFolder: folder,
      });
      await applyDesired(options, wants[0]!);
      const bin = await mortalTools(folder, way.loader, await toolPath(namespace, way.loader));
      const random = lcg(seed);
      const seen = new Map<string, number>();
      for (let i = 0; i < KILLS; i++) {
        // From one to the other and back, without end, so that there is always something under way.
        const child = spawn(
          'nsenter',
          [
            '-t',
            String(namespace.pid),
            '-n',
            ...scriptCommand(LOOP),
            way.word,
            LAYOUTS.join(),
            ...files,
          ],
          {
            env: {
              ...process.env,
              ...namespace.env,
              // Every second time the tool is killed, in the middle of what it does, and vipc after
              // it.
              ...(i % 2 === 0 ? {} : { PATH: `${bin}:${namespace.env.PATH}` }),
              LIFE: (random() * 0.03).toFixed(4),
            },
            stdio: ['ignore', 'pipe', i % 2 === 0 ? 'inherit' : 'ignore'],
          },
        );
        const closed = once(child, 'close');
        const isAtWork = await Promise.race([
          closed.then(() => false),
          once(child.stdout!, 'data').then(() => true),
        ]);
        expect(isAtWork, `VIPC_SEED=${seed}, kill ${i}: the process came to work`).to.equal(true);
        child.stdout!.resume();
        await new Promise((resolve) => setTimeout(resolve, random() * 400));
        child.kill('SIGKILL');
        await closed;
        await restoreEnded(namespace);

        for (const [table, state] of await way.states(namespace, a!, b!)) {
          expect(state, `VIPC_SEED=${seed}, kill ${i}: table ${table}`).to.not.equal('neither');
          seen.set(`${table} ${state}`, (seen.get(`${table} ${state}`) ?? 0) + 1);
        }
        const want = wants[i % 2]!;
        await applyDesired(options, want);
        const again = await applyDesired(options, want);
        expect(again.loads, `VIPC_SEED=${seed}, kill ${i}`).to.equal(0);
      }
      console.log(`      ${[...seen].map(([state, times]) => `${state}: ${times}`).join(', ')}`);
    });
  });
}

/** A folder with a program that is killed after `$LIFE` seconds, unless it only reads. */
async function mortalTools(folder: string, loader: string, real: string): Promise<string> {
  const reads = `case "$*" in *list*|*version*) exec ${real} "$@";; esac`;
  const script = `#!/bin/sh\n${reads}\nexec 3<&0\n${real} "$@" <&3 &\nsleep $LIFE\nkill -9 $!\nwait $!\n`;
  await writeFile(join(folder, loader), script, { mode: 0o755 });
  return folder;
}

async function toolPath(namespace: Namespace, loader: string): Promise<string> {
  return (await namespace.run('sh', ['-c', `command -v ${loader}`])).trim();
}

/** Whether all of a Ruleset is there, and besides it only what nothing of it leads to. */
function holds(found: Dump, ruleset: Ruleset): boolean {
  return allChanges(planFromDump(found, ruleset)).every(({ action }) => action === 'delete');
}

type Chains = ReadonlyMap<string, { readonly rules: readonly string[] }> | undefined;

/**
 * Which of the two a table holds. Filter is loaded in two steps where both come and go: in between
 * it has what either of them refuses.
 */
function stateOf(table: string, chains: Chains, a: Ruleset, b: Ruleset): string {
  const found = linesOf(chains);
  const [old, fresh] = [a, b].map((ruleset) => wantedLines(table, ruleset));
  if (same(found, old!)) return 'a';
  if (same(found, fresh!)) return 'b';
  const both = new Set([...old!, ...fresh!]);
  return table === 'filter' && same(found, [...both].sort()) ? 'both' : 'neither';
}

function linesOf(chains: Chains): readonly string[] {
  return [...(chains ?? [])].flatMap(([, { rules }]) => rules).sort();
}

function wantedLines(table: string, ruleset: Ruleset): readonly string[] {
  let current = '';
  const lines: string[] = [];
  for (const { text } of fragmentsOf(ruleset))
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) current = line.slice(1);
      if (current === table && line.startsWith('-A ')) lines.push(line);
    }
  return lines.sort();
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

/** Waits for what had been started: it goes on without its parent for a moment. */
async function restoreEnded({ pid }: Namespace): Promise<void> {
  const own = await readlink(`/proc/${pid}/ns/net`);
  await until(
    async () => !(await programsIn(own)).some((name) => /tables|^nft$/.test(name)),
    () => 'the end of a restore',
  );
}

/** The names of the programs in a network namespace, `net:[4026531840]`. */
async function programsIn(network: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const names = await Promise.all(
    pids.map(async (pid) => {
      // A process may end at any moment.
      const found = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
      return found === network ? readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : '';
    }),
  );
  return names.map((name) => name.trimEnd());
}

/** Numbers from 0 to 1 that a seed repeats. */
function lcg(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
