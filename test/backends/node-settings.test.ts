/** The configuration of kube-proxy, read from its rules. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { NodeSettings } from '../../src/backends/node-settings.js';
import { readRules } from '../../src/pipeline.js';

const CASES = 'fixtures/conformance';

/** The file of a case that is named by its number. */
function recorded(number: string, file: string): string {
  const name = readdirSync(CASES).find((folder) => folder.startsWith(`${number}-`));
  return readFileSync(`${CASES}/${name}/expected.${file}`, 'utf8');
}

/** The recordings are canonical: without COMMIT, as iptables-save would print it. */
function iptables(number: string, version: 'v4' | 'v6' = 'v4'): NodeSettings {
  const text = recorded(number, `iptables.${version}`).replaceAll(/\n\*/g, '\nCOMMIT\n*');
  return readRules('iptables', `${text}COMMIT\n`).settings();
}

/** The rules of a recording as a script for nft. */
function nftables(number: string): NodeSettings {
  const lines = recorded(number, 'nft.v4').split('\n');
  const names = lines.filter((line) => line.startsWith('chain ')).map((line) => line.split(' ')[1]);
  const rules = lines.filter((line) => line.startsWith('rule '));
  const script = [
    'add table ip kube-proxy',
    ...names.map((name) => `add chain ip kube-proxy ${name}`),
    ...rules.map((line) => line.replace('rule', 'add rule ip kube-proxy')),
  ];
  return readRules('nftables', `${script.join('\n')}\n`).settings();
}

const DEFAULTS: NodeSettings = {
  localDetector: { kind: 'none' },
  masqueradeAll: false,
  masqueradeMark: 0x4000,
};
const IPTABLES: NodeSettings = {
  ...DEFAULTS,
  nodePortAddresses: { kind: 'all' },
  localhostNodePorts: true,
};

describe('backends/node-settings', () => {
  it("reads kube-proxy's defaults", () => {
    expect(iptables('060')).to.deep.equal(IPTABLES);
    expect(nftables('060')).to.deep.equal(DEFAULTS);
  });

  it('reads how traffic of local pods is recognised', () => {
    const found = {
      216: { kind: 'source', cidr: '10.9.0.0/16' },
      224: { kind: 'interface', name: 'cni0' },
      226: { kind: 'interface-prefix', prefix: 'veth' },
    };
    for (const [number, localDetector] of Object.entries(found)) {
      expect(iptables(number), number).to.deep.equal({ ...IPTABLES, localDetector });
      expect(nftables(number), number).to.deep.equal({ ...DEFAULTS, localDetector });
    }
    expect(iptables('222').localDetector?.kind).to.equal('source');
    // A network of the other family says nothing.
    expect(iptables('218')).to.deep.equal(IPTABLES);
    expect(iptables('218', 'v6').localDetector).to.deep.equal({
      kind: 'source',
      cidr: 'fd00:10:41::/56',
    });
  });

  it('reads masqueradeAll, where nobody asks for the source', () => {
    const { localDetector: _, ...rest } = IPTABLES;
    expect(iptables('210')).to.deep.equal({ ...rest, masqueradeAll: true });
    expect(nftables('210')).to.deep.equal({ masqueradeAll: true, masqueradeMark: 0x4000 });
  });

  it('reads the bit of the mark', () => {
    expect(iptables('212').masqueradeMark).to.equal(0x8000);
    expect(nftables('212').masqueradeMark).to.equal(0x8000);
    expect(iptables('214').masqueradeMark).to.equal(1);
    expect(nftables('214').masqueradeMark).to.equal(1);
  });

  it('reads which addresses accept node ports', () => {
    expect(iptables('064').nodePortAddresses?.kind).to.equal('listed');
    expect(nftables('072').nodePortAddresses).to.deep.equal({ kind: 'all' });
    expect(iptables('076').localhostNodePorts).to.equal(false);
    expect(iptables('076', 'v6').localhostNodePorts).to.equal(undefined);
  });

  it('takes a rule in one chain of many for no setting', () => {
    const pool = (name: string, rule: string): string =>
      `-A KUBE-SVC-${name} ${rule}-j KUBE-SEP-AAAAAAAAAAAAAAAA\n`;
    const names = ['A', 'B', 'C'].map((letter) => letter.repeat(16));
    const text = (rule: string): string =>
      `*nat\n${names.map((name) => `:KUBE-SVC-${name} - [0:0]\n`).join('')}-A KUBE-SVC-${names[0]} ${rule} -j KUBE-MARK-MASQ\n${names.map((name) => pool(name, '')).join('')}COMMIT\n`;
    const by = readRules('iptables', text('! -s 10.0.0.0/8')).settings();
    expect(by.localDetector).to.deep.equal({ kind: 'none' });
    expect(readRules('iptables', '*nat\nCOMMIT\n').settings()).to.deep.equal({});
  });
});
