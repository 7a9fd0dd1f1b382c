/**
 * Settings of the machine: only what differs is set, written down before, and taken back where it
 * is still ours.
 */

import { expect } from 'chai';
import { applySettings, planSettings, undoSettings } from '../../src/apply/host-settings.js';
import { defaultConfig } from '../../src/config/defaults.js';
import { loadConfig } from '../../src/config/load.js';
import type { ProxyConfig } from '../../src/config/types.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { desired, shops } from '../support/cases/apply-case.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const LOCALNET = '/proc/sys/net/ipv4/conf/all/route_localnet';
const STATE = '/run/vipc/ns-4026531840-1a2b3c4d/settings.json';
const BOOT = { '/proc/sys/kernel/random/boot_id': '1a2b3c4d-7c5e-4a1b-9d35-4f1c7a2e6b90\n' };

function host(
  files: Readonly<Record<string, string>>,
  commands: Readonly<Record<string, string>> = {},
): MemoryHost {
  return new MemoryHost({
    files: {
      ...BOOT,
      [LOCALNET]: '0\n',
      '/proc/cpuinfo': 'processor\t: 0\nprocessor\t: 1\n',
      ...files,
    },
    links: { '/proc/self/ns/net': 'net:[4026531840]' },
    commands,
  });
}

function need(config: ProxyConfig = defaultConfig, localhostNodePorts = true) {
  return {
    config,
    rulesets: desired(shops(1)).compiled.map(({ ruleset }) => ruleset),
    localhostNodePorts,
  };
}

function configOf(conntrack: string): ProxyConfig {
  const text = `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nconntrack: ${conntrack}\n`;
  return loadConfig(text, 'config.yaml').config;
}

describe('planSettings', () => {
  it('route_localnet where node ports answer on loopback, and nothing where it is set', async () => {
    const change = {
      kind: 'sysctl',
      name: 'net.ipv4.conf.all.route_localnet',
      before: '0',
      after: '1',
    };
    expect(await planSettings(host({}), need())).to.deep.equal([change]);
    expect(await planSettings(host({ [LOCALNET]: '1\n' }), need())).to.deep.equal([]);
    expect(await planSettings(host({}), need(defaultConfig, false))).to.deep.equal([]);
  });

  it('nfacct objects that rules name and that are not there', async () => {
    const list =
      '{ pkts = 00000000000000000000, bytes = 00000000000000000000 } = localhost_nps_accepted_pkts;\n';
    expect(
      await planSettings(host({}, { 'nfacct list': list }), need(defaultConfig, false)),
    ).to.deep.equal([{ kind: 'nfacct', name: 'ct_state_invalid_dropped_pkts' }]);
  });

  it('of conntrack what the configuration names, in seconds and for all cores', async () => {
    const config = configOf(
      '{maxPerCore: 100000, tcpEstablishedTimeout: 24h0m0s, udpTimeout: 250ms, tcpBeLiberal: true}',
    );
    const changes = await planSettings(host({}), need(config, false));
    expect(
      changes.map(({ name, ...rest }) => [name, 'after' in rest ? rest.after : '']),
    ).to.deep.equal([
      ['net.netfilter.nf_conntrack_tcp_be_liberal', '1'],
      ['net.netfilter.nf_conntrack_max', '200000'],
      ['net.netfilter.nf_conntrack_tcp_timeout_established', '86400'],
    ]);
    const floor = await planSettings(host({}), need(configOf('{min: 500000}'), false));
    expect(floor).to.have.length(1);
    expect(floor[0]).to.include({ after: '500000' });
    expect(
      await planSettings(host({}), need(configOf('{maxPerCore: 0, min: 5}'), false)),
    ).to.deep.equal([]);
  });

  it('caps what follows from the cores, but not what is asked for', async () => {
    const planned = async (config: string, files = {}): Promise<readonly string[]> => {
      const changes = await planSettings(host(files), need(configOf(config), false));
      return changes.map((change) => ('after' in change ? change.after : ''));
    };
    const cores = Array.from({ length: 64 }, (_, i) => `processor\t: ${i}\n`).join('');
    expect(await planned('{maxPerCore: 32768}', { '/proc/cpuinfo': cores })).to.deep.equal([
      '1048576',
    ]);
    const older = configOf('{maxPerCore: 32768}');
    const uncapped = await planSettings(
      host({ '/proc/cpuinfo': cores }),
      need({ ...older, profile: profileOf('1.35')! }, false),
    );
    expect(uncapped[0]).to.include({ after: '2097152' });
    expect(await planned('{maxPerCore: 600000, min: 2000000}')).to.deep.equal(['2000000']);
  });

  const MAX = 'net.netfilter.nf_conntrack_max';
  const CLOSE_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
  const UDP = 'net.netfilter.nf_conntrack_udp_timeout';
  const LIBERAL = 'net.netfilter.nf_conntrack_tcp_be_liberal';
  const writes: readonly (readonly [version: string, now: number, written: readonly string[]])[] = [
    ['1.28', 10, [MAX, CLOSE_WAIT]],
    ['1.28', 900_000, []],
    ['1.29', 10, [LIBERAL, MAX, CLOSE_WAIT, UDP]],
    ['1.29', 900_000, [LIBERAL, MAX, CLOSE_WAIT, UDP]],
    ['1.36', 900_000, [LIBERAL, MAX, CLOSE_WAIT, UDP]],
    ['1.37', 900_000, [LIBERAL, MAX, CLOSE_WAIT, UDP]],
    ['1.38', 10, [LIBERAL, MAX, CLOSE_WAIT, UDP]],
    ['1.38', 900_000, [LIBERAL, CLOSE_WAIT, UDP]],
    ['1.38', 500_000, [LIBERAL, CLOSE_WAIT, UDP]],
  ];
  for (const [version, now, written] of writes)
    it(`writes what kube-proxy ${version} writes over ${now}`, async () => {
      const path = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;
      const names = [MAX, CLOSE_WAIT, UDP];
      const files = Object.fromEntries(names.map((name) => [path(name), `${now}\n`]));
      const config = configOf(
        '{min: 500000, tcpCloseWaitTimeout: 1h, udpTimeout: 30s, tcpBeLiberal: true}',
      );
      const profile = profileOf(version)!;
      const changes = await planSettings(host(files), need({ ...config, profile }, false));
      expect(changes.map(({ name }) => name)).to.deep.equal(written);
    });
});

describe('applySettings and undoSettings', () => {
  it('sets after the rules, remembers, and goes back to what was first', async () => {
    const machine = host({});
    const changes = await planSettings(machine, need());
    await applySettings(machine, changes, 'before');
    expect(machine.files.get(LOCALNET)).to.equal('0\n');
    expect(await applySettings(machine, changes, 'after')).to.deep.equal([]);
    expect(machine.files.get(LOCALNET)).to.equal('1');
    const { undone } = await undoSettings(machine);
    expect(undone).to.have.length(1);
    expect(machine.files.get(LOCALNET)).to.equal('0');
    expect(machine.files.has(STATE)).to.equal(false);
    expect((await undoSettings(machine)).undone).to.deep.equal([]);
  });

  for (const [title, before, restored] of [
    ['our own changes in a row: the value before the first', '1', '0'],
    ['a change by somebody else in between, or in an earlier namespace: their value', '7', '7'],
  ] as const)
    it(`goes back over ${title}`, async () => {
      const machine = host({});
      const set = (from: string, to: string): Promise<unknown> => {
        const name = 'net.ipv4.conf.all.route_localnet';
        return applySettings(machine, [{ kind: 'sysctl', name, before: from, after: to }], 'after');
      };
      await set('0', '1');
      await set(before, '2');
      await undoSettings(machine);
      expect(machine.files.get(LOCALNET)).to.equal(restored);
    });

  it('leaves what somebody else has changed since', async () => {
    const machine = host({});
    await applySettings(machine, await planSettings(machine, need()), 'after');
    machine.files.set(LOCALNET, '2');
    expect((await undoSettings(machine)).undone).to.deep.equal([]);
    expect(machine.files.get(LOCALNET)).to.equal('2');
  });

  it('believes no file that anybody could have written', async () => {
    const evil = '[{"kind":"sysctl","name":"net.ipv4.ip_forward","before":"0","after":"1"}]';
    for (const text of [evil, '{}', 'no json']) {
      const machine = host({ [STATE]: text, '/proc/sys/net/ipv4/ip_forward': '1' });
      expect((await undoSettings(machine)).undone).to.deep.equal([]);
      expect(machine.files.get('/proc/sys/net/ipv4/ip_forward')).to.equal('1');
    }
  });

  it('says what it could not set', async () => {
    const machine = host({});
    machine.files.delete(LOCALNET);
    const changes = await planSettings(machine, need());
    const [diagnostic] = await applySettings(machine, changes, 'after');
    expect(diagnostic).to.include({ code: 'host-setting-refused', severity: 'error' });
    expect(diagnostic?.message).to.contain('net.ipv4.conf.all.route_localnet cannot be set to 1');
  });
});
