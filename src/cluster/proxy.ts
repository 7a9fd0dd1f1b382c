/** Proxies: which one to use for a server, and connections through it. */

import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { BlockList, isIP, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClusterError } from '../errors.js';
import { quote } from '../input/value.js';

/** Milliseconds that a proxy has to connect to the server. */
const TIMEOUT = 30_000;

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a server by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or their lower-case names, with
 * the rules of Go's `httpproxy`: none for loopback and for what NO_PROXY lists. Throws ClusterError
 * for what is no URL, or has another scheme than those of Go's `net/http` (documentation of
 * `Transport.Proxy`): socks5h means the same as socks5.
 */
export function environmentProxy(server: URL, variables: Variables): URL | undefined {
  const nameOf = (name: string): string => (variables[name] ? name : name.toLowerCase());
  const name = nameOf(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const proxy = variables[name] ?? '';
  if (proxy === '' || isDirect(server, variables[nameOf('NO_PROXY')] ?? '')) return undefined;
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  return parseProxy(url, name, [...SCHEMES, 'socks5h']);
}

function isDirect(server: URL, noProxy: string): boolean {
  const host = hostOf(server);
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  if (host === 'localhost' || isIn(loopback, host)) return true;
  const entries = noProxy.toLowerCase().split(',');
  return entries.some((entry) => excludes(entry.trim(), host, String(portOf(server))));
}

/**
 * Whether an entry of NO_PROXY matches a host: `*`, a CIDR, or with or without a port an address,
 * `example.com` with its subdomains, `.example.com` for subdomains only.
 */
function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '' || entry === '*') return entry === '*';
  if (entry.includes('/')) return isInCidr(entry, host);
  const [, bracketed, plain, itsPort = port] =
    /^(?:\[([0-9a-f.:]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain ?? entry).replace(/^\*(?=\.)/, '');
  if (itsPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function isInCidr(cidr: string, host: string): boolean {
  const [address = '', prefix = ''] = cidr.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || !/^\d+$/.test(prefix)) return false;
  if (Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(address, Number(prefix), family);
  return isIn(subnet, host);
}

function isIn(list: BlockList, host: string): boolean {
  return isIP(host) !== 0 && list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

const SCHEMES = ['http', 'https', 'socks5'];

/**
 * The URL in `proxy-url` of a kubeconfig. Throws ClusterError with client-go's words for a scheme
 * that it refuses there (`parseProxyURL` in its tools/clientcmd/helpers.go): socks5h too.
 */
export function parseProxyUrl(text: string, place: string): URL {
  return parseProxy(text, place, SCHEMES);
}

function parseProxy(text: string, place: string, schemes: readonly string[]): URL {
  if (!URL.canParse(text))
    throw new ClusterError(`${place}: ${quote(withoutPassword(text))} is not a URL`);
  const proxy = new URL(text);
  const scheme = proxy.protocol.slice(0, -1);
  if (schemes.includes(scheme)) return proxy;
  const list = `${schemes.slice(0, -1).join(', ')}, or ${schemes.at(-1)}`;
  throw new ClusterError(`${place}: unsupported scheme ${quote(scheme)}, must be ${list}`);
}

/** A URL, valid or not, for messages: without user and password. */
export function withoutPassword(url: string): string {
  return url.replace(/^([^/?#]*\/\/)?[^/?#]*@/, '$1');
}

type Connected = (error: Error | null, stream: Duplex) => void;

/**
 * An agent whose connections go through a proxy. The proxy resolves the server's name; TLS is the
 * server's own.
 */
export function proxyAgent(proxy: URL, secure: boolean, options: AgentOptions): HttpAgent {
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const connectDirectly = agent.createConnection.bind(agent);
  agent.createConnection = (to: Target, connected: Connected): undefined => {
    const overTls = (socket: Socket): Duplex => {
      const options = { ...to, socket };
      return connectDirectly(options) ?? socket;
    };
    connectThrough(proxy, to, connected, secure ? overTls : (socket) => socket);
  };
  return agent;
}

/** What an agent passes for a new connection. */
interface Target {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
}

function connectThrough(
  proxy: URL,
  { host, port }: Target,
  connected: Connected,
  wrap: (socket: Socket) => Duplex,
): void {
  const to = { host: host ?? 'localhost', port: Number(port) };
  const open = proxy.protocol.startsWith('socks') ? openSocks : openConnect;
  open(proxy, to).then(
    (socket) => connected(null, wrap(socket)),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      const fault = new ClusterError(`proxy ${proxy.host}: ${reason}`, {}, { cause: error });
      // On a failure the agent reads nothing but the error.
      Reflect.apply(connected, undefined, [fault]);
    },
  );
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

async function openSocks(proxy: URL, to: Endpoint): Promise<Socket> {
  // Loaded on demand: few API servers are behind such a proxy.
  const { SocksClient } = await import('socks');
  const { username, password } = userOf(proxy);
  const { socket } = await SocksClient.createConnection({
    command: 'connect',
    destination: to,
    timeout: TIMEOUT,
    proxy: {
      ...{ type: 5, host: hostOf(proxy), port: Number(proxy.port || 1080) },
      ...(username === '' ? {} : { userId: username, password }),
    },
  });
  return socket;
}

function openConnect(proxy: URL, { host, port }: Endpoint): Promise<Socket> {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const { username, password } = userOf(proxy);
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const request = proxy.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request({
      ...{ host: hostOf(proxy), port: portOf(proxy), method: 'CONNECT', path: authority },
      ...{ timeout: TIMEOUT, agent: false },
      headers: {
        Host: authority,
        ...(username === '' ? {} : { 'Proxy-Authorization': `Basic ${basic}` }),
      },
    })
      .once('connect', ({ statusCode }, socket: Socket) => {
        if (statusCode === 200) resolve(socket);
        else socket.destroy();
        reject(new Error(`CONNECT ${authority} was answered with ${statusCode}`));
      })
      .once('response', ({ statusCode }) =>
        reject(new Error(`CONNECT ${authority} was answered with ${statusCode}`)),
      )
      .once('timeout', () => reject(new Error(`no response for ${TIMEOUT / 1000} s`)))
      .once('error', reject)
      .end();
  });
}

function userOf({ username, password }: URL): Pick<URL, 'username' | 'password'> {
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** Without the brackets of IPv6. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
