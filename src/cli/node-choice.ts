/** Decides which node the rules are for. Never looks at the machine that vipc runs on. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { nearestName } from '../nearest-name.js';
import type { Snapshot } from '../snapshot/types.js';

/** What may name the node, strongest first; `''` and `undefined` name none. */
export interface NodeHints {
  /** `--node-name`: overrides the file, as kube-proxy's --hostname-override does. */
  readonly flag: string | undefined;
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
}

/** A node name, `''` for a machine outside of the cluster, and how it was found. */
export interface NodeChoice {
  readonly nodeName: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The node that is named by --node-name, else hostnameOverride, else the host facts; without any
 * of them the only Node of the snapshot, and if there are several, a machine that is none of them.
 */
export function chooseNode(snapshot: Snapshot, { flag, config, host }: NodeHints): NodeChoice {
  const named = flag || config.hostnameOverride || host?.nodeName || '';
  if (named !== '') return { nodeName: named, diagnostics: missingNode(snapshot, named) };
  const [only, ...others] = snapshot.nodes.keys();
  if (only !== undefined && others.length === 0) {
    return {
      nodeName: only,
      diagnostics: [note('node-chosen', `compiled for ${only}, the only Node in the input`)],
    };
  }
  const reason =
    only === undefined ? 'the input has no Node' : `the input has ${others.length + 1} Nodes`;
  const hint = 'name a node with --node-name, or give its facts with --host';
  return {
    nodeName: '',
    diagnostics: [
      {
        ...note(
          'node-outside',
          `compiled for a machine that is not a node of the cluster: ${reason} and none is named`,
        ),
        hint,
      },
    ],
  };
}

function missingNode(snapshot: Snapshot, name: string): readonly Diagnostic[] {
  if (snapshot.nodes.has(name)) return [];
  return [
    {
      code: 'node-missing',
      // With other Nodes there it is more likely a wrong name than an input without Nodes.
      severity: snapshot.nodes.size === 0 ? 'note' : 'warning',
      message: `Node ${JSON.stringify(name)} is not in the input: its addresses, zone and pod networks are unknown`,
      hint: nodeHint(name, [...snapshot.nodes.keys()]),
    },
  ];
}

function nodeHint(name: string, others: readonly string[]): string {
  if (others.length === 0) return 'add "nodes" to what kubectl gets';
  const near = nearestName(name, others);
  if (near !== undefined) return `did you mean ${near}?`;
  return `the input has ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`;
}

function note(code: string, message: string): Diagnostic {
  return { code, severity: 'note', message };
}
