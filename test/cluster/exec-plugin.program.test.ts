/**
 * Exec credential plugins: scripts run with client-go's rules, and the ways in which they can fail.
 */

import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Connection, type ConnectOptions, connect } from '../../src/cluster/connection.js';
import { ClusterError } from '../../src/errors.js';
import type { Command, Host } from '../../src/host/host.js';
import { SystemHost } from '../../src/host/system-host.js';
import { makeCertificate } from '../support/api-server/certificate.js';
import { until } from '../support/until.js';

const V1 = 'client.authentication.k8s.io/v1';
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

describe('cluster/exec-plugin', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-exec-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const kubeconfig = (): string => join(folder, 'config');
  const place = (): string => `${kubeconfig()}: users "me": exec`;
  const executable = (): string => `${place()}: executable ${join(folder, 'plugin')}`;

  /** A connection whose user has this plugin; what the script prints is what the plugin answers. */
  const open = async (
    script: string,
    exec: object = {},
    options: Partial<ConnectOptions> = {},
    entries: { readonly cluster?: object; readonly user?: object } = {},
  ): Promise<Connection> => {
    await writeFile(join(folder, 'plugin'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'plugin'), 0o755);
    const plugin = { apiVersion: V1, interactiveMode: 'Never', command: './plugin', ...exec };
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'me' } }],
      clusters: [{ name: 'x', cluster: { server: 'https://10.0.0.1:6443', ...entries.cluster } }],
      users: [{ name: 'me', user: { exec: plugin, ...entries.user } }],
    };
    await writeFile(kubeconfig(), JSON.stringify(config));
    return await connect({ kubeconfig: kubeconfig(), environment: {}, ...options });
  };
  const answer = (status: object | undefined, apiVersion: string | undefined = V1): string => {
    const text = JSON.stringify({ kind: 'ExecCredential', apiVersion, status });
    return `cat <<'END'\n${text}\nEND`;
  };
  const failure = async (...given: Parameters<typeof open>): Promise<ClusterError> => {
    const error = await open(...given)
      .then((connection) => connection.authorise())
      .catch((caught: unknown) => caught);
    if (error instanceof ClusterError) return error;
    throw new Error(`no ClusterError: ${JSON.stringify(error)}`);
  };

  for (const apiVersion of [V1, V1BETA1]) {
    it(`takes a token of ${apiVersion}`, async () => {
      const connection = await open(answer({ token: 'secret' }, apiVersion), { apiVersion });
      expect(await connection.authorise()).to.deep.equal({
        headers: { Authorization: 'Bearer secret' },
        tls: {},
      });
    });
  }

  it('takes a client certificate with its key, beside a token or alone', async () => {
    const { certificate, key } = makeCertificate(['me']);
    const pair = { clientCertificateData: certificate, clientKeyData: key };
    const alone = await open(answer(pair));
    expect(await alone.authorise()).to.deep.equal({ headers: {}, tls: { cert: certificate, key } });
    const both = await open(answer({ ...pair, token: 't' }));
    expect(await both.authorise()).to.deep.equal({
      headers: { Authorization: 'Bearer t' },
      tls: { cert: certificate, key },
    });
  });

  it('prefers what the kubeconfig itself holds, as client-go does', async () => {
    const own = makeCertificate(['me']);
    const given = makeCertificate(['me']);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const script = answer({
      token: 'given',
      clientCertificateData: given.certificate,
      clientKeyData: given.key,
    });
    const user = {
      token: 'own',
      'client-certificate-data': base64(own.certificate),
      'client-key-data': base64(own.key),
    };
    const { headers, tls } = await (await open(script, {}, {}, { user })).authorise();
    expect(headers).to.deep.equal({ Authorization: 'Bearer own' });
    expect(String(tls.cert)).to.equal(own.certificate);
    expect(String(tls.key)).to.equal(own.key);
  });

  it('gives arguments, variables and KUBERNETES_EXEC_INFO, which no variable replaces', async () => {
    const seen = join(folder, 'seen');
    const script = `printf '%s\\n' "$1" "$2" "$WORD" "$KUBERNETES_EXEC_INFO" > ${seen}\n${answer({ token: 't' })}`;
    const env = [
      { name: 'WORD', value: 'a b' },
      { name: 'KUBERNETES_EXEC_INFO', value: 'mine' },
    ];
    await (await open(script, { args: ['--x', '$HOME'], env })).authorise();
    const [first, second, word, info = ''] = (await readFile(seen, 'utf8')).split('\n');
    expect([first, second, word]).to.deep.equal(['--x', '$HOME', 'a b']);
    expect(JSON.parse(info)).to.deep.equal({
      kind: 'ExecCredential',
      apiVersion: V1,
      spec: { interactive: false },
    });
  });

  it('gives a plugin the cluster where provideClusterInfo is set', async () => {
    const seen = join(folder, 'seen');
    const script = `printf '%s' "$KUBERNETES_EXEC_INFO" > ${seen}\n${answer({ token: 't' })}`;
    const { certificate } = makeCertificate(['x']);
    await writeFile(join(folder, 'ca.crt'), certificate);
    const cluster = {
      'certificate-authority': 'ca.crt',
      'tls-server-name': 'kubernetes',
      'proxy-url': 'http://proxy:3128',
      'disable-compression': true,
      extensions: [
        { name: 'other', extension: { audience: 'no' } },
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'yes' } },
      ],
    };
    await (await open(script, { provideClusterInfo: true }, {}, { cluster })).authorise();
    expect(JSON.parse(await readFile(seen, 'utf8')).spec).to.deep.equal({
      cluster: {
        server: 'https://10.0.0.1:6443',
        'tls-server-name': 'kubernetes',
        'proxy-url': 'http://proxy:3128',
        'disable-compression': true,
        'certificate-authority-data': Buffer.from(certificate).toString('base64'),
        config: { audience: 'yes' },
      },
      interactive: false,
    });
    const insecure = { 'insecure-skip-tls-verify': true };
    await (await open(script, { provideClusterInfo: true }, {}, { cluster: insecure })).authorise();
    expect(JSON.parse(await readFile(seen, 'utf8')).spec.cluster).to.deep.equal({
      server: 'https://10.0.0.1:6443',
      'insecure-skip-tls-verify': true,
    });
  });

  it('runs again after the expiry and after a 401, and once for concurrent requests', async () => {
    const calls = join(folder, 'calls');
    const script = (status: object): string => `echo call >> ${calls}\n${answer(status)}`;
    const count = async (): Promise<number> =>
      (await readFile(calls, 'utf8')).split('\n').length - 1;
    const past = await open(
      script({ token: 't', expirationTimestamp: '2001-09-09T01:46:40.5+02:00' }),
    );
    await Promise.all([past.authorise(), past.authorise(), past.authorise()]);
    expect(await count()).to.equal(1);
    expect((await past.authorise()).headers).to.deep.equal({ Authorization: 'Bearer t' });
    expect(await count()).to.equal(2);
    for (const status of [
      { token: 't' },
      { token: 't', expirationTimestamp: '2999-01-01T00:00:00Z' },
    ]) {
      await rm(calls);
      const future = await open(script(status));
      await future.authorise();
      await future.authorise();
      expect(await count()).to.equal(1);
      future.refused();
      await future.authorise();
      expect(await count()).to.equal(2);
    }
  });

  it('is interactive if there is a terminal and interactiveMode allows it', async () => {
    const terminals: unknown[] = [];
    const machine = new SystemHost();
    const host: Pick<Host, 'run'> = {
      run: (command: Command) => {
        terminals.push(command.terminal);
        const { interactive } = JSON.parse(command.variables?.KUBERNETES_EXEC_INFO ?? '{}').spec;
        expect(interactive).to.equal(command.terminal);
        return machine.run({ ...command, terminal: false });
      },
    };
    const script = answer({ token: 't' });
    for (const interactiveMode of ['Never', 'IfAvailable', 'Always'])
      await (await open(script, { interactiveMode }, { host, interactive: true })).authorise();
    await (await open(script, { interactiveMode: 'IfAvailable' }, { host })).authorise();
    const older = { apiVersion: V1BETA1, interactiveMode: undefined };
    const olderScript = answer({ token: 't' }, V1BETA1);
    await (await open(olderScript, older, { host, interactive: true })).authorise();
    expect(terminals).to.deep.equal([false, true, true, false, true]);
    const error = await failure(script, { interactiveMode: 'Always' });
    expect(error.message).to.equal(
      `${place()}: exec plugin cannot support interactive mode: standard input is not a terminal`,
    );
  });

  it('closes standard input of a plugin that is not interactive', async () => {
    const connection = await open(`cat >/dev/null\n${answer({ token: 't' })}`);
    expect((await connection.authorise()).headers).to.deep.equal({ Authorization: 'Bearer t' });
  });

  describe('refuses an entry', () => {
    const entries: readonly (readonly [string, object, RegExp])[] = [
      ['without apiVersion', { apiVersion: '' }, /exec: apiVersion must be specified/],
      [
        'of v1alpha1',
        { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
        /exec: invalid apiVersion "client.authentication.k8s.io\/v1alpha1"/,
      ],
      ['without command', { command: undefined }, /exec: command must be specified/],
      [
        'of v1 without interactiveMode',
        { interactiveMode: undefined },
        /exec: interactiveMode must/,
      ],
      [
        'with another interactiveMode',
        { interactiveMode: 'never' },
        /invalid interactiveMode "never"/,
      ],
      [
        'with a number among the arguments',
        { args: ['a', 1] },
        /exec: args: must be a list of texts/,
      ],
      ['with a variable without name', { env: [{ value: 'x' }] }, /env variable name must be/],
      ['with variables as a map', { env: { A: 'b' } }, /exec: env: must be a list of maps/],
      ['with text for provideClusterInfo', { provideClusterInfo: 'yes' }, /must be true or false/],
    ];
    for (const [what, exec, message] of entries) {
      it(what, async () => {
        const error = await open(answer({ token: 't' }), exec).catch((caught: unknown) => caught);
        expect(error).to.be.instanceOf(ClusterError);
        expect((error as ClusterError).message)
          .to.match(message)
          .and.to.include(`${kubeconfig()}: users "me": exec`);
      });
    }

    it('beside an auth-provider', async () => {
      const user = { 'auth-provider': { name: 'oidc' } };
      const error = await failure(answer({ token: 't' }), {}, {}, { user });
      expect(error.message).to.match(/authProvider cannot be provided in combination with/);
    });
  });

  describe('names the plugin that', () => {
    const key = makeCertificate(['me']).key;
    const { certificate } = makeCertificate(['me']);
    const answers: readonly (readonly [string, string, RegExp])[] = [
      ['prints nothing', 'true', /decoding stdout: the plugin printed no ExecCredential in JSON$/],
      ['prints no JSON', 'echo secret-token', /printed no ExecCredential in JSON$/],
      ['prints a list', 'echo "[]"', /printed no ExecCredential/],
      [
        'prints another kind',
        `echo '{"kind":"Status","apiVersion":"${V1}"}'`,
        /printed no ExecCredential/,
      ],
      [
        'answers in another version',
        answer({ token: 't' }, V1BETA1),
        /configured to use API version client.authentication.k8s.io\/v1, plugin returned version "client.authentication.k8s.io\/v1beta1"$/,
      ],
      [
        'answers without a version',
        `echo '{"kind":"ExecCredential","status":{"token":"t"}}'`,
        /plugin returned version ""$/,
      ],
      ['has no status', answer(undefined), /exec plugin didn't return a status field$/],
      ['has an empty status', answer({}), /didn't return a token or cert\/key pair$/],
      ['has a number for a token', answer({ token: 5 }), /status.token: must be text$/],
      [
        'has a token of two lines',
        answer({ token: 'a\nb' }),
        /status.token: is not a token: it has characters that are not allowed in a header$/,
      ],
      [
        'has a certificate without a key',
        answer({ clientCertificateData: certificate }),
        /returned only certificate or key, not both$/,
      ],
      [
        'has junk for a certificate',
        answer({ clientCertificateData: 'junk', clientKeyData: key }),
        /status.clientCertificateData: has no certificate in PEM$/,
      ],
      [
        'has a certificate and the key of another',
        answer({ clientCertificateData: certificate, clientKeyData: key }),
        /status.clientKeyData: the private key is not that of the client certificate$/,
      ],
      [
        'has a date for an expiry',
        answer({ token: 't', expirationTimestamp: '2999-01-01' }),
        /status.expirationTimestamp: must be a time in RFC 3339$/,
      ],
    ];
    for (const [what, script, message] of answers) {
      it(what, async () => {
        const error = await failure(script);
        expect(error.message).to.match(message).and.to.include(place());
        expect(error.message).to.not.include('secret-token');
      });
    }

    it('fails, with the end of what it said', async () => {
      const script = `printf 'start\\033[31m\\n' >&2; head -c 3000 /dev/zero | tr '\\0' x >&2; echo 'the end' >&2; exit 3`;
      const { message } = await failure(script);
      expect(message.slice(0, -300)).to.equal(`${executable()} failed with exit code 3: ...`);
      expect(message).to.match(/xthe end$/);
      const short = await failure(`printf '\\033[31mred\\n' >&2; exit 1`);
      expect(short.message).to.equal(`${executable()} failed with exit code 1: [31mred`);
    });

    it('prints without end', async () => {
      const { message } = await failure('exec yes');
      expect(message)
        .to.match(/printed more than 1048576 characters/)
        .and.to.include(executable());
    });

    it('hangs, also where a child of it does', async () => {
      const child = join(folder, 'child');
      const script = `sleep 600 & echo $! > ${child}; echo waiting >&2; wait`;
      const { message } = await failure(script, {}, { timeout: 2_000 });
      process.kill(Number.parseInt(await readFile(child, 'utf8'), 10), 'SIGKILL');
      expect(message).to.equal(`${executable()} did not end within 2 s: waiting`);
    });

    it('is ended by a signal', async () => {
      expect((await failure('kill -KILL $$')).message).to.equal(
        `${executable()} was ended by SIGKILL`,
      );
    });

    it('is not installed, with the hint of the kubeconfig', async () => {
      const exec = { command: 'no-such-plugin', installHint: 'brew install\nit' };
      const error = await failure('', exec, { timeout: 1 });
      expect(error.message).to.equal(`${place()}: executable no-such-plugin not found`);
      expect(error.hint).to.equal('brew install\nit');
      const plain = await failure('', { command: '/nowhere/plugin' });
      expect(plain.message).to.equal(`${place()}: executable /nowhere/plugin not found`);
      expect(plain.hint).to.equal('is it installed, and in PATH?');
    });

    it('may not be executed', async () => {
      await writeFile(join(folder, 'text'), 'no program');
      const { message } = await failure('', { command: './text' });
      expect(message).to.match(/text cannot be run: .*EACCES/);
    });
  });

  it('ends a running plugin when the connection is closed', async () => {
    const connection = await open(`touch ${join(folder, 'begun')}; exec sleep 600`);
    const failed = connection.authorise().catch((error: unknown) => error);
    await until(async () => (await readdir(folder)).includes('begun'));
    connection.close();
    expect(await failed).to.be.instanceOf(ClusterError);
  });
});
