/**
 * The process that runs inside a namespace. As a pod (arguments: its name, and where it listens) it
 * answers every TCP connection and UDP datagram with `podname clientip clientport`; in every role
 * it sends the probes that its parent asks for, and it ends when the parent does.
 */

import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6 } from 'node:net';
import type { Listening, Outcome, Probe, ProbeReply, ProbeRequest } from './station-protocol.js';

type Result =
  | { readonly kind: 'answer'; readonly by: string; readonly sourceSeen: string }
  | { readonly kind: 'refused' | 'timeout' }
  | { readonly kind: 'error'; readonly message: string };

const CONCURRENT_PROBES = 64;

function greeting(name: string, address = '', port = 0): string {
  return `${name} ${address} ${port}`;
}

async function serve(name: string, { addresses, port }: Listening): Promise<void> {
  await Promise.all(
    addresses.flatMap((address) => [serveTcp(name, address, port), serveUdp(name, address, port)]),
  );
}

function serveTcp(name: string, address: string, port: number): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(greeting(name, socket.remoteAddress, socket.remotePort));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: isIPv6(address) }, resolve);
  });
}

function serveUdp(name: string, address: string, port: number): Promise<void> {
  const socket = createSocket(
    isIPv6(address) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' },
  );
  socket.on('message', (_, client) =>
    socket.send(greeting(name, client.address, client.port), client.port, client.address),
  );
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
}

function readGreeting(text: string): Result {
  const [by, sourceSeen] = text.split(' ');
  return by && sourceSeen
    ? { kind: 'answer', by, sourceSeen }
    : { kind: 'error', message: `not a pod's answer: ${JSON.stringify(text)}` };
}

function readError(error: Error): Result {
  return 'code' in error && error.code === 'ECONNREFUSED'
    ? { kind: 'refused' }
    : { kind: 'error', message: error.message };
}

/**
 * One source port after the other unless one is asked for, so that no probe rides on the connection
 * tracking of another.
 */
const lastPort = { tcp: 20_000, udp: 20_000 };
function sourcePort({ transport, sourcePort: wanted }: Probe): number {
  if (wanted !== undefined) return wanted;
  lastPort[transport] = lastPort[transport] < 65_000 ? lastPort[transport] + 1 : 20_001;
  return lastPort[transport];
}

function sendTcp(probe: Probe, done: (result: Result) => void): () => void {
  const source = probe.source === undefined ? {} : { localAddress: probe.source };
  const socket = connect({
    host: probe.host,
    port: probe.port,
    localPort: sourcePort(probe),
    ...source,
  });
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('end', () => done(readGreeting(text)));
  socket.on('error', (error) => done(readError(error)));
  return () => socket.destroy();
}

function sendUdp(probe: Probe, done: (result: Result) => void): () => void {
  const socket = createSocket(isIPv6(probe.host) ? 'udp6' : 'udp4');
  // A connected socket receives only from the address it sent to, and reports ICMP errors.
  socket.on('message', (message) => done(readGreeting(message.toString())));
  socket.on('error', (error) => done(readError(error)));
  socket.on('connect', () =>
    socket.send('?', (error) => {
      // EPERM: a rule of this very machine dropped the datagram, which is silence like any other
      // drop.
      if (error && !('code' in error && error.code === 'EPERM')) done(readError(error));
    }),
  );
  socket.bind(sourcePort(probe), probe.source, () => socket.connect(probe.port, probe.host));
  return () => socket.close();
}

function send(probe: Probe): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    let settled = false;
    const done = (result: Result) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      release();
      resolve({ ...result, ms: Math.round(performance.now() - start) });
    };
    const timer = setTimeout(() => done({ kind: 'timeout' }), probe.timeoutMs);
    const release = (probe.transport === 'tcp' ? sendTcp : sendUdp)(probe, done);
  });
}

async function sendAll(probes: readonly Probe[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = probes.entries();
  const worker = async () => {
    for (const [i, probe] of queue) outcomes[i] = await send(probe);
  };
  await Promise.all(Array.from({ length: CONCURRENT_PROBES }, worker));
  return outcomes;
}

process.on('disconnect', () => process.exit(0));
process.on('message', async (request: ProbeRequest) => {
  const reply: ProbeReply = { id: request.id, outcomes: await sendAll(request.probes) };
  process.send?.(reply);
});

const [, , name, listening] = process.argv;
if (name && listening) await serve(name, JSON.parse(listening));
process.send?.('ready');
