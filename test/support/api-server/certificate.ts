/**
 * Makes a certificate, X.509 in DER, so that tests need no openssl and the repository holds no key.
 */

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface Certificate {
  /** PEM; self-signed, so it is also the authority's. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

function objectId(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'));
}

function newYear(year: number): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(`${year}0101000000Z`));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const all = [...left, ...zeros, ...right].map((group) => group.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}

/** GeneralName: an address or a DNS name. */
function generalName(name: string): Buffer {
  return isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressBytes(name));
}

function extension(id: string, ...value: readonly Buffer[]): Buffer {
  return der(SEQUENCE, objectId(id), der(OCTET_STRING, ...value));
}

/**
 * A new key and a certificate over it for these names and addresses, valid at any time to which a
 * test may set its clock.
 */
export function makeCertificate(names: readonly string[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, objectId(ECDSA_WITH_SHA256));
  const commonName = der(UTF8_STRING, Buffer.from('kube-apiserver'));
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, objectId(COMMON_NAME), commonName)));
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const authority = extension(BASIC_CONSTRAINTS, der(SEQUENCE, Buffer.from([0x01, 0x01, 0xff])));
  const alternatives = extension(SUBJECT_ALT_NAME, der(SEQUENCE, ...names.map(generalName)));
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    algorithm,
    subject,
    der(SEQUENCE, newYear(2020), newYear(2100)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, authority, alternatives)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const whole = der(SEQUENCE, body, algorithm, der(BIT_STRING, signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
