/**
 * The fake API server as a process of its own, in whichever network namespace it is started. Its
 * parent calls its methods over IPC, and it ends with its parent.
 */

import type { FromServer, ToServer } from './protocol.js';
import { startApiServer } from './server.js';
import type { ApiServer } from './types.js';

let server: ApiServer | undefined;

function reply(message: FromServer): void {
  process.send?.(message);
}

async function heard(message: ToServer): Promise<void> {
  if (message.kind === 'options') {
    server = await startApiServer(message.options);
    const { url, host, port, token, certificate } = server;
    reply({ kind: 'listening', listening: { url, host, port, token, certificate } });
    return;
  }
  const { id, method, args } = message.call;
  try {
    const called: unknown = server?.[method];
    if (typeof called !== 'function') throw new Error(`no method ${method}`);
    const result: unknown = await called(...args);
    reply({ kind: 'result', id, result });
  } catch (error) {
    reply({ kind: 'error', id, message: error instanceof Error ? error.message : String(error) });
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToServer) => void heard(message));
