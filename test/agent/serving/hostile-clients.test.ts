/**
 * Clients that would use up the agent: pipelined requests, answers that are not read, connections
 * that are kept for nothing.
 */

import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assert, expect } from 'chai';
import { answering, textAnswer } from '../../../src/agent/serving/answer.js';
import { metricsServer } from '../../../src/agent/serving/metrics-server.js';
import { Connections } from '../../../src/agent/serving/port.js';
import { systemClock } from '../../../src/host/clock.js';
import { DEFAULT_PROFILE } from '../../../src/profiles/profiles.js';
import { until } from '../../support/until.js';
import { ask } from './raw-answer.js';
import { LOOPBACK, Stage } from './stage.js';

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
/** Bytes: as much as 1,000 Services make. */
const TEXT = `# TYPE a counter\n${'a{b="c"} 1\n'.repeat(20_000)}`;
/** Requests of one connection that are taken before it is cut. */
const MOST_PIPELINED = 8;

describe('agent/serving: hostile clients', () => {
  let stage: Stage;
  let sockets: Socket[];
  let metrics: number;
  let health: number;
  let scrapes: number;
  let running: number;
  /** The query of each request to the metrics port. */
  let asked: string[];
  /** Whether a scrape goes on only when it is released. */
  let holding: boolean;
  let release: () => void;

  beforeEach(async () => {
    stage = new Stage();
    sockets = [];
    scrapes = 0;
    running = 0;
    asked = [];
    holding = false;
    health = await stage.serve(() => textAnswer('ok'), 8);
    const answerer = metricsServer({
      report: {
        page: async () => 'the page',
        service: (name) => (name === 'shop/web' ? '{}' : undefined),
      },
      ...{ mode: 'iptables', profile: DEFAULT_PROFILE, version: '1', configz: {}, flags: {} },
      clock: systemClock,
      metrics: async () => {
        scrapes += 1;
        running += 1;
        expect(running).to.equal(1);
        await new Promise<void>((resolve) => {
          if (holding) release = resolve;
          else setImmediate(resolve);
        });
        running -= 1;
        return TEXT;
      },
    });
    metrics = await stage.serve((question) => {
      asked.push(question.query.toString());
      return answerer(question);
    }, 30);
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await stage.end();
  });

  const open = (port: number): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: LOOPBACK, port }, () => resolve(socket));
      socket.on('error', reject);
      socket.on('error', () => {});
      sockets.push(socket);
    });
  const closed = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });

  it('1,700 pipelined requests are cut, and cost one scrape at most', async () => {
    const socket = await open(metrics);
    socket.resume();
    socket.on('error', () => {});
    socket.write(REQUEST.repeat(1700));
    await closed(socket);
    expect((await ask(health, '/livez')).body).to.equal('ok');
    expect(scrapes).to.be.lessThan(2);
  });

  it('of 1,700 pipelined requests no more than a few are parsed', async () => {
    let parsed = 0;
    const server = createServer(answering(() => textAnswer('ok')));
    server.on('request', () => {
      parsed += 1;
    });
    new Connections().watch(server);
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    try {
      const socket = await open((server.address() as AddressInfo).port);
      socket.resume();
      socket.write(REQUEST.repeat(1700));
      await closed(socket);
      expect(parsed).to.be.within(MOST_PIPELINED + 1, 64);
    } finally {
      server.close();
    }
  });

  it('requests that a connection sends ahead are answered one after the other', async () => {
    const socket = await open(metrics);
    let text = '';
    socket.setEncoding('latin1');
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (text.split('HTTP/1.1 200').length > MOST_PIPELINED) resolve();
      });
    });
    socket.write(REQUEST.repeat(MOST_PIPELINED));
    await all;
  });

  it('20 clients that never read share a scrape, and health is answered', async () => {
    holding = true;
    const attackers = await Promise.all(Array.from({ length: 20 }, () => open(metrics)));
    for (const socket of attackers) socket.pause().write(REQUEST.repeat(MOST_PIPELINED));
    // Requests of one connection follow each other: each has one that waits.
    while (asked.length < attackers.length) await new Promise(setImmediate);
    expect((await ask(health, '/livez')).body).to.equal('ok');
    for (let round = 1; round <= MOST_PIPELINED; round++) {
      const answer = ask(metrics, `/metrics?${round}`);
      while (scrapes < round || !asked.includes(`${round}=`)) await new Promise(setImmediate);
      // Whoever was answered in the last round and asked again waits for this one.
      expect(scrapes).to.equal(round);
      release();
      expect((await answer).body).to.equal(TEXT);
    }
  });

  it('300 idle connections keep no probe out, and only the newest stay', async () => {
    const idle: Socket[] = [];
    for (let i = 0; i < 300; i++) idle.push(await open(health));
    expect((await ask(health, '/livez')).body).to.equal('ok');
    for (const socket of idle) socket.resume();
    await Promise.all(idle.slice(0, 292).map(closed));
    expect(idle.filter((socket) => !socket.closed).length).to.be.at.most(8);
  });

  it('a connection beyond the limit replaces the oldest at once, not when it is idle for long', async () => {
    const server = createServer();
    new Connections(8).watch(server);
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    try {
      const { port } = server.address() as AddressInfo;
      // This server has no time after which it closes an idle connection.
      server.timeout = 0;
      server.requestTimeout = 0;
      server.headersTimeout = 0;
      const idle: Socket[] = [];
      for (let i = 0; i < 20; i++) idle.push((await open(port)).resume());
      await Promise.all(idle.slice(0, 12).map(closed));
      expect(idle.slice(12).filter((socket) => socket.closed)).to.deep.equal([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('new connections wait after a turn of the event loop with too many requests, and are read then', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    let came = 0;
    let read = 0;
    let waited = 0;
    server.on('connection', () => {
      read += 1;
    });
    new Connections().watch(server);
    server.on('connection', (socket: Socket) => {
      socket.once('data', () => {
        came += 1;
        if (read < came) waited += 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    try {
      const { port } = server.address() as AddressInfo;
      for (let i = 0; waited < 3 && i < 100; i++) {
        const socket = await open(port);
        const answered = new Promise((resolve) => socket.once('data', resolve));
        socket.write(REQUEST.repeat(1700));
        const others = [ask(port, '/'), ask(port, '/')];
        await answered;
        socket.destroy();
        for (const { body } of await Promise.all(others)) expect(body).to.equal('ok');
      }
      expect(waited).to.be.at.least(3);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('connections that are reset before anything came do not end the agent', async () => {
    for (let i = 0; i < 20; i++) (await open(health)).resetAndDestroy();
    expect((await ask(health, '/livez')).body).to.equal('ok');
  });

  it('300 requests that never end keep no probe out', async () => {
    for (let i = 0; i < 300; i++) (await open(health)).write('GET /livez HTTP/1.1\r\nX: ');
    expect((await ask(health, '/livez')).body).to.equal('ok');
  });

  for (const [what, head, piece] of [
    ['a body that does not end', 'Content-Length: 99999999999', 'x'.repeat(65_536)],
    [
      'a chunked body that does not end',
      'Transfer-Encoding: chunked',
      `8000\r\n${'x'.repeat(32_768)}\r\n`,
    ],
    ['headers that do not end', 'X: y', 'Z: z\r\n'.repeat(1000)],
  ] as const)
    it(`cut: ${what}`, async () => {
      const socket = await open(health);
      socket.resume();
      socket.write(
        `POST /livez HTTP/1.1\r\nHost: x\r\n${head}\r\n${head === 'X: y' ? '' : '\r\n'}`,
      );
      const send = (): void => {
        if (!socket.destroyed) socket.write(piece, () => setImmediate(send));
      };
      send();
      await closed(socket);
      expect((await ask(health, '/livez')).body).to.equal('ok');
    });

  for (const [what, request, answer] of [
    ['HTTP/1.0', 'GET /livez HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok$/s],
    ['no HTTP', '\0\x01 nonsense\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
    ['a header of 20 KB', `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n', /^$/],
  ] as const)
    it(`answered once, and closed: ${what}`, async () => {
      const socket = await open(health);
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.write(request);
      await closed(socket);
      expect(text).to.match(answer);
    });

  it('many connections of one address replace none of another', async () => {
    const probe = connect({ host: LOOPBACK, port: health, localAddress: '127.0.0.2' });
    sockets.push(probe);
    await once(probe, 'connect');
    for (let i = 0; i < 20; i++) (await open(health)).resume();
    const answer = once(probe, 'data');
    probe.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await answer)).to.match(/^HTTP\/1\.1 200 OK/);
  });

  it('what was not read yet stays before what was', async () => {
    const { arrive, busy, server, gone } = await afterLongTurn(3);
    for (const name of ['first', 'second']) arrive(name);
    server.emit('request', { socket: busy });
    for (const name of ['third', 'fourth']) arrive(name);
    expect(gone).to.deep.equal(['busy', 'first']);
  });

  it('the first that is read after a rest is of an address with few connections', async () => {
    const { arrive, read } = await afterLongTurn(10);
    for (const name of ['first', 'second', 'third']) arrive(name);
    arrive('probe', '127.0.0.2');
    await until(() => read.length === 4);
    expect(read).to.deep.equal(['probe', 'first', 'second', 'third']);
  });

  it('a few connections are read in a turn, the others in later ones', async () => {
    const { arrive, given, read } = watched(20);
    const names = Array.from({ length: 10 }, (_, i) => String(i));
    for (const name of names) arrive(name);
    expect(given.length).to.equal(4);
    while (read.length < names.length) await new Promise(setImmediate);
    expect(read).to.deep.equal(names);
  });

  it('a connection in use outlives idle ones', async () => {
    const used = await open(health);
    let answers = 0;
    used.on('data', () => {
      answers += 1;
    });
    for (let i = 0; i < 20; i++) {
      const before = answers;
      used.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      while (answers === before) await new Promise(setImmediate);
      for (let j = 0; j < 3; j++) await open(health);
    }
    expect(used.closed).to.equal(false);
  });
});

/** Connections that come when they are told to. */
interface Watched {
  /** A connection on which something comes at once. */
  readonly arrive: (name: string, address?: string) => void;
  readonly server: Server;
  /** Connections that were given to be read. */
  readonly given: readonly Duplex[];
  /** What came on them. */
  readonly read: string[];
  /** Connections that were ended. */
  readonly gone: readonly string[];
}

function watched(limit: number): Watched {
  const server = Object.assign(new EventEmitter(), { timeout: 0 }) as Server;
  const given: Duplex[] = [];
  const read: string[] = [];
  const gone: string[] = [];
  server.on('connection', (stream: Duplex) => {
    given.push(stream);
    stream.on('data', (name: Buffer) => read.push(String(name)));
  });
  new Connections(limit).watch(server);
  const arrive = (name: string, remoteAddress: string = LOOPBACK): void => {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress,
      pause: () => {},
      resume: () => {},
      setTimeout: () => {},
      destroy: () => gone.push(name),
    });
    server.emit('connection', socket as unknown as Socket);
    socket.emit('data', Buffer.from(name));
  };
  return { arrive, server, given, read, gone };
}

/** The same, after one of them has kept the event loop for long: new ones have to wait. */
async function afterLongTurn(limit: number): Promise<Watched & { readonly busy: Duplex }> {
  const connections = watched(limit);
  const { arrive, server, given, read } = connections;
  arrive('busy');
  const [busy = assert.fail()] = given;
  while (read.pop() === undefined) await new Promise(setImmediate);
  for (let i = 0; i < 100; i++) server.emit('request', { socket: busy });
  // The longer such a turn is, the longer new connections are not read.
  const end = systemClock.now() + 50;
  while (systemClock.now() < end);
  await new Promise(setImmediate);
  return { ...connections, busy };
}
