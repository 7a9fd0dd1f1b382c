/** The plain data that `frame.hbs` has holes for. */

import type { NodeContext } from '../../../../model/types.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { type FrameView, frameView } from '../kube-proxy/frame-view.js';

export interface FastFrameView extends FrameView {
  /** What the frame makes maps for. */
  readonly protocols: readonly { readonly proto: string }[];
}

/** The view of a node's frame. */
export function fastFrameView(context: NodeContext): FastFrameView {
  return {
    ...frameView(context, { localhostNodePorts: false }),
    protocols: Object.values(PROTOCOL_WORDS).map((proto) => ({ proto })),
  };
}
