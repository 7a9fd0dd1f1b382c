/** From the text of a KubeProxyConfiguration to a {@link ProxyConfig}: parse, check, default. */

import { type Diagnostic, showValue } from '../diagnostics.js';
import { ConfigError, UnsupportedError } from '../errors.js';
import type { FieldPath } from '../input/path.js';
import { project, withoutNulls } from '../input/project.js';
import { shapeCheck } from '../input/shape-check.js';
import { isObject } from '../input/value.js';
import { type Cidr, LOOPBACK_CIDR, parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { type AUTO, DEFAULT_PROFILE, profileOf, withGates } from '../profiles/profiles.js';
import { type AgentConfig, agentConfig } from './agent-config.js';
import { configDocument } from './config-map.js';
import { defaultConfig, orWhereAbsent } from './defaults.js';
import { parseDuration } from './duration.js';
import { checkProxyConfig } from './precompiled.js';
import {
  type ConfigDocument,
  type ConfigProblem,
  placedDiagnostic,
  refuse,
  shapeProblem,
} from './problems.js';
import { EXTERNAL_IPS_GATE } from './profile-rules.js';
import { CONFIG_API_VERSION, CONFIG_KIND, DETECT_LOCAL_MODES, ruleProblems } from './rules.js';
import { PROXY_CONFIG, type RawConfig } from './schema.js';
import { type ConntrackConfig, LAYOUT_NAMES, type ProxyConfig } from './types.js';

/** A configuration that can be used, and what was ignored in its file. */
export interface LoadedConfig {
  readonly config: ProxyConfig;
  /** The fields that steer a running agent and decide no rule. */
  readonly agent: AgentConfig;
  /** The fields as they were given, checked and without defaults. */
  readonly raw: RawConfig;
  /** Warnings and notes only: an error ends in a ConfigError. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Fields that the command line puts in place of those of the file. */
export interface ConfigOverrides
  extends Pick<RawConfig, 'hostnameOverride' | 'layout' | 'logging' | 'profile'> {
  /** Where neither names a profile: `auto` has the file checked as one of any version. */
  readonly unnamedProfile?: typeof AUTO;
}

const check = shapeCheck<RawConfig>(PROXY_CONFIG, checkProxyConfig);

/**
 * The configuration that a kube-proxy started with this file has.
 *
 * Reads a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) as YAML or JSON, also in a
 * file with other documents, or in a ConfigMap under any key. Like
 * kube-proxy it goes on after an unknown field or a key given twice; both are warnings, because
 * the file may belong to another version. Throws ConfigError for what kube-proxy refuses, with
 * the place of every finding, and UnsupportedError for mode ipvs.
 */
export function loadConfig(
  text: string,
  name: string,
  overrides: ConfigOverrides = {},
): LoadedConfig {
  return loadDocument(configDocument(text, name), name, overrides);
}

/**
 * The configuration that a value is, by the same checks as {@link loadConfig}: one that was put
 * together from flags, or a part of another file. Without `position` what it says is wrong has a
 * field and no place.
 */
export function loadConfigValue(
  value: unknown,
  name: string,
  position: ConfigDocument['position'] = () => undefined,
): LoadedConfig {
  return loadDocument({ value, diagnostics: [], position }, name, {});
}

function loadDocument(
  document: ConfigDocument,
  name: string,
  overrides: ConfigOverrides,
): LoadedConfig {
  checkKind(document.value, name);
  const found = shaped(document.value);
  if (!('raw' in found)) return refuse(document, found.problems);
  const { unnamedProfile, ...others } = overrides;
  const raw = overridden(found.raw, others);
  const unnamed = unnamedProfile === undefined ? {} : { profile: unnamedProfile };
  const problems = [...found.problems, ...ruleProblems({ ...unnamed, ...raw })];
  if (problems.some(({ severity }) => severity === 'error')) refuse(document, problems);
  if (raw.mode === 'ipvs') {
    throw new UnsupportedError(
      `${name}: mode: ipvs is not supported: vipc writes rules for iptables and nftables`,
      {
        hint: 'set mode to iptables or nftables in a copy of the file',
      },
    );
  }
  return {
    config: configOf(raw),
    agent: agentConfig(raw),
    raw,
    diagnostics: [
      ...document.diagnostics,
      ...problems.map((problem) => placedDiagnostic(document, problem)),
    ],
  };
}

/** Single log settings of the command line replace single ones of the file. */
function overridden(raw: RawConfig, { logging, ...overrides }: Partial<RawConfig>): RawConfig {
  const merged = { ...raw.logging, ...logging };
  return { ...raw, ...overrides, ...(Object.keys(merged).length === 0 ? {} : { logging: merged }) };
}

/** Without this a Service given as --config would be refused for dozens of unknown fields. */
function checkKind(value: unknown, name: string): void {
  const fields = isObject(value) ? value : {};
  const { kind, apiVersion } = fields;
  const hint = `the file starts with "apiVersion: ${CONFIG_API_VERSION}" and "kind: ${CONFIG_KIND}"`;
  if (kind === undefined || kind === null || kind === '') {
    throw new ConfigError(`${name}: Object 'Kind' is missing`, { hint });
  }
  if (kind !== CONFIG_KIND || apiVersion !== CONFIG_API_VERSION) {
    const version = showValue(apiVersion ?? '');
    throw new ConfigError(
      `${name}: no kind ${showValue(kind)} is registered for version ${version}`,
      { hint },
    );
  }
}

/** A value that has the schema's types, and what was wrong with it and left out. */
interface Shaped {
  readonly raw: RawConfig;
  readonly problems: readonly ConfigProblem[];
}

/**
 * The value without its unknown fields, each with a warning, and without the fields of a wrong
 * type, each with an error, so that the rules can check the rest. Problems only if a required field
 * is missing.
 */
function shaped(value: unknown): Shaped | { readonly problems: readonly ConfigProblem[] } {
  const given = withoutNulls(value);
  if (check.passes(given)) return { raw: given, problems: [] };
  const known = project(PROXY_CONFIG, given, { unknown: false });
  const unknown = check
    .problems(given)
    .filter(({ kind }) => kind === 'unknown')
    .map(
      (problem): ConfigProblem => ({
        ...shapeProblem(problem),
        severity: 'warning',
        message: 'unknown field, ignored',
      }),
    );
  if (check.passes(known)) return { raw: known, problems: unknown };
  const wrong = check.problems(known);
  const problems = [...wrong.map(shapeProblem), ...unknown];
  const rest = wrong.reduce((left, { path }) => withoutField(left, path), known);
  return check.passes(rest) ? { raw: rest, problems } : { problems };
}

/** The value without the field that a path leads to, or the list that it leads into. */
function withoutField(value: unknown, [step, ...rest]: FieldPath): unknown {
  if (!isObject(value) || step === undefined || !Object.hasOwn(value, step)) return value;
  const isLeaf = rest.length === 0 || typeof rest[0] === 'number';
  const { [step]: member, ...others } = value;
  return isLeaf ? others : { ...others, [step]: withoutField(member, rest) };
}

/** The modes that vipc has rules for. */
const MODES = ['iptables', 'nftables'] as const;

function configOf(raw: RawConfig): ProxyConfig {
  const { detectLocal = {}, conntrack = {}, featureGates = {} } = raw;
  return {
    mode: MODES.find((known) => known === raw.mode) ?? '',
    layout: LAYOUT_NAMES.find((known) => known === raw.layout) ?? defaultConfig.layout,
    hostnameOverride: (raw.hostnameOverride ?? '').trim().toLowerCase(),
    bindAddress: parseIp(raw.bindAddress ?? '') ?? defaultConfig.bindAddress,
    clusterCidrs: cidrs((raw.clusterCIDR ?? '').split(',')),
    detectLocalMode:
      DETECT_LOCAL_MODES.find((mode) => mode === raw.detectLocalMode) ??
      defaultConfig.detectLocalMode,
    ...orWhereAbsent({ bridgeInterface: '', interfaceNamePrefix: '' }, detectLocal),
    nodePortAddresses: nodePortAddresses(raw.nodePortAddresses),
    iptables: orWhereAbsent(defaultConfig.iptables, raw.iptables),
    nftables: orWhereAbsent(defaultConfig.nftables, raw.nftables),
    tcpBeLiberal: conntrack.tcpBeLiberal ?? false,
    ...conntrackOf(conntrack),
    profile: withGates(profileOf(raw.profile ?? '') ?? DEFAULT_PROFILE, featureGates),
    allowServiceExternalIps: featureGates[EXTERNAL_IPS_GATE] ?? true,
  };
}

/** What the words of kube-proxy 1.37 stand for. */
const KEYWORD_NETWORKS: ReadonlyMap<string, readonly (Cidr | 'primary')[]> = new Map<
  string,
  readonly (Cidr | 'primary')[]
>([
  ['primary', ['primary']],
  ['localhost', Object.values(LOOPBACK_CIDR)],
  ['all', cidrs(['0.0.0.0/0', '::/0'])],
]);

function nodePortAddresses(texts: readonly string[] = []): ProxyConfig['nodePortAddresses'] {
  if (texts.includes('primary') && texts.length === 1) return 'primary';
  return texts.flatMap((text) => KEYWORD_NETWORKS.get(text) ?? cidrs([text]));
}

function conntrackOf(raw: NonNullable<RawConfig['conntrack']>): Pick<ProxyConfig, 'conntrack'> {
  const { maxPerCore, min } = raw;
  const seconds = (
    name: 'tcpEstablishedTimeout' | 'tcpCloseWaitTimeout' | 'udpTimeout' | 'udpStreamTimeout',
  ): ConntrackConfig => {
    // The kernel counts in whole seconds, and kube-proxy cuts the rest off; 0 means as it is.
    const value = Math.floor((parseDuration(raw[name] ?? '') ?? 0) / 1000);
    return value === 0 ? {} : { [name]: value };
  };
  const conntrack = {
    ...(maxPerCore === undefined ? {} : { maxPerCore }),
    ...(min === undefined ? {} : { min }),
    ...seconds('tcpEstablishedTimeout'),
    ...seconds('tcpCloseWaitTimeout'),
    ...seconds('udpTimeout'),
    ...seconds('udpStreamTimeout'),
  };
  return Object.keys(conntrack).length === 0 ? {} : { conntrack };
}

function cidrs(texts: readonly string[]): readonly Cidr[] {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
