/**
 * `vipc apply` in mode nftables on a real kernel: it sends what differs in one transaction, takes a node over from
 * kube-proxy without a word, leaves out what is refused, and carries out saved plans.
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Applier } from '../../src/apply/applier.js';
import { applyDesired } from '../../src/apply/apply-desired.js';
import type { ApplyOptions } from '../../src/apply/apply-steps.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import { BACKENDS } from '../../src/backends/backend.js';
import { parseDump } from '../../src/backends/nftables/parse.js';
import type { ApplyFlags } from '../../src/cli/commands/apply.js';
import { LoadError } from '../../src/errors.js';
import { type Family, print, type Ruleset } from '../../src/index.js';
import { applyOptions, changed, desired, shop, shops, vip } from '../support/apply-case.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { plainTables } from '../support/nft-tables.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const MODE = { mode: 'nftables' } as const;
const CASE = 'fixtures/conformance/268-kitchen-sink';
const FOREIGN = `add table inet kube-proxy
add chain inet kube-proxy services { type filter hook input priority 3 ; }
add rule inet kube-proxy services ip saddr 192.0.2.1 counter accept
`;

describe('kernel: apply in mode nftables', () => {
  let namespace: Namespace;
  let host: NamespaceHost;
  let folder: string;

  before(function () {
    requireKernel(this, ['nft', 'conntrack']);
  });
  beforeEach(async () => {
    namespace = await openNamespace('apply-nft');
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
    applyOptions(host, { backend: BACKENDS.nftables, failedFolder: folder, ...over });
  const list = (table: string): Promise<string> =>
    namespace.run('nft', ['-j', 'list', 'table', ...table.split(' ')]);
  /** What was loaded since the last question. */
  const scripts = (): readonly string[] =>
    host.ran
      .splice(0)
      .filter(({ command, args }) => command === 'nft' && args.includes('-f'))
      .map(({ input = '' }) => input);

  async function expectHolds(ruleset: Ruleset): Promise<void> {
    const table = ruleset.family === 'IPv4' ? 'ip kube-proxy' : 'ip6 kube-proxy';
    expect(plainTables(parseDump(await list(table)))).to.deep.equal(
      plainTables(parseDump(print(ruleset))),
    );
  }

  it('makes both families what they should be, and then has nothing to do', async () => {
    await namespace.run('nft', ['-f', '-'], FOREIGN);
    const foreign = await list('inet kube-proxy');
    const want = desired([...shops(3), ...shop('none', 9, 0)], FAMILIES, MODE);
    const first = await applyDesired(options(), want);
    expect(first.loads).to.equal(2);
    for (const { ruleset } of want.compiled) await expectHolds(ruleset);
    expect(scripts()).to.have.length(2);
    const second = await applyDesired(options(), want);
    expect(second.loads).to.equal(0);
    expect(scripts()).to.deep.equal([]);
    expect(await list('inet kube-proxy')).to.equal(foreign);
  });

  it('finds nothing to do where kube-proxy was, and repairs what a hand has changed', async () => {
    const script = await readFile('fixtures/dumps/input/268-kitchen-sink.nft', 'utf8');
    await namespace.run('nft', ['-f', '-'], script);
    expect(await applyIn({})).to.deep.equal([0, 'nothing to do\n']);
    await namespace.run('nft', ['flush', 'chain', 'ip', 'kube-proxy', 'services']);
    const [code, out] = await applyIn({});
    expect(code).to.equal(0);
    expect(out).to.match(/^IPv4: 1 chain, \d+ rules, 0 Service ports changed in nft \d\S+\n$/);
    expect(scripts().join('').split('\n')[0]).to.equal('flush chain ip kube-proxy services');
    expect(await applyIn({})).to.deep.equal([0, 'nothing to do\n']);
  });

  it('sends what changed and nothing else, and the long-lived applier does not list for it', async () => {
    const applier = new Applier({
      ...options(),
      family: 'IPv4',
      lockTimeout: 10_000,
      lock: { timeout: 10_000, about: 'a test' },
    });
    const rulesets = [shop('a', 1, 2), shop('a', 1, 3), shop('b', 2, 1)].map(
      (objects) => desired([...shops(20), ...objects], ['IPv4'], MODE).compiled[0]!.ruleset,
    );
    const froms: string[] = [];
    for (const ruleset of rulesets) {
      host.ran.splice(0);
      const { from } = await applier.apply(ruleset);
      froms.push(from);
      const lists = host.ran.filter(({ args }) => args.includes('list'));
      expect(lists).to.have.length(from === 'kernel' ? 2 : 0);
      const sent = scripts();
      expect(sent).to.have.length(1);
      if (ruleset === rulesets[1]) expect(sent[0]?.trim().split('\n')).to.have.length(2);
      await expectHolds(ruleset);
    }
    expect(froms).to.deep.equal(['kernel', 'memory', 'memory']);
  });

  it('looks again where the tables are not as they were loaded', async () => {
    const applier = new Applier({ ...options(), family: 'IPv4', lockTimeout: 10_000 });
    const [a, b] = [shops(3), shops(2)].map(
      (objects) => desired(objects, ['IPv4'], MODE).compiled[0]!.ruleset,
    );
    await applier.apply(a!);
    await namespace.run('nft', ['delete', 'table', 'ip', 'kube-proxy']);
    expect((await applier.apply(b!)).from).to.equal('kernel');
    await expectHolds(b!);
  });

  it('deletes chains in a second transaction on an old kernel', async () => {
    class OldKernel extends NamespaceHost {
      override kernel(): string {
        return '5.15.0-91-generic';
      }
    }
    const old = new OldKernel(namespace);
    await applyDesired(options({ host: old }), desired(shops(3), ['IPv4'], MODE));
    old.ran.splice(0);
    const less = desired(shops(2), ['IPv4'], MODE);
    await applyDesired(options({ host: old }), less);
    const sent = old.ran.flatMap(({ args, input = '' }) => (args.includes('-f') ? [input] : []));
    expect(sent).to.have.length(2);
    expect(sent[0]).to.not.include('delete chain');
    expect(sent[1]).to.match(/^delete chain ip kube-proxy service-\S+\n$/);
    await expectHolds(less.compiled[0]!.ruleset);
  });

  const BROKEN: Readonly<Record<string, string>> = {
    'a chain that does not exist': 'add rule ip kube-proxy CHAIN jump nowhere',
    'words that nft does not know': 'add rule ip kube-proxy CHAIN nosuchword',
    'a loop': 'add rule ip kube-proxy CHAIN jump CHAIN',
    'an address of somebody else': `add element ip kube-proxy service-ips { ${vip(1)} . tcp . 80 : drop }`,
  };

  for (const [what, line] of Object.entries(BROKEN))
    it(`leaves out a Service with ${what}, and applies the others`, async () => {
      const good = desired([...shops(12), ...shop('bad', 100)], ['IPv4'], MODE);
      const broken = changed(good, (ruleset) => spoiled(ruleset, 'bad', line));
      const first = await applyDesired(options(), broken);
      const refused = first.diagnostics.filter(({ code }) => code === 'service-refused');
      expect(refused.map(({ object }) => object?.name)).to.deep.equal(['bad']);
      await expectHolds(desired(shops(12), ['IPv4'], MODE).compiled[0]!.ruleset);
      expect(await readdir(folder)).to.have.length(1);
      await applyDesired(options(), good);
      await expectHolds(good.compiled[0]!.ruleset);
      // Now it is there: it keeps the rules that it has, and a neighbour changes.
      const more = desired([...shops(13), ...shop('bad', 100)], ['IPv4'], MODE);
      await applyDesired(
        options(),
        changed(more, (ruleset) => spoiled(ruleset, 'bad', line)),
      );
      await expectHolds(more.compiled[0]!.ruleset);
    });

  it('changes nothing where the rules that every node has are refused', async () => {
    const good = desired(shops(3), ['IPv4'], MODE);
    await applyDesired(options(), good);
    const broken = changed(desired(shops(4), ['IPv4'], MODE), (ruleset) => ({
      ...ruleset,
      frame: {
        origin: '',
        text: `${ruleset.frame.text}add rule ip kube-proxy services jump nowhere\n`,
      },
    }));
    const error = await applyDesired(options(), broken).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(LoadError);
    expect(error).to.have.property('message').that.includes('nothing was changed');
    await expectHolds(good.compiled[0]!.ruleset);
  });

  it('takes away a table that it made, where nothing of it can stay', async () => {
    const broken = changed(desired(shops(2), ['IPv4'], MODE), (ruleset) => ({
      ...ruleset,
      frame: {
        origin: '',
        text: `${ruleset.frame.text}add rule ip kube-proxy services jump nowhere\n`,
      },
    }));
    const error = await applyDesired(options(), broken).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(LoadError);
    expect(await namespace.run('nft', ['list', 'tables'])).to.equal('');
  });

  it('rehearses: prints the script, and lets nft check it', async () => {
    const [code, out] = await applyIn({ dryRun: true, check: true });
    expect(code).to.equal(0);
    expect(out).to.match(/^# IPv4: nft -f -\nadd table ip kube-proxy \{/);
    expect(host.ran.filter(({ args }) => args.join(' ') === '-c -f -')).to.have.length(2);
    expect(await namespace.run('nft', ['list', 'tables'])).to.equal('');
  });

  it('carries out a plan that was saved, and none that is stale', async () => {
    const path = join(folder, 'plan.json');
    const { diff } = await import('../../src/cli/commands/diff.js');
    const code = await diff({ ...FLAGS, comments: false, out: path }, quiet(), host);
    expect(code).to.equal(1);
    const [applied, out] = await applyIn({}, path);
    expect(applied).to.equal(0);
    expect(out).to.match(/^IPv4: \d+ chains, .* changed in nft /);
    expect(await applyIn({})).to.deep.equal([0, 'nothing to do\n']);
    const { StalePlanError } = await import('../../src/errors.js');
    expect(await applyIn({}, path).catch((found: unknown) => found)).to.be.instanceOf(
      StalePlanError,
    );
  });

  async function applyIn(
    flags: Partial<ApplyFlags>,
    plan?: string,
  ): Promise<readonly [number, string]> {
    // Loaded as the program loads it, so that its error classes are its own.
    const { apply } = await import('../../src/cli/commands/apply.js');
    let out = '';
    const code = await apply(
      plan,
      {
        ...FLAGS,
        ...(plan === undefined ? {} : { filename: [] }),
        dryRun: false,
        check: false,
        verify: true,
        lockTimeout: 10,
        timeout: 60,
        failedDir: folder,
        ...flags,
      },
      quiet((text) => {
        out += text;
      }),
      host,
    );
    return [code, out];
  }
});

const FLAGS = {
  filename: [`${CASE}/snapshot.yaml`],
  recursive: false,
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  mode: 'nftables',
  serviceCidr: [],
  strict: false,
  output: 'human',
  verbose: false,
} as const;

function quiet(write: (text: string) => void = () => {}) {
  return {
    readInput: async () => '',
    writeOutput: async (text: string) => write(text),
    writeError: async () => {},
    interactive: false,
    colour: false,
  };
}

/** A line more in the fragment of a Service; `CHAIN` stands for its first chain. */
function spoiled(ruleset: Ruleset, name: string, line: string): Ruleset {
  return {
    ...ruleset,
    ports: ruleset.ports.map((port) => {
      if (!port.origin.startsWith(`shop/${name} `)) return port;
      const [chain = ''] = /service-\S+/.exec(port.text) ?? [];
      return { ...port, text: `${port.text}${line.replaceAll('CHAIN', chain)}\n` };
    }),
  };
}
