import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Answerer } from '../../../src/agent/serving/answer.js';
import { metricsServer } from '../../../src/agent/serving/metrics-server.js';
import { completeConfig } from '../../../src/config/complete-config.js';
import { loadConfig } from '../../../src/config/load.js';
import { DEFAULT_PROFILE } from '../../../src/profiles/profiles.js';
import { FakeClock } from '../../support/fake-clock.js';
import { scraped, seriesValue } from './metric-text.js';
import { ask, type RawAnswer, recorded, stableHead } from './raw-answer.js';
import { Stage } from './stage.js';

const TEXT = '# TYPE a counter\na 1\n';
const CONFIG = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: /var/lib/kube-proxy/kubeconfig.conf}
clusterCIDR: 10.244.0.0/16,fd00:10:244::/56
hostnameOverride: node-a
healthzBindAddress: 0.0.0.0:10256
metricsBindAddress: 0.0.0.0:10249
conntrack: {maxPerCore: 0}
logging: {verbosity: 2}
`;

describe('agent/serving/metrics-server', () => {
  const stage = new Stage();
  const clock = new FakeClock();
  let port: number;

  before(async () => {
    clock.setWall(Date.parse('2026-11-20T09:40:00.5Z'));
    port = await stage.serve(server());
  });
  after(() => stage.end());

  const server = (): Answerer =>
    metricsServer({
      report: {
        page: async () => 'the page',
        service: (name) => (name === 'shop/web' ? '{}' : undefined),
      },
      ...{ mode: 'iptables', version: '1.2.3', profile: DEFAULT_PROFILE, clock },
      configz: completeConfig(loadConfig(CONFIG, 'c.yaml').raw, 'iptables'),
      flags: { 'cluster-cidr': '', v: '2' },
      metrics: async () => TEXT,
    });

  function same(ours: RawAnswer, theirs: RawAnswer): void {
    expect(stableHead(ours)).to.equal(stableHead(theirs));
    expect(ours.body).to.equal(theirs.body);
  }

  for (const [path, name] of [
    ['/healthz', 'healthz'],
    ['/healthz?verbose', 'healthz.verbose'],
    ['/proxyMode', 'proxyMode'],
    ['/configz', 'configz'],
    ['/livez', 'livez'],
    ['/readyz', 'readyz'],
    ['/', 'root'],
    ['/nope', 'nope'],
    ['/debug/pprof/', 'debug-pprof'],
  ] as const) {
    it(`answers as kube-proxy did: ${path}`, async () => {
      same(await ask(port, path), recorded('iptables-healthy', `10249.${name}`));
    });
  }

  it('has the page about the node, and the Services that it asks for', async () => {
    const page = await ask(port, '/', { headers: 'Accept: text/html,*/*;q=0.8\r\n' });
    expect(page.body).to.equal('the page');
    expect(page.head).to.match(/^HTTP\/1.1 200 /);
    expect(page.head).to.include('Content-Type: text/html; charset=utf-8');
    expect((await ask(port, '/service?name=shop%2Fweb')).body).to.equal('{}');
    for (const path of ['/service?name=shop%2Fother', '/service'])
      expect((await ask(port, path)).head).to.match(/^HTTP\/1.1 404 /);
  });

  it('answers any method', async () => {
    const ours = await ask(port, '/proxyMode', {
      method: 'POST',
      headers: 'Content-Length: 0\r\n',
    });
    same(ours, recorded('iptables-healthy', '10249.proxyMode.post'));
  });

  it('gives metrics in one form, whatever is asked for, and gzip on request', async () => {
    const headOf = (answer: RawAnswer): string =>
      stableHead(answer).replace(/^(Transfer-Encoding|Content-Length): .*$/m, 'Length: …');
    const plain = await ask(port, '/metrics');
    expect(headOf(plain)).to.equal(
      headOf(recorded('iptables-healthy', '10249.metrics.openmetrics-head')),
    );
    expect(plain.body).to.equal(TEXT);
    const openMetrics = 'Accept: application/openmetrics-text;version=1.0.0\r\n';
    expect(headOf(await ask(port, '/metrics', { headers: openMetrics }))).to.equal(headOf(plain));
    const packed = await ask(port, '/metrics', {
      headers: 'Accept-Encoding: deflate, gzip;q=0.5\r\n',
    });
    expect(headOf(packed)).to.equal(
      headOf(recorded('iptables-healthy', '10249.metrics.gzip-head')),
    );
    expect(gunzipSync(packed.bytes).toString()).to.equal(TEXT);
    const refused = await ask(port, '/metrics', { headers: 'Accept-Encoding: gzip;q=0\r\n' });
    expect(refused.body).to.equal(TEXT);
  });

  it('has one series at /metrics/slis until somebody asks for its health', async () => {
    const number = /^(process_start_time_seconds) [\d.e+]+$/m;
    const quiet = await stage.serve(server());
    const ours = await ask(quiet, '/metrics/slis');
    const theirs = recorded('iptables-healthy', '10249.metrics.slis');
    expect(stableHead(ours)).to.equal(stableHead(theirs));
    expect(ours.body.replace(number, '$1')).to.equal(theirs.body.replace(number, '$1'));
    await ask(quiet, '/healthz');
    await ask(quiet, '/healthz?verbose');
    const { body } = await ask(quiet, '/metrics/slis');
    expect(seriesValue(body, 'kubernetes_healthcheck{name="ping",type="healthz"}')).to.equal(1);
    const total = 'kubernetes_healthchecks_total{name="ping",status="success",type="healthz"}';
    expect(seriesValue(body, total)).to.equal(2);
    expect(scraped(body).get('kubernetes_healthcheck')).to.include({
      type: 'gauge',
      help: '[STABLE] This metric records the result of a single healthcheck.',
    });
  });

  it('shows its flags and since when it runs, in the form of kube-proxy', async () => {
    const flags = await ask(port, '/flagz');
    const theirs = recorded('nftables-healthy', '10249.flagz');
    expect(stableHead(flags)).to.equal(stableHead(theirs));
    const start = (body: string): readonly string[] => body.split('\n').slice(0, 3);
    expect(start(flags.body)).to.deep.equal(start(theirs.body.replace('kube-proxy', 'vipc')));
    expect(flags.body).to.match(/\ncluster-cidr=\nv=2\n$/);
    clock.setWall(Date.parse('2026-11-20T09:40:07.5Z'));
    const status = await ask(port, '/statusz');
    const page = recorded('nftables-healthy', '10249.statusz');
    expect(stableHead(status)).to.equal(stableHead(page));
    const own = page.body
      .replace('kube-proxy', 'vipc')
      .replace('Go version: go1.26.10', `Node version: ${process.version}`)
      .replace('Binary version: 1.36', 'Binary version: 1.2.3');
    expect(status.body).to.equal(own);
  });

  it('gives the object in the version that is asked for, and 406 for what it has not', async () => {
    const asked = (path: string, accept: string): Promise<RawAnswer> =>
      ask(port, path, { headers: `Accept: ${accept}\r\n` });
    const beta = await asked('/statusz', 'application/json;as=Statusz;v=v1beta1;g=config.k8s.io');
    expect(beta.head).to.include('application/json;g=config.k8s.io;v=v1beta1;as=Statusz');
    expect(beta.head).not.to.include('Warning');
    expect(JSON.parse(beta.body)).to.include({ apiVersion: 'config.k8s.io/v1beta1' });
    const flags = await asked(
      '/flagz',
      'text/html, application/json;v=v1beta1;g=config.k8s.io;as=Flagz',
    );
    expect(flags.head).to.include('application/json;g=config.k8s.io;v=v1beta1;as=Flagz');
    expect(JSON.parse(flags.body)).to.deep.equal({
      kind: 'Flagz',
      apiVersion: 'config.k8s.io/v1beta1',
      metadata: { name: 'vipc' },
      flags: { 'cluster-cidr': '', v: '2' },
    });
    const old = await asked('/flagz', 'application/json;as=Flagz;v=v1alpha1;g=config.k8s.io');
    expect(old.head).to.include(
      'Warning: 299 - "This version of the flagz endpoint is deprecated.',
    );
    const refused = await asked('/flagz', 'application/json');
    expect(refused.head).to.include('Content-Type: application/json\r\n');
    expect(JSON.parse(refused.body)).to.deep.include({
      ...{
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'NotAcceptable',
        code: 406,
      },
    });
    for (const path of ['/statusz', '/flagz'])
      for (const [accept, status] of [
        ['application/json', 406],
        ['application/json;as=Statusz;v=v9;g=config.k8s.io', 406],
        ['application/json;as=Flagz;v=v9;g=config.k8s.io,*/*', 200],
        ['application/json;as=Other;v=v1beta1;g=config.k8s.io', 406],
        ['application/json;v=v1beta1;g=config.k8s.io', 406],
        ['text/plain;as=Statusz;v=v1beta1;g=config.k8s.io', 406],
        ['application/xml', 406],
        ['', 200],
        ['text/html, */*;q=0.8', 200],
        ['text/plain', 200],
      ] as const)
        expect((await asked(path, accept)).head, accept).to.match(
          new RegExp(`^HTTP/1.1 ${status} `),
        );
  });

  it('shows it as an object to who asks for one', async () => {
    clock.setWall(Date.parse('2026-11-20T09:40:07.5Z'));
    const headers = 'Accept: application/json;as=Statusz;v=v1alpha1;g=config.k8s.io\r\n';
    const { head, body } = await ask(port, '/statusz', { headers });
    expect(head).to.include('application/json;g=config.k8s.io;v=v1alpha1;as=Statusz');
    expect(head).to.include('Warning: 299 - ');
    const theirs: Readonly<Record<string, unknown>> = JSON.parse(
      recorded('nftables-healthy', '10249.statusz.json').body,
    );
    const { goVersion, ...rest } = theirs;
    expect(goVersion).to.equal('go1.26.10');
    expect(JSON.parse(body)).to.deep.equal({
      ...rest,
      metadata: { name: 'vipc' },
      nodeVersion: process.version,
      binaryVersion: '1.2.3',
    });
  });
});
