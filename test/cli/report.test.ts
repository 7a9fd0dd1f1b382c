/** `vipc report`: what its page holds of real input. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';
import { type ReadReport, readReport } from '../support/report/read-report.js';

const DEMO = ['-f', 'fixtures/tutorial/demo.yaml', '-f', 'fixtures/tutorial/pods.yaml'];
const CIDR = ['--service-cidr', '10.96.0.0/16'];

describe('cli/report', () => {
  let folder: string;
  let path: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-report-'));
    path = join(folder, 'report.html');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The report that a command line writes, and what it says. */
  async function reportOf(
    words: readonly string[],
  ): Promise<ReadReport & { readonly said: string }> {
    const { code, out, err } = await runIn(['report', ...words, '--out', path]);
    expect(code, err).to.equal(0);
    return { ...readReport(await readFile(path, 'utf8')), said: out };
  }

  it('says what explain and lint say, with the rules that are compiled', async () => {
    const { head, details, said } = await reportOf([
      ...['-f', 'fixtures/explain/cluster.yaml', '--node-name', 'worker-1'],
    ]);
    const web = details.find(({ name }) => name === 'shop/web');
    expect(said).to.match(/^\/.*report\.html: \d+ Services?, .*with a problem/);
    expect(head.title).to.equal('node worker-1 in zone zone-1');
    expect(web?.state).to.equal('problem');
    expect(web?.findings.map(({ source, text }) => `${source}: ${text}`)).to.include(
      'explain: Does its selector match Pods? app=wbe matches no Pod; nearest: app=web (Pod web-6d5f8c7b9-4xk2p, Pod web-6d5f8c7b9-nb6dz, Deployment web)',
    );
    const linted = web?.findings.find(({ source }) => source === 'lint port-without-slice');
    expect(linted?.text).to.equal('Service shop/web: no EndpointSlice has its port http/TCP');
    expect(web?.answered.filter(({ state }) => state === 'ok').length).to.equal(4);
    const [port] = web?.ports ?? [];
    expect(port?.addresses[0]?.clients[0]).to.include({ verdict: 'refused', share: '' });
    const rules = (port?.rules ?? []).flatMap((chain) => chain.rules);
    expect(rules.map(([, words]) => words)).to.deep.equal([
      'to 10.96.95.120, tcp, port 80: refuse with icmp-port-unreachable',
    ]);
  });

  it('has the shares of every endpoint, and why others get nothing', async () => {
    const { head, details } = await reportOf([...DEMO, ...CIDR]);
    const [port] = details[0]?.ports ?? [];
    expect(
      port?.endpoints.map(({ target, cluster, unused }) => [target, cluster, unused]),
    ).to.deep.equal([
      ['10.244.1.7:8080', '1/2', ''],
      ['10.244.2.3:8080', '1/2', ''],
      ['10.244.2.4:8080', '', 'not ready'],
    ]);
    expect(head.services[0]).to.deep.equal([
      ...['default/demo', 'ok', 'ClusterIP', ['10.96.156.0'], ['80/TCP'], 2, 3, 0],
    ]);
    expect(port?.rules.flatMap(({ rules }) => rules.map(([, words]) => words))).to.include.members([
      'to 10.96.156.0, tcp, port 80: go on in KUBE-SVC-73JNOU5FOFXIWZLE',
      'with a chance of 50.0%: go on in KUBE-SEP-3J7CNOSBD2UYURLA',
      'tcp: send to 10.244.1.7:8080',
    ]);
  });

  it('says what becomes of sources that are in no source range', async () => {
    const { details } = await reportOf([
      ...['-f', 'fixtures/behaviour/manifests/shop.yaml', '--host'],
      'fixtures/behaviour/node/worker-1.yaml',
    ]);
    const web = details.find(({ name }) => name === 'shop/web');
    const excluded = (web?.ports[0]?.addresses ?? []).map((one) => [
      one.kind,
      one.excluded?.verdict ?? '',
    ]);
    expect(excluded).to.deep.equal([
      ['cluster IP', ''],
      ['load balancer', 'dropped'],
      ['node port', ''],
    ]);
  });

  it('verifies the rules of a dump, and shows them', async () => {
    const { head, details } = await reportOf([
      ...[...DEMO, ...CIDR, '--rules', 'fixtures/tutorial/drifted.rules'],
    ]);
    expect(head.rulesOf).to.equal('fixtures/tutorial/drifted.rules');
    expect(head.facts.at(-1)?.[1]).to.include('1 not as expected');
    const [demo] = details;
    const broken = demo?.findings.find(({ source }) => source === 'verify');
    expect(broken?.text).to.equal(
      'refuted: default/demo TCP, cluster IP 10.96.156.0:80, from everybody else; this node',
    );
    expect(broken?.lines.join('\n')).to.include('KUBE-SVC-73JNOU5FOFXIWZLE');
    expect(demo?.ports[0]?.addresses[0]?.refuted).to.equal(true);
  });

  it('in mode nftables, the elements that lead to a Service', async () => {
    const { details } = await reportOf([...DEMO, ...CIDR, '--mode', 'nftables']);
    const rules = details[0]?.ports.flatMap((port) => port.rules) ?? [];
    expect(rules[0]).to.deep.include({ table: 'ip kube-proxy', chain: 'map service-ips' });
    expect(rules[0]?.rules[0]?.[0]).to.match(/^10\.96\.156\.0 \. tcp \. 80 : goto service-/);
  });

  it('reports on the Services of a namespace alone', async () => {
    const { head } = await reportOf(['-f', 'fixtures/kubectl/get-all.yaml', '-n', 'shop']);
    const names = head.services.map(([name]) => name);
    expect(names).to.not.equal([]);
    expect(names.filter((name) => !name.startsWith('shop/'))).to.deep.equal([]);
  });

  it('1 where an object is left out, and the others are reported', async () => {
    const { code, err } = await runIn([
      'report',
      '-f',
      'fixtures/tutorial',
      ...CIDR,
      '--out',
      path,
    ]);
    expect(code).to.equal(1);
    expect(err).to.include('did you mean ClusterIP?');
    expect(readReport(await readFile(path, 'utf8')).head.services).to.have.length(2);
  });

  it('64 without --out', async () => {
    const { code, err } = await runIn(['report', ...DEMO]);
    expect(code).to.equal(64);
    expect(err).to.include('must specify --out');
  });
});
