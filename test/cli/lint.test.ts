/** `vipc lint`: forms, exit codes, flags, and that it costs what its input is long. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RULES } from '../../src/lint/rules.js';
import { allDocuments } from '../support/documents.js';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const EXAMPLE = 'fixtures/lint-example/shop.yaml';
const CASE = 'fixtures/conformance/268-kitchen-sink';

interface Findings {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly message: string;
    readonly object?: { readonly namespace: string; readonly name: string };
    readonly position?: { readonly line: number; readonly column: number };
  }[];
  readonly unchecked: readonly string[];
}

const lint = (...words: readonly string[]): Promise<Ran> => runIn(['lint', ...words]);

async function lintJson(...words: readonly string[]): Promise<Findings> {
  const { out, err } = await lint(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return JSON.parse(out) as Findings;
}

describe('cli/lint', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-lint-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string, name = 'objects.yaml'): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  it('prints what the documents show', async () => {
    const text = allDocuments();
    const examples = [...text.matchAll(/^\$ vipc lint (.*)\n((?:.+\n)*?)\$ echo \$\?\n(\d)\n/gm)];
    expect(examples.length).to.be.above(0);
    for (const [, words = '', shown, exitCode] of examples) {
      const { code, out } = await lint(...words.split(' '));
      expect([out, code]).to.deep.equal([shown, Number(exitCode)]);
    }
  });

  it('prints the worst first, as JSON too', async () => {
    const { counts, findings, unchecked } = await lintJson('-f', EXAMPLE);
    expect(findings.map(({ code }) => code)).to.include('external-ip-overlap');
    const order = ['error', 'warning', 'note'];
    const ranks = findings.map(({ severity }) => order.indexOf(severity));
    expect(ranks).to.deep.equal(ranks.toSorted());
    for (const severity of order)
      expect(counts[severity]).to.equal(findings.filter((f) => f.severity === severity).length);
    expect(unchecked).to.deep.equal(['config', 'host', 'rules']);
  });

  it('fails on the severity of --fail-on', async () => {
    const service = (await lint('-f', EXAMPLE)).code;
    const calm = fileOf(
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {externalIPs: [192.0.2.1], ports: [{port: 80}]}\n',
    );
    const codes = await Promise.all(
      ['error', 'warning', 'note', 'never'].map(
        async (severity) => (await lint('-f', calm, '--fail-on', severity)).code,
      ),
    );
    expect([service, ...codes]).to.deep.equal([1, 0, 1, 1, 0]);
    expect((await lint('-f', EXAMPLE, '--fail-on', 'never')).code).to.equal(0);
  });

  it('checks the Services of all namespaces, and reports those of one', async () => {
    const { findings } = await lintJson('-f', EXAMPLE, '-n', 'shop');
    expect(findings.map(({ code }) => code)).to.include('external-ip-overlap');
    const others = (await lintJson('-f', EXAMPLE, '-n', 'kube-system')).findings;
    expect(others).to.deep.equal([]);
  });

  it('takes a list of networks for external IPs, and none contains a Service address', async () => {
    const words = ['-f', EXAMPLE, '--allow-external-ips', '10.96.0.53,192.0.2.0/24'];
    const found = (await lintJson(...words)).findings.map(({ code }) => code);
    expect(found).to.include('external-ip-overlap').and.to.not.include('external-ip-not-allowed');
    const node = fileOf(`
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.10}]}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {externalIPs: [192.168.0.10, 10.9.9.9], ports: [{port: 80}]}
`);
    const codes = async (...more: readonly string[]): Promise<readonly string[]> =>
      (await lintJson('-f', node, ...more)).findings
        .map(({ code }) => code)
        .filter((code) => code.startsWith('external-ip'));
    expect(await codes()).to.deep.equal(['external-ip-overlap', 'external-ips-deprecated']);
    expect(await codes('--allow-external-ips', '192.168.0.10')).to.deep.equal([
      'external-ip-not-allowed',
      'external-ips-deprecated',
    ]);
    const both = ['--allow-external-ips', '192.168.0.0/24', '--allow-external-ips', '10.9.9.9'];
    expect(await codes(...both)).to.deep.equal(['external-ips-deprecated']);
  });

  it('checks a machine or a configuration without objects', async () => {
    const words = ['--config', `${CASE}/config.yaml`, '--host', `${CASE}/host.yaml`];
    expect((await lintJson(...words)).unchecked).to.deep.equal(['objects', 'rules']);
    const none = await lint();
    expect([none.code, none.err]).to.deep.equal([
      64,
      "error: must specify -f, --config, --host or --rules\nSee 'vipc lint --help' for usage.\n",
    ]);
  });

  it('names the line of a field in the configuration and in host facts', async () => {
    const config = fileOf(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy}\ndata:\n  config.conf: |\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    kind: KubeProxyConfiguration\n    mode: iptables\n    clusterCIDR: 10.96.0.0/24\n',
      'config.yaml',
    );
    const host = fileOf(
      'nodeName: a\ninterfaces: []\nsysctls:\n  net.ipv4.ip_forward: "0"\n',
      'host.yaml',
    );
    const cidr =
      'apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: a}\nspec: {cidrs: [10.96.0.0/16]}\n';
    const words = ['-f', fileOf(cidr), '--config', config, '--host', host];
    const places = (await lintJson(...words)).findings.map(
      ({ code, position }) => `${code} ${position?.line}:${position?.column}`,
    );
    expect(places).to.include('networks-overlap 9:18').and.to.include('forwarding-off 4:24');
  });

  it('reads dumps of either tool, and does not report its own mark', async () => {
    for (const dump of [
      'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save',
      'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json',
    ]) {
      const { findings, unchecked } = await lintJson('--rules', dump);
      expect([findings, unchecked], dump).to.deep.equal([[], ['objects', 'config', 'host']]);
    }
    expect((await lint('--rules', fileOf('nothing', 'rules'))).code).to.equal(2);
  });

  it('fails like other commands where there is nothing to check', async () => {
    const { code, err } = await lint(
      '-f',
      fileOf('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n'),
    );
    expect(code).to.equal(2);
    expect(err).to.include('no Service, EndpointSlice or Node in the input');
    expect((await lint('-f', join(folder, 'none.yaml'))).code).to.equal(2);
    expect((await lint('--config', fileOf('kind: Other\n', 'config.yaml'))).code).to.equal(78);
  });

  it('reports invalid objects as findings', async () => {
    const bad = fileOf('apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: []}\n');
    const { code, out, err } = await lint('-f', bad);
    expect([code, err]).to.deep.equal([1, '']);
    expect(out).to.match(
      /^error: .*objects\.yaml:4:\d+: Service default\/a left out: .* \[invalid-object\]$/m,
    );
  });

  it('counts further findings of the same kind', async () => {
    const ips = Array.from({ length: 30 }, (_, i) => `10.9.9.${i}`).join(', ');
    const file = fileOf(
      `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {externalIPs: [${ips}], ports: [{port: 80}]}\n`,
    );
    const { findings } = await lintJson('-f', file, '--allow-external-ips', '192.0.2.1');
    const alike = findings.filter(({ code }) => code === 'external-ip-not-allowed');
    expect(alike).to.have.length(11);
    expect(alike.map(({ message }) => message)).to.include('20 more external-ip-not-allowed');
  });

  it('omits suppressed findings, and counts them', async () => {
    const file = fileOf(
      `externalIPs: [192.0.2.1]
suppressions:
  - {code: external-ip-overlap, object: Service shop/web, reason: "known \\e[31m"}
  - {code: address-collision, object: Service shop/*, reason: known}
`,
      'suppressions.yaml',
    );
    const words = ['-f', EXAMPLE, '--suppressions', file];
    const { code, out } = await lint(...words);
    expect(code).to.equal(0);
    expect(out).to.match(/^3 warnings; 2 suppressed; not checked: /m);
    expect(out).to.not.include('external-ip-overlap');
    const shown = (await lint(...words, '-v')).out;
    expect(shown).to.match(/^suppressed: .*shop\.yaml:36:17: .* \[external-ip-overlap\]$/m);
    expect(shown).to.include('  reason: known \\u001b[31m\n');
    const { counts } = await lintJson(...words);
    expect(counts.error).to.equal(0);
    const codes = (await lintJson('-f', EXAMPLE, '-n', 'shop')).findings.map((one) => one.code);
    expect(codes).to.include('external-ip-overlap');
    const listed = fileOf('externalIPs: [192.0.2.1]\n', 'listed.yaml');
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {externalIPs: [192.0.2.2], ports: [{port: 80}]}\n';
    const unlisted = ['-f', fileOf(service), '--suppressions', listed];
    expect((await lint(...unlisted)).code).to.equal(1);
    expect((await lint(...unlisted, '--allow-external-ips', '192.0.2.2')).code).to.equal(0);
    const wrong = fileOf('suppressions: [{code: x, reason: r}]', 'wrong.yaml');
    expect((await lint('-f', EXAMPLE, '--suppressions', wrong)).code).to.equal(78);
  });

  it('lists and explains the rules', async () => {
    const { out } = await lint('--list');
    expect(out.trimEnd().split('\n')).to.have.length(RULES.length);
    for (const { code, title, why, remedy } of RULES) {
      expect(out)
        .to.match(new RegExp(`^${code} `, 'm'))
        .and.to.include(title);
      const explained = (await lint('--explain', code)).out;
      for (const part of [code, title, why, remedy]) expect(explained).to.include(part);
    }
    for (const words of [['--list'], ['--explain', 'external-ip-overlap']]) {
      const document = (await lint(...words, '-o', 'json')).out;
      expect(outputProblems(document)).to.deep.equal([]);
    }
    const wrong = await lint('--explain', 'external-ip-overlp');
    expect([wrong.code, wrong.err]).to.deep.equal([
      64,
      'error: --explain: no rule "external-ip-overlp"\n  hint: did you mean external-ip-overlap?\nSee \'vipc lint --help\' for usage.\n',
    ]);
    expect((await lint('--list', '--explain', 'external-ip-overlap')).code).to.equal(64);
  });

  it('escapes text of the input for the terminal', async () => {
    const file = fileOf(
      'apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: x}\nspec: {clusterIP: 10.96.0.1, externalIPs: ["\\e[31m"], ports: [{port: 80}]}\n',
    );
    const { out } = await lint('-f', file);
    expect(out).to.include('invalid-address').and.to.not.include('\u001b');
  });

  it('is coloured on a colour terminal', async () => {
    const { out } = await runIn(['lint', '-f', EXAMPLE], '', { colour: true });
    expect(out).to.include('\u001b[31merror:\u001b[39m');
  });
});
