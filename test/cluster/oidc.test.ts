/**
 * The auth-provider oidc: its id-token while it is good, and a new one of the identity provider
 * afterwards.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Connection, connect } from '../../src/cluster/connection.js';
import { ClusterError } from '../../src/errors.js';
import { makeCertificate } from '../support/api-server/certificate.js';

const OLD = 1_000_000_000;
const GOOD = 32_503_680_000;

/** A token that nobody has signed; `exp` in seconds of the epoch. */
function token(exp: number, sub = 'me'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp, sub })}.`;
}

/** What a client asked the token endpoint. */
interface Asked {
  readonly authorization: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** An identity provider over TLS whose refresh tokens are good once: `r1`, `r2`, ... */
class IdentityProvider {
  readonly asked: Asked[] = [];
  /** Which way of sending the client's secret it knows. */
  takes: 'header' | 'field' = 'header';
  /** What the token endpoint says instead of tokens. */
  refuses: object | undefined;
  #next = 1;
  readonly #identity = makeCertificate(['127.0.0.1']);
  readonly #server: Server;

  constructor() {
    const { certificate: cert, key } = this.#identity;
    this.#server = createServer({ cert, key }, (request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      if (request.url === '/realm/.well-known/openid-configuration')
        return answer(200, { token_endpoint: `${this.url}/token` });
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        const fields = Object.fromEntries(new URLSearchParams(text));
        const { authorization } = request.headers;
        this.asked.push({ authorization, fields });
        const hasSecret =
          this.takes === 'header' ? authorization !== undefined : 'client_secret' in fields;
        if (!hasSecret) return answer(401, { error: 'invalid_client' });
        if (this.refuses !== undefined) return answer(400, this.refuses);
        if (fields.refresh_token !== `r${this.#next}`)
          return answer(400, { error: 'invalid_grant' });
        this.#next += 1;
        answer(200, {
          id_token: token(GOOD, `renewed ${this.#next}`),
          refresh_token: `r${this.#next}`,
        });
      });
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get certificate(): string {
    return this.#identity.certificate;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

describe('cluster/oidc', () => {
  let folder = '';
  let provider: IdentityProvider;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-oidc-'));
    provider = new IdentityProvider();
    await provider.listen();
  });
  afterEach(async () => {
    await provider.close();
    await rm(folder, { recursive: true });
  });

  const path = (): string => join(folder, 'config');
  const write = async (config: object): Promise<string> => {
    const text = JSON.stringify({
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'me' } }],
      clusters: [{ name: 'x', cluster: { server: 'https://10.0.0.1' } }],
      users: [{ name: 'me', user: { 'auth-provider': { name: 'oidc', config } } }],
    });
    await writeFile(path(), text);
    return text;
  };
  const renewable = (): Record<string, string> => ({
    'id-token': token(OLD),
    'refresh-token': 'r1',
    'client-id': 'kube:rnetes',
    'client-secret': 'hush/hush',
    'idp-issuer-url': `${provider.url}/realm/`,
    'idp-certificate-authority-data': Buffer.from(provider.certificate).toString('base64'),
  });
  const open = async (config: object): Promise<Connection> => {
    await write(config);
    return await connect({ kubeconfig: path(), environment: {} });
  };
  const bearer = async (connection: Connection): Promise<string> =>
    String((await connection.authorise()).headers.Authorization).replace('Bearer ', '');
  const failure = async (config: object): Promise<ClusterError> => {
    const connection = await open(config);
    const error = await bearer(connection).catch((caught: unknown) => caught);
    if (error instanceof ClusterError) return error;
    throw new Error(`no error: ${error}`);
  };

  it('is not contacted while the token is valid', async () => {
    const connection = await open({ ...renewable(), 'id-token': token(GOOD) });
    expect(await bearer(connection)).to.equal(token(GOOD));
    expect(provider.asked).to.deep.equal([]);
  });

  it('renews an expired token once for several requests, and leaves the file alone', async () => {
    const connection = await open(renewable());
    const before = await readFile(path(), 'utf8');
    const tokens = await Promise.all([bearer(connection), bearer(connection)]);
    tokens.push(await bearer(connection));
    expect(new Set(tokens)).to.deep.equal(new Set([token(GOOD, 'renewed 2')]));
    const credentials = Buffer.from('kube%3Arnetes:hush%2Fhush').toString('base64');
    expect(provider.asked).to.deep.equal([
      {
        authorization: `Basic ${credentials}`,
        fields: { grant_type: 'refresh_token', refresh_token: 'r1' },
      },
    ]);
    expect(await readFile(path(), 'utf8')).to.equal(before);
  });

  it('after a 401 renews with the refresh token that it got last', async () => {
    const connection = await open(renewable());
    await bearer(connection);
    connection.refused();
    expect(await bearer(connection)).to.equal(token(GOOD, 'renewed 3'));
    expect(provider.asked.at(-1)?.fields.refresh_token).to.equal('r2');
  });

  it('takes a new login from the file after a 401', async () => {
    const connection = await open(renewable());
    await bearer(connection);
    await write({ ...renewable(), 'id-token': token(GOOD, 'login'), 'refresh-token': 'other' });
    connection.refused();
    expect(await bearer(connection)).to.equal(token(GOOD, 'login'));
  });

  it('sends the secret as a field where the provider takes no header', async () => {
    provider.takes = 'field';
    expect(await bearer(await open(renewable()))).to.equal(token(GOOD, 'renewed 2'));
    expect(provider.asked.at(-1)).to.deep.equal({
      authorization: undefined,
      fields: {
        ...{ grant_type: 'refresh_token', refresh_token: 'r1' },
        ...{ client_id: 'kube:rnetes', client_secret: 'hush/hush' },
      },
    });
  });

  it('names the user, and what to do, where the token cannot be renewed', async () => {
    const without = (field: string): Record<string, string> => {
      const { [field]: _, ...rest } = renewable();
      return rest;
    };
    const place = `${path()}: users "me": auth-provider: config`;
    const expired = 'the id-token has expired at 2001-09-09T01:46:40.000Z';
    for (const field of ['refresh-token', 'idp-issuer-url', 'client-id']) {
      const error = await failure(without(field));
      expect(error.message).to.equal(`${place}: ${expired} and cannot be renewed without ${field}`);
      expect(error.hint).to.match(/^log in again/);
    }
    const none = await failure({});
    expect(none.message).to.match(/: the id-token is missing and cannot be renewed without/);
  });

  it('says what the identity provider answers, and trusts no other authority', async () => {
    provider.refuses = { error: 'invalid_grant', error_description: 'token\u001b[31m is used' };
    const refused = await failure(renewable());
    expect(refused.message).to.match(/renewing it failed: https:.* answered 400 .*invalid_grant/);
    expect(refused.message).not.to.include('\u001b');
    provider.refuses = undefined;
    const { 'idp-certificate-authority-data': _, ...untrusted } = renewable();
    expect((await failure(untrusted)).message).to.match(/renewing it failed: .*certificate/);
    const http = { ...renewable(), 'idp-issuer-url': 'http://127.0.0.1:1/' };
    expect((await failure(http)).message).to.match(/does not begin with https:\/\/$/);
  });
});
