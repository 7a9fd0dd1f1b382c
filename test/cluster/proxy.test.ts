/** Which servers the environment sends through a proxy: the rules of Go's httpproxy. */

import { expect } from 'chai';
import { environmentProxy, parseProxyUrl } from '../../src/cluster/proxy.js';

const PROXY = 'http://proxy:3128';

describe('cluster/proxy', () => {
  for (const [server, noProxy, isProxied] of [
    ['https://api.example.com', '', true],
    ['https://api.example.com', '*', false],
    ['https://api.example.com', 'example.com', false],
    ['https://example.com', 'example.com', false],
    ['https://notexample.com', 'example.com', true],
    ['https://api.example.com', '.example.com', false],
    ['https://example.com', '.example.com', true],
    ['https://api.example.com', '*.example.com', false],
    ['https://API.example.com', ' other , Example.COM ', false],
    ['https://api.example.com', 'example.com:443', false],
    ['https://api.example.com:6443', 'example.com:443', true],
    ['https://10.1.2.3:6443', '10.1.2.3', false],
    ['https://10.1.2.3:6443', '10.1.2.3:6443', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3:6443', '10.0.0.0/8', true],
    ['https://11.1.2.3:6443', '10.0.0.0/99', true],
    ['https://[fd00::7]:6443', 'fd00::/16', false],
    ['https://[fd00::7]:6443', '[fd00::7]:6443', false],
    ['https://localhost:6443', '', false],
    ['https://127.0.0.9:6443', '', false],
    ['https://[::1]:6443', '', false],
  ] as const)
    it(`${server} with NO_PROXY=${noProxy}: ${isProxied ? 'proxied' : 'direct'}`, () => {
      const found = environmentProxy(new URL(server), { HTTPS_PROXY: PROXY, NO_PROXY: noProxy });
      expect(found?.host).to.equal(isProxied ? 'proxy:3128' : undefined);
    });

  it('takes socks5h from the environment, as net/http does, and not from a kubeconfig', () => {
    const server = new URL('https://a');
    const found = environmentProxy(server, { HTTPS_PROXY: 'socks5h://p:1080' });
    expect(found?.protocol).to.equal('socks5h:');
    expect(parseProxyUrl('socks5://p:1080', 'here').protocol).to.equal('socks5:');
    expect(() => parseProxyUrl('socks5h://p:1080', 'here')).to.throw(
      'here: unsupported scheme "socks5h", must be http, https, or socks5',
    );
  });

  it('names the variable whose value is wrong', () => {
    const schemes = 'must be http, https, socks5, or socks5h';
    for (const [server, name] of [
      ['https://a', 'HTTPS_PROXY'],
      ['https://a', 'https_proxy'],
      ['http://a', 'HTTP_PROXY'],
      ['http://a', 'http_proxy'],
    ] as const)
      expect(() => environmentProxy(new URL(server), { [name]: 'socks4://p' })).to.throw(
        `${name}: unsupported scheme "socks4", ${schemes}`,
      );
  });

  it('reads the variables of the scheme, also in lower case, and adds http:// to a bare host', () => {
    const of = (server: string, variables: Record<string, string>): string | undefined =>
      environmentProxy(new URL(server), variables)?.origin;
    expect(of('http://a', { HTTPS_PROXY: PROXY })).to.equal(undefined);
    expect(of('http://a', { HTTP_PROXY: PROXY })).to.equal(PROXY);
    expect(of('https://a', { https_proxy: 'proxy:3128' })).to.equal(PROXY);
    expect(of('https://a', { https_proxy: PROXY, no_proxy: 'a' })).to.equal(undefined);
  });
});
