import { connect, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { textAnswer } from '../../../src/agent/serving/answer.js';
import { createServing, type Serving } from '../../../src/agent/serving/serving.js';
import type { AgentConfig, ListenAddress } from '../../../src/config/agent-config.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import { loadConfig } from '../../../src/config/load.js';
import { ListenError } from '../../../src/errors.js';
import type { Diagnostic } from '../../../src/index.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';
import { seriesValue } from './metric-text.js';
import { ask } from './raw-answer.js';
import { LOOPBACK, report, Stage } from './stage.js';

const { agent: DEFAULTS } = loadConfig(
  'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n',
  'c.yaml',
);

/** A port of 127.0.0.1 that is in use. */
async function held(): Promise<{ readonly holder: Server; readonly address: ListenAddress }> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen({ host: LOOPBACK, port: 0 }, resolve));
  const bound = holder.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { holder, address: { ip: LOOPBACK, port } };
}

async function free(): Promise<ListenAddress> {
  const { holder, address } = await held();
  await new Promise((resolve) => holder.close(resolve));
  return address;
}

function servingOf(fields: Partial<AgentConfig>): Serving {
  return createServing({
    ...{ config: { ...DEFAULTS, ...fields }, mode: 'iptables', families: ['IPv4'] },
    ...{ host: new MemoryHost(), configz: {}, flags: {}, version: '1' },
    profile: defaultConfig.profile,
    allowServiceExternalIps: true,
  });
}

async function answerOf(port: number, path: string): Promise<string> {
  for (let attempts = 0; attempts < 1000; attempts += 1) {
    const answer = await ask(port, path).catch(() => undefined);
    if (answer !== undefined) return answer.body;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`nobody listens on ${port}`);
}

describe('agent/serving/serving', () => {
  it('serves health and metrics of what it observes, and closes with the signal', async () => {
    const [healthz, metrics] = [await free(), await free()];
    const serving = servingOf({ healthzBindAddress: healthz, metricsBindAddress: metrics });
    const ending = new AbortController();
    const noticed: Diagnostic[] = [];
    const running = serving.run((found) => void noticed.push(...found), ending.signal);
    serving.observer.synced?.(report('IPv4'));
    serving.observer.node?.('eligible');
    expect(await answerOf(healthz.port, '/readyz')).to.equal('{"ready":true,"reasons":[]}');
    await answerOf(healthz.port, '/healthz');
    const text = await answerOf(metrics.port, '/metrics');
    expect(seriesValue(text, 'kubeproxy_proxy_healthz_total{code="200"}')).to.equal(1);
    expect(
      seriesValue(text, 'kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family="IPv4"}'),
    ).to.equal(1);
    expect(serving.health.state().healthy).to.equal(true);
    ending.abort();
    await running;
    for (const { port } of [healthz, metrics]) {
      const closed = await ask(port, '/').then(
        () => false,
        () => true,
      );
      expect(closed).to.equal(true);
    }
    expect(noticed).to.deep.equal([]);
  });

  it('ends at once where there was a signal before', async () => {
    const [healthz, metrics] = [await free(), await free()];
    const serving = servingOf({ healthzBindAddress: healthz, metricsBindAddress: metrics });
    await serving.run(() => {}, AbortSignal.abort());
  });

  it('reports a port in use, and serves the other one', async () => {
    const { holder, address } = await held();
    const metrics = await free();
    const serving = servingOf({ healthzBindAddress: address, metricsBindAddress: metrics });
    const ending = new AbortController();
    const noticed: Diagnostic[] = [];
    const running = serving.run((found) => void noticed.push(...found), ending.signal);
    expect(await answerOf(metrics.port, '/proxyMode')).to.equal('iptables');
    ending.abort();
    await running;
    holder.close();
    expect(noticed.map(({ code, message }) => [code, message])).to.deep.equal([
      [
        'health-port-taken',
        `the health server cannot start: listen tcp 127.0.0.1:${address.port}: bind: address already in use`,
      ],
    ]);
  });

  it('fails for a port in use with bindAddressHardFail, with everything closed', async () => {
    const { holder, address } = await held();
    const healthz = await free();
    const serving = servingOf({
      ...{ healthzBindAddress: healthz, metricsBindAddress: address, bindAddressHardFail: true },
    });
    const ended = await serving
      .run(() => {}, new AbortController().signal)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    holder.close();
    expect(ended)
      .to.be.an.instanceOf(ListenError)
      .with.property(
        'message',
        `listen tcp 127.0.0.1:${address.port}: bind: address already in use`,
      );
    const closed = await ask(healthz.port, '/healthz').then(
      () => false,
      () => true,
    );
    expect(closed).to.equal(true);
  });

  it('opens no server that is switched off, and says that there are no profiles', async () => {
    const serving = servingOf({
      ...{ healthzBindAddress: undefined, metricsBindAddress: undefined, enableProfiling: true },
    });
    const ending = new AbortController();
    const noticed: Diagnostic[] = [];
    const running = serving.run((found) => void noticed.push(...found), ending.signal);
    ending.abort();
    await running;
    expect(noticed.map(({ code }) => code)).to.deep.equal(['profiling-unsupported']);
  });
});

describe('agent/serving/port', () => {
  it('answers a defect with 500, and goes on', async () => {
    const stage = new Stage();
    let calls = 0;
    const port = await stage.serve(() => {
      calls += 1;
      if (calls === 1) throw new Error('broken');
      return textAnswer('fine');
    });
    expect((await ask(port, '/')).head).to.match(/^HTTP\/1\.1 500 /);
    expect((await ask(port, '/')).body).to.equal('fine');
    await stage.end();
  });

  it('closes though a connection is kept open', async () => {
    const stage = new Stage();
    const port = await stage.serve(() => textAnswer('fine'));
    const socket = connect({ host: LOOPBACK, port });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    await stage.end();
    await closed;
  });
});
