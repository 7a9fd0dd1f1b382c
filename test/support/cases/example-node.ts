/**
 * The node of `fixtures/behaviour`: its snapshot, configuration and facts, and what they compile
 * to.
 */

import { readFileSync } from 'node:fs';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  type HostFacts,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
  type Snapshot,
} from '../../../src/index.js';

export const EXAMPLE = 'fixtures/behaviour';

function file(name: string): { readonly name: string; readonly text: string } {
  return { name, text: readFileSync(`${EXAMPLE}/${name}`, 'utf8') };
}

export const exampleSnapshot: Snapshot = loadSnapshot(
  ['nodes', 'dns', 'shop'].map((name) => file(`manifests/${name}.yaml`)),
).snapshot;

export const exampleHost: HostFacts = loadHostFacts(file('node/worker-1.yaml').text, 'worker-1');

const { config } = loadConfig(file('node/kube-proxy.yaml').text, 'kube-proxy');

/** The rules of worker-1. */
export function exampleRules(mode: BackendName): Compiled {
  return compileSnapshot(exampleSnapshot, 'IPv4', { config, nodeName: 'worker-1', mode });
}
