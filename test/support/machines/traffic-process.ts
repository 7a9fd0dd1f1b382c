/**
 * The process behind traffic.ts: servers that start and stop on the addresses of its namespace, or
 * steady streams of connections.
 */

import { connect, createServer, type Server } from 'node:net';
import {
  type Connection,
  now,
  type TrafficCommand,
  type TrafficReply,
} from './traffic-protocol.js';

/** Milliseconds of silence after which a connection is lost; far more than a busy machine takes. */
const PATIENCE = 30_000;
/** Connections that may wait to be accepted: more than any test opens in a second. */
const BACKLOG = 4096;
/** How often the stream looks how many connections are due, in milliseconds. */
const TICK = 4;

const servers = new Map<string, Server>();

function serve(address: string, port: number): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(address);
  });
  servers.set(address, server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, backlog: BACKLOG }, resolve);
  });
}

function end(address: string): Promise<void> {
  const server = servers.get(address);
  servers.delete(address);
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}

function ask(host: string, port: number): Promise<Connection> {
  const start = now();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let by = '';
    let error = '';
    socket.setEncoding('latin1');
    socket.setTimeout(PATIENCE, () => {
      error = 'timeout';
      socket.destroy();
    });
    socket.on('data', (text: string) => {
      by += text;
    });
    socket.on('error', (reason) => {
      error = reason.message;
    });
    socket.on('close', () => resolve({ start, end: now(), to: host, by, error }));
  });
}

let connections: Promise<Connection>[] = [];
let streams: ReturnType<typeof setInterval>[] = [];

function openStream(host: string, port: number, perSecond: number): void {
  const start = now();
  let opened = 0;
  const stream = setInterval(() => {
    const due = ((now() - start) / 1000) * perSecond;
    for (; opened < due; opened++) connections.push(ask(host, port));
  }, TICK);
  streams.push(stream);
}

async function closeStreams(): Promise<readonly Connection[]> {
  for (const stream of streams) clearInterval(stream);
  streams = [];
  const done = await Promise.all(connections);
  connections = [];
  return done;
}

async function carryOut(command: TrafficCommand): Promise<readonly Connection[]> {
  switch (command.kind) {
    case 'serve':
      await serve(command.address, command.port);
      return [];
    case 'end':
      await end(command.address);
      return [];
    case 'connect':
      openStream(command.host, command.port, command.perSecond);
      return [];
    case 'stop':
      return closeStreams();
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', async (command: TrafficCommand) => {
  const reply: TrafficReply = { id: command.id, connections: await carryOut(command) };
  process.send?.(reply);
});
process.send?.('ready');
