/** Decides which node the rules are for. Never looks at the machine that vipc runs on. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Snapshot } from '../snapshot/types.js';

/** What may name the node, strongest first; `''` and `undefined` name none. */
export interface NodeHints {
  /** `--node-name`: beats the file, as kube-proxy's --hostname-override does. */
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
          `compiled for a machine that is no node of the cluster: ${reason} and none is named`,
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
      severity: 'note',
      message: `Node ${JSON.stringify(name)} is not in the input: its addresses, zone and pod networks are unknown`,
      hint: 'add "nodes" to what kubectl gets',
    },
  ];
}

function note(code: string, message: string): Diagnostic {
  return { code, severity: 'note', message };
}
