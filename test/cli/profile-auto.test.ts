/** `--profile auto` on a machine in memory: what is found is kept, and no change is silent. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanUp } from '../../src/apply/cleanup.js';
import { type ApplyFlags, apply } from '../../src/cli/commands/apply.js';
import { followedProfile } from '../../src/cli/found-profile.js';
import type { Inputs } from '../../src/cli/read-inputs.js';
import { followingWriter } from '../../src/cli/written-profile.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { PROFILES } from '../../src/profiles/table.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';
import { runIn } from '../support/process/run-in.js';

const COUNTING = { 'nfacct list': '' };

describe('cli: --profile auto', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-auto-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function machine(commands: Readonly<Record<string, string>>) {
    const { host, changes } = memoryMachine({ commands });
    const run = async (profile: string, dryRun: ApplyFlags['dryRun'] = 'none') => {
      const terminal = new MemoryTerminal();
      const before = changes().length;
      const flags: ApplyFlags = {
        ...{ filename: ['fixtures/tutorial/web.yaml'], recursive: false, nodeName: 'worker-1' },
        ...{ serviceCidr: [], family: 'ipv4', strict: false, output: 'human', verify: true },
        ...{ lockTimeout: 0, timeout: 10, failedDir: folder, verbose: false, dryRun, profile },
      };
      await apply(undefined, flags, terminal, host);
      return { said: terminal.err, loads: changes().length - before };
    };
    const state = (): readonly (readonly [path: string, text: string])[] =>
      [...host.files].filter(([path]) => path.endsWith('/profile-iptables'));
    return { host, run, state };
  }

  it('keeps what it finds, and writes it once', async () => {
    const { run, state } = machine(COUNTING);
    await run('1.30');
    const { said } = await run('auto', 'client');
    expect(said.replaceAll(/\s+/g, ' ')).to.include(
      'kube-proxy 1.28, 1.29 or 1.30: this machine follows 1.30.0 from now on hint: another --profile changes that; these versions differ in INVALID packets, addresses with ipMode Proxy',
    );
    expect(state()).to.deep.equal([]);
    expect((await run('auto')).loads).to.equal(0);
    expect(state()).to.have.nested.property('[0][1]', '1.30.0\n');
    const again = await run('auto');
    expect(again.loads).to.equal(0);
    expect(again.said).to.not.include('follows');
  });

  it('says where the rules are not those of the version that is kept', async () => {
    const { host, run, state } = machine(COUNTING);
    await run('1.30');
    await run('auto');
    const [[path = ''] = []] = state();
    // A version that is named is no longer the one that was found.
    await run('1.36');
    expect(state()).to.deep.equal([]);
    host.files.set(path, '1.30.0\n');
    const { said, loads } = await run('auto');
    expect(said)
      .to.include('warning')
      .and.include('but this machine follows 1.30: they are changed');
    expect(loads).to.be.greaterThan(0);
    host.files.set(path, 'nothing of ours\n');
    expect((await run('auto')).said).to.include('this machine follows 1.30.0 from now on');
  });

  it('is 1.36 where there are no rules, or where a newer one would not count either', async () => {
    const { run, state } = machine({});
    await run('auto', 'client');
    await run('1.30');
    expect((await run('auto')).said).to.include('or a newer one without nfacct');
    expect(state()).to.have.nested.property('[0][1]', '1.36.0\n');
    const empty = machine(COUNTING);
    const first = await empty.run('auto');
    expect(first.said).to.not.include('follows');
    expect(empty.state()).to.have.nested.property('[0][1]', '1.36.0\n');
  });

  it('is for the agent too, and a cleanup forgets it', async () => {
    const { host, run, state } = machine(COUNTING);
    await run('1.30');
    const agent = {
      ...{ host, mode: 'iptables' as const, families: ['IPv4' as const], iptables: 'nft' as const },
      config: defaultConfig,
    };
    const found = await followedProfile(agent, 'auto', { ServiceTrafficDistribution: true });
    expect(found.profile.iptables.nfacct).to.equal(false);
    expect(found.profile.policy.zoneHints).to.equal('always');
    expect(found.diagnostics.map(({ code }) => code)).to.deep.equal(['profile-found']);
    expect(state()).to.have.nested.property('[0][1]', '1.30.0\n');
    const { profile } = defaultConfig;
    expect(await followedProfile(agent, '', {})).to.deep.equal({ profile, diagnostics: [] });
    expect(state()).to.have.length(1);
    await cleanUp(host, { families: ['IPv4', 'IPv6'], lock: { timeout: 0, about: 'a test' } });
    expect(state()).to.deep.equal([]);
  });

  it('has the agent warn of an unset mode as the version that it follows does', async () => {
    const { host } = memoryMachine({ commands: COUNTING });
    const codes = async (version: string, mode: '' | 'iptables'): Promise<readonly string[]> => {
      const profile = profileOf(version)!;
      const config = { ...defaultConfig, mode, profile };
      const agent = { host, mode: 'iptables', families: ['IPv4'], config } as const;
      const { diagnostics } = await followedProfile(agent, version, {});
      return diagnostics.map(({ code }) => code);
    };
    expect(await codes('1.37', '')).to.deep.equal(['mode-unset']);
    expect(await codes('1.37', 'iptables')).to.deep.equal([]);
    expect(await codes('1.36', '')).to.deep.equal([]);
  });

  it('has verify follow 1.36 where it may have written the rules, and say where nobody has', async () => {
    const config = { ...defaultConfig, profile: profileOf('1.38')! };
    const inputs: Inputs = {
      ...{
        config,
        filename: [],
        sources: [],
        host: undefined,
        layout: undefined,
        mode: 'nftables',
      },
      ...{ profile: 'auto', isOwnLayout: false, featureGates: {}, diagnostics: [] },
    };
    const written = async (
      versions: readonly string[],
      reason = '',
      given: Partial<Inputs> = {},
    ): Promise<readonly string[]> => {
      const profiles = versions.map((version) => profileOf(version)!);
      const rules = { name: 'dump', writers: () => ({ profiles, reason }) };
      const followed = await followingWriter({ ...inputs, ...given }, async () => [rules]);
      return [followed.config.profile.name, ...followed.diagnostics.map(({ message }) => message)];
    };
    expect(await written(['1.36', '1.37'])).to.deep.equal([
      '1.36',
      'the rules are those of kube-proxy 1.36 or 1.37: objects mean what they mean to 1.36',
    ]);
    expect(await written(['1.34.2', '1.35'])).to.deep.equal([
      '1.35',
      'the rules are those of kube-proxy 1.34.2+ or 1.35: objects mean what they mean to 1.35',
    ]);
    const all = PROFILES.map(({ from }) => `1.${from.join('.')}`);
    expect(await written(all)).to.deep.equal([
      '1.36',
      'nothing in the rules shows which kube-proxy wrote them: objects mean what they mean to 1.36',
    ]);
    expect(await written(all.slice(3))).to.deep.equal([
      '1.36',
      'the rules are those of kube-proxy 1.31 to 1.38: objects mean what they mean to 1.36',
    ]);
    expect(await written([], 'the rules are of two versions')).to.deep.equal([
      '1.36',
      'dump: the rules are of two versions; objects mean what they mean to kube-proxy 1.36',
    ]);
    expect(await written(['1.35'], '', { profile: '1.38' })).to.deep.equal(['1.38']);
  });

  it('is refused where no rules are read', async () => {
    const { code, err } = await runIn([
      ...['compile', '-f', 'fixtures/tutorial/web.yaml', '--profile', 'auto'],
    ]);
    expect(code).to.equal(64);
    expect(err).to.include('profile auto takes the version from rules, and compile reads none');
    for (const words of [['explain', 'web'], ['lint'], ['report', '--out', join(folder, 'x')]]) {
      const ran = await runIn([...words, '-f', 'fixtures/tutorial/web.yaml', '--profile', 'auto']);
      expect([words[0], ran.code]).to.deep.equal([words[0], 64]);
      expect(ran.err).to.include('give the rules with --rules');
    }
  });
});
