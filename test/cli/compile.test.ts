import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: ok, namespace: shop}
spec:
  clusterIP: 10.0.0.5
  ports: [{port: 80}]
`;
const BAD = SERVICE.replace('name: ok', 'name: bad').replace('spec:', 'spec:\n  type: Cluste');
const NODE =
  'apiVersion: v1\nkind: Node\nmetadata: {name: worker-1}\nspec: {podCIDR: 10.244.1.0/24}\n';
const CONFIG = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
const HOST = 'nodeName: host-a\nnfacct: false\ninterfaces: []\n';

describe('cli/compile', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-cli-'));
    const files: Readonly<Record<string, string>> = {
      'ok.yaml': SERVICE,
      'bad.yaml': `${SERVICE}---\n${BAD}`,
      'only-bad.yaml': BAD,
      'nodes.yaml': `${SERVICE}---\n${NODE}`,
      'config.yaml': `${CONFIG}mode: iptables\nhostnameOverride: worker-9\n`,
      'nftables.yaml': `${CONFIG}mode: nftables\n`,
      'ipvs.yaml': `${CONFIG}mode: ipvs\n`,
      'host.yaml': HOST,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  describe('standard output', () => {
    it('holds one document of one family, ready to load', async () => {
      const { code, out } = await runIn(['compile', '-f', at('ok.yaml'), '--family', 'ipv4']);
      expect(code).to.equal(0);
      expect(out)
        .to.match(/^\*mangle\n/)
        .and.match(/\nCOMMIT\n$/);
      expect(out).to.include('-d 10.0.0.5/32');
      expect(out).to.include('-A INPUT ');
      const v6 = await runIn(['compile', '-f', at('ok.yaml'), '--family', 'ipv6']);
      expect(v6.out).to.include('*nat').and.not.include('10.0.0.5');
    });

    it('holds both families by default, each under a header that names its tool', async () => {
      const { out } = await runIn(['compile', '-f', at('ok.yaml')]);
      expect(out.match(/^#.*$/gm)).to.deep.equal([
        '# IPv4: load with iptables-restore --noflush',
        '# IPv6: load with ip6tables-restore --noflush',
      ]);
    });

    it('names with -v the nfacct objects that its rules use', async () => {
      const words = ['compile', '-f', at('ok.yaml'), '-v'];
      const { out, err } = await runIn(words);
      const named = [...out.matchAll(/--nfacct-name (\S+)/g)].map(([, name]) => name);
      const commands = [...err.matchAll(/^ {2}nfacct add (\S+)$/gm)].map(([, name]) => name);
      expect(commands)
        .to.deep.equal([...new Set(named)])
        .and.not.deep.equal([]);
      const without = await runIn([...words, '--host', at('host.yaml')]);
      expect(without.err).to.not.include('nfacct');
    });

    it('leaves out the jumps when asked to', async () => {
      const { out } = await runIn(['compile', '-f', at('ok.yaml'), '--no-jumps']);
      expect(out).to.not.match(/^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) /m);
      expect(out).to.match(/^-A KUBE-SERVICES /m);
    });

    it('is one JSON document with -o json, diagnostics inside', async () => {
      const { code, out, err } = await runIn([
        'compile',
        '-f',
        at('bad.yaml'),
        '-o',
        'json',
        '--family',
        'ipv4',
      ]);
      expect(code).to.equal(1);
      expect(err).to.equal('');
      const document = JSON.parse(out);
      expect(Object.keys(document)).to.deep.equal(['apiVersion', 'kind', 'rules', 'diagnostics']);
      expect(Object.keys(document.rules)).to.deep.equal(['ipv4']);
      const [error] = document.diagnostics.filter(
        (d: { severity: string }) => d.severity === 'error',
      );
      expect(error).to.include({ code: 'invalid-object', field: 'spec.type' });
      expect(error.position).to.deep.equal({ file: at('bad.yaml'), line: 12, column: 9 });
    });

    it('is the same on every machine and for every order of the files', async () => {
      const one = await runIn(['compile', '-f', at('ok.yaml'), '-f', at('nodes.yaml')]);
      const other = await runIn(['compile', '-f', at('nodes.yaml'), '-f', at('ok.yaml')]);
      expect(one.out).to.equal(other.out);
    });
  });

  it('counts with -v the kinds that it skips', async () => {
    const words = [
      'compile',
      '-v',
      '-f',
      'fixtures/tutorial/demo.yaml',
      '-f',
      'fixtures/tutorial/pods.yaml',
    ];
    const { err } = await runIn(words);
    expect(err).to.match(
      /\n1 Service, 3 endpoints -> \d+ rules; skipped: 1 apps\/v1 Deployment\n$/,
    );
  });

  describe('exit codes', () => {
    it('1 with the rest compiled when an object was left out', async () => {
      const { code, out, err } = await runIn(['compile', '-f', at('bad.yaml')]);
      expect(code).to.equal(1);
      expect(out).to.include('-d 10.0.0.5/32');
      expect(err).to.include(
        `error: ${at('bad.yaml')}:12:9: Service shop/bad left out: spec.type: "Cluste": must be one of ClusterIP, NodePort, LoadBalancer, ExternalName\n  hint: did you mean ClusterIP?\n`,
      );
    });

    it('2 and an empty standard output under --strict', async () => {
      const { code, out, err } = await runIn(['compile', '-f', at('bad.yaml'), '--strict']);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(/error: nothing was compiled: 1 object cannot be used \(--strict\)\n$/);
    });

    it('2 without a usable object: invalid, empty, or other kinds only', async () => {
      const bad = await runIn(['compile', '-f', at('only-bad.yaml')]);
      expect([bad.code, bad.out]).to.deep.equal([2, '']);
      expect(bad.err)
        .to.include('did you mean ClusterIP?')
        .and.include('no usable Service in the input');
      const empty = await runIn(['compile', '-f', '-'], '');
      expect([empty.code, empty.out]).to.deep.equal([2, '']);
      const other = await runIn(
        ['compile', '-f', '-'],
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n',
      );
      expect(other.code).to.equal(2);
      expect(other.err).to.include('only 1 apps/v1 Deployment');
    });

    const errorCases: readonly (readonly [code: string, exitCode: number, ...words: string[]])[] = [
      ['no-input', 2, 'nope.yaml'],
      ['unsupported', 78, 'ok.yaml', '--config', 'ipvs.yaml'],
      ['no-output', 2, 'ok.yaml', '--out', 'ok.yaml'],
      ['no-output', 2, 'ok.yaml', '--out', '/proc/vipc'],
      ['bad-config', 78, 'ok.yaml', '--config', 'ok.yaml'],
      ['bad-config', 78, 'ok.yaml', '--host', 'ok.yaml'],
      ['no-input', 2, 'ok.yaml', '--templates', 'nope'],
      ['bad-template', 2, 'ok.yaml', '--templates', '.'],
    ];
    for (const [name, exitCode, ...words] of errorCases) {
      it(`${name} (${exitCode}): -f ${words.join(' ')}`, async () => {
        const paths = words.map((word) => (/^(?:--|\/)/.test(word) ? word : at(word)));
        const { code, err } = await runIn(['compile', '-f', ...paths]);
        expect(code).to.equal(exitCode);
        expect(err).to.match(/^error: /m);
        if (words.includes('--out')) return;
        const json = await runIn(['compile', '-f', ...paths, '-o', 'json']);
        expect(json.code).to.equal(exitCode);
        expect(JSON.parse(json.out).error.code).to.equal(name);
      });
    }
  });

  describe('the node', () => {
    const nodeNote = async (...words: string[]): Promise<string> => {
      const { err } = await runIn(['compile', '--mode', 'iptables', ...words]);
      const aboutService = /^note: .*: Service shop\/ok: has no selector.*\n/gm;
      return err.replace(aboutService, '');
    };

    it('is the only one of the input, or none', async () => {
      expect(await nodeNote('-f', at('nodes.yaml'))).to.include(
        'compiled for worker-1, the only Node in the input',
      );
      expect(await nodeNote('-f', at('ok.yaml'))).to.include(
        'not a node of the cluster: the input has no Node',
      );
      const two = NODE.replace('worker-1', 'worker-2');
      const { err } = await runIn(['compile', '-f', at('nodes.yaml'), '-f', '-'], two);
      expect(err).to.include('not a node of the cluster: the input has 2 Nodes');
    });

    it('is warned about where the input has other Nodes only', async () => {
      const { err } = await runIn(['compile', '-f', at('nodes.yaml'), '--node-name', 'worker-7']);
      expect(err).to.match(/warning: Node "worker-7" is not .*\n {2}hint: did you mean worker-1\?/);
      const other = await runIn(['compile', '-f', at('nodes.yaml'), '--node-name', 'x']);
      expect(other.err).to.include('hint: the input has worker-1');
    });

    it('is that of --node-name, else hostnameOverride, else the host facts', async () => {
      const flags = ['-f', at('ok.yaml'), '--host', at('host.yaml')];
      expect(await nodeNote(...flags)).to.include('Node "host-a" is not in the input');
      expect(await nodeNote(...flags, '--config', at('config.yaml'))).to.include(
        'Node "worker-9" is not',
      );
      const all = [...flags, '--config', at('config.yaml'), '--node-name', 'Worker-1'];
      expect(await nodeNote(...all)).to.include('Node "worker-1" is not');
      const known = all.map((word) => word.replace('ok.yaml', 'nodes.yaml'));
      expect(await nodeNote(...known)).to.equal('');
    });

    it('has the facts of --host: without nfacct no rule uses a counter', async () => {
      const facts = await runIn(['compile', '-f', at('ok.yaml'), '--host', at('host.yaml')]);
      expect(facts.out).to.not.include('nfacct');
    });
  });

  it('says that it chose iptables, unless the mode was given', async () => {
    expect((await runIn(['compile', '-f', at('ok.yaml')])).err).to.include(
      'note: compiled for mode iptables',
    );
    const ran = await runIn(['compile', '-f', at('ok.yaml'), '--config', at('config.yaml')]);
    expect(ran.err).to.not.include('mode iptables');
  });

  describe('mode nftables', () => {
    it('is one script of both families, or of one', async () => {
      const both = await runIn(['compile', '-f', at('ok.yaml'), '--mode', 'nftables']);
      expect(both.code).to.equal(0);
      expect(both.out).to.match(/^add table ip kube-proxy\n/);
      expect(both.out.match(/^add table ip6? kube-proxy \{.*$/gm)).to.deep.equal([
        'add table ip kube-proxy { comment "rules for kube-proxy" ; }',
        'add table ip6 kube-proxy { comment "rules for kube-proxy" ; }',
      ]);
      expect(both.out).to.include('add element ip kube-proxy cluster-ips { 10.0.0.5 }');
      const six = await runIn([
        'compile',
        '-f',
        at('ok.yaml'),
        '--mode',
        'nftables',
        '--family',
        'ipv6',
      ]);
      expect(six.out).to.not.match(/ ip kube-proxy /);
      expect(both.out.endsWith(six.out)).to.equal(true);
    });

    it('comes from the configuration too, and the flag beats it', async () => {
      const config = ['compile', '-f', at('ok.yaml'), '--config', at('nftables.yaml')];
      expect((await runIn(config)).out).to.match(/^add table /);
      expect((await runIn([...config, '--mode', 'iptables'])).out).to.match(/^# IPv4: /);
    });

    it('--out writes one nftables.nft for all families', async () => {
      const target = at('nft');
      const words = ['compile', '-f', at('ok.yaml'), '--mode', 'nftables', '--out', target];
      await runIn(words);
      expect(readdirSync(target)).to.deep.equal(['nftables.nft']);
      const text = readFileSync(join(target, 'nftables.nft'), 'utf8');
      expect(text).to.include('add table ip kube-proxy').and.include('add table ip6 kube-proxy');
      await runIn([...words, '--family', 'ipv4']);
      expect(readFileSync(join(target, 'nftables.nft'), 'utf8')).to.not.include(' ip6 ');
    });

    it('without jumps has base chains without rules', async () => {
      const { out } = await runIn([
        'compile',
        '-f',
        at('ok.yaml'),
        '--mode',
        'nftables',
        '--no-jumps',
      ]);
      expect(out).to.match(/^add chain ip kube-proxy nat-output /m);
      expect(out).to.not.match(/^add rule ip6? kube-proxy (?:nat|filter)-/m);
      expect(out).to.match(/^add rule ip kube-proxy services /m);
    });

    it('counts its rules for the summary', async () => {
      const { out, err } = await runIn([
        'compile',
        '-f',
        at('ok.yaml'),
        '--mode',
        'nftables',
        '-v',
      ]);
      const rules = out.match(/^add rule /gm)?.length ?? 0;
      expect(rules).to.be.greaterThan(20);
      expect(err).to.match(new RegExp(`-> ${rules} rules\\n$`));
    });
  });

  it('compiles only one namespace with -n, and warns of an empty one', async () => {
    const { out } = await runIn(['compile', '-f', at('ok.yaml'), '-n', 'shop']);
    expect(out).to.include('10.0.0.5');
    const none = await runIn(['compile', '-f', at('ok.yaml'), '-n', 'sho']);
    expect(none.code).to.equal(0);
    expect(none.out).to.not.include('10.0.0.5');
    expect(none.err).to.include('warning: no Service in namespace sho');
  });

  it('shows 20 notes and counts the rest, all of them and a summary with -v', async () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      SERVICE.replace('name: ok', `name: s${i}`).replace(/ {2}clusterIP.*\n/, ''),
    );
    const text = many.join('---\n');
    const notes = (err: string): number => err.match(/^note: /gm)?.length ?? 0;
    const brief = await runIn(['compile', '-f', '-'], text);
    expect(notes(brief.err)).to.equal(20);
    expect(brief.err).to.match(/… and \d+ more notes \(-v shows all\)\n$/);
    const full = await runIn(['compile', '-f', '-', '-v'], text);
    expect(notes(full.err)).to.be.above(40);
    expect(full.err).to.match(/^40 Services, 0 endpoints -> \d+ rules\n$/m);
  });

  it('--out writes a file per family, replaces old ones and leaves nothing else', async () => {
    const target = at('made/for/it');
    const { code, out } = await runIn(['compile', '-f', at('ok.yaml'), '--out', target]);
    expect([code, out]).to.deep.equal([0, '']);
    expect(readdirSync(target)).to.deep.equal(['iptables.v4.rules', 'iptables.v6.rules']);
    expect(readFileSync(join(target, 'iptables.v4.rules'), 'utf8')).to.match(
      /^\*mangle[\s\S]*10\.0\.0\.5[\s\S]*COMMIT\n$/,
    );
    await runIn([
      'compile',
      '-f',
      at('nodes.yaml'),
      '--no-jumps',
      '--out',
      target,
      '--family',
      'ipv4',
    ]);
    expect(readFileSync(join(target, 'iptables.v4.rules'), 'utf8')).to.not.include('-A INPUT');
    expect(readdirSync(target)).to.have.length(2);
  });

  it('reads a folder in the order of its names, with -R also those below, and follows no link to a folder', async () => {
    const tree = at('tree');
    mkdirSync(join(tree, 'below'), { recursive: true });
    const named = (name: string): string =>
      SERVICE.replace('10.0.0.5', '""').replace('name: ok', `name: ${name}`);
    writeFileSync(join(tree, 'b.yml'), named('b'));
    writeFileSync(
      join(tree, 'a.json'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: { clusterIP: '10.0.0.1', ports: [{ port: 1 }] },
      }),
    );
    writeFileSync(join(tree, 'notes.txt'), 'not: [yaml');
    writeFileSync(join(tree, 'below', 'c.yaml'), BAD);
    symlinkSync(join(tree, 'below'), join(tree, 'link'));
    symlinkSync('/dev/zero', join(tree, 'zero.yaml'));
    const flat = await runIn(['compile', '-f', tree]);
    expect(flat.code).to.equal(0);
    expect(flat.err).to.include(
      `warning: the path "${join(tree, 'zero.yaml')}" is a device and is`,
    );
    const deep = await runIn(['compile', '-f', tree, '-R']);
    expect(deep.code).to.equal(1);
    expect(deep.err.match(/left out/g)).to.have.length(1);
    mkdirSync(at('empty'));
    const empty = await runIn(['compile', '-f', at('empty')]);
    expect(empty.code).to.equal(2);
    expect(empty.err).to.include('recognized file extensions are [.json .yaml .yml]');
  });

  it('uses --service-cidr for what has no ClusterIP', async () => {
    const text = SERVICE.replace(/ {2}clusterIP.*\n/, '');
    const { out } = await runIn(['compile', '-f', '-', '--service-cidr', '10.99.0.0/16'], text);
    expect(out).to.match(/-d 10\.99\.\d+\.\d+\/32 /);
  });
});
