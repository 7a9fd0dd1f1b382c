/**
 * The program itself in a namespace, with real tools and with tools that misbehave: one exit code
 * and one clear message each, and a kernel that is as before.
 */

import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { undoSettings } from '../../src/apply/host-settings.js';
import { node } from '../model/support.js';
import { desired as desiredIn, shops } from '../support/cases/apply-case.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS } from '../support/kernels/kernel-variants.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { outputProblems } from '../support/output-schema.js';
import { faultsOf } from '../support/process/program-faults.js';
import { type Running, startVipc } from '../support/process/program-run.js';
import type { Ran } from '../support/process/run-in.js';

const HERE = node(['192.0.2.10']);

/** What each variant says and writes; words of rules are those of its templates. */
const WORDS = {
  iptables: {
    sent: '-A KUBE-SERVICES -d 10.96.0.1/32',
    setting: '# sysctl -w net.ipv4.conf.all.route_localnet=1',
    /** Only Services without endpoints have rejected addresses. */
    spoil: 's/ -j REJECT --reject-with/ -m nosuchmatch&/',
    proof: 'the tools can read all of it; the kernel has not checked it',
    trial: (loader: string) => `${loader} --test`,
    usage: (loader: string) => `# IPv4: ${loader} --noflush`,
  },
  nftables: {
    sent: 'add element ip kube-proxy service-ips { 10.96.0.1 . tcp . 80 : goto ',
    setting: '',
    spoil: 's/\\( no-endpoint-services { {{ip}} . \\){{@root.proto}}/\\1nosuchmatch/',
    proof: 'the kernel would take all of it',
    trial: () => 'nft -c -f -',
    usage: () => '# IPv4: nft -f -',
  },
} as const;

for (const variant of KERNEL_VARIANTS)
  describe(`kernel: the program vipc apply with ${variant.name}`, () => {
    const words = WORDS[variant.mode];
    const loader = variant.loader('IPv4');
    let namespace: Namespace;
    let folder: string;
    let snapshot: string;

    before(async function () {
      requireKernel(this, [...variant.tools, 'setpriv']);
      folder = await mkdtemp(join(tmpdir(), 'vipc-program-'));
      await chmod(folder, 0o755);
      snapshot = join(folder, 'cluster.json');
      await writeFile(snapshot, listOf(shops(3)));
    });
    beforeEach(async () => {
      namespace = await openNamespace(`program-${variant.name}`);
      await namespace.run('ip', ['address', 'add', '192.0.2.10/32', 'dev', 'lo']);
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await undoSettings(new NamespaceHost(namespace));
      await namespace.close();
    });
    after(async () => {
      if (folder !== undefined) await rm(folder, { recursive: true });
    });

    /**
     * Starts the program inside, with these tools in front of the real ones, which they know as
     * REAL.
     */
    async function start(
      arguments_: readonly string[],
      tools: Readonly<Record<string, string>> = {},
      before: readonly string[] = [],
    ): Promise<Running> {
      const bin = await mkdtemp(join(folder, 'bin-'));
      await chmod(bin, 0o755);
      for (const [name, script] of Object.entries(tools)) {
        const real = (await namespace.run('sh', ['-c', `command -v ${name}`])).trim();
        await writeFile(join(bin, name), `#!/bin/sh\n${script.replaceAll('REAL', real)}\n`);
        await chmod(join(bin, name), 0o755);
      }
      const env = { PATH: `${bin}:${namespace.env.PATH}`, XDG_STATE_HOME: join(folder, 'state') };
      return startVipc(namespace, arguments_, env, before);
    }

    async function vipc(
      words: readonly string[],
      tools: Readonly<Record<string, string>> = {},
      before: readonly string[] = [],
    ): Promise<Ran> {
      return (await start(words, tools, before)).ended;
    }

    const applyFile = (file: string, ...more: readonly string[]): readonly string[] => [
      ...['apply', '-f', file, '--family', 'ipv4', '--node-name', 'here'],
      ...variant.words,
      ...more,
    ];
    const apply = (...more: readonly string[]): readonly string[] => applyFile(snapshot, ...more);
    const saved = (): Promise<string> => variant.save(namespace, 'IPv4');
    const differences = async (): Promise<string> =>
      variant.differences(
        await saved(),
        desiredIn(shops(3), ['IPv4'], { mode: variant.mode }).compiled[0]!.ruleset,
      );

    for (const [what, { tools, words: more = [], there = '', code, says }] of Object.entries(
      faultsOf(variant),
    ))
      it(`${what}: ${code}`, async () => {
        if (there !== '') await variant.load(namespace, 'IPv4', there);
        const ran = await vipc(apply(...more), tools);
        expect(ran.err).to.match(says);
        expect(ran.code).to.equal(code);
        expect(ran.out).to.equal('');
        expect(variant.hasOurs(await saved())).to.equal(false);
      });

    if (variant.mode === 'nftables')
      it('says where it changes rules of an alpha kube-proxy', async () => {
        const alpha = 'kube-proxy 1.29, where mode nftables is alpha; they are changed to those of';
        expect((await vipc(apply())).err).to.not.include('alpha');
        const check = 'filter-input ct state new jump endpoints-check';
        const rules = `add chain ip kube-proxy endpoints-check\nadd rule ip kube-proxy ${check}\n`;
        await variant.load(namespace, 'IPv4', rules);
        expect((await vipc(apply())).err).to.include(`${alpha} kube-proxy 1.36\n`);
      });

    it('not root: 2', async () => {
      const user = [
        'setpriv',
        '--reuid',
        '65534',
        '--regid',
        '65534',
        '--clear-groups',
        '--bounding-set',
        '-all',
      ];
      const ran = await vipc(apply(), {}, user);
      expect(ran.err).to.match(/only root may read the rules of the kernel|may not do this/);
      expect(ran.code).to.equal(2);
    });

    it('what it would send, what it sends, and nothing to do', async () => {
      const dry = await vipc(apply('--dry-run=client'));
      expect(dry.code).to.equal(0);
      expect(dry.out).to.contain(words.usage(loader));
      expect(dry.out).to.contain(words.sent);
      expect(dry.out).to.contain(words.setting);
      const check = await vipc(apply('--dry-run=server'));
      expect(check).to.include({ code: 0, out: dry.out });
      expect(check.err).to.contain(words.proof);
      const json = JSON.parse((await vipc(apply('--dry-run=client', '-o', 'json'))).out);
      expect(json).to.include({ kind: 'Applied', dryRun: 'client', changed: false });
      expect(json.families.ipv4.services).to.deep.include({
        origin: 'shop/s0 TCP',
        state: 'added',
      });
      expect(outputProblems(JSON.stringify(json))).to.deep.equal([]);
      expect(variant.hasOurs(await saved())).to.equal(false);
      const ran = await vipc(apply());
      expect(ran.out).to.match(
        new RegExp(
          `^IPv4: \\d+ chains, \\d+ rules changed in ${variant.label} \\d\\S*; Service ports: 3 added\n(?:.*\n)*Service ports: 3 added\n$`,
        ),
      );
      expect(await differences()).to.equal('');
      const again = await vipc(apply('-o', 'json'));
      expect(JSON.parse(again.out)).to.include({ changed: false });
      const fewer = join(folder, 'fewer.json');
      await writeFile(fewer, listOf(shops(2)));
      const kept = await vipc(applyFile(fewer));
      expect([kept.code, kept.out]).to.deep.equal([0, 'nothing to do\n']);
      expect(kept.err).to.match(/1 Service of the kernel stays.*\n.*--prune/);
      expect(await differences()).to.equal('');
      const pruned = await vipc(applyFile(fewer, '--prune'));
      expect(pruned.out).to.match(/\nService ports: 1 removed\n$/);
    });

    it('another clusterCIDR than that of the rules in the kernel: 78, unless confirmed', async () => {
      expect((await vipc(apply('--cluster-cidr', '10.244.0.0/16'))).code).to.equal(0);
      for (const more of [[], ['--dry-run=client']]) {
        const ran = await vipc(apply(...more));
        expect([ran.code, ran.out]).to.deep.equal([78, '']);
        expect(ran.err).to.contain("this node's kube-proxy has clusterCIDR 10.244.0.0/16;");
        expect(ran.err).to.contain('--cluster-cidr 10.244.0.0/16');
      }
      expect(await differences()).to.not.equal('');
      expect((await vipc(apply('--cluster-cidr', ''))).code).to.equal(0);
      expect(await differences()).to.equal('');
    });

    it('a Service that is refused: 1, and a full disk does not hide why', async () => {
      const templates = join(folder, 'templates');
      await mkdir(templates, { recursive: true });
      const layout = fileURLToPath(
        new URL(`../../templates/${variant.mode}/kube-proxy/`, import.meta.url),
      );
      await namespace.run('sh', ['-c', `cp ${layout}/*.hbs ${templates}`]);
      const port = join(templates, 'port.hbs');
      await namespace.run('sed', ['-i', words.spoil, port]);
      const file = join(folder, 'broken.json');
      const [service] = shops(9).slice(-2);
      const items = [...shops(3), service!];
      await writeFile(file, listOf(items));
      const broken = applyFile(file, '--templates', templates);
      const check = await vipc([...broken, '--dry-run=server']);
      expect(check.err).to.match(
        new RegExp(`${words.trial(loader)} refuses the IPv4 rules: .*nosuchmatch`),
      );
      expect(check.code).to.equal(2);
      const ran = await vipc([...broken, '--failed-dir', '/proc/nowhere']);
      expect(ran.err).to.match(/error: .*shop\/s8.* refused and stay as they were: .*nosuchmatch/);
      expect(ran.err).to.not.contain('kept in');
      expect(ran.code).to.equal(1);
      expect(await differences()).to.equal('');
      const kept = await vipc(broken);
      expect(kept.code).to.equal(1);
      expect(kept.out).to.equal('nothing to do\n');
      expect(await readdir(join(folder, 'state', 'vipc'))).to.have.length(1);
    });

    it('Ctrl-C while a restore runs: it finishes, the next does not start, 130', async () => {
      const mark = join(folder, `running-${variant.name}`);
      const slow = `case "$*" in *list*|*version*) ;; *) touch ${mark}; sleep 0.5;; esac; exec REAL "$@"`;
      const dual = ['apply', '-f', snapshot, '--family', 'dual', '--node-name', 'here'];
      const { pid, ended } = await start([...dual, ...variant.words], { [loader]: slow });
      let over = false;
      void ended.then(() => (over = true));
      while (!over && !(await readdir(folder)).includes(`running-${variant.name}`))
        await new Promise((resolve) => setTimeout(resolve, 10));
      // To the whole group, as a terminal does it.
      process.kill(-pid, 'SIGINT');
      const ran = await ended;
      expect(ran.err).to.contain('interrupted');
      expect(ran.code).to.equal(130);
      expect(await differences()).to.equal('');
      expect(variant.hasOurs(await variant.save(namespace, 'IPv6'))).to.equal(false);
    });
  });

function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [HERE, ...items] });
}
