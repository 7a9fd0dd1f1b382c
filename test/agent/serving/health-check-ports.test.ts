import { createServer } from 'node:net';
import { expect } from 'chai';
import {
  HealthCheckPorts,
  healthCheckedServices,
} from '../../../src/agent/serving/health-check-ports.js';
import { Connections } from '../../../src/agent/serving/port.js';
import { ProxyHealth } from '../../../src/agent/serving/proxy-health.js';
import { compileSnapshot, type Diagnostic } from '../../../src/index.js';
import type { Model, NodePortAddresses } from '../../../src/model/types.js';
import type { Ip } from '../../../src/net/ip.js';
import type { EndpointSpec } from '../../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../../model/support.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ask, recorded, stableHead } from './raw-answer.js';
import { failure, LOOPBACK, report, Stage } from './stage.js';

/** A port of 127.0.0.1 that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

const HERE: EndpointSpec = { addresses: ['10.0.0.1'], nodeName: 'me' };
const ALSO_HERE: EndpointSpec = { addresses: ['10.0.0.2'], nodeName: 'me' };
const ELSEWHERE: EndpointSpec = { addresses: ['10.0.0.9'], nodeName: 'other' };
const TERMINATING: EndpointSpec = {
  ...HERE,
  conditions: { ready: false, serving: true, terminating: true },
};

/** What a model is of `shop/NAME` with a health check node port, by name. */
function modelOf(
  services: Readonly<Record<string, readonly [number, readonly EndpointSpec[]]>>,
  nodePortAddresses: NodePortAddresses = { kind: 'listed', ips: [LOOPBACK] },
): Model {
  const objects = Object.entries(services).flatMap(
    ([name, [healthCheckNodePort, endpoints]], i) => [
      service(name, {
        ...{ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort },
        clusterIP: `10.96.0.${i + 1}`,
        ports: [{ name: 'a', port: 80, targetPort: 8080 }],
      }),
      slice(name, endpoints, {
        ports: [
          { name: 'a', port: 8080 },
          { name: 'b', port: 8081 },
        ],
      }),
    ],
  );
  const { model } = compileSnapshot(snapshotOf(...objects), 'IPv4', { nodeName: 'me' });
  return { ...model, context: { ...model.context, nodePortAddresses } };
}

describe('agent/serving/health-check-ports', () => {
  let stage: Stage;
  let clock: FakeClock;
  let health: ProxyHealth;
  let ports: HealthCheckPorts;
  let noticed: Diagnostic[];
  let port: number;
  let firstSync: { readonly first: Promise<void>; readonly done: () => void };

  beforeEach(async () => {
    stage = new Stage();
    clock = new FakeClock();
    health = new ProxyHealth({ families: ['IPv4'], syncPeriod: 30_000, clock });
    health.synced(report('IPv4', { seconds: 0 }));
    ports = new HealthCheckPorts({ health, retry: 20 });
    noticed = [];
    let done = (): void => {};
    const first = new Promise<void>((resolve) => {
      done = resolve;
    });
    firstSync = { first, done };
    port = await freePort();
    const running = ports.run(
      (found) => {
        noticed.push(...found);
        firstSync.done();
      },
      new Connections(),
      stage.signal,
    );
    stage.keep(running);
  });
  afterEach(() => stage.end());

  function show(model: Model): void {
    ports.synced({ family: 'IPv4', model });
  }

  /** Requests until the port answers, or is closed. */
  async function eventually(at: number, isOpen: boolean, host = '127.0.0.1'): Promise<void> {
    for (let attempts = 0; attempts < 1000; attempts += 1) {
      const answered = await ask(at, '/', { host }).then(
        () => true,
        () => false,
      );
      if (answered === isOpen) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${host}:${at} is never ${isOpen ? 'open' : 'closed'}`);
  }

  const STATES: readonly (readonly [string, string, readonly EndpointSpec[]])[] = [
    ['iptables-healthy', 'web-lb', [HERE, ALSO_HERE, ELSEWHERE]],
    ['iptables-healthy', 'empty-lb', []],
    ['iptables-terminating', 'web-lb', [TERMINATING, ELSEWHERE]],
    ['iptables-scaled-to-one', 'web-lb', [ELSEWHERE]],
    ['nftables-healthy', 'web-lb', [HERE]],
    ['nftables-healthy', 'empty-lb', []],
  ];
  for (const [state, name, endpoints] of STATES) {
    it(`answers as kube-proxy did: ${state}, ${name}`, async () => {
      show(modelOf({ [name]: [port, endpoints] }));
      await eventually(port, true);
      const ours = await ask(port, '/any/path?x', {
        method: 'POST',
        headers: 'Content-Length: 0\r\n',
      });
      const theirs = recorded(state, `healthcheck-${name}`);
      expect(stableHead(ours)).to.equal(stableHead(theirs));
      expect(ours.body).to.equal(theirs.body);
    });
  }

  it('answers 503 while rules are not kept, with the weight as it was', async () => {
    show(modelOf({ 'web-lb': [port, [HERE]] }));
    await eventually(port, true);
    health.failed(failure('IPv4'));
    clock.pass(70);
    health.node('tainted');
    for (const state of ['iptables-restore-fails-70s', 'iptables-restore-works-again']) {
      const ours = await ask(port, '/');
      const theirs = recorded(state, 'healthcheck-web-lb');
      expect(stableHead(ours), state).to.equal(stableHead(theirs));
      expect(ours.body).to.equal(theirs.body);
      health.synced(report('IPv4', { seconds: 0 }));
    }
  });

  it('follows the Services: opens, moves, hands over and closes', async () => {
    const other = await freePort();
    show(modelOf({ a: [port, [HERE]] }));
    await eventually(port, true);
    show(modelOf({ a: [other, [HERE]] }));
    await eventually(other, true);
    await eventually(port, false);
    show(modelOf({ b: [other, []] }));
    expect((await ask(other, '/')).body).to.include('"name": "b"');
    show(modelOf({}));
    await eventually(other, false);
    show(modelOf({ a: [port, [HERE]] }));
    await eventually(port, true);
    expect(noticed).to.deep.equal([]);
  });

  it('reports a port in use once, and opens it when it is free', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen({ host: LOOPBACK, port }, resolve));
    show(modelOf({ a: [port, [HERE]] }));
    await firstSync.first;
    await new Promise((resolve) => holder.close(resolve));
    await eventually(port, true);
    expect(
      noticed.map(({ code, severity, object }) => [code, severity, object?.name]),
    ).to.deep.equal([
      ['health-check-port-taken', 'warning', 'a'],
      ['health-check-port-open', 'note', 'a'],
    ]);
    expect(noticed[0]?.message).to.equal(
      `the health check node port cannot be opened: listen tcp 127.0.0.1:${port}: bind: address already in use`,
    );
  });

  it('listens where node ports do: on the listed addresses, or on all of the family', async () => {
    const second = '127.0.0.2' as Ip;
    show(modelOf({ a: [port, [HERE]] }, { kind: 'listed', ips: [second] }));
    await eventually(port, true, '127.0.0.2');
    await eventually(port, false, '127.0.0.1');
    show(modelOf({ a: [port, [HERE]] }, { kind: 'all' }));
    await eventually(port, true, '127.0.0.1');
    await eventually(port, true, '127.0.0.3');
    await eventually(port, false, '::1');
  });

  it('closes everything with the signal, also what is still being tried', async () => {
    const holder = createServer();
    const taken = await freePort();
    await new Promise<void>((resolve) => holder.listen({ host: LOOPBACK, port: taken }, resolve));
    show(modelOf({ a: [port, [HERE]], b: [taken, [HERE]] }));
    await eventually(port, true);
    await stage.end();
    await eventually(port, false);
    show(modelOf({ a: [port, [HERE]] }));
    await eventually(port, false);
    holder.close();
  });

  it('counts an address once, whatever the number of ports, and also with no external address', () => {
    const services = healthCheckedServices(modelOf({ a: [1, [HERE, ALSO_HERE, ELSEWHERE]] }));
    expect([...services]).to.deep.equal([[1, { service: 'shop/a', localEndpoints: 2 }]]);
  });
});
