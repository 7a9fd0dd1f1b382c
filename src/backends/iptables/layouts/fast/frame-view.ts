/** The plain data that `frame.hbs` and `tail.hbs` have holes for. */

import type { NodeContext } from '../../../../model/types.js';
import { HAIRPIN_PROGRAMS } from '../../hairpin.js';
import { type FrameView, frameView } from '../kube-proxy/frame-view.js';

export interface FastFrameView extends FrameView {
  /** Matches packets whose source is their destination, for `-m bpf`. */
  readonly hairpinProgram: string;
}

/** The view of a node's frame. */
export function fastFrameView(context: NodeContext): FastFrameView {
  return { ...frameView(context), hairpinProgram: HAIRPIN_PROGRAMS[context.family] };
}
