/** Differences that all Services share, because kube-proxy of the node is configured otherwise. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OtherSetting, refuseOtherSettings } from '../../src/cli/node-settings.js';
import { OtherSettingsError } from '../../src/errors.js';
import type { Cidr } from '../../src/net/cidr.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const CASES = 'fixtures/conformance';
const MODES = ['iptables', 'nftables'] as const;

/** Case, mode where it is one alone, and the line about the setting. */
const ROWS = [
  ['216', '', 'clusterCIDR: 10.9.0.0/16 there, none here'],
  ['222', '', 'detectLocalMode: NodeCIDR (10.55.0.0/24) there, none here'],
  ['224', '', 'detectLocalMode: BridgeInterface (cni0) there, none here'],
  ['226', '', 'detectLocalMode: InterfaceNamePrefix (veth) there, none here'],
  ['210', '', 'MODE.masqueradeAll: true there, false here'],
  ['212', '', 'MODE.masqueradeBit: 15 there, 14 here'],
  ['214', '', 'MODE.masqueradeBit: 0 there, 14 here'],
  ['064', 'iptables', 'nodePortAddresses: 192.168.235.10 there, every address here'],
  ['072', 'nftables', 'nodePortAddresses: every address there, 192.168.28.10 here'],
  ['076', 'iptables', 'iptables.localhostNodePorts: false there, true here'],
] as const;

describe('cli/node-settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** `vipc diff` of a case against what its own configuration compiles to, without giving that. */
  async function diffOf(number: string, mode: string, ...flags: string[]): Promise<Ran> {
    const path = `${CASES}/${readdirSync(CASES).find((name) => name.startsWith(`${number}-`))}`;
    const about = ['--mode', mode, '--family', 'ipv4', '--host', `${path}/host.yaml`];
    const objects = ['-f', `${path}/snapshot.yaml`, ...about];
    const dump = join(folder, `${number}-${mode}.v4`);
    const there = await runIn(['compile', ...objects, '--config', `${path}/config.yaml`]);
    writeFileSync(dump, there.out);
    return runIn(['diff', ...objects, '--against', dump, ...flags]);
  }

  for (const mode of MODES)
    for (const [number, , words] of ROWS.filter(([, one]) => one === '' || one === mode))
      it(`reports settings that all Services share once, in mode ${mode}: ${words}`, async () => {
        const { code, out } = await diffOf(number, mode);
        expect(code).to.equal(1);
        const lines = out.split('\n');
        expect(lines).to.include(`    ${words.replace('MODE', mode)}`);
        expect(out).to.include('    hint: give the configuration');
        expect(out).to.match(
          / {4}\d+ rules? of (every node|\d+ Service ports?).* \(-v shows them\)/,
        );
        // Nothing else differs, and no rule is shown.
        expect(lines.filter((line) => /^ +[+-] -A|^ +[+-] add/.test(line))).to.deep.equal([]);
        expect(lines.at(-2)).to.equal('1 setting of kube-proxy');
      });

  it('reports them in each form', async () => {
    const stat = await diffOf('216', 'iptables', '--stat');
    expect(stat.out).to.equal(
      '~ IPv4 clusterCIDR 10.9.0.0/16 -> none | 5 rules of 3 Service ports\n1 setting of kube-proxy\n',
    );
    expect((await diffOf('216', 'iptables', '-o', 'name')).out).to.equal('node\n');
    expect((await diffOf('216', 'iptables', '-q')).out).to.equal('');
    const json = JSON.parse((await diffOf('216', 'iptables', '-o', 'json')).out);
    const { shared, services } = json.families.ipv4;
    expect(services).to.deep.equal([]);
    expect(shared.settings).to.deep.equal([
      { name: 'clusterCIDR', kernel: '10.9.0.0/16', wanted: '' },
    ]);
    expect(shared.origins).to.have.lengthOf(3);
    expect(shared.hint).to.match(/or --cluster-cidr 10\.9\.0\.0\/16$/);
    const verbose = await diffOf('216', 'iptables', '-v');
    expect(verbose.out).to.match(/- -A KUBE-SVC-\S+ ! -s 10\.9\.0\.0\/16 /);
  });

  it('takes --cluster-cidr for the configuration', async () => {
    expect((await diffOf('216', 'iptables', '--cluster-cidr', '10.9.0.0/16')).out).to.equal(
      'no differences\n',
    );
    const none = await diffOf('216', 'iptables', '--cluster-cidr', '');
    expect(none.out).to.include('clusterCIDR').and.not.include('hint');
    const both = await diffOf('216', 'iptables', '--cluster-cidr', '', '--config', 'kp.conf');
    expect([both.code, both.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: --cluster-cidr and --config cannot be used together',
    ]);
    const wrong = await diffOf('216', 'iptables', '--cluster-cidr', 'pods');
    expect(wrong.err).to.include('invalid argument "pods" for "--cluster-cidr" flag');
  });

  const CIDR: OtherSetting = {
    name: 'clusterCIDR',
    kernel: '10.244.0.0/16',
    wanted: '',
    clusterCidr: '10.244.0.0/16' as Cidr,
  };
  const ALL: OtherSetting = {
    name: 'iptables.masqueradeAll',
    kernel: 'true',
    wanted: 'false',
    clusterCidr: '',
  };

  it('asks for the configuration before an apply would change them', () => {
    const refused = (settings: readonly OtherSetting[], flags = {}): OtherSettingsError => {
      try {
        refuseOtherSettings(settings, flags);
      } catch (error) {
        if (error instanceof OtherSettingsError) return error;
      }
      throw new Error('not refused');
    };
    const pair = { ...CIDR, kernel: 'fd00::/56', clusterCidr: 'fd00::/56' as Cidr };
    const error = refused([CIDR, pair]);
    expect([error.code, error.exitCode]).to.deep.equal(['other-settings', 78]);
    expect(error.message).to.equal(
      "this node's kube-proxy has clusterCIDR 10.244.0.0/16, clusterCIDR fd00::/56; without its configuration apply would change the rules of every Service",
    );
    expect(error.hint).to.equal(
      "give the configuration of the node's kube-proxy with --config, or --cluster-cidr 10.244.0.0/16,fd00::/56; --cluster-cidr '' is for none",
    );
    const other = refused([CIDR, ALL], { clusterCidr: [] });
    expect(other.message).to.match(/ has iptables\.masqueradeAll true; /);
    refuseOtherSettings([CIDR, ALL], { config: 'kp.conf' });
    refuseOtherSettings([CIDR], { clusterCidr: [] });
    refuseOtherSettings([], {});
  });
});
