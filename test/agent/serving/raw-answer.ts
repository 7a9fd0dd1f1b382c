/** One HTTP exchange as the bytes that came, and the recorded ones to compare them with. */

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const RECORDED = join(import.meta.dirname, '../../../fixtures/kube-proxy/http');

/** What came, as text; the head ends with an empty line. */
export interface RawAnswer {
  readonly head: string;
  readonly body: string;
  readonly bytes: Buffer;
}

/** Asks over a connection of its own that the server may keep, like curl. */
export function ask(
  port: number,
  path: string,
  {
    method = 'GET',
    host = '127.0.0.1',
    headers = '',
  }: { readonly method?: string; readonly host?: string; readonly headers?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(String(bytes))}`)));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.subarray(0, end).toString();
      const length = method === 'HEAD' ? 0 : Number(/^Content-Length: (\d+)/m.exec(head)?.[1] ?? 0);
      const body = bytes.subarray(end + 4);
      if (body.length < length) return;
      socket.removeAllListeners('close');
      socket.destroy();
      resolve({ head, body: body.toString(), bytes: body });
    });
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  });
}

/** An answer of kube-proxy. */
export function recorded(state: string, name: string): RawAnswer {
  const text = readFileSync(join(RECORDED, state, `${name}.txt`), 'utf8');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return { head, body, bytes: Buffer.from(body) };
}

/** The head without what depends on when and how much. */
export function stableHead({ head }: RawAnswer): string {
  return head
    .replace(/^(Date|Content-Length|Process-Start-Time-Unix): .*$/gm, '$1: …')
    .replaceAll('\r', '');
}

/**
 * A health body in which each time is replaced by what it is: the present, or a family's. Fails to
 * match itself only where the order of fields differs.
 */
export function stableHealth({ body }: RawAnswer): string {
  const times: { lastUpdated: string; currentTime: string; status: object } = JSON.parse(body);
  const families = Object.values(times.status).map(({ lastUpdated }) => String(lastUpdated));
  const newest = families.toSorted().at(-1);
  const what = times.lastUpdated === newest ? 'newest of the families' : 'present';
  if (what === 'present' && Date.parse(times.lastUpdated) < Date.parse(times.currentTime)) {
    throw new Error(`lastUpdated is before the present: ${body}`);
  }
  return body
    .replace(/^\{"lastUpdated":"[^"]*"/, `{"lastUpdated":"${what}"`)
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z/g, 'time');
}
