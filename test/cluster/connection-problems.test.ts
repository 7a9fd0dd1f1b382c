/** An error for each way to get a kubeconfig wrong, with file, entry and field. */

import { expect } from 'chai';
import { makeCertificate } from '../support/api-server/certificate.js';
import { CONFIG, connectFailure as failure, kubeconfigFolder } from './kubeconfig-folder.js';

describe('cluster/connection, of what is wrong', () => {
  const folder = kubeconfigFolder();
  const { write } = folder;

  it('names file, entry and field of an invalid certificate or key', async () => {
    const mine = makeCertificate(['me']);
    const other = makeCertificate(['me']);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const mangled = mine.certificate.replace(/\n[\s\S]*\n-/, '\nQUJD\n-');
    await write('materials/junk', 'junk');
    await write('materials/mine.crt', mine.certificate);
    await write('materials/mangled.key', mine.key.replace(/\n[\s\S]*\n-/, '\nQUJD\n-'));
    const pair = (cert: string, key: string): object => ({
      'client-certificate-data': base64(cert),
      'client-key-data': base64(key),
    });
    const file = folder.of('materials/config');
    for (const [cluster, user, message] of [
      [
        { 'certificate-authority-data': base64('junk') },
        {},
        'clusters "c": certificate-authority-data: has no certificate in PEM',
      ],
      [
        { 'certificate-authority': 'junk' },
        {},
        `clusters "c": certificate-authority: ${folder.of('materials/junk')}: has no certificate in PEM`,
      ],
      [
        { 'certificate-authority-data': base64(mangled) },
        {},
        'clusters "c": certificate-authority-data: no certificate in it can be read',
      ],
      [{}, pair('junk', mine.key), 'users "u": client-certificate-data: has no certificate in PEM'],
      [
        {},
        pair(mangled, mine.key),
        'users "u": client-certificate-data: the certificate cannot be read: ',
      ],
      [{}, pair(mine.certificate, 'junk'), 'users "u": client-key-data: has no private key in PEM'],
      [
        {},
        { 'client-certificate': 'mine.crt', 'client-key': 'mangled.key' },
        `users "u": client-key: ${folder.of('materials/mangled.key')}: the private key cannot be read: `,
      ],
      [
        {},
        pair(mine.certificate, other.key),
        'users "u": client-key-data: the private key is not that of the client certificate',
      ],
    ] as const) {
      const config = {
        'current-context': 'x',
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1', ...cluster } }],
        users: [{ name: 'u', user }],
      };
      const kubeconfig = await write('materials/config', JSON.stringify(config));
      const error = await failure({ kubeconfig }, true);
      expect(error.message).to.include(`${file}: ${message}`);
    }
  });

  describe('says what is wrong', () => {
    const inConfig: readonly (readonly [string, string, RegExp])[] = [
      [
        'context: { cluster: c1, user: u1',
        'context: { cluster: c1, user: u9',
        /config: contexts "one": there is no "u9" among the users/,
      ],
      ['current-context: one', 'current-context: ""', /current-context is not set/],
      ['kind: Config', 'kind: Pod', /config: no kind "Pod" is registered for version "v1"$/],
      [
        'apiVersion: v1',
        'apiVersion: v2',
        /config: no kind "Config" is registered for version "v2"$/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'ftp://10.0.0.1'",
        /clusters "c1": server: "ftp:\/\/10.0.0.1" is not a URL/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'https://admin:hunter2@10.0.0.1:6443'",
        /clusters "c1": server: "https:\/\/10.0.0.1:6443" has a user or a password in it/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'ftp://admin:hunter2@10.0.0.1'",
        /clusters "c1": server: "ftp:\/\/10.0.0.1" is not a URL/,
      ],
      [
        "server: 'https://10.0.0.1:6443/'",
        "server: 'https://10.0.0.1:6443', proxy-url: 'http://u:hunter2@a b'",
        /clusters "c1": proxy-url: "http:\/\/a b" is not a URL/,
      ],
      ["server: 'https://10.0.0.1:6443/'", 'x: y', /clusters "c1": server is missing/],
      ['contexts:\n- name: one', 'contexts:\n- nam: one', /contexts\[0\]: name is missing/],
      ['{ token: secret }', 'secret', /users "u1": must hold fields, is "secret"/],
      ['{ token: secret }', '{ token: 5 }', /users "u1": token: must be text, is 5/],
      [
        '{ token: secret }',
        '{ client-certificate-data: QQ==, client-key-data: "%%%" }',
        /users "u1": client-key-data: is not base64/,
      ],
      ['{ token: secret }', '{ tokenFile: gone }', /users "u1": tokenFile: ENOENT.*gone/],
      [
        '{ token: secret }',
        '{ client-certificate-data: QQ== }',
        /users "u1": client-key-data or client-key must be specified/,
      ],
      [
        '{ token: secret }',
        '{ token: secret, username: me }',
        /users "u1": more than one authentication method found; found \[token basicAuth\]/,
      ],
      [
        '{ token: secret }',
        '{ tokenFile: x, password: pw }',
        /users "u1": more than one authentication method found/,
      ],
      [
        '{ token: secret }',
        '{ auth-provider: { name: gcp } }',
        /users "u1": no Auth Provider found for name "gcp"/,
      ],
      [
        '{ token: secret }',
        '{ token: "a\\nb" }',
        /users "u1": token: is not a token: it has characters that are not allowed in a header/,
      ],
      [
        '{ token: secret }',
        '{ client-certificate: a, client-certificate-data: QQ==, client-key: b }',
        /users "u1": client-certificate-data and client-certificate are both specified/,
      ],
      [
        "6443/' }",
        "6443/', certificate-authority: a, certificate-authority-data: QQ== }",
        /clusters "c1": certificate-authority-data and certificate-authority are both specified/,
      ],
      [
        "6443/' }",
        "6443/', certificate-authority: /dev/zero }",
        /clusters "c1": certificate-authority: \/dev\/zero is not a regular file/,
      ],
      ['{ token: secret }', '{ as-groups: [a] }', /users "u1": .*without impersonating a user/],
      ['{ token: secret }', '{ as: a, as-groups: b }', /users "u1": as-groups: must be a list/],
      [
        "6443/' }",
        "6443/', insecure-skip-tls-verify: true, certificate-authority: ca.crt }",
        /clusters "c1": specifying a root certificates file with the insecure flag/,
      ],
      [
        "6443/' }",
        "6443/', proxy-url: 'ftp://p' }",
        /clusters "c1": proxy-url: unsupported scheme "ftp", must be http, https, or socks5/,
      ],
      [
        "6443/' }",
        "6443/', proxy-url: 'socks5h://p' }",
        /clusters "c1": proxy-url: unsupported scheme "socks5h", must be http, https, or socks5$/,
      ],
      ['users:', 'users: 7\nothers:', /users: must be a list/],
      ['apiVersion: v1', 'apiVersion: [', /is not YAML/],
    ];
    for (const [from, to, message] of inConfig) {
      it(to.replace('\n', ' '), async () => {
        const kubeconfig = await write('broken/config', CONFIG.replace(from, to));
        const error = await failure({ kubeconfig }, true);
        expect(error.message).to.match(message).and.to.include(kubeconfig);
        expect(error.code).to.equal('no-cluster');
      });
    }

    it('a context that does not exist, with the nearest name', async () => {
      const error = await failure({ kubeconfig: folder.of('config'), context: 'tow' });
      expect(error.message).to.include('there is no "tow" among the contexts');
      expect(error.hint).to.equal('did you mean two?');
      const lost = await failure({ kubeconfig: folder.of('config'), context: 'lost' });
      expect(lost.message).to.match(/contexts "lost": there is no "c3" among the clusters$/);
    });

    it('a file that is missing or not a kubeconfig, no server at all, --context without a file', async () => {
      expect((await failure({ kubeconfig: '/nowhere' })).message).to.match(/ENOENT.*\/nowhere/);
      const empty = await write('empty', '');
      expect((await failure({ kubeconfig: empty })).message).to.match(/current-context is not set/);
      expect((await failure({})).hint).to.match(/--kubeconfig/);
      for (const flag of ['context', 'cluster', 'user'])
        expect((await failure({ [flag]: 'x' })).message).to.equal(
          `--${flag} "x": there is no kubeconfig`,
        );
      expect((await failure({ server: 'a b' })).message).to.match(/--server: "a b" is not a URL/);
    });
  });
});
