/**
 * The layout without a chain for each endpoint: the chain of a pool translates, and one rule of the
 * node masquerades pods that reach themselves. All else is as in kube-proxy's layout.
 */

import type { NodeContext } from '../../../../model/types.js';
import { builtinTemplates } from '../../../templates.js';
import { HAIRPIN_PROGRAMS } from '../../hairpin.js';
import { unsupportedFast } from '../../versions.js';
import { type FrameView, frameView } from '../kube-proxy/frame-view.js';
import { kubeProxy } from '../kube-proxy/layout.js';
import type { ChainRole, IptablesLayout } from '../layout.js';
import { writer } from '../written.js';
import * as precompiled from './precompiled.js';
import { fastPortView } from './view.js';

const own = builtinTemplates('iptables/fast', precompiled);

export const fast: IptablesLayout = {
  ...kubeProxy,
  name: 'fast',
  templates: {
    // The rule about hairpins stands in front of the return for packets without a mark.
    frame: (view) => own.frame(view) + kubeProxy.templates.frame(view),
    port: (view) => kubeProxy.templates.port(view) + own.port(view),
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
    },
    roleOf,
  ),
  unsupported: ({ missingModules }) => unsupportedFast(missingModules),
};

function roleOf(table: string, chain: string): ChainRole {
  return table === 'nat' && SPLIT_CHAIN.test(chain) ? 'service' : kubeProxy.roleOf(table, chain);
}

/** Of some endpoints of a pool. */
const SPLIT_CHAIN = /^KUBE-SPLIT-[A-Z2-7]{16}$/;

function fastFrameView(context: NodeContext): FrameView & { readonly hairpinProgram: string } {
  return { ...frameView(context), hairpinProgram: HAIRPIN_PROGRAMS[context.family] };
}
