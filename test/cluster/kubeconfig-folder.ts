/** A folder with kubeconfigs for the time of a suite, and the errors that they end in. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ConnectOptions, connect } from '../../src/cluster/connection.js';
import { ClusterError } from '../../src/errors.js';

export const CONFIG = `
apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: { cluster: c1, user: u1, namespace: shop }
- name: two
  context: { cluster: c2, user: u2 }
- name: nobody
  context: { cluster: c1 }
- name: lost
  context: { cluster: c3, user: u1 }
clusters:
- name: c1
  cluster: { server: 'https://10.0.0.1:6443/' }
- name: c2
  cluster: { server: 'https://10.0.0.2:6443/base', insecure-skip-tls-verify: true, tls-server-name: kubernetes }
users:
- name: u1
  user: { token: secret }
- name: u2
  user: { username: me, password: pw, as: other }
`;

export interface KubeconfigFolder {
  readonly path: string;
  /** The path of a file in it. */
  readonly of: (name: string) => string;
  /** Writes a file, with the folders that it is in, and returns its path. */
  readonly write: (name: string, text: string) => Promise<string>;
}

/** Makes it before the tests of a suite, with {@link CONFIG} in the file `config`. */
export function kubeconfigFolder(): KubeconfigFolder {
  let path = '';
  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'vipc-connect-'));
    await writeFile(join(path, 'config'), CONFIG);
  });
  after(() => rm(path, { recursive: true }));
  const of = (name: string): string => join(path, name);
  return {
    get path() {
      return path;
    },
    of,
    write: async (name, text) => {
      await mkdir(dirname(of(name)), { recursive: true });
      await writeFile(of(name), text);
      return of(name);
    },
  };
}

/** The error of connecting, or of the credentials of the first request. */
export async function connectFailure(
  options: Partial<ConnectOptions>,
  ask = false,
): Promise<ClusterError> {
  try {
    const connection = await connect({ environment: {}, ...options });
    if (ask) await connection.authorise();
  } catch (error) {
    if (error instanceof ClusterError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}
