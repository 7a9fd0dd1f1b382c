/**
 * deploy/ is what its templates say, what Kubernetes and systemd accept, and what the agent really
 * needs.
 */

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { DEPLOY_DEFAULTS, deployDocuments } from '../../scripts/deploy-documents.js';
import { loadConfig } from '../../src/config/load.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { PROGRAM } from '../support/process/program.js';
import { runIn } from '../support/process/run-in.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/**
 * Mounts the checkout ($1) where every user can reach it ($2): it may lie below a folder that is
 * closed to others. Then does what RuntimeDirectory= of the unit does, for user 65534.
 */
const MOUNTS = [
  'mount --bind -o ro "$1" "$2"; cd "$2"; shift 2',
  'mkdir -p -m 0700 /run/vipc; mount -t tmpfs -o mode=0700,uid=65534 vipc /run/vipc',
  'exec "$@"',
].join('; ');

/** The text of a file; `''` where it is not there yet. */
function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** What a test asks of a document that has passed its schema. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[];
  readonly spec?: {
    readonly selector: { readonly matchLabels: object };
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly [Container];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
  }[];
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly livenessProbe: { readonly httpGet: { readonly port: number } };
  readonly readinessProbe: { readonly httpGet: { readonly port: number } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

const FILES = ['configmap.yaml', 'daemonset.yaml', 'rbac.yaml'];
const manifests: readonly Manifest[] = FILES.flatMap(
  (file) => loadAll(read(`deploy/${file}`)) as Manifest[],
);
const one = (kind: string): Manifest => manifests.find((manifest) => manifest.kind === kind)!;

/** `verb group/resource` of each thing that rules allow. */
function allowed(rules: readonly Rule[] = []): readonly string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    )
    .sort();
}

/** The last value of a directive of a unit. */
function directive(text: string, name: string): string {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1] ?? '';
}

describe('deploy', () => {
  it('is what scripts/deploy writes, byte for byte', () => {
    const wanted = deployDocuments(DEPLOY_DEFAULTS);
    const there = readdirSync(join(ROOT, 'deploy'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, 'deploy/').length));
    expect(there.sort()).to.deep.equal([...wanted.keys()].sort());
    for (const [path, text] of wanted)
      expect(read(`deploy/${path}`), `${path}: run scripts/deploy`).to.equal(text);
  });

  it('takes other facts', () => {
    const facts = {
      image: 'registry.example/vipc:9',
      apiServer: 'https://192.0.2.1:6443',
      clusterCidr: '10.1.0.0/16',
      serviceCidr: '10.2.0.0/16',
      command: '/opt/vipc',
      config: '/etc/vipc/config.yaml',
    };
    const all = [...deployDocuments(facts).values()].join('\n');
    for (const fact of Object.values(facts)) expect(all).to.include(fact);
    expect(all).to.not.include('API-SERVER');
  });

  describe('manifests', () => {
    const ajv = new Ajv({ allErrors: true, strict: true });
    const faults = (manifest: { readonly kind: string }): string => {
      const schema = JSON.parse(read(`fixtures/schemas/${manifest.kind.toLowerCase()}.json`));
      ajv.validate(schema, manifest);
      return ajv.errorsText();
    };

    it('are as their schemas say', () => {
      expect(manifests.map(({ kind }) => kind)).to.deep.equal([
        ...['ConfigMap', 'DaemonSet', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'],
      ]);
      for (const manifest of manifests)
        expect(faults(manifest), manifest.kind).to.equal('No errors');
    });

    it('would not be with a field of another name or type', () => {
      const text = JSON.stringify(one('DaemonSet'));
      for (const [from, to] of [
        ['"hostNetwork"', '"hostNetworks"'],
        ['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":"yes"'],
        ['"NET_ADMIN"', '"CAP_NET_ADMIN"'],
        ['"50m"', '50'],
        ['apps/v1', 'apps/v1beta1'],
      ] as const) {
        const broken = text.replace(from, to);
        expect(broken).to.not.equal(text);
        expect(faults(JSON.parse(broken)), to).to.not.equal('No errors');
      }
    });

    it('are kept apart from kube-proxy by a patch that Kubernetes takes', () => {
      const [, text = ''] = /patch daemonset kube-proxy -p '(.*)'/.exec(read('deploy/README.md'))!;
      const patch = JSON.parse(text) as { spec: { template: { spec: { affinity: object } } } };
      // It is merged into the template of the Pods, as kubectl does it.
      const daemonSet = structuredClone(one('DaemonSet'));
      const faultsWith = (affinity: object): string => {
        Object.assign(daemonSet.spec!.template.spec, { affinity });
        return faults(daemonSet);
      };
      const { affinity, ...rest } = patch.spec.template.spec;
      expect(faultsWith(affinity)).to.equal('No errors');
      expect(faultsWith({ ...affinity, podAffinities: {} })).to.not.equal('No errors');
      expect(rest).to.deep.equal({});
      expect(text).to.include('{"key":"service-proxy","operator":"NotIn","values":["vipc"]}');
    });

    it('fit together', () => {
      const { spec } = one('DaemonSet');
      const pod = spec!.template.spec;
      const [container] = pod.containers;
      expect(spec!.template.metadata.labels).to.include(spec!.selector.matchLabels);
      expect(pod.serviceAccountName).to.equal(one('ServiceAccount').metadata.name);
      const binding = one('ClusterRoleBinding');
      expect(binding.roleRef?.name).to.equal(one('ClusterRole').metadata.name);
      const { name, namespace } = one('ServiceAccount').metadata;
      expect(binding.subjects).to.deep.equal([{ kind: 'ServiceAccount', name, namespace }]);
      const namespaces = manifests.flatMap(({ metadata }) => metadata.namespace ?? []);
      expect(new Set(namespaces).size).to.equal(1);
      expect(container.volumeMounts.map((mount) => mount.name).sort()).to.deep.equal(
        pod.volumes.map((volume) => volume.name).sort(),
      );
      const config = pod.volumes.find((volume) => volume.configMap !== undefined);
      expect(config?.configMap?.name).to.equal(one('ConfigMap').metadata.name);
      const folder = container.volumeMounts.find((mount) => mount.name === config?.name)?.mountPath;
      const { data = {} } = one('ConfigMap');
      for (const path of [
        container.args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length),
        /kubeconfig: (.*)/.exec(data['config.conf'] ?? '')?.[1],
      ])
        expect(Object.keys(data).map((file) => `${folder}/${file}`)).to.include(path);
      const variables = container.args.flatMap((arg) => [...arg.matchAll(/\$\((\w+)\)/g)]);
      expect(variables.map(([, variable]) => variable)).to.deep.equal(
        container.env.map((variable) => variable.name),
      );
    });

    it('hold a configuration that is accepted without a warning, and the port that the probes ask', () => {
      const { data = {} } = one('ConfigMap');
      for (const text of [data['config.conf'] ?? '', read('deploy/configmap.yaml')]) {
        const { config, agent, diagnostics } = loadConfig(text, 'config.conf');
        expect(diagnostics.filter(({ severity }) => severity !== 'note')).to.deep.equal([]);
        expect(config.mode).to.equal('iptables');
        expect(config.iptables.localhostNodePorts).to.equal(false);
        expect(agent.clientConnection.kubeconfig).to.match(/kubeconfig\.conf$/);
      }
      const { livenessProbe, readinessProbe } = one('DaemonSet').spec!.template.spec.containers[0];
      const port = /healthzBindAddress: \S+:(\d+)/.exec(data['config.conf'] ?? '')?.[1];
      for (const probe of [livenessProbe, readinessProbe])
        expect(String(probe.httpGet.port)).to.equal(port);
    });

    it('allow what the agent asks for, less than kube-proxy, and nothing else', () => {
      const ours = allowed(one('ClusterRole').rules);
      expect(ours).to.deep.equal([
        'create events.k8s.io/events',
        'list /nodes',
        'list /services',
        'list discovery.k8s.io/endpointslices',
        'list networking.k8s.io/servicecidrs',
        'watch /nodes',
        'watch /services',
        'watch discovery.k8s.io/endpointslices',
        'watch networking.k8s.io/servicecidrs',
      ]);
      const recorded = loadAll(read('fixtures/kube-proxy/rbac.yaml')) as Manifest[];
      expect(allowed(recorded[0]?.rules)).to.include.members([...ours]);
    });
  });

  it('gives the agent arguments that it takes', async () => {
    const { args } = one('DaemonSet').spec!.template.spec.containers[0];
    const commands = ['vipc.service', 'vipc.service.d/iptables-legacy.conf'].map((file) =>
      directive(read(`deploy/${file}`), 'ExecStart')
        .replace('%H', 'host')
        .split(' ')
        .slice(1),
    );
    for (const argv of [args, ...commands]) {
      expect(argv[0]).to.equal('agent');
      // Ends at the last look at its arguments, the configuration, before it does anything.
      const { code, err } = await runIn([...argv, '--config', '/no/such/file']);
      expect(code, `${argv.join(' ')}\n${err}`).to.equal(2);
    }
    const wrong = await runIn([...args, '--no-such-flag', '--config', '/no/such/file']);
    expect(wrong.code).to.equal(64);
  });

  describe('unit', () => {
    it('is accepted by systemd, alone and for iptables-legacy', function () {
      try {
        execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
      } catch {
        console.log('      skipped: systemd-analyze is not installed');
        this.skip();
      }
      const folder = mkdtempSync(join(tmpdir(), 'vipc-unit-'));
      const verify = (change: (text: string) => string = (text) => text): string => {
        for (const [path, text] of deployDocuments({ ...DEPLOY_DEFAULTS, command: '/bin/true' })) {
          if (!path.startsWith('vipc.service')) continue;
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), change(text));
        }
        const script = 'systemd-analyze verify --man=no "$1" 2>&1 || echo "exit code $?"';
        const args = ['-c', script, 'sh', join(folder, 'vipc.service')];
        return execFileSync('sh', args, { encoding: 'utf8' });
      };
      try {
        expect(verify()).to.equal('');
        expect(verify((text) => text.replace('DynamicUser=no', 'DynamicUsers=no'))).to.match(
          /iptables-legacy\.conf.*DynamicUsers/,
        );
        expect(verify((text) => text.replace('Type=notify', 'Type=notified'))).to.not.equal('');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    describe('privileges', () => {
      let namespace: Namespace;
      let folder: string;
      const unit = read('deploy/vipc.service');
      const legacy = read('deploy/vipc.service.d/iptables-legacy.conf');

      before(function () {
        requireKernel(this, [
          'setpriv',
          'iptables-nft-restore',
          'iptables-legacy-restore',
          'nft',
          'conntrack',
        ]);
      });

      beforeEach(async () => {
        namespace = await openNamespace('privileges');
        folder = mkdtempSync(join(tmpdir(), 'vipc-privileges-'));
        chmodSync(folder, 0o755);
        mkdirSync(checkout());
      });

      afterEach(async () => {
        await namespace.close();
        rmSync(folder, { recursive: true });
      });

      /** Where user 65534 sees the checkout. */
      const checkout = (): string => join(folder, 'checkout');

      /** The words that run something with these capabilities and no others. */
      const limited = (capabilities: string, root: boolean): readonly string[] => {
        const names = capabilities.split(' ').map((name) => `+${name.slice(4).toLowerCase()}`);
        const set = ['-all', ...names].join(',');
        const user = root ? [] : ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
        const inherited = root
          ? ['--inh-caps=-all']
          : [`--inh-caps=${set}`, `--ambient-caps=${set}`];
        const words = ['setpriv', ...user, `--bounding-set=${set}`, ...inherited, '--no-new-privs'];
        const mounts = ['unshare', '-m', 'sh', '-ec', MOUNTS, 'sh', ROOT, checkout()];
        return root ? words : [...mounts, ...words];
      };

      /** Paths of the checkout as root or user 65534 sees them. */
      const seenBy = (root: boolean, paths: readonly string[]): readonly string[] =>
        root ? paths : paths.map((path) => path.replace(ROOT, `${checkout()}/`));

      /**
       * `vipc apply` in the namespace with these capabilities and no others: `''`, or what it said
       * when it failed.
       */
      const apply = async (
        capabilities: string,
        root: boolean,
        flags: readonly string[],
      ): Promise<string> => {
        // The usual lock of a test is open to those alone who may look into its process.
        const lock = `XTABLES_LOCKFILE=${join(folder, 'lock')}`;
        const files = ['demo.yaml', 'pods.yaml'].flatMap((file) => [
          '-f',
          join(ROOT, 'fixtures/tutorial', file),
        ]);
        const more = [...files, '--family', 'ipv4', '--failed-dir', '/dev/null/none', ...flags];
        const words = [
          ...limited(capabilities, root),
          ...seenBy(root, [...PROGRAM, 'apply', ...more]),
        ];
        try {
          await namespace.run('env', [lock, ...words]);
          return '';
        } catch (error) {
          return String(error);
        }
      };

      it('suffice for the agent as the unit starts it: ready, following, saving, leaving its rules', async () => {
        for (const name of ['services', 'bin', 'state']) mkdirSync(join(folder, name));
        chmodSync(join(folder, 'state'), 0o777);
        for (const file of ['demo.yaml', 'pods.yaml'])
          writeFileSync(join(folder, 'services', file), read(`fixtures/tutorial/${file}`));
        const messages = (): string => readText(join(folder, 'state/messages'));
        const notify = `#!/bin/sh\necho "$@" >> ${join(folder, 'state/messages')}\n`;
        writeFileSync(join(folder, 'bin/systemd-notify'), notify, { mode: 0o755 });
        const [, ...args] = directive(unit, 'ExecStart')
          .replace('%H', 'host')
          .replace('/etc/vipc/services', join(folder, 'services'))
          .replace('/var/lib/vipc', join(folder, 'state'))
          .split(' ');
        const variables = [
          `PATH=${join(folder, 'bin')}:${process.env.PATH}`,
          'NOTIFY_SOCKET=/run/systemd/notify',
          `WATCHDOG_USEC=${Number(directive(unit, 'WatchdogSec')) * 1e6}`,
        ];
        const agent = spawn(
          'nsenter',
          [
            ...['-t', String(namespace.pid), '-n', 'env', ...variables],
            ...limited(directive(unit, 'CapabilityBoundingSet'), false),
            ...[...seenBy(false, PROGRAM), ...args],
          ],
          { stdio: ['ignore', 'ignore', 'pipe'] },
        );
        let log = '';
        agent.stderr.on('data', (text: Buffer) => {
          log += String(text);
        });
        const ended = new Promise<number | null>((resolve) => agent.once('exit', resolve));
        const until = async (
          what: string,
          holds: () => boolean | Promise<boolean>,
        ): Promise<void> => {
          const deadline = Date.now() + 60_000;
          while (!(await holds())) {
            if (Date.now() > deadline || agent.exitCode !== null)
              throw new Error(`${what}: not seen\n${messages()}\n${log}`);
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        };
        const rules = (): Promise<string> => namespace.run('nft', ['list', 'ruleset']);
        try {
          await until('ready', () => messages().includes('READY=1'));
          expect(await rules()).to.match(/tcp dport 80|tcp \. 80/);
          const changed = read('fixtures/tutorial/demo.yaml').replace('port: 80\n', 'port: 81\n');
          writeFileSync(join(folder, 'services/demo.yaml'), changed);
          await until('the change', async () => /tcp dport 81|tcp \. 81/.test(await rules()));
        } finally {
          agent.kill('SIGTERM');
        }
        expect(await ended, log).to.equal(0);
        expect(messages()).to.match(/STOPPING=1\n$/);
        expect(log).to.not.match(/^E/m);
        expect(readText(join(folder, 'state/last-good.json'))).to.include('"port":81');
        expect(await rules()).to.include('table ip kube-proxy');
      });

      it('suffice for nftables without root', async () => {
        const capabilities = directive(unit, 'CapabilityBoundingSet');
        expect(directive(unit, 'AmbientCapabilities')).to.equal(capabilities);
        expect(await apply(capabilities, false, ['--mode', 'nftables'])).to.equal('');
        expect(await namespace.run('nft', ['list', 'ruleset'])).to.include('table ip kube-proxy');
      });

      it('suffice for iptables-nft and the settings below /proc/sys/net without root', async () => {
        const flags = ['--mode', 'iptables', '--iptables', 'nft'];
        expect(await apply(directive(unit, 'CapabilityBoundingSet'), false, flags)).to.equal('');
        expect(await namespace.run('iptables-nft-save', [])).to.include('KUBE-SVC-');
        const setting = '/proc/sys/net/ipv4/conf/all/route_localnet';
        expect((await namespace.run('cat', [setting])).trim()).to.equal('1');
      });

      it('suffice for iptables-legacy with what its drop-in adds, and not without', async () => {
        const flags = ['--mode', 'iptables', '--iptables', 'legacy'];
        expect(await apply('CAP_NET_ADMIN', true, flags)).to.match(
          /exit code 2.*unable to initialize table/s,
        );
        expect(await namespace.run('iptables-legacy-save', [])).to.not.include('KUBE-SVC-');
        expect(await apply(directive(legacy, 'CapabilityBoundingSet'), true, flags)).to.equal('');
        expect(await namespace.run('iptables-legacy-save', [])).to.include('KUBE-SVC-');
      });
    });
  });
});
