/** The API of a real server, over HTTP/1.1. */

import type { Api } from './api.js';
import type { Connection } from './connection.js';

export interface HttpOptions {
  /** `vipc/0.1.0`: what the server's audit log shows. */
  readonly userAgent: string;
  /** Milliseconds that a request may take until its answer begins, and then between two pieces of it; 60,000 if absent. */
  readonly timeout?: number;
}

/** Requests to the server of a connection, over kept connections. */
export function openApi(connection: Connection, options: HttpOptions): Api {
  throw new Error(`not yet: ${connection.server} ${options.userAgent}`);
}
