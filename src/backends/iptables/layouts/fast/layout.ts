/**
 * The layout without a chain for each endpoint: the chain of a pool translates, and one rule of the
 * node masquerades pods that reach themselves. Rules of all Services in one chain become prefix
 * trees. All else is as in kube-proxy's layout.
 */

import { builtinTemplates } from '../../../templates.js';
import { arrange } from '../../dispatch/arrange.js';
import { rootOfNode } from '../../dispatch/kinds.js';
import { unsupportedFast } from '../../versions.js';
import { kubeProxy } from '../kube-proxy/layout.js';
import type { ChainRole, IptablesLayout } from '../layout.js';
import { writer } from '../written.js';
import { fastFrameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { type FastPortView, fastPortView } from './view.js';

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
  arrange: (ports, family, before) =>
    arrange(ports, { family, template: precompiled.shared }, before),
  dispatches: (table, chain) => kubeProxy.dispatches(table, rootOfNode(table, chain) ?? chain),
  unsupported: ({ missingModules }) => unsupportedFast(missingModules),
};

function roleOf(table: string, chain: string): ChainRole {
  if (table === 'nat' && SPLIT_CHAIN.test(chain)) return 'service';
  return rootOfNode(table, chain) === undefined ? kubeProxy.roleOf(table, chain) : 'shared';
}

/** Of some endpoints of a pool. */
const SPLIT_CHAIN = /^KUBE-SPLIT-[A-Z2-7]{16}$/;
