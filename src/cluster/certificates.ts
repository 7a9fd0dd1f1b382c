/** Checks certificates and keys before TLS does: OpenSSL's errors name neither file nor field. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ClusterError, messageOf } from '../errors.js';
import { oneLine } from '../input/value.js';

/** PEM, and where it comes from: `/etc/kube/config: users "admin": client-key-data`. */
export interface Pem {
  readonly bytes: string | Buffer;
  readonly place: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Throws ClusterError where none of the certificates of an authority can be read. As in Go, others
 * beside it may be unreadable.
 */
export function checkAuthority({ bytes, place }: Pem): void {
  const blocks = String(bytes).match(CERTIFICATE) ?? [];
  if (blocks.length === 0)
    throw new ClusterError(`${place}: has no certificate in PEM`, {}, { hint: PEM_HINT });
  if (!blocks.some((block) => readCertificate(block) instanceof X509Certificate))
    throw new ClusterError(`${place}: no certificate in it can be read`);
}

/** Throws ClusterError for a client certificate, or a key, that cannot be used for TLS. */
export function checkKeyPair(cert: Pem, key: Pem): void {
  const [block] = String(cert.bytes).match(CERTIFICATE) ?? [];
  if (block === undefined)
    throw new ClusterError(`${cert.place}: has no certificate in PEM`, {}, { hint: PEM_HINT });
  const certificate = readCertificate(block);
  if (!(certificate instanceof X509Certificate))
    throw new ClusterError(`${cert.place}: the certificate cannot be read: ${certificate}`);
  if (!certificate.checkPrivateKey(readKey(key)))
    throw new ClusterError(`${key.place}: the private key is not that of the client certificate`);
}

const PEM_HINT = 'PEM has lines like -----BEGIN CERTIFICATE-----';

function readKey({ bytes, place }: Pem): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(String(bytes)))
    throw new ClusterError(
      `${place}: has no private key in PEM`,
      {},
      { hint: 'PEM has lines like -----BEGIN PRIVATE KEY-----' },
    );
  try {
    return createPrivateKey({ key: bytes, format: 'pem' });
  } catch (error) {
    const reason = oneLine(messageOf(error));
    throw new ClusterError(
      `${place}: the private key cannot be read: ${reason}`,
      {},
      { cause: error },
    );
  }
}

/** The certificate, or why it cannot be read. */
function readCertificate(pem: string): X509Certificate | string {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    return oneLine(messageOf(error));
  }
}
