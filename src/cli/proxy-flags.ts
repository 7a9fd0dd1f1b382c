/**
 * kube-proxy's command line flags as a KubeProxyConfiguration, and which of them a file overrides.
 */

import { type Command, Option } from 'commander';
import type { AgentConfig } from '../config/agent-config.js';
import { type LoadedConfig, loadConfig, loadConfigValue } from '../config/load.js';
import type { RawConfig } from '../config/schema.js';
import type { LayoutName } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { ConfigError, UnsupportedError, UsageError } from '../errors.js';
import { parseIp } from '../net/ip.js';
import {
  type ConfigFlag,
  IGNORED_FLAGS,
  type OtherFlag,
  OVERRIDDEN_FLAGS,
  OVERRIDING_FLAGS,
  PORT_FLAGS,
  REFUSED_FLAGS,
} from './proxy-flag-table.js';
import { flagValue } from './proxy-flag-values.js';
import { withWords } from './value-words.js';

/**
 * The flags that mean something besides a field of the configuration; the others are read by their
 * name.
 */
export interface ProxyFlags {
  /** `--config`: overrides most flags. */
  readonly config?: string;
  /** `--master`: address of the API server; overrides the kubeconfig. */
  readonly master?: string;
  /** `--healthz-port`: 0 for no health server. */
  readonly healthzPort?: number;
  /** `--metrics-port`: 0 for no metrics server. */
  readonly metricsPort?: number;
  /** `--layout` and `--profile`, which kube-proxy does not have: they override the file. */
  readonly layout?: LayoutName;
  readonly profile?: string;
}

/** The words of flags that take one of a few. */
const FLAG_WORDS: Readonly<Record<string, readonly string[]>> = {
  'proxy-mode': ['iptables', 'nftables'],
  'detect-local-mode': ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'],
  'logging-format': ['text', 'json'],
};

const TABLE: readonly ConfigFlag[] = [...OVERRIDDEN_FLAGS, ...OVERRIDING_FLAGS];

/** Those that are checked as fields of a configuration. */
const CHECKED: readonly FieldFlag[] = [
  ...TABLE,
  ...IGNORED_FLAGS.filter(({ fields }) => fields.length > 0),
];

type FieldFlag = Pick<ConfigFlag, 'name' | 'fields'>;

/** The command with all of kube-proxy's flags; the help shows those that have an effect. */
export function addProxyFlags(command: Command): Command {
  command
    .option('--config <file>', 'KubeProxyConfiguration of the node; overrides most other flags')
    .option('--master <url>', 'address of the API server; overrides the kubeconfig');
  const hidden = [
    ...PORT_FLAGS.map(({ name }) =>
      new Option(`--${name} <port>`).argParser(flagValue(name, 'number')),
    ),
    ...IGNORED_FLAGS.map((flag) => hiddenOption(flag, flag.kind === 'switch')),
    ...REFUSED_FLAGS.map((flag) => hiddenOption(flag, true)),
  ];
  for (const flag of TABLE) command.addOption(optionOf(flag));
  for (const option of hidden) command.addOption(option.hideHelp());
  return command;
}

function hiddenOption({ name, kind }: OtherFlag, isAlone: boolean): Option {
  return new Option(`--${name} ${isAlone ? '[value]' : '<value>'}`).argParser(
    flagValue(name, kind),
  );
}

function optionOf({ name, kind, value, help }: ConfigFlag): Option {
  const word = kind === 'switch' ? `[${value}]` : `<${value}>`;
  const names = name.length === 1 ? `-${name}, --${name}` : `--${name}`;
  const words = kind === 'switch' ? ['true', 'false'] : (FLAG_WORDS[name] ?? []);
  return new Option(`${names} ${word}`, help).argParser(withWords(words, flagValue(name, kind)));
}

/**
 * The configuration of a kube-proxy with this command line, and what has to be said about it. With
 * `--config` it is the file's: flags are ignored with a warning, but for --hostname-override,
 * --layout, --profile and what is logged. Without it the flags go through the checks of a file.
 * Throws ConfigError for the file, UsageError for a flag, UnsupportedError for mode ipvs.
 */
export async function proxyConfig(
  flags: ProxyFlags,
  readText: (path: string) => Promise<string>,
): Promise<{ readonly loaded: LoadedConfig; readonly diagnostics: readonly Diagnostic[] }> {
  const given = new Map<string, unknown>(Object.entries(flags));
  const unused = flagsWithoutEffect(given);
  if (flags.config === undefined) {
    const loaded = fromFlags(given, flags);
    return { loaded, diagnostics: [...unused, ...loaded.diagnostics] };
  }
  const text = await readText(flags.config);
  const loaded = loadConfig(text, flags.config, {
    ...(given.get('hostnameOverride') ? configOf(given, OVERRIDING_FLAGS.slice(0, 1)) : {}),
    ...configOf(given, OVERRIDING_FLAGS.slice(1)),
    ...ownFields(flags),
  });
  return { loaded, diagnostics: [...unused, ...ignored(given), ...loaded.diagnostics] };
}

/**
 * A warning for each flag without an effect: the agent shows notes in a detailed log alone. Throws
 * UsageError for one that another command stands for.
 */
function flagsWithoutEffect(given: ReadonlyMap<string, unknown>): readonly Diagnostic[] {
  for (const { name, text: hint } of REFUSED_FLAGS) {
    const value = given.get(optionName(name));
    if (value !== undefined && value !== false && value !== '')
      throw new UsageError(`--${name} is not a flag of the agent`, { hint });
  }
  return IGNORED_FLAGS.filter(({ name }) => given.get(optionName(name)) !== undefined).map(
    ({ name, text: reason }) => ({
      code: 'flag-without-effect',
      severity: 'warning',
      message: `--${name} has no effect: ${reason}`,
    }),
  );
}

/** What commander calls a flag. */
function optionName(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function ignored(given: ReadonlyMap<string, unknown>): readonly Diagnostic[] {
  const names = [...OVERRIDDEN_FLAGS, ...PORT_FLAGS]
    .filter(({ name }) => given.get(optionName(name)) !== undefined)
    .map(({ name }) => `--${name}`);
  if (names.length === 0) return [];
  const [verb, it] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    {
      code: 'config-flag-ignored',
      severity: 'warning',
      message: `${names.join(', ')} ${verb} ignored, because --config is given`,
      hint: `put ${it} into the file`,
    },
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function configOf(given: ReadonlyMap<string, unknown>, table: readonly FieldFlag[]): Fields {
  let config: Fields = {};
  for (const { name, fields } of table) {
    const value = given.get(optionName(name));
    if (value === undefined) continue;
    for (const field of fields) config = withField(config, field, value);
  }
  return config;
}

function withField(
  fields: Fields,
  [step = '', ...rest]: readonly string[],
  value: unknown,
): Fields {
  if (rest.length === 0) return { ...fields, [step]: value };
  const inner = fields[step];
  const members: Fields = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  return { ...fields, [step]: withField(members, rest, value) };
}

function fromFlags(given: ReadonlyMap<string, unknown>, flags: ProxyFlags): LoadedConfig {
  const config = { ...HEAD, ...configOf(given, CHECKED), ...addresses(given), ...ownFields(flags) };
  try {
    const loaded = loadConfigValue(config, 'command line');
    return { ...loaded, agent: { ...loaded.agent, ...switchedOff(given, flags) } };
  } catch (error) {
    throw inWordsOfFlags(error);
  }
}

function ownFields({ layout, profile }: ProxyFlags): Pick<RawConfig, 'layout' | 'profile'> {
  return {
    ...(layout === undefined ? {} : { layout }),
    ...(profile === undefined ? {} : { profile }),
  };
}

const HEAD = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' };

/**
 * Addresses with the port of their deprecated flag. Where an address has its own port, that counts.
 */
function addresses(given: ReadonlyMap<string, unknown>): Fields {
  return Object.fromEntries(
    PORT_FLAGS.flatMap(({ name, field, any }): [string, string][] => {
      const port = given.get(optionName(name));
      const address = given.get(field) ?? any;
      if (typeof port !== 'number' || port === 0 || typeof address !== 'string') return [];
      if (parseIp(address) === undefined) return [];
      return [[field, address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`]];
    }),
  );
}

/** On the command line an empty address, or port 0, is no server. */
function switchedOff(given: ReadonlyMap<string, unknown>, flags: ProxyFlags): Partial<AgentConfig> {
  return {
    ...(given.get('healthzBindAddress') === '' || flags.healthzPort === 0
      ? { healthzBindAddress: undefined }
      : {}),
    ...(given.get('metricsBindAddress') === '' || flags.metricsPort === 0
      ? { metricsBindAddress: undefined }
      : {}),
  };
}

/** What is wrong with a field, said about the flag that it is. */
function inWordsOfFlags(error: unknown): unknown {
  if (error instanceof UnsupportedError) {
    return new UnsupportedError(flagWords(error.message.replace('command line: ', '')), {
      hint: 'use --proxy-mode iptables or --proxy-mode nftables',
    });
  }
  if (!(error instanceof ConfigError)) return error;
  const faults = error.diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length === 0) return error;
  const lines = faults.map(({ field = '', value = '""', message }) => {
    const name = flagWords(field.replace(/\[\d+\]$/, ''));
    return `invalid argument ${value} for "${name}" flag: ${flagWords(message)}`;
  });
  return new UsageError([...new Set(lines)].join('\n'), { hint: flagWords(error.hint) });
}

/** Whole names of fields only: `mode`, not the end of `detectLocalMode`. */
function flagWords(text: string): string {
  const words = [...CHECKED, ...PORT_FLAGS.map(({ name, field }) => ({ name, fields: [[field]] }))];
  return words.reduce((before, { name, fields }) => {
    const spelled = fields.map((field) => field.join('\\.')).join('|');
    return before.replace(new RegExp(`(?<![\\w.-])(?:${spelled})(?![\\w-])`, 'g'), `--${name}`);
  }, text);
}
