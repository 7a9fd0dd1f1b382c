/** A kubeconfig for the fake API server, so that tests go the way that a user's credentials go. */

import { writeFile } from 'node:fs/promises';
import type { Kubeconfig } from './types.js';

interface Access extends Kubeconfig {
  readonly url: string;
  readonly token: string;
  readonly certificate: string;
}

/**
 * Writes the file, which only its owner can read, and the token beside it where it is to be in a
 * file.
 */
export async function writeKubeconfig(path: string, access: Access): Promise<void> {
  const { certificate, credentials = 'token', name = 'test', namespace, token, url } = access;
  const tokenFile = `${path}.token`;
  if (credentials === 'tokenFile') await writeFile(tokenFile, token, { mode: 0o600 });
  const user = credentials === 'token' ? { token } : { tokenFile };
  const data = Buffer.from(certificate).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': data } }],
    users: [{ name, user }],
    contexts: [
      {
        name,
        context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) },
      },
    ],
  };
  // JSON is YAML.
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
