/**
 * The program itself in a namespace, with real tools and with tools that misbehave: one exit code and one clear message
 * each, and a kernel that is as before.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { undoSettings } from '../../src/apply/host-settings.js';
import { desired, shops } from '../support/apply-case.js';
import { saveDocument, VARIANTS } from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { missingFrom } from '../support/ruleset-in-kernel.js';

const TSX = import.meta.resolve('tsx');
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const [NFT] = VARIANTS;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A tool that misbehaves, and what becomes of it. */
interface Fault {
  readonly tools: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'a restore that fails without naming a line': {
    tools: { 'iptables-nft-restore': 'cat > /dev/null; echo "out of memory" >&2; exit 3' },
    code: 72,
    says: /iptables-nft-restore failed with exit status 3: out of memory/,
  },
  'a restore that does not end': {
    tools: { 'iptables-nft-restore': 'exec sleep 30' },
    words: ['--timeout', '0.3', '--lock-timeout', '0'],
    code: 80,
    says: /iptables-nft-restore did not end in time and was killed/,
  },
  'a dump that is cut off, with exit status 0': {
    tools: { 'iptables-nft-save': 'printf "*nat\\n:OUTPUT ACCEPT [0:0]\\n"' },
    code: 76,
    says: /table nat has no COMMIT/,
  },
  'tools that are too old': {
    tools: { 'iptables-nft': 'echo "iptables v1.8.2 (nf_tables)"' },
    code: 72,
    says: /is version 1\.8\.2, and 1\.8\.7 is needed/,
  },
  'no tools': {
    tools: {
      'iptables-nft': 'exit 127',
      'iptables-legacy': 'exit 127',
      iptables: 'exit 127',
    },
    code: 72,
    says: /the program iptables is not installed or does not answer/,
  },
};

describe('kernel: the program vipc apply', () => {
  let namespace: Namespace;
  let folder: string;
  let snapshot: string;

  before(async function () {
    requireKernel(this, [...NFT!.tools, 'nfacct', 'setpriv']);
    folder = await mkdtemp(join(tmpdir(), 'vipc-program-'));
    await chmod(folder, 0o755);
    snapshot = join(folder, 'cluster.json');
    await writeFile(snapshot, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shops(3) }));
  });
  beforeEach(async () => {
    namespace = await openNamespace('program');
  });
  afterEach(async () => {
    if (namespace === undefined) return;
    await undoSettings(new NamespaceHost(namespace));
    await namespace.close();
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  /** Starts the program inside, with these tools in front of the real ones. */
  async function start(
    words: readonly string[],
    tools: Readonly<Record<string, string>> = {},
    before: readonly string[] = [],
  ): Promise<{ readonly pid: number; readonly ended: Promise<Ran> }> {
    const bin = await mkdtemp(join(folder, 'bin-'));
    await chmod(bin, 0o755);
    for (const [name, script] of Object.entries(tools)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(bin, name), 0o755);
    }
    const program = [...before, process.execPath, '--import', TSX, MAIN, ...words];
    const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...program], {
      env: {
        ...process.env,
        ...namespace.env,
        PATH: `${bin}:${namespace.env.PATH}`,
        XDG_STATE_HOME: join(folder, 'state'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const ended = once(child, 'close').then(([code]) => ({ code: Number(code), out, err }));
    return { pid: child.pid ?? 0, ended };
  }

  async function vipc(
    words: readonly string[],
    tools: Readonly<Record<string, string>> = {},
    before: readonly string[] = [],
  ): Promise<Ran> {
    return (await start(words, tools, before)).ended;
  }

  const apply = (...more: readonly string[]): readonly string[] => [
    ...['apply', '-f', snapshot, '--family', 'ipv4', '--iptables', 'nft'],
    ...more,
  ];
  const saved = (): Promise<string> => saveDocument(namespace, NFT!, 'IPv4');

  for (const [what, { tools, words = [], code, says }] of Object.entries(FAULTS))
    it(`${what}: ${code}`, async () => {
      const ran = await vipc(apply(...words), tools);
      expect(ran.err).to.match(says);
      expect(ran.code).to.equal(code);
      expect(ran.out).to.equal('');
      expect(await saved()).to.not.contain('KUBE-');
    });

  it('not root: 77', async () => {
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
    expect(ran.err).to.contain('only root may read the rules of the kernel');
    expect(ran.code).to.equal(77);
  });

  it('what it would send, what it sends, and nothing to do', async () => {
    const dry = await vipc(apply('--dry-run'));
    expect(dry.code).to.equal(0);
    expect(dry.out).to.contain('# IPv4: iptables-nft-restore --noflush');
    expect(dry.out).to.contain('-A KUBE-SERVICES -d 10.96.0.1/32');
    expect(dry.out).to.contain('# sysctl -w net.ipv4.conf.all.route_localnet=1');
    const check = await vipc(apply('--check'));
    expect(check).to.include({ code: 0, out: '' });
    expect(check.err).to.contain('the tools can read all of it; the kernel was not asked');
    expect(await saved()).to.not.contain('KUBE-');
    const ran = await vipc(apply());
    expect(ran.out).to.match(
      /^IPv4: \d+ chains, \d+ rules, 3 Service ports changed in iptables-nft 1\./,
    );
    expect(missingFrom(await saved(), desired(shops(3)).compiled[0]!.ruleset)).to.equal('');
    const again = await vipc(apply('-o', 'json'));
    expect(JSON.parse(again.out)).to.include({ changed: false });
  });

  it('a Service that is refused: 1, and a full disk does not hide why', async () => {
    const templates = join(folder, 'templates');
    await mkdir(templates, { recursive: true });
    const layout = fileURLToPath(new URL('../../templates/iptables/kube-proxy/', import.meta.url));
    await namespace.run('sh', ['-c', `cp ${layout}/*.hbs ${templates}`]);
    const port = join(templates, 'port.hbs');
    // Only Services without endpoints have rejected addresses.
    await namespace.run('sed', ['-i', 's/ -j REJECT --reject-with/ -m nosuchmatch&/', port]);
    const file = join(folder, 'broken.json');
    const [service] = shops(9).slice(-2);
    const items = [...shops(3), service];
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const words = [
      'apply',
      '-f',
      file,
      '--family',
      'ipv4',
      '--iptables',
      'nft',
      '--templates',
      templates,
    ];
    const check = await vipc([...words, '--check']);
    expect(check.err).to.match(/iptables-nft-restore --test refuses the IPv4 rules: .*nosuchmatch/);
    expect(check.code).to.equal(71);
    const ran = await vipc([...words, '--failed-dir', '/proc/nowhere']);
    expect(ran.err).to.match(/error: .*shop\/s8.* refused and stay as they were: .*nosuchmatch/);
    expect(ran.err).to.not.contain('kept in');
    expect(ran.code).to.equal(1);
    expect(missingFrom(await saved(), desired(shops(3)).compiled[0]!.ruleset)).to.equal('');
    const kept = await vipc(words);
    expect(kept.code).to.equal(1);
    expect(kept.out).to.equal('nothing to do\n');
    expect(await readdir(join(folder, 'state', 'vipc'))).to.have.length(1);
  });

  it('Ctrl-C while a restore runs: it is finished, the next is not begun, 130', async () => {
    const real = (await namespace.run('sh', ['-c', 'command -v iptables-nft-restore'])).trim();
    const mark = join(folder, 'running');
    const tools = { 'iptables-nft-restore': `touch ${mark}; sleep 0.5; exec ${real} "$@"` };
    const words = ['apply', '-f', snapshot, '--family', 'dual', '--iptables', 'nft'];
    const { pid, ended } = await start(words, tools);
    let over = false;
    void ended.then(() => (over = true));
    while (!over && !(await readdir(folder)).includes('running'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    // To the whole group, as a terminal does it.
    process.kill(-pid, 'SIGINT');
    const ran = await ended;
    expect(ran.err).to.contain('interrupted');
    expect(ran.code).to.equal(130);
    expect(missingFrom(await saved(), desired(shops(3)).compiled[0]!.ruleset)).to.equal('');
    expect(await saveDocument(namespace, NFT!, 'IPv6')).to.not.contain('KUBE-');
  });
});
