/**
 * The layout without a chain for each endpoint: the chain of a pool translates, and one rule of the
 * node masquerades pods that reach themselves. Rules of all Services in one chain become prefix
 * trees. All else is as in kube-proxy's layout.
 */

import { listChange, portsChange } from '../../../../model/ports.js';
import type { NodeContext, ServicePort } from '../../../../model/types.js';
import type { Family } from '../../../../net/ip.js';
import type { Fragment } from '../../../../ruleset/types.js';
import type { Arranged, WritePort } from '../../../layout.js';
import { builtinTemplates } from '../../../templates.js';
import { arranged, type NodeWriter, type Placing } from '../../dispatch/arrange.js';
import { FROM_TEXT } from '../../dispatch/fragment-rules.js';
import { rootOfNode, treeKey } from '../../dispatch/kinds.js';
import { unsupportedFast } from '../../versions.js';
import { kubeProxy } from '../kube-proxy/layout.js';
import type { ChainRole, IptablesLayout } from '../layout.js';
import { writer } from '../written.js';
import { fastFrameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { type FastPortView, fastPortView, keysOf } from './view.js';

const own = builtinTemplates(precompiled);

export const fast: IptablesLayout = {
  ...kubeProxy,
  name: 'fast',
  templates: {
    // The rule about hairpins stands in front of the return for packets without a mark.
    frame: (view) => own.frame(view) + kubeProxy.templates.frame(view),
    port: (view) => kubeProxy.templates.port((view as FastPortView).frontends) + own.port(view),
    tail: (view) => kubeProxy.templates.tail(view) + own.tail(view),
  },
  frameView: fastFrameView,
  portView: fastPortView,
  roleOf,
  writes: writer(
    {
      'nat SVC': 'goto:SPLIT dnat',
      'nat SVL': 'goto:SPLIT dnat',
      'nat SPLIT': 'goto:SPLIT dnat',
      'nat KUBE-SERVICES': 'IP dnat',
      'nat KUBE-NODEPORTS': 'NP',
      'nat IP': 'goto:IP SVC SVL EXT FW dnat',
      'nat NP': 'goto:NP EXT',
      'filter KUBE-SERVICES': 'IP',
      'filter KUBE-EXTERNAL-SERVICES': 'XIP XNP',
      'filter KUBE-PROXY-FIREWALL': 'FWIP',
      'filter KUBE-NODEPORTS': 'NP',
      'filter IP': 'goto:IP reject drop',
      'filter XIP': 'goto:XIP reject drop',
      'filter XNP': 'goto:XNP reject drop',
      'filter FWIP': 'goto:FWIP drop',
      'filter NP': 'goto:NP accept',
    },
    roleOf,
  ),
  arrange: (model, write, before) => {
    const { context } = model;
    const items = {
      all: () => model.ports,
      changeFrom: () => portsChange(before?.model ?? model, model),
    };
    const placing = fromModel(context, write);
    return arranged(items, placing, nodeWriter(context.family), before?.ruleset ?? NOTHING);
  },
  dispatches: (table, chain) => kubeProxy.dispatches(table, rootOfNode(table, chain) ?? chain),
  unsupported: ({ missingModules }) => unsupportedFast(missingModules),
};

/** Finds the rules of a port in its view. */
function fromModel(context: NodeContext, write: WritePort): Placing<ServicePort> {
  return {
    keysOf: (port) => keysOf(port, context),
    placed: (port, chainAt) =>
      write(port, () =>
        fastPortView(port, context, (kind, address, protocol, number) =>
          chainAt({ kind, key: treeKey(address, protocol, number) }),
        ),
      ),
  };
}

function nodeWriter(family: Family): NodeWriter {
  return { family, template: precompiled.shared };
}

/**
 * Fragments of ports, from whatever layout, with each rule in its place. `before`: an earlier
 * result that shares fragments with them.
 */
export function arrangedFragments(
  ports: readonly Fragment[],
  family: Family,
  before: Arranged = NOTHING,
): Arranged {
  const items = {
    all: () => ports,
    changeFrom: (old: Arranged) => listChange(old.ports, ports),
  };
  return arranged(items, FROM_TEXT, nodeWriter(family), before);
}

const NOTHING: Arranged = { ports: [], shared: [] };

function roleOf(table: string, chain: string): ChainRole {
  if (table === 'nat' && SPLIT_CHAIN.test(chain)) return 'service';
  return rootOfNode(table, chain) === undefined ? kubeProxy.roleOf(table, chain) : 'shared';
}

/** Of some endpoints of a pool. */
const SPLIT_CHAIN = /^KUBE-SPLIT-[A-Z2-7]{16}$/;
