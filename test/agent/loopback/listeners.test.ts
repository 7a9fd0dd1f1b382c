/**
 * Node ports on loopback addresses: which are open after a sync, and what becomes of connections to
 * them.
 */

import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import type { LoopbackLimits } from '../../../src/agent/descriptors.js';
import { LoopbackListeners } from '../../../src/agent/loopback/listeners.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import type { EndpointSpec, Service } from '../../../src/snapshot/types.js';
import { cidrs, modelOf, service, slice } from '../../model/support.js';
import { FakeClock } from '../../support/fake-clock.js';
import { until } from '../../support/until.js';
import { Backend, closed, freePort, listening } from './ports.js';

/** Seconds after which a port is tried again without a sync. */
const RETRY = 30;

describe('agent/loopback/listeners', () => {
  let clock: FakeClock;
  let listeners: LoopbackListeners;
  let noticed: Diagnostic[];
  let ending: AbortController;
  let running: Promise<void>;
  let opened: (Socket | Server | Backend)[];

  beforeEach(() => {
    clock = new FakeClock();
    noticed = [];
    opened = [];
    ending = new AbortController();
    listeners = new LoopbackListeners({ retry: RETRY * 1000, clock });
    running = Promise.resolve();
  });
  afterEach(async () => {
    for (const one of opened) if ('destroy' in one) one.destroy();
    ending.abort();
    await running;
    for (const one of opened) if (!('destroy' in one)) one.close();
  });

  function run(limits: Partial<LoopbackLimits> = {}): void {
    const all = { listeners: 10, connections: 10, ...limits };
    running = listeners.run((found) => noticed.push(...found), all, ending.signal);
  }

  interface Shown {
    /** Node port and port of the endpoint of each Service. */
    readonly ports: Readonly<Record<number, readonly number[]>>;
    readonly spec?: Partial<Service['spec']>;
    readonly addresses?: readonly string[];
  }

  /** A sync of Services with these node ports and endpoints on 127.0.0.1. */
  function show({ ports, spec = {}, addresses = ['127.0.0.0/8'] }: Shown): void {
    const objects = Object.entries(ports).flatMap(([nodePort, targets], i) => [
      service(`web-${i}`, {
        ...{ type: 'NodePort', clusterIP: `10.96.0.${i + 1}` },
        ports: [{ port: 80, nodePort: Number(nodePort) }],
        ...spec,
      }),
      ...targets.map((port) =>
        slice(`web-${i}`, [{ addresses: ['127.0.0.1'], nodeName: 'here' } as EndpointSpec], {
          metadata: {
            ...{ name: `web-${i}-${port}`, namespace: 'shop' },
            labels: { 'kubernetes.io/service-name': `web-${i}` },
          },
          ports: [{ port, protocol: 'TCP' }],
        }),
      ),
    ]);
    const model = modelOf(objects, {
      backend: { nodePortAddresses: cidrs(...addresses), checksLoopback: true },
    });
    listeners.synced({ family: 'IPv4', model });
  }

  /** An endpoint that greets each client with a name. */
  async function endpoint(name: string): Promise<number> {
    const { backend, port } = await Backend.open((socket) => socket.write(name));
    opened.push(backend);
    return port;
  }

  /** A client and the first that it hears; `''` where the connection is closed or refused. */
  async function ask(port: number): Promise<{ socket: Socket; heard: string }> {
    const socket = connect({ host: '127.0.0.1', port });
    opened.push(socket);
    const heard = await new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('error', () => resolve(''));
      socket.once('close', () => resolve(''));
    });
    return { socket, heard };
  }

  async function openPorts(count: number): Promise<void> {
    await until(
      () => listeners.listening().get('IPv4') === count,
      () => `${count} ports are open: ${listeners.listening().get('IPv4')}`,
    );
  }

  /** What was noticed, as `code: message`. */
  const said = (): readonly string[] => noticed.map(({ code, message }) => `${code}: ${message}`);

  it('opens what a sync before the start asked for', async () => {
    const port = await freePort();
    show({ ports: { [port]: [await endpoint('a')] } });
    expect([...listeners.listening()]).to.deep.equal([['IPv4', 0]]);
    run();
    await openPorts(1);
    expect((await ask(port)).heard).to.equal('a');
    expect(said()).to.deep.equal([]);
  });

  it('opens and closes with Services and with their endpoints', async () => {
    run();
    const [one, two] = [await freePort(), await freePort()];
    const [a, b] = [await endpoint('a'), await endpoint('b')];
    show({ ports: { [one]: [a], [two]: [b] } });
    await openPorts(2);
    const { socket } = await ask(one);
    const over = closed(socket);
    const kept = await ask(two);
    show({ ports: { [one]: [], [two]: [b] } });
    await openPorts(1);
    await over;
    expect((await ask(one)).heard).to.equal('');
    show({ ports: { [one]: [b], [two]: [] } });
    await openPorts(1);
    expect((await ask(one)).heard).to.equal('b');
    await closed(kept.socket);
  });

  it('sends new connections to other endpoints, and keeps those that are open', async () => {
    run();
    const port = await freePort();
    const [a, b] = [await endpoint('a'), await endpoint('b')];
    show({ ports: { [port]: [a] } });
    await openPorts(1);
    const { socket } = await ask(port);
    show({ ports: { [port]: [b] } });
    expect((await ask(port)).heard).to.equal('b');
    expect(socket.destroyed).to.equal(false);
  });

  it('keeps one endpoint for all clients with session affinity', async () => {
    // The clock's chance is always the first, so that only affinity can lead elsewhere.
    run();
    const port = await freePort();
    const targets = [await endpoint('a'), await endpoint('b')].toSorted((x, y) => x - y);
    const [low = 0, high = 0] = targets;
    const spec = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
    } as const;
    show({ ports: { [port]: [high] }, spec });
    await openPorts(1);
    const first = (await ask(port)).heard;
    show({ ports: { [port]: [low, high] }, spec });
    clock.pass(9);
    expect((await ask(port)).heard).to.equal(first);
    clock.pass(11);
    expect((await ask(port)).heard).to.not.equal(first);
  });

  it('tries a port that is taken at each sync and after a time, counts that, and reports it once', async () => {
    run();
    const other = createServer();
    opened.push(other);
    const port = await listening(other);
    const target = await endpoint('a');
    const failures = (count: number): Promise<void> =>
      until(() => listeners.failures().get('IPv4') === count);
    show({ ports: { [port]: [target] } });
    await failures(1);
    show({ ports: { [port]: [target] } });
    await failures(2);
    clock.pass(RETRY);
    await failures(3);
    const taken = `loopback-port-taken: node port ${port} cannot be served on 127.0.0.1: listen tcp 127.0.0.1:${port}: bind: address already in use`;
    expect(said()).to.deep.equal([taken]);
    expect(noticed[0]?.object).to.deep.equal({ kind: 'Service', namespace: 'shop', name: 'web-0' });
    await new Promise((resolve) => other.close(resolve));
    clock.pass(RETRY);
    await openPorts(1);
    expect((await ask(port)).heard).to.equal('a');
    expect(said().slice(1)).to.deep.equal([
      `loopback-port-open: node port ${port} is served on 127.0.0.1 now`,
    ]);
  });

  it('does not open a port that is no longer wanted when it could be opened', async () => {
    run();
    const port = await freePort();
    show({ ports: { [port]: [await endpoint('a')] } });
    show({ ports: {} });
    // What is opened later shows that the first one had its time.
    const later = await freePort();
    show({ ports: { [later]: [await endpoint('b')] } });
    await openPorts(1);
    expect((await ask(port)).heard).to.equal('');
    expect([...listeners.failures()]).to.deep.equal([]);
  });

  it('opens as many ports as descriptors are left for', async () => {
    run({ listeners: 1 });
    const ports = [await freePort(), await freePort()].toSorted((a, b) => a - b);
    const target = await endpoint('a');
    show({ ports: Object.fromEntries(ports.map((port) => [port, [target]])) });
    await openPorts(1);
    expect(said()).to.deep.equal([
      `loopback-port-taken: node port ${ports[1]} cannot be served on 127.0.0.1: as many ports are open as the limit of open files allows: 1`,
    ]);
    expect(listeners.failures().get('IPv4')).to.equal(1);
  });

  it('closes connections beyond the limit, and takes new ones when others end', async () => {
    run({ connections: 2 });
    const port = await freePort();
    show({ ports: { [port]: [await endpoint('a')] } });
    await openPorts(1);
    const [first] = [await ask(port), await ask(port)];
    expect((await ask(port)).heard).to.equal('');
    expect((await ask(port)).heard).to.equal('');
    const full =
      'loopback-connections-full: 2 connections to node ports on loopback addresses are open: new ones are closed';
    expect(said()).to.deep.equal([full]);
    first.socket.resetAndDestroy();
    await until(async () => (await ask(port)).heard === 'a');
    clock.pass(RETRY);
    await new Promise(setImmediate);
    expect((await ask(port)).heard).to.equal('');
    await until(() => said().length === 2);
    expect(said()).to.deep.equal([full, full]);
  });

  it('a connection that hangs holds up no other', async () => {
    run();
    const port = await freePort();
    const { backend, port: silent } = await Backend.open((socket) => socket.pause());
    opened.push(backend);
    show({ ports: { [port]: [silent] } });
    await openPorts(1);
    const hanging = connect({ host: '127.0.0.1', port });
    opened.push(hanging);
    hanging.write(Buffer.alloc(8_000_000));
    await until(() => backend.sockets.length === 1);
    show({ ports: { [port]: [await endpoint('a')] } });
    expect((await ask(port)).heard).to.equal('a');
  });

  it('opens nothing where nodePortAddresses does not name loopback', async () => {
    run();
    const port = await freePort();
    show({ ports: { [port]: [await endpoint('a')] }, addresses: ['0.0.0.0/0'] });
    expect([...listeners.listening()]).to.deep.equal([]);
    expect((await ask(port)).heard).to.equal('');
  });

  it('closes everything at the end', async () => {
    run();
    const port = await freePort();
    show({ ports: { [port]: [await endpoint('a')] } });
    await openPorts(1);
    const { socket } = await ask(port);
    const over = closed(socket);
    ending.abort();
    await running;
    await over;
    expect((await ask(port)).heard).to.equal('');
  });
});
