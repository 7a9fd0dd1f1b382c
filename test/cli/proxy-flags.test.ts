import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Command } from 'commander';
import { duration } from '../../src/cli/flags.js';
import { flagTexts } from '../../src/cli/proxy-flag-values.js';
import { addProxyFlags, type ProxyFlags, proxyConfig } from '../../src/cli/proxy-flags.js';
import { ConfigError, InputError, UnsupportedError, UsageError } from '../../src/errors.js';
import { DEFAULT_PROFILE } from '../../src/profiles/profiles.js';

const FILE = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
hostnameOverride: node-a
logging: {format: text, verbosity: 1}
`;

function flagsOf(...words: readonly string[]): ProxyFlags {
  const command = addProxyFlags(new Command('agent')).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  return command.parse(['node', 'agent', ...words]).opts();
}

async function readText(path: string): Promise<string> {
  if (path === 'c.yaml') return FILE;
  throw new InputError(`the path "${path}" does not exist`);
}

/** With two flags that kube-proxy has not. */
function textsOf(...words: readonly string[]): Readonly<Record<string, string>> {
  const command = addProxyFlags(new Command('agent'))
    .option('--no-verify')
    .option('--every <duration>', '', duration('--every'), 60_000);
  command.parse(['node', 'agent', ...words]);
  return flagTexts(command.opts(), command.options);
}

function configOf(...words: readonly string[]) {
  return proxyConfig(flagsOf(...words), readText);
}

async function failure(...words: readonly string[]): Promise<unknown> {
  try {
    await configOf(...words);
  } catch (error) {
    return error;
  }
  throw new Error(`accepted: ${words.join(' ')}`);
}

describe('cli/proxy-flags', () => {
  it('without flags has the defaults of an empty file', async () => {
    const { loaded, diagnostics } = await configOf();
    expect(diagnostics).to.deep.equal([]);
    expect(loaded.config.mode).to.equal('');
    expect(loaded.agent.healthzBindAddress).to.deep.equal({ ip: '0.0.0.0', port: 10256 });
  });

  it('takes layout and profile of the command line, with the gates of that profile', async () => {
    const gate = '--feature-gates=PreferSameTrafficDistribution=true';
    const own = { layout: 'fast', profile: '1.34.1' } as const;
    const path = 'gates.yaml';
    const text = `${FILE}profile: "1.36"\nlayout: kube-proxy\nfeatureGates: {PreferSameTrafficDistribution: true}\n`;
    const read = async (config: ProxyFlags) => proxyConfig(config, async () => text);
    for (const make of [
      () => read({ config: path, ...own }),
      () => read({ ...flagsOf(gate), ...own }),
    ]) {
      const { loaded, diagnostics } = await make();
      expect(loaded.config.layout).to.equal('fast');
      expect(loaded.config.profile.name).to.equal('1.34.0 to 1.34.1');
      expect(diagnostics.map(({ code }) => code)).to.deep.equal([]);
    }
    const { diagnostics } = await read({ config: path });
    expect(diagnostics).to.have.length(1);
  });

  it('makes a configuration of every flag', async () => {
    const { loaded, diagnostics } = await configOf(
      '--proxy-mode=nftables',
      '--cluster-cidr=10.244.0.0/16,fd00:10::/56',
      '--masquerade-all',
      '--nodeport-addresses=10.0.0.0/8,192.168.0.0/16',
      '--nodeport-addresses=fd00::/8',
      '--hostname-override=Node-B',
      '--detect-local-mode=InterfaceNamePrefix',
      '--pod-bridge-interface=cbr0',
      '--pod-interface-name-prefix=cali',
      '--kubeconfig=/k',
      '--master=https://192.0.2.1:6443',
      '--bind-address=fd00::5',
      '--bind-address-hard-fail=T',
      '--healthz-bind-address=127.0.0.1:1',
      '--metrics-bind-address=127.0.0.1',
      '--iptables-sync-period=1m',
      '--iptables-min-sync-period=5ms',
      '--iptables-masquerade-bit=3',
      '--iptables-localhost-nodeports=false',
      '--conntrack-max-per-core=0',
      '--conntrack-min=17',
      '--conntrack-tcp-be-liberal',
      '--conntrack-tcp-timeout-established=10s',
      '--conntrack-tcp-timeout-close-wait=11s',
      '--conntrack-udp-timeout=12s',
      '--conntrack-udp-timeout-stream=13s',
      '--config-sync-period=1m',
      '--feature-gates=AllowServiceExternalIPs=false,Other=true',
      '--oom-score-adj=-5',
      '--profiling',
      '-v=2',
      '--logging-format=json',
    );
    expect(diagnostics.map(({ code, field }) => [code, field])).to.deep.equal([
      ['config-feature-gate-ignored', 'featureGates[Other]'],
    ]);
    expect(loaded.config).to.deep.equal({
      mode: 'nftables',
      layout: 'kube-proxy',
      hostnameOverride: 'node-b',
      bindAddress: 'fd00::5',
      clusterCidrs: ['10.244.0.0/16', 'fd00:10::/56'],
      detectLocalMode: 'InterfaceNamePrefix',
      bridgeInterface: 'cbr0',
      interfaceNamePrefix: 'cali',
      nodePortAddresses: ['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8'],
      iptables: { masqueradeBit: 3, masqueradeAll: true, localhostNodePorts: false },
      nftables: { masqueradeBit: 14, masqueradeAll: true },
      tcpBeLiberal: true,
      conntrack: {
        maxPerCore: 0,
        min: 17,
        tcpEstablishedTimeout: 10,
        tcpCloseWaitTimeout: 11,
        udpTimeout: 12,
        udpStreamTimeout: 13,
      },
      allowServiceExternalIps: false,
      profile: DEFAULT_PROFILE,
    });
    const periods = { syncPeriod: 60_000, minSyncPeriod: 5 };
    expect(loaded.agent).to.deep.include({
      healthzBindAddress: { ip: '127.0.0.1', port: 1 },
      metricsBindAddress: { ip: '127.0.0.1', port: 10249 },
      bindAddressHardFail: true,
      enableProfiling: true,
      periods: { iptables: periods, nftables: periods },
      configSyncPeriod: 60_000,
      oomScoreAdj: -5,
      logging: { format: 'json', verbosity: 2 },
    });
    expect(loaded.agent.clientConnection.kubeconfig).to.equal('/k');
  });

  it('takes the file, ignores the flags that it overrides, and says so', async () => {
    const { loaded, diagnostics } = await configOf(
      '--config=c.yaml',
      '--proxy-mode=nftables',
      '--hostname-override=node-b',
      '--healthz-port=0',
      '--master=https://192.0.2.1',
      '-v',
      '4',
    );
    expect(loaded.config.mode).to.equal('iptables');
    expect(loaded.config.hostnameOverride).to.equal('node-b');
    expect(loaded.agent.logging).to.deep.equal({ format: 'text', verbosity: 4 });
    expect(loaded.agent.healthzBindAddress?.port).to.equal(10256);
    expect(diagnostics).to.deep.equal([
      {
        code: 'config-flag-ignored',
        severity: 'warning',
        message: '--proxy-mode, --healthz-port are ignored, because --config is given',
        hint: 'put them into the file',
      },
    ]);
  });

  it('an empty --hostname-override overrides nothing, a blank one is refused', async () => {
    const { loaded } = await configOf('--config=c.yaml', '--hostname-override=');
    expect(loaded.config.hostnameOverride).to.equal('node-a');
    expect(await failure('--config=c.yaml', '--hostname-override=  '))
      .to.be.an.instanceOf(ConfigError)
      .with.property('message')
      .that.includes('empty hostname is invalid');
  });

  it('opens no server for an empty address or port 0', async () => {
    const empty = await configOf('--healthz-bind-address=', '--metrics-bind-address=');
    const zero = await configOf('--healthz-port=0', '--metrics-port=0');
    for (const { loaded } of [empty, zero]) {
      expect(loaded.agent.healthzBindAddress).to.equal(undefined);
      expect(loaded.agent.metricsBindAddress).to.equal(undefined);
    }
  });

  it('takes the deprecated ports where the address has none', async () => {
    const { agent } = (
      await configOf('--healthz-port=1', '--metrics-port=2', '--metrics-bind-address=[::1]:3')
    ).loaded;
    expect(agent.healthzBindAddress).to.deep.equal({ ip: '0.0.0.0', port: 1 });
    expect(agent.metricsBindAddress).to.deep.equal({ ip: '::1', port: 3 });
    const six = await configOf('--healthz-bind-address=::', '--healthz-port=4');
    expect(six.loaded.agent.healthzBindAddress).to.deep.equal({ ip: '::', port: 4 });
  });

  it('reports an invalid flag in the words used for the file', async () => {
    const faults: readonly (readonly [readonly string[], string])[] = [
      [
        ['--proxy-mode=fast'],
        'invalid argument "fast" for "--proxy-mode" flag: must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
      ],
      [
        ['--cluster-cidr=nope'],
        'invalid argument "nope" for "--cluster-cidr" flag: must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
      ],
      [
        ['--healthz-bind-address=nope'],
        'invalid argument "nope" for "--healthz-bind-address" flag: must be IP:port',
      ],
      [
        ['--iptables-masquerade-bit=40'],
        'invalid argument 40 for "--iptables-masquerade-bit" flag: must be within the range [0, 31]',
      ],
      [
        ['--nodeport-addresses=primary,10.0.0.0/8'],
        `invalid argument "primary" for "--nodeport-addresses" flag: can't use both 'primary' and CIDRs`,
      ],
      [
        ['--detect-local-mode=BridgeInterface'],
        'invalid argument "BridgeInterface" for "--detect-local-mode" flag: --pod-bridge-interface: must not be empty',
      ],
      [
        ['--iptables-min-sync-period=1m', '--iptables-sync-period=30s'],
        'invalid argument "30s" for "--iptables-sync-period" flag: must be greater than or equal to minSyncPeriod',
      ],
      [
        ['--kube-api-burst=-1', '--oom-score-adj=2000'],
        'invalid argument 2000 for "--oom-score-adj" flag: must be within the range [-1000, 1000]\n' +
          'invalid argument -1 for "--kube-api-burst" flag: must be greater than or equal to 0',
      ],
      [
        ['--healthz-port=70000'],
        'invalid argument "0.0.0.0:70000" for "--healthz-bind-address" flag: must be a valid port',
      ],
    ];
    for (const [words, message] of faults) {
      const error = await failure(...words);
      expect(error, words.join(' '))
        .to.be.an.instanceOf(UsageError)
        .with.property('message', message);
    }
  });

  it('refuses mode ipvs, and invalid values', async () => {
    expect(await failure('--proxy-mode=ipvs'))
      .to.be.an.instanceOf(UnsupportedError)
      .with.property('message')
      .that.matches(/^--proxy-mode: ipvs is not supported/);
    expect(() => flagsOf('--masquerade-all=maybe')).to.throw(
      UsageError,
      'invalid argument "maybe" for "--masquerade-all" flag: must be true or false',
    );
    expect(() => flagsOf('-v', 'many')).to.throw(UsageError, '"-v" flag: must be a whole number');
    expect(() => flagsOf('--feature-gates=A')).to.throw(UsageError, 'missing bool value for A');
    expect(await failure('--config=none')).to.be.an.instanceOf(InputError);
  });

  it('refuses what the type of a flag has no value for, also beside --config', async () => {
    const flags: Readonly<Record<string, readonly string[]>> = {
      'must be true or false': [
        'ipvs-strict-arp=yes',
        'log-json-split-stream=2',
        'cleanup=',
        'profiling=on',
      ],
      'must be a whole number': [
        ...['kube-api-burst=x', 'kube-api-burst=', 'kube-api-burst=1.5', 'oom-score-adj=1e2'],
        ...[
          'conntrack-min=09',
          'conntrack-max-per-core=1__0',
          'healthz-port=0x',
          'metrics-port= 1',
        ],
      ],
      'must be within the range [-2147483648, 2147483647]': [
        ...['kube-api-burst=2147483648', 'conntrack-min=-0x80000001'],
      ],
      'must be a number': [
        'kube-api-qps=x',
        'kube-api-qps=',
        'kube-api-qps=1,5',
        'kube-api-qps=1e39',
      ],
      'must be a duration such as 30s, 1m30s or 1h': [
        ...[
          'ipvs-sync-period=30',
          'ipvs-tcp-timeout=',
          'log-flush-frequency=5 s',
          'ipvs-udp-timeout=1d',
        ],
        ...[
          'config-sync-period=5 minutes',
          'iptables-sync-period=x',
          'conntrack-udp-timeout=2600000h',
        ],
      ],
      'must be a number of bytes such as 512, 3M or 4Ki': [
        ...[
          'log-json-info-buffer-size=1K',
          'log-text-info-buffer-size=',
          'log-text-info-buffer-size=1 Ki',
        ],
      ],
      'must be a whole number that is not negative': [
        'v=-1',
        'v=+1',
        'v=1_0',
        'v=2147483648',
        'v=',
      ],
      'must be IP:port': ['metrics-bind-address=localhost', 'healthz-bind-address=:1:2'],
      'must be a valid IP': ['healthz-bind-address=localhost:1'],
      'must be a valid port': ['metrics-bind-address=127.0.0.1:http'],
      'not a valid textual representation of an IP address': ['bind-address=node-a'],
      'a quotation mark is not closed, or stands in a field': [
        ...['ipvs-exclude-cidrs="10.0.0.0/8', 'nodeport-addresses=10.0.0.0/8"'],
      ],
      'missing bool value for A': ['feature-gates=B=true,A'],
      '"f" does not have the pattern=N format': ['vmodule=f', 'vmodule=a=1,f'],
      '"f=-1" does not have the pattern=N format': ['vmodule=f=-1'],
    };
    for (const [reason, texts] of Object.entries(flags))
      for (const text of texts)
        expect(() => flagsOf('--config=c.yaml', `--${text}`), text)
          .to.throw(UsageError)
          .with.property('message')
          .that.satisfies((message: string) => message.endsWith(` flag: ${reason}`), text);
  });

  it('takes every spelling of a value that Go takes', async () => {
    const texts = textsOf(
      ...['--kube-api-burst=0x1F', '--conntrack-min=1_000', '--conntrack-max-per-core=010'],
      ...['--oom-score-adj=-0b11', '--ipvs-strict-arp=F', '--kube-api-qps=-1.5e3'],
      ...['--log-json-info-buffer-size=4Ki', '--vmodule=a*=2,,b=0', '--cleanup=0'],
      ...['--nodeport-addresses="10.0.0.0/8",fd00::/8', '--bind-address=', '-v=2'],
    );
    expect(texts).to.include({
      ...{ 'kube-api-burst': '31', 'conntrack-min': '1000', 'conntrack-max-per-core': '8' },
      ...{ 'oom-score-adj': '-3', 'ipvs-strict-arp': 'false', 'kube-api-qps': '-1.5e3' },
      ...{ 'log-json-info-buffer-size': '4Ki', vmodule: 'a*=2,,b=0', v: '2' },
      'nodeport-addresses': '[10.0.0.0/8,fd00::/8]',
    });
    expect((await configOf('--cleanup=0', '--kube-api-burst=7')).diagnostics).to.have.length(1);
    expect(
      (await configOf('--config=c.yaml', '--kube-api-burst=-1')).diagnostics[0]?.code,
    ).to.equal('flag-without-effect');
  });

  const listed = readFileSync('fixtures/kube-proxy/http/nftables-healthy/10249.flagz.txt', 'utf8');
  /** With kube-proxy's own defaults; it shows lists in brackets and takes them without. */
  const theirs = [...listed.matchAll(/^([a-z-]+)=\[?(.*?)\]?$/gm)].filter(
    ([, name = '']) => !['config', 'help'].includes(name),
  );

  it('knows 58 flags of kube-proxy', () => {
    // Its help is a flag too, and no command lacks that.
    expect(theirs.map(([, name]) => name)).to.have.length(57);
  });

  for (const [, name = '', value = ''] of theirs)
    it(`accepts or answers --${name}=${value}`, async () => {
      const answer = await configOf(`--${name}=${value}`).catch((error: unknown) => error);
      if (!(answer instanceof Error)) return;
      expect(answer).to.be.an.instanceOf(UsageError);
      expect(answer).to.include({ message: `--${name} is not a flag of the agent` });
      expect((answer as UsageError).hint).to.not.equal('');
    });

  it('accepts or answers flags of kube-proxy in their own words', async () => {
    const { diagnostics } = await configOf(
      '--ipvs-sync-period=1m',
      '--kube-api-qps=5',
      '--log-text-split-stream',
      '--cleanup=false',
    );
    expect(diagnostics.map(({ message }) => message)).to.deep.equal([
      '--ipvs-sync-period has no effect: it is a flag of mode ipvs',
      '--kube-api-qps has no effect: vipc limits its requests itself',
      '--log-text-split-stream has no effect: every line is written at once, to one stream',
    ]);
    // Shown at every level of detail.
    expect(new Set(diagnostics.map(({ severity }) => severity))).to.deep.equal(
      new Set(['warning']),
    );
    const answer = await failure('--cleanup');
    expect(answer).to.be.an.instanceOf(UsageError);
    expect(answer).to.include({ hint: 'use "vipc cleanup"' });
    for (const words of [['--write-config-to'], ['--write-config-to=file']])
      expect(await failure(...words)).to.include({
        hint: 'an agent shows its configuration: curl http://127.0.0.1:10249/configz',
      });
  });

  it('checks the version whose hidden metrics are shown', async () => {
    const flag = '--show-hidden-metrics-for-version';
    for (const version of ['', '1.35'])
      expect((await configOf(`${flag}=${version}`)).diagnostics[0]?.message).to.equal(
        `${flag} has no effect: no metric of vipc is hidden`,
      );
    expect(await failure(`${flag}=1.34`))
      .to.be.an.instanceOf(UsageError)
      .with.property(
        'message',
        `invalid argument "1.34" for "${flag}" flag: must be omitted or have the value '1.35'. Only the previous minor version is allowed`,
      );
  });

  it("shows kube-proxy's defaults for flags that were not given", () => {
    const path = 'fixtures/kube-proxy/http/nftables-healthy/10249.flagz.txt';
    const recorded = readFileSync(path, 'utf8').matchAll(/^([a-z-]+)=(.*)$/gm);
    const theirs = new Map([...recorded].map(([, name = '', text]) => [name, text]));
    for (const given of ['config', 'v']) theirs.delete(given);
    const ours = textsOf();
    expect(Object.fromEntries([...theirs].map(([name]) => [name, ours[name]]))).to.deep.equal(
      Object.fromEntries(theirs),
    );
    expect(ours).to.include({ config: '', v: '0' });
  });

  it('shows flags of a command as they are given, and no credentials', () => {
    const texts = textsOf('--no-verify', '--every=90s', '--master=https://me:secret@h:1/p');
    expect(texts).to.include({ 'no-verify': 'true', every: '1m30s' });
    expect(texts.master).to.equal('https://CLASSIFIED@h:1/p');
    expect(textsOf()).to.include({ 'no-verify': 'false', every: '1m0s' });
  });

  it('shows the texts of all flags', () => {
    const texts = textsOf(
      ...['--masquerade-all', '--nodeport-addresses=a,b', '--feature-gates=A=true,B=0', '-v2'],
    );
    expect(texts).to.include({
      'masquerade-all': 'true',
      'nodeport-addresses': '[a,b]',
      'feature-gates': 'A=true,B=false',
      v: '2',
      config: '',
      'proxy-mode': '',
    });
    expect(Object.keys(texts)).to.deep.equal(Object.keys(texts).toSorted());
  });
});
