/** A few Services for an apply, and options with defaults. */

import { readFileSync } from 'node:fs';
import type { Desired } from '../../../src/apply/machine-plan.js';
import type { ApplyOptions } from '../../../src/apply/steps.js';
import type { Compilation } from '../../../src/backends/backend.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { ProxyConfig } from '../../../src/config/types.js';
import type { Host } from '../../../src/host/host.js';
import type { Family } from '../../../src/net/ip.js';
import { compileSnapshot } from '../../../src/pipeline.js';
import type { Fragment, Ruleset } from '../../../src/ruleset/types.js';
import type { KubernetesObject } from '../../../src/snapshot/types.js';
import { node, service, slice, snapshotOf } from '../../model/support.js';

/** Options with short timeouts; a test overrides what it is about. */
export function applyOptions(host: Host, over: Partial<ApplyOptions> = {}): ApplyOptions {
  return {
    host,
    backend: BACKENDS.iptables,
    lock: { timeout: 10_000, about: 'a test' },
    timeout: 60_000,
    failedFolder: '/nowhere',
    verify: true,
    ...over,
  };
}

/** The IPv4 address of a Service by number. */
export function vip(n: number): string {
  return `10.96.${n >> 8}.${n & 255}`;
}

/** Service `shop/NAME` number `n` with this many endpoints. */
export function shop(name: string, n: number, endpoints = 2): readonly KubernetesObject[] {
  const addresses = Array.from({ length: endpoints }, (_, i) => `10.${n >> 8}.${n & 255}.${i + 1}`);
  return [service(name, { clusterIP: vip(n) }), slice(name, addresses)];
}

/** `s0`, `s1`, … one after the other. */
export function shops(count: number, endpoints = 2): readonly KubernetesObject[] {
  return Array.from({ length: count }, (_, n) => shop(`s${n}`, n + 1, endpoints)).flat();
}

/** The rules for these objects on a node with one address. */
export function desired(
  objects: readonly KubernetesObject[],
  families: readonly Family[] = ['IPv4'],
  config: Partial<ProxyConfig> = {},
): Desired {
  const all = { ...defaultConfig, ...config };
  const snapshot = snapshotOf(node(['192.0.2.10']), ...objects);
  return {
    config: all,
    compiled: families.map((family) =>
      compileSnapshot(snapshot, family, { config: all, nodeName: 'here' }),
    ),
  };
}

/** These rules as what was compiled, for tests that are not about a model: it has no Services. */
export function compiledAs(ruleset: Ruleset): Compilation {
  const [empty] = desired([], [ruleset.family], { mode: ruleset.backend }).compiled;
  return { ...empty!, ruleset };
}

/** The same with every Ruleset changed. */
export function changed(from: Desired, change: (ruleset: Ruleset) => Ruleset): Desired {
  return {
    ...from,
    compiled: from.compiled.map((one) => ({ ...one, ruleset: change(one.ruleset) })),
  };
}

/** Adds lines to the table `nat` of a Service's fragment; `CHAIN` stands for its first chain. */
export function spoiled(ruleset: Ruleset, name: string, ...lines: readonly string[]): Ruleset {
  return { ...ruleset, ports: ruleset.ports.map((port) => spoil(port, name, lines)) };
}

function spoil(port: Fragment, name: string, lines: readonly string[]): Fragment {
  if (!port.origin.startsWith(`shop/${name} `)) return port;
  const [chain = ''] = /KUBE-SVC-\w+/.exec(port.text) ?? [];
  const added = lines.map((line) => `${line.replaceAll('CHAIN', chain)}\n`).join('');
  return { ...port, text: `${port.text}*nat\n${added}` };
}

/** The Ruleset without a Service. */
export function withoutService(ruleset: Ruleset, name: string): Ruleset {
  return {
    ...ruleset,
    ports: ruleset.ports.filter(({ origin }) => !origin.startsWith(`shop/${name} `)),
  };
}

/** A file as its bytes. */
export function bytesOf(path: string): string {
  return readFileSync(path, 'latin1');
}
