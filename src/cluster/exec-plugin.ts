/** Runs exec credential plugins (client.authentication.k8s.io) with client-go's rules. */

import { ClusterError } from '../errors.js';
import { systemClock } from '../host/clock.js';
import type { CommandResult, Host } from '../host/host.js';
import { isArray, isObject, oneLine, quote } from '../input/value.js';
import { type ExecCredential, parseExecCredential } from './exec-credential.js';
import type { Entry } from './kubeconfig-entry.js';

const GROUP = 'client.authentication.k8s.io';
const API_VERSIONS = new Set([`${GROUP}/v1`, `${GROUP}/v1beta1`]);
/** Name of the extension of a cluster entry that is passed on to plugins. */
const EXTENSION = `${GROUP}/exec`;
/** Characters of output, or of errors, after which a plugin is ended. A token has some 1,000. */
const MAX_OUTPUT = 1024 * 1024;
/** Characters of a plugin's errors that a message shows: the end, where the reason is. */
const SHOWN = 300;
/** Characters of a hint that a message shows. */
const MAX_HINT = 2_000;

type InteractiveMode = 'Never' | 'IfAvailable' | 'Always';

/** The `exec` of a user entry, checked. */
export interface ExecPlugin {
  /** `/etc/kube/config: users "admin": exec`, for messages. */
  readonly place: string;
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly interactiveMode: InteractiveMode;
  readonly provideClusterInfo: boolean;
  readonly installHint: string;
}

/** What running a plugin needs from outside. */
export interface PluginRunner {
  readonly host: Pick<Host, 'run'>;
  /** Whether a person at standard input can answer a plugin. */
  readonly interactive: boolean;
  /** Milliseconds after which a plugin that does not prompt a user is killed. */
  readonly timeout: number;
  /** Ends a running plugin. */
  readonly signal: AbortSignal;
}

/** The plugin of a user entry. Throws ClusterError, with client-go's words where it has some. */
export function execPluginOf(user: Entry): ExecPlugin {
  const exec = user.within('exec');
  const fail = (what: string, hint = ''): ClusterError =>
    new ClusterError(`${exec.place}: ${what}`, {}, { hint });
  if (user.has('auth-provider'))
    throw fail('authProvider cannot be provided in combination with an exec plugin');
  const command = exec.text('command');
  if (command === undefined)
    throw fail('command must be specified to use exec authentication plugin');
  const apiVersion = exec.text('apiVersion');
  const supported = `set ${[...API_VERSIONS].join(' or ')}, whichever the plugin supports`;
  if (apiVersion === undefined)
    throw fail('apiVersion must be specified to use exec authentication plugin', supported);
  if (!API_VERSIONS.has(apiVersion))
    throw fail(`invalid apiVersion ${quote(apiVersion)}`, supported);
  return {
    place: exec.place,
    apiVersion,
    command: command.includes('/') ? exec.path(command) : command,
    args: exec.texts('args'),
    variables: variablesOf(exec),
    interactiveMode: interactiveModeOf(exec, apiVersion),
    provideClusterInfo: exec.flag('provideClusterInfo'),
    installHint: exec.text('installHint') ?? '',
  };
}

function variablesOf(exec: Entry): ExecPlugin['variables'] {
  const env = exec.value('env') ?? [];
  const fault = `${exec.place}: env: must be a list of maps with name and value`;
  if (!isArray(env)) throw new ClusterError(fault);
  return Object.fromEntries(
    env.map((one): [string, string] => {
      const { name = '', value = '' } = isObject(one) ? one : {};
      if (typeof name !== 'string' || typeof value !== 'string') throw new ClusterError(fault);
      if (name === '')
        throw new ClusterError(
          `${exec.place}: env variable name must be specified to use exec authentication plugin`,
        );
      return [name, value];
    }),
  );
}

/** In v1 a plugin says whether it needs a terminal; before, it may prompt where there is one. */
function interactiveModeOf(exec: Entry, apiVersion: string): InteractiveMode {
  const mode = exec.text('interactiveMode');
  const hint = 'set Never, IfAvailable or Always';
  if (mode === 'Never' || mode === 'IfAvailable' || mode === 'Always') return mode;
  if (mode !== undefined)
    throw new ClusterError(`${exec.place}: invalid interactiveMode ${quote(mode)}`, {}, { hint });
  if (apiVersion !== `${GROUP}/v1`) return 'IfAvailable';
  throw new ClusterError(
    `${exec.place}: interactiveMode must be specified to use exec authentication plugin`,
    {},
    { hint },
  );
}

/** Credentials of a plugin, for one request. Rejects with ClusterError. */
export type PluginSource = () => Promise<ExecCredential>;

/**
 * Credentials that a plugin gives, kept until they expire; without an expiry, always. Requests at
 * the same time run the plugin once.
 */
export function pluginSource(
  plugin: ExecPlugin,
  cluster: Entry,
  server: string,
  runner: PluginRunner,
): PluginSource {
  let kept: ExecCredential | undefined;
  let pending: Promise<ExecCredential> | undefined;
  const renew = async (): Promise<ExecCredential> => {
    kept = await runPlugin(plugin, cluster, server, runner);
    return kept;
  };
  return async () => {
    if (kept !== undefined && systemClock.wall() <= kept.expires) return kept;
    pending ??= renew().finally(() => {
      pending = undefined;
    });
    return await pending;
  };
}

async function runPlugin(
  plugin: ExecPlugin,
  cluster: Entry,
  server: string,
  runner: PluginRunner,
): Promise<ExecCredential> {
  const { place, apiVersion, command, args, variables } = plugin;
  const interactive = isInteractive(plugin, runner);
  const info = {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      ...(plugin.provideClusterInfo ? { cluster: await clusterInfo(cluster, server) } : {}),
      interactive,
    },
  };
  const result = await runner.host.run({
    command,
    args,
    variables: { ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    timeout: runner.timeout,
    terminal: interactive,
    maxOutput: MAX_OUTPUT,
    signal: runner.signal,
  });
  return parseExecCredential(outputOf(plugin, result, runner.timeout), apiVersion, place);
}

function isInteractive({ place, interactiveMode }: ExecPlugin, runner: PluginRunner): boolean {
  if (interactiveMode === 'Never') return false;
  if (interactiveMode === 'IfAvailable' || runner.interactive) return runner.interactive;
  throw new ClusterError(
    `${place}: exec plugin cannot support interactive mode: standard input is not a terminal`,
    {},
    { hint: 'interactiveMode is Always: the plugin prompts on a terminal' },
  );
}

/** `spec.cluster` for a plugin: what this connection is to, in the words of a kubeconfig. */
async function clusterInfo(
  cluster: Entry,
  server: string,
): Promise<Readonly<Record<string, unknown>>> {
  const ca = await cluster.bytes('certificate-authority');
  const texts = ['tls-server-name', 'proxy-url'].map((field) => [field, cluster.text(field)]);
  const flags = ['insecure-skip-tls-verify', 'disable-compression']
    .filter((field) => cluster.flag(field))
    .map((field) => [field, true]);
  const extensions = cluster.value('extensions');
  const extension = (isArray(extensions) ? extensions : [])
    .filter(isObject)
    .find(({ name }) => name === EXTENSION);
  return {
    server,
    ...Object.fromEntries([...texts, ...flags]),
    'certificate-authority-data': ca?.toString('base64'),
    config: extension?.extension,
  };
}

/** What a plugin printed. Throws ClusterError, with client-go's words where it has some. */
function outputOf(plugin: ExecPlugin, result: CommandResult, timeout: number): string {
  const executable = `${plugin.place}: executable ${oneLine(plugin.command)}`;
  if (result.kind === 'missing') throw missing(plugin, executable, result.reason);
  if (result.kind === 'unstarted')
    throw new ClusterError(`${executable} cannot be started now: ${result.reason}`);
  const { stdout, stderr } = result;
  const fail = (what: string): ClusterError => {
    const said = ending(stderr);
    return new ClusterError(`${executable} ${what}${said === '' ? '' : `: ${said}`}`);
  };
  if (stdout.length >= MAX_OUTPUT) throw fail(`printed more than ${MAX_OUTPUT} characters`);
  if (result.kind === 'killed')
    throw fail(
      result.by === 'timeout'
        ? `did not end within ${timeout / 1000} s`
        : `was ended by ${result.signal}`,
    );
  if (result.code !== 0) throw fail(`failed with exit code ${result.code}`);
  return stdout;
}

function missing(plugin: ExecPlugin, executable: string, reason: string): ClusterError {
  if (!reason.includes('ENOENT'))
    return new ClusterError(`${executable} cannot be run: ${oneLine(reason)}`);
  const hint = plugin.installHint.slice(0, MAX_HINT) || 'is it installed, and in PATH?';
  return new ClusterError(`${executable} not found`, {}, { hint });
}

/** The end of what a program said, on one line. */
function ending(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length > SHOWN ? `...${line.slice(-SHOWN)}` : line;
}
