/**
 * Which kube-proxy the commands follow that look at rules of a dump, with and without a profile.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { rulesOfKernel } from '../../src/cli/rule-sources.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';
import { runIn } from '../support/process/run-in.js';

const NODE = ['--node-name', 'worker-1'];
const WRITER = '1.34.0 to 1.34.1, 1.34.2+ or 1.35';
const FOUND = `the rules are those of kube-proxy ${WRITER}: objects mean what they mean to 1.35`;

describe('cli: the profile of rules that are looked at', () => {
  let folder = '';
  let rules = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-profile-'));
    rules = join(folder, 'rules.nft');
    const options = ['--family', 'ipv4', '--mode', 'nftables', '--cluster-cidr', '10.0.0.0/8'];
    const given = ['-f', 'fixtures/tutorial/web.yaml', ...NODE, ...options];
    const { out } = await runIn(['compile', ...given, '--profile', '1.35']);
    writeFileSync(rules, out);
  });
  after(() => rmSync(folder, { recursive: true }));

  const looked = (command: string, ...words: string[]) => runIn([command, ...words]);
  const detecting = ['-f', 'fixtures/tutorial/web.yaml', '--cluster-cidr', '10.0.0.0/8', ...NODE];

  it('is that of their writer in explain, as in diff', async () => {
    const given = ['shop/web', ...detecting, '-v', '--rules', rules];
    const { out, err } = await looked('explain', ...given);
    expect(out).to.include('the rules of the Service are right');
    expect(err).to.include(`note: ${FOUND}`);
    expect((await looked('explain', ...given, '--profile', 'auto')).out).to.equal(out);
    const other = await looked('explain', ...given, '--profile', '1.36');
    expect(other.out).to.not.include('the rules of the Service are right');
  });

  it('is 1.36 in explain where that may have written them, without a word', async () => {
    const own = join(folder, 'own.nft');
    const { out } = await runIn([
      'compile',
      ...detecting,
      '--family',
      'ipv4',
      '--mode',
      'nftables',
    ]);
    writeFileSync(own, out);
    const explained = await looked('explain', 'shop/web', ...detecting, '-v', '--rules', own);
    expect(explained.out).to.include('the rules of the Service are right');
    expect(explained.err).to.equal('');
  });

  it('is no reason to refuse or to ignore what a newer kube-proxy has in its configuration', async () => {
    const config = join(folder, 'newer.conf');
    writeFileSync(
      config,
      'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n' +
        'clusterCIDR: 10.0.0.0/8\nnodePortAddresses: [primary, localhost]\n' +
        'featureGates: {KubeProxyNFTablesLocalhostNodePorts: true}\n',
    );
    const given = ['-f', 'fixtures/tutorial/web.yaml', ...NODE, '--config', config];
    const newer = join(folder, 'newer.nft');
    const compiled = await runIn(['compile', ...given, '--family', 'ipv4', '--profile', '1.37']);
    writeFileSync(newer, compiled.out);
    const differing = await looked('diff', ...given, '--against', newer);
    expect(differing.out).to.match(/^no differences .*1\.37 with KubeProxyNFTables.* or 1\.38;/);
    expect(differing.err).to.not.include('is ignored');
    const explained = await looked('explain', 'shop/web', ...given, '-v', '--rules', newer);
    expect(explained.out).to.include('the rules of the Service are right');
    const proved = await looked('verify', ...given, '--rules', newer, '--profile', 'auto');
    expect(proved.code).to.equal(0);
    const older = await looked('diff', ...given, '--against', newer, '--profile', '1.36');
    expect(older.err).to.include('of Kubernetes 1.37; vipc follows kube-proxy 1.36');
  });

  it('is that of their writer in trace, lint and report where it is auto', async () => {
    const given = [...detecting, '--rules', rules, '--profile', 'auto'];
    const packet = ['--from', 'pod', '--to', 'svc/shop/web:80'];
    expect((await looked('trace', ...given, ...packet)).code).to.equal(0);
    expect((await looked('lint', ...given, '-v', '--mode', 'nftables')).err).to.include(FOUND);
    const page = join(folder, 'page.html');
    expect((await looked('report', ...given, '--out', page, '-v')).err).to.include(FOUND);
    expect(readFileSync(page, 'utf8')).to.include('nftables, as kube-proxy 1.35');
  });

  it('is that of their writer in verify of each node of a folder', async () => {
    const dumps = join(folder, 'dumps');
    mkdirSync(dumps);
    writeFileSync(join(dumps, 'worker-1.nft.json'), readFileSync(rules));
    const given = ['--rules', dumps, '-f', 'fixtures/tutorial/web.yaml'];
    const auto = await looked('verify', ...given, '--profile', 'auto', '-v');
    expect(auto.err).to.include(`note: Node worker-1: ${FOUND}`);
    expect(auto.code, auto.out).to.equal(0);
    // A hairpin through another node, which 1.35 alone masquerades.
    expect((await looked('verify', ...given)).code).to.equal(1);
  });

  it('is that of the writer of the mode that is asked for, where a machine has rules of both', async () => {
    const own = { '--mode': 'iptables', '--profile': '1.30' };
    const words = Object.entries(own).flat();
    const { out } = await runIn(['compile', ...detecting, '--family', 'ipv4', ...words]);
    const listing = readFileSync(rules, 'utf8');
    const others = (table: string) => `*${table}\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n`;
    const { host, kernels } = memoryMachine({
      first: ({ command, args }) => {
        const [flag = '', table = ''] = args;
        const isEmpty = flag === '-t' && ['raw', 'security'].includes(table);
        if (command !== 'nft' && !isEmpty) return undefined;
        const listed = flag === '-j' ? listing : 'nftables v1.0.6 (Lester Gooch #5)\n';
        return { kind: 'exited', code: 0, stdout: isEmpty ? others(table) : listed, stderr: '' };
      },
    });
    expect(kernels['iptables-nft']!.restore(out).error).to.equal('');
    const { writers } = await rulesOfKernel(host, 'IPv4', 'nft');
    const names = (mode: 'iptables' | 'nftables') => writers(mode).profiles.map((one) => one.name);
    expect(names('nftables')).to.deep.equal(['1.34.0 to 1.34.1', '1.34.2+', '1.35']);
    expect(names('iptables').slice(0, 3)).to.deep.equal(['1.28', '1.29', '1.30']);
  });

  it('is that of their writer in verify with another mode', async () => {
    const given = ['--rules', rules, '--against', 'iptables', ...detecting];
    const auto = await looked('verify', ...given, '--profile', 'auto', '-v');
    expect(auto.err).to.include(FOUND);
    expect([auto.code, auto.out.split(':')[1]]).to.deep.equal([0, ' 1 frontend x 3 sources']);
    expect(auto.out).to.include(': all the same, but for what the modes do differently by design');
  });
});
