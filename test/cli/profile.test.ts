/** `--profile` and the field of the configuration: which one is followed, and what is refused. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ran, runIn } from '../support/process/run-in.js';

const PODS = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.5, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.244.1.7], nodeName: b}, {addresses: [10.244.2.3], nodeName: a}]
---
apiVersion: v1
kind: Node
metadata: {name: a}
status: {addresses: [{type: InternalIP, address: 192.168.0.10}]}
`;
const WRITER = '1.33.6+, 1.34.0 to 1.34.1, 1.34.2+ or 1.35';
const kindsOf = (out: string): string => out.replace(/^.*\n.*\n\n/, '');
const OTHER_PROFILE = `~ every Service  differs, because kube-proxy ${WRITER} wrote the rules
    masquerading: jumps to chain mark-for-masquerade there, a mark in each rule here (1 Service port)
    endpoints: a chain for each there, a map, and chains under session affinity here (1 Service port)
    hairpins: masqueraded to every endpoint there, masqueraded to endpoints of this node alone here (1 Service port)   <- changes packets
    17 rules of every node and 1 Service port (-v shows them)

rules of kube-proxy ${WRITER}
`;
const CONFIG =
  'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: iptables\n';
const FILES: Readonly<Record<string, string>> = {
  'uncounted.yaml': 'nodeName: a\nnfacct: false\ninterfaces: []\n',
  'web.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.96.0.5, ports: [{port: 80}]}\n',
  'pods.yaml': PODS,
  'old.yaml': `${CONFIG}profile: "1.30"\n`,
  'wrong.yaml': `${CONFIG}profile: "1.27"\n`,
};
const COUNTED = '--nfacct-name ct_state_invalid_dropped_pkts';

describe('cli: profiles', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const compile = (...words: string[]): Promise<Ran> =>
    runIn(['compile', '-f', at('web.yaml'), '--family', 'ipv4', ...words]);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-profile-'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are chosen by a flag, which beats the configuration, and 1.36 is the default', async () => {
    expect((await compile()).out).to.include(COUNTED);
    expect((await compile('--profile', '1.30')).out).not.to.include(COUNTED);
    const config = ['--config', at('old.yaml')];
    expect((await compile(...config)).out).not.to.include(COUNTED);
    expect((await compile(...config, '--profile', '1.31.2')).out).to.include(COUNTED);
  });

  it('are refused where there is none of the version', async () => {
    const flag = await compile('--profile', '1.27');
    expect(flag.code).to.equal(64);
    expect(flag.err).to.include('a version of kube-proxy from 1.28 to 1.38');
    const field = await compile('--config', at('wrong.yaml'));
    expect(field.code).not.to.equal(0);
    expect(field.err).to.include('wrong.yaml:4:');
  });

  it('are what rules are compared and proved with', async () => {
    const web = [
      '-f',
      at('pods.yaml'),
      '--mode',
      'nftables',
      '--node-name',
      'a',
      '--cluster-cidr',
      '',
    ];
    const { out } = await runIn(['compile', ...web, '--profile', '1.35', '--family', 'ipv4']);
    writeFileSync(at('rules.nft'), out);
    const diff = (...words: string[]) =>
      runIn(['diff', ...web, '--against', at('rules.nft'), ...words]);
    expect((await diff('--profile', '1.35')).out).to.equal('no differences\n');
    const other = await diff('--profile', '1.36');
    expect([other.code, kindsOf(other.out)]).to.deep.equal([1, OTHER_PROFILE]);
    expect((await diff('--profile', '1.36', '-v')).out)
      .to.include('- add rule ip kube-proxy mark-for-masquerade')
      .and.not.include('not a rule of kube-proxy');
    const { versions, services } = JSON.parse((await diff('--profile', '1.36', '-o', 'json')).out)
      .families.ipv4;
    expect(services).to.deep.equal([]);
    expect(versions.kinds.filter((kind: { changesPackets: boolean }) => kind.changesPackets))
      .to.have.length(1)
      .and.have.nested.property('[0].name', 'hairpins');
    const auto = await diff();
    expect([auto.code, auto.out]).to.deep.equal([
      0,
      `no differences (the rules are those of kube-proxy ${WRITER}; --profile 1.36 shows what 1.36 would change)\n`,
    ]);
    const verify = (...words: string[]) =>
      runIn(['verify', ...web, '--rules', at('rules.nft'), ...words]);
    expect((await verify('--profile', '1.35')).code).to.equal(0);
    // A hairpin through another node, which 1.35 alone masquerades.
    expect((await verify('--profile', '1.36')).code).to.equal(1);
    const found = await verify('--profile', 'auto');
    expect([found.code, found.err.split('\n')[0]]).to.deep.equal([
      0,
      `note: the rules are those of kube-proxy ${WRITER}: objects mean what they mean to 1.35`,
    ]);
  });

  it('are not named where a machine without nfacct has the rules of 1.36', async () => {
    const web = ['-f', at('web.yaml'), '--family', 'ipv4', '--host', at('uncounted.yaml')];
    writeFileSync(at('uncounted.v4'), (await compile('--host', at('uncounted.yaml'))).out);
    const diff = await runIn(['diff', ...web, '--against', at('uncounted.v4')]);
    expect([diff.code, diff.out]).to.deep.equal([0, 'no differences\n']);
  });

  it('are distinguished from the rules of an older iptables, and drift from both', async () => {
    const web = ['-f', at('web.yaml'), '--family', 'ipv4', '--cluster-cidr', ''];
    const { out } = await runIn(['compile', ...web, '--profile', '1.29']);
    writeFileSync(at('rules.v4'), out);
    const same = await runIn(['diff', ...web, '--against', at('rules.v4')]);
    expect(same.out).to.match(
      /^no differences \(the rules are those of kube-proxy 1\.28, 1\.29, 1\.30 or a newer one/,
    );
    writeFileSync(at('rules.v4'), out.replace(/^-A KUBE-SERVICES .* --reject-with .*\n/m, ''));
    const { code, out: text } = await runIn(['diff', ...web, '--against', at('rules.v4')]);
    expect(code).to.equal(1);
    expect(text)
      .to.match(/^note: compared with kube-proxy 1\.28/)
      .and.not.include('INVALID');
  });

  it('are refused where vipc does not write their rules in the mode', async () => {
    const { code, err } = await compile('--profile', '1.29', '--mode', 'nftables');
    expect(code).to.equal(64);
    expect(err).to.include('profile 1.29 has no mode nftables');
  });
});
