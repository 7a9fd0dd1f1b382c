/**
 * Real kernels that hold our rules, kube-proxy's, and those of kubelet, kube-router and docker side
 * by side, in both variants at once: afterwards the others' rules are there byte for byte, counters
 * included.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  type Cleanup,
  type CleanupOptions,
  cleanUp,
  planCleanup,
} from '../../src/apply/cleanup.js';
import { applySettings } from '../../src/apply/host-settings.js';
import { iptables } from '../../src/backends/iptables/index.js';
import { ParseError } from '../../src/errors.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import type { HostChange } from '../../src/plan/types.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { node, service, slice, snapshotOf, withIngress } from '../model/support.js';
import {
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  NFACCT_OBJECTS,
  saveDocument,
  VARIANTS,
} from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { PROGRAM } from '../support/process/program.js';

const FLAGS = { 'iptables-nft': 'nft', 'iptables-legacy': 'legacy' } as const;
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const TOOLS = [...VARIANTS.flatMap(({ tools }) => tools), 'nfacct', 'nft'];
const OPTIONS: CleanupOptions = {
  families: FAMILIES,
  lock: { timeout: 10_000, about: 'a test' },
};
/** To a closed port of loopback. */
const ONE_DATAGRAM = `const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1', () => s.close());`;
const LEFT_BY_KUBE_PROXY = readFileSync(
  new URL('../../fixtures/cleanup/before.v4.save', import.meta.url),
  'latin1',
);

const NFT_IS_LEFT: readonly RegExp[] = ['IPv4', 'IPv6'].map(
  (family) =>
    new RegExp(
      `^error: left as it was: iptables-nft holds ${family} chains of kube-proxy or vipc \\(mangle KUBE-PROXY-CANARY, .* more\\), and the program ip6?tables-nft is not installed`,
    ),
);
const LEGACY_IS_LEFT: readonly RegExp[] = ['IPv4', 'IPv6'].map(
  (family) =>
    new RegExp(`^error: .* iptables-legacy holds ${family} tables \\(mangle, filter, nat\\), and`),
);

/** What kubelet, kube-router, docker and an administrator have on a node. */
function foreign(family: Family): string {
  const [any, pods, loopback, docker] =
    family === 'IPv4'
      ? ['203.0.113.9/32', '10.244.0.0/16', '127.0.0.0/8', '172.17.0.2:53']
      : ['2001:db8::9/128', 'fd00:244::/32', '::1/128', '[fd00:17::2]:53'];
  return `*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
-A PREROUTING -s ${any} -j MARK --set-xmark 0x1/0x1
COMMIT
*filter
:DOCKER - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-NWPLCY-DEFAULT - [0:0]
:KUBE-NWPLCY-AAAAAAAAAAAAAAAA - [0:0]
:KUBE-POD-FW-BBBBBBBBBBBBBBBB - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
-A INPUT -j KUBE-FIREWALL
-A INPUT -s ${any} -j ACCEPT
-A FORWARD -m comment --comment "kube-router netpol" -j KUBE-ROUTER-FORWARD
-A FORWARD -j DOCKER
-A OUTPUT -j KUBE-FIREWALL
-A OUTPUT -d ${any} -m comment --comment "the words kubernetes service portals and -j KUBE-SERVICES" -j ACCEPT
-A DOCKER -d ${any} -p udp -m udp --dport 53 -j ACCEPT
-A KUBE-FIREWALL ! -s ${loopback} -d ${loopback} -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-NWPLCY-AAAAAAAAAAAAAAAA -s ${pods} -j MARK --set-xmark 0x10000/0x10000
-A KUBE-POD-FW-BBBBBBBBBBBBBBBB -j KUBE-NWPLCY-AAAAAAAAAAAAAAAA
-A KUBE-ROUTER-FORWARD -s ${pods} -j KUBE-POD-FW-BBBBBBBBBBBBBBBB
COMMIT
*nat
:DOCKER - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-MARK-DROP - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s ${pods} ! -d ${pods} -j MASQUERADE
-A DOCKER -p udp -m udp --dport 5300 -j DNAT --to-destination ${docker}
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
COMMIT
`;
}

/** One Service of each kind, with and without endpoints. */
function objects(family: Family): readonly KubernetesObject[] {
  const at = (n: number): string => (family === 'IPv4' ? `10.96.0.${n}` : `fd00:96::${n}`);
  const stack = (n: number): object => ({
    clusterIP: at(n),
    clusterIPs: [at(n)],
    ipFamilies: [family],
  });
  const balanced = service('balanced', {
    ...stack(3),
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31000,
    loadBalancerSourceRanges: [family === 'IPv4' ? '198.51.100.0/24' : '2001:db8:1::/48'],
    ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
  });
  return [
    node(['192.0.2.10', 'fd00:192::10']),
    service('web', { ...stack(1), sessionAffinity: 'ClientIP' }),
    service('empty', { ...stack(2), type: 'NodePort', ports: [{ port: 80, nodePort: 30081 }] }),
    withIngress(balanced, family === 'IPv4' ? '203.0.113.7' : '2001:db8:113::7'),
    ...['web', 'balanced'].map((name) =>
      slice(name, [{ addresses: [at(77)], nodeName: 'here' }, { addresses: [at(78)] }], {
        addressType: family,
      }),
    ),
  ];
}

function ours(family: Family): string {
  return print(compileSnapshot(snapshotOf(...objects(family)), family).ruleset);
}

describe('kernel: cleanup', () => {
  let namespace: Namespace;
  let host: NamespaceHost;

  before(function () {
    requireKernel(this, TOOLS);
  });
  beforeEach(async () => {
    namespace = await openNamespace('cleanup');
    host = new NamespaceHost(namespace);
  });
  afterEach(() => namespace?.close());

  /** Everything that a variant prints, without the lines that hold the time. */
  async function saved(variant: IptablesVariant, family: Family): Promise<string> {
    const text = await saveDocument(namespace, variant, family, true);
    return text.replace(/^#.*\n/gm, '');
  }

  async function everything(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const variant of VARIANTS)
      for (const family of FAMILIES)
        found[`${variant.name} ${family}`] = await saved(variant, family);
    return found;
  }

  async function loadEverywhere(document: (family: Family) => string): Promise<void> {
    for (const variant of VARIANTS)
      for (const family of FAMILIES)
        await loadDocument(namespace, variant, family, document(family));
  }

  it('creates no table by listing, and has nothing to do in a fresh kernel', async () => {
    const cleanup = await cleanUp(host, OPTIONS);
    expect(cleanup).to.deep.equal({
      steps: [],
      settings: [],
      kept: [],
      diagnostics: [],
    } satisfies Cleanup);
    expect(await namespace.run('nft', ['list', 'tables'])).to.equal('');
    for (const file of ['/proc/net/ip_tables_names', '/proc/net/ip6_tables_names'])
      expect(await host.readFile(file)).to.be.oneOf(['', undefined]);
  });

  it('leaves foreign rules byte for byte, in both variants and families', async () => {
    await makeNfacctObjects(namespace);
    await loadEverywhere(foreign);
    // Rules of others differ from new ones in what they have counted.
    await namespace.run(process.execPath, ['-e', ONE_DATAGRAM]);
    const others = await everything();
    expect(others['iptables-legacy IPv4']).to.match(
      /^\[[1-9]\d*:\d+\] -A OUTPUT -j KUBE-FIREWALL$/m,
    );
    await loadEverywhere((family) => withoutForeign(ours(family)));
    for (const variant of VARIANTS)
      await loadDocument(namespace, variant, 'IPv4', withoutForeign(LEFT_BY_KUBE_PROXY));
    await namespace.script('nft add table ip kube-proxy\nnft add table ip6 kube-proxy');
    await namespace.script('nft add table inet kube-proxy\nnft add table ip kube-proxy-2');
    const tables = await namespace.run('nft', ['list', 'tables']);

    const { steps, kept } = await cleanUp(host, OPTIONS);
    expect(steps.map(({ kind, family }) => `${kind} ${family}`)).to.deep.equal([
      'rules IPv4',
      'rules IPv4',
      'rules IPv6',
      'rules IPv6',
      'table IPv4',
      'table IPv6',
    ]);
    expect(kept).to.deep.equal([]);
    const left = await everything();
    for (const [name, text] of Object.entries(others))
      expect(withoutChainCounters(left[name]!), name).to.equal(withoutChainCounters(text));
    expect(await namespace.run('nft', ['list', 'tables'])).to.equal(
      tables.replace(/^table ip6? kube-proxy\n/gm, ''),
    );
    const again = await cleanUp(host, OPTIONS);
    expect(again.steps).to.deep.equal([]);
  });

  it('prints input that a tool can load, and changes nothing', async () => {
    await makeNfacctObjects(namespace);
    await loadEverywhere(ours);
    const before = await everything();
    const { steps } = await planCleanup(host, OPTIONS);
    expect(await everything()).to.deep.equal(before);
    for (const step of steps)
      if (step.kind === 'rules') await namespace.run(step.tools.restore, ['--noflush'], step.input);
    for (const text of Object.values(await everything()))
      expect(text.match(/KUBE-[A-Z-]+/g) ?? []).to.satisfy((names: readonly string[]) =>
        names.every((name) => name === 'KUBE-FIREWALL'),
      );
  });

  for (const variant of VARIANTS) {
    const family = 'IPv4';
    const only = { ...OPTIONS, families: [family], iptables: FLAGS[variant.name] } as const;

    /** Loads what a first `vipc apply` loads. */
    async function applyFirst(): Promise<void> {
      const read = await iptables.kernel.read(host, family, { iptables: FLAGS[variant.name] });
      const { ruleset } = compileSnapshot(snapshotOf(...objects(family)), family);
      const input = iptables.input(read.rules.plan(ruleset), read.tools);
      const options = { lockTimeout: 10_000, timeout: 60_000 };
      expect(await iptables.kernel.load(host, read.tools, input, options)).to.equal(undefined);
    }

    it(`${variant.name}: deletes a KUBE-FIREWALL that vipc created where there is no kubelet`, async () => {
      await makeNfacctObjects(namespace);
      await applyFirst();
      expect(await saved(variant, family)).to.contain(' -j KUBE-FIREWALL');
      await cleanUp(host, only);
      expect(await saved(variant, family)).to.not.contain('KUBE-');
      expect((await planCleanup(host, only)).steps).to.deep.equal([]);
    });

    it(`${variant.name}: keeps KUBE-FIREWALL where there is a kubelet`, async () => {
      await makeNfacctObjects(namespace);
      await applyFirst();
      const canary = '*filter\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n';
      await loadDocument(namespace, variant, family, canary);
      await cleanUp(host, only);
      const left = await saved(variant, family);
      expect(left).to.match(/^\[\d+:\d+\] -A OUTPUT -j KUBE-FIREWALL$/m);
      expect(left).to.match(/^\[\d+:\d+\] -A KUBE-FIREWALL .* -j DROP$/m);
    });
  }

  for (const variant of VARIANTS) {
    it(`${variant.name}: empties a chain that a foreign rule jumps to, and keeps both`, async () => {
      await makeNfacctObjects(namespace);
      await loadDocument(namespace, variant, 'IPv4', ours('IPv4'));
      const theirs = '-A MINE -s 10.0.0.0/8 -j KUBE-SERVICES';
      await loadDocument(namespace, variant, 'IPv4', `*nat\n:MINE - [0:0]\n${theirs}\nCOMMIT\n`);
      const { kept } = await cleanUp(host, OPTIONS);
      expect(kept.map(({ table, chain, by }) => [table, chain, by])).to.deep.equal([
        ['nat', 'KUBE-SERVICES', theirs],
      ]);
      const rules = (await saveDocument(namespace, variant, 'IPv4'))
        .split('\n')
        .filter((line) => line.startsWith('-A ') && !line.includes('KUBE-FIREWALL'));
      expect(rules).to.deep.equal([theirs]);
      expect((await cleanUp(host, OPTIONS)).steps).to.deep.equal([]);
    });
  }

  it('cleans every readable table where nft wrote into another one', async () => {
    await makeNfacctObjects(namespace);
    await loadDocument(namespace, VARIANTS[0]!, 'IPv4', ours('IPv4'));
    await namespace.script('nft add table ip kube-proxy');
    await namespace.run('nft', ['-f', '-'], UNREADABLE);
    const { steps, diagnostics } = await cleanUp(host, OPTIONS);
    expect(steps.map(({ kind }) => kind)).to.deep.equal(['rules', 'table']);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(['cleanup-incomplete']);
    const rules = await namespace.run('nft', ['list', 'ruleset']);
    expect(rules).to.not.match(/table ip (?:nat|mangle) \{[^}]*KUBE-/);
    expect(rules).to.not.contain('table ip kube-proxy');
    expect(rules).to.contain('chain KUBE-FORWARD');
    expect(await thrownBy(cleanUp(host, OPTIONS))).to.be.instanceOf(ParseError);
  });

  const withoutTools: readonly (readonly [
    title: string,
    programs: RegExp,
    instead: string,
    left: readonly RegExp[],
  ])[] = [
    ['without iptables-nft', /^ip6?tables(?:-nft)?(?:-|$)(?!legacy)/, '', NFT_IS_LEFT],
    ['without ip6tables-nft', /^ip6tables(?:-nft)?(?:-|$)(?!legacy)/, '', NFT_IS_LEFT.slice(1)],
    ['without iptables-legacy', /^ip6?tables-legacy/, '', LEGACY_IS_LEFT],
    ['without nft', /^nft$/, '', [/^note: not looked at: the program nft/]],
    [
      'with a killed restore',
      /^iptables-nft-restore$/,
      'kill -9 $$',
      [/restore was ended by SIGK/],
    ],
    [
      'with a failing save',
      /^ip6tables-legacy-save$/,
      'exit 3',
      [/save failed with exit status 3$/],
    ],
    ['with an nft that prints junk', /^nft$/, 'echo junk', [/: nft lists no tables but prints/]],
  ];
  for (const [title, programs, instead, expected] of withoutTools)
    it(`${title} removes everything else and reports what is left`, async () => {
      await makeNfacctObjects(namespace);
      await loadEverywhere(ours);
      await namespace.script('nft add table ip kube-proxy');
      const broken = new BrokenToolsHost(namespace, programs, instead);
      const { diagnostics } = await cleanUp(broken, OPTIONS);
      const said = diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
      expect(said).to.have.length(expected.length);
      for (const [i, pattern] of expected.entries()) expect(said[i]).to.match(pattern);
      // Only what was reported is left.
      const again = await cleanUp(host, OPTIONS);
      expect(again.diagnostics).to.deep.equal([]);
      const left = again.steps.map((step) =>
        step.kind === 'table' ? 'nft' : `${step.family} ${step.tools.variant}`,
      );
      expect(left).to.have.length(expected.length);
    });

  it('restores settings while rules still guard them, and deletes objects once no rule uses them', async () => {
    const sysctl = '/proc/sys/net/ipv4/conf/all/route_localnet';
    const [object = ''] = NFACCT_OBJECTS;
    const changes: readonly HostChange[] = [
      { kind: 'sysctl', name: 'net.ipv4.conf.all.route_localnet', before: '0', after: '1' },
      { kind: 'nfacct', name: object },
    ];
    expect((await host.readFile(sysctl))?.trim()).to.equal('0');
    await namespace.run('nfacct', ['add', NFACCT_OBJECTS[1] ?? '']);
    expect(await applySettings(host, changes, 'before')).to.deep.equal([]);
    await loadDocument(namespace, VARIANTS[0]!, 'IPv4', ours('IPv4'));
    expect(await applySettings(host, changes, 'after')).to.deep.equal([]);
    expect((await host.readFile(sysctl))?.trim()).to.equal('1');
    const { settings } = await cleanUp(host, OPTIONS);
    expect(settings).to.deep.equal(changes);
    expect((await host.readFile(sysctl))?.trim()).to.equal('0');
    const left = await namespace.run('nfacct', ['list']);
    expect(left).to.not.contain(object);
    expect(left, 'an object that vipc did not make').to.contain(NFACCT_OBJECTS[1]);
  });

  it('the program: exit codes and output', async () => {
    await makeNfacctObjects(namespace);
    await loadDocument(namespace, VARIANTS[0]!, 'IPv4', ours('IPv4'));
    const [node = '', ...main] = PROGRAM;
    const vipc = (...words: readonly string[]): Promise<string> =>
      namespace.run(node, [...main, 'cleanup', ...words]);
    expect(await vipc('--dry-run')).to.contain('# IPv4: load with iptables-nft-restore --noflush');
    expect(await vipc()).to.match(
      /^IPv4 rules \(nf_tables\): \d+ chains deleted, \d+ jumps removed\n$/,
    );
    expect(await vipc()).to.equal('nothing to do: no rules of kube-proxy or vipc are here\n');
  });

  it('deletes 2,000 chains in one transaction', async () => {
    const variant = VARIANTS[0]!;
    const name = (n: number): string =>
      `KUBE-SVC-${n
        .toString(32)
        .toUpperCase()
        .replace(/[0189]/g, 'Z')
        .padStart(16, 'A')}`;
    const chains = [...new Set(Array.from({ length: 2500 }, (_, n) => name(n)))].slice(0, 2000);
    expect(chains).to.have.length(2000);
    const jumps = chains.map(
      (chain, n) => `-A KUBE-SERVICES -d 10.96.${n >> 8}.${n & 255} -j ${chain}`,
    );
    const lines = ['KUBE-SERVICES', ...chains].map((chain) => `:${chain} - [0:0]`);
    await loadDocument(
      namespace,
      variant,
      'IPv4',
      ['*nat', ...lines, '-A OUTPUT -j KUBE-SERVICES', ...jumps, 'COMMIT', ''].join('\n'),
    );
    const { steps } = await cleanUp(host, { ...OPTIONS, families: ['IPv4'] });
    expect(steps).to.have.length(1);
    expect(await saved(variant, 'IPv4')).to.not.contain('KUBE-');
  });
});

/** Runs a shell script in place of some programs, which are missing where it is empty. */
class BrokenToolsHost extends NamespaceHost {
  readonly #programs: RegExp;
  readonly #script: string;

  constructor(namespace: Namespace, programs: RegExp, script: string) {
    super(namespace);
    this.#programs = programs;
    this.#script = script;
  }

  override async run(command: Command): Promise<CommandResult> {
    if (!this.#programs.test(command.command)) return super.run(command);
    if (this.#script === '') return { kind: 'missing', reason: 'ENOENT' };
    return super.run({ ...command, command: 'sh', args: ['-c', this.#script] });
  }
}

/** A rule that iptables cannot print, in a table that iptables-nft also writes. */
const UNREADABLE = `add chain ip filter foo { type filter hook input priority 5 ; }
add rule ip filter foo meta skuid 5 limit rate 5/second burst 3 packets ct mark set 7 drop
`;

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Rules without those that are there already, because they are foreign or kubelet's as well. */
function withoutForeign(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/MINE|203\.0\.113\.9|^-A (?:INPUT|OUTPUT) -j KUBE-FIREWALL$/.test(line))
    .filter((line) => !/^:(?:KUBE-FIREWALL|[A-Z]+ ACCEPT)|^-A KUBE-FIREWALL /.test(line))
    .join('\n');
}

/** Built-in chains count also what passes while nothing is loaded. */
function withoutChainCounters(text: string): string {
  return text.replace(/^(:\S+ \S+) \[\d+:\d+\]$/gm, '$1');
}
