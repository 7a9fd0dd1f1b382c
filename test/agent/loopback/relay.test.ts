/** What one connection through the agent does with bytes, ends, failures and readers that stop. */

import { connect, createServer, type NetConnectOpts, type Server, Socket } from 'node:net';
import { expect } from 'chai';
import { type Relay, relay, SOCKET_OPTIONS } from '../../../src/agent/loopback/relay.js';
import { FakeClock } from '../../support/fake-clock.js';
import { until } from '../../support/until.js';
import { Backend, closed, endpointAt, freePort, listening, received } from './ports.js';

describe('agent/loopback/relay', () => {
  let clock: FakeClock;
  let server: Server;
  let clients: Socket[];
  let relays: Relay[];
  let backends: Backend[];

  beforeEach(() => {
    clock = new FakeClock();
    clients = [];
    relays = [];
    backends = [];
  });
  afterEach(async () => {
    for (const socket of clients) socket.destroy();
    for (const backend of backends) backend.close();
    for (const one of relays) one.close();
    await Promise.all(relays.map(({ closed: over }) => over));
    await new Promise((resolve) => server.close(resolve));
  });

  /** A client whose connection is passed on to the port. */
  async function client(
    target: number,
    dial?: (options: NetConnectOpts) => Socket,
  ): Promise<Socket> {
    server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true }, (socket) => {
      relays.push(relay(socket, endpointAt(target), { timers: clock, connect: dial }));
    });
    const socket = connect({
      host: '127.0.0.1',
      port: await listening(server),
      allowHalfOpen: true,
    });
    clients.push(socket);
    return socket;
  }

  async function backendAt(serve: (socket: Socket) => void): Promise<number> {
    const { backend, port } = await Backend.open(serve);
    backends.push(backend);
    return port;
  }

  it('passes the end of the client on, and then what the endpoint still answers', async () => {
    const port = await backendAt((socket) => {
      void received(socket).then((asked) => socket.end(`after the end of ${asked}`));
    });
    const socket = await client(port);
    socket.end('question');
    expect(await received(socket)).to.equal('after the end of question');
    await relays[0]?.closed;
  });

  it('passes the end of the endpoint on, and then what the client still says', async () => {
    let said: Promise<string> | undefined;
    const port = await backendAt((socket) => {
      said = received(socket);
      socket.end('greeting');
    });
    const socket = await client(port);
    expect(await received(socket)).to.equal('greeting');
    socket.end('after the end');
    await relays[0]?.closed;
    expect(await said).to.equal('after the end');
  });

  it('loses no byte of what is not read yet when one way ends', async () => {
    const long = 'x'.repeat(1_000_000);
    let said: Promise<string> | undefined;
    const port = await backendAt((socket) => {
      said = received(socket);
      socket.end(long);
    });
    const socket = await client(port);
    socket.end(long);
    expect((await received(socket)).length).to.equal(long.length);
    expect((await said)?.length).to.equal(long.length);
  });

  it('reads no more than the other side takes', async () => {
    const port = await backendAt((socket) => socket.pause());
    const socket = await client(port);
    const block = Buffer.alloc(65_536);
    const most = 64 * 1024 * 1024;
    let taken = 0;
    const fill = (): void => {
      while (taken < most && socket.write(block)) taken += block.length;
    };
    socket.on('drain', fill);
    fill();
    let still = 0;
    let last = -1;
    await until(() => {
      still = taken === last ? still + 1 : 0;
      last = taken;
      return still === 20;
    });
    expect(taken).to.be.lessThan(most);
  });

  it('ends the client where the endpoint refuses or breaks off', async () => {
    const refused = await client(await freePort());
    await closed(refused);
    server.close();
    const port = await backendAt((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const broken = await client(port);
    broken.write('question');
    await closed(broken);
    await Promise.all(relays.map(({ closed: over }) => over));
  });

  it('ends the endpoint where the client breaks off', async () => {
    let over: Promise<void> | undefined;
    const port = await backendAt((socket) => {
      socket.write('answer');
      over = closed(socket);
    });
    const socket = await client(port);
    socket.once('data', () => socket.resetAndDestroy());
    await relays[0]?.closed;
    await until(() => over !== undefined);
    await over;
  });

  it('gives an endpoint five seconds to answer', async () => {
    const silent = new Socket();
    const socket = await client(1, () => silent);
    await until(() => relays.length === 1);
    clock.pass(4.9);
    expect(silent.destroyed).to.equal(false);
    clock.pass(0.2);
    expect(silent.destroyed).to.equal(true);
    await closed(socket);
  });

  it('gives a connection that stands all the time', async () => {
    const port = await backendAt((socket) => socket.pipe(socket));
    const socket = await client(port);
    const echoed = received(socket);
    socket.write('one ');
    await until(() => socket.bytesRead === 4);
    clock.pass(1000);
    socket.end('two');
    expect(await echoed).to.equal('one two');
  });

  it('ends both sides when it is closed', async () => {
    const port = await backendAt((socket) => socket.pipe(socket));
    const socket = await client(port);
    const over = closed(socket);
    socket.write('hello');
    await until(() => socket.bytesRead === 5);
    relays[0]?.close();
    await over;
    await until(() => backends[0]?.sockets[0]?.readableEnded ?? false);
  });
});
