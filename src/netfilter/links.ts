/** The interfaces that packets have at the hooks of a machine. */

import { copyOf, type Flow, type Link } from './flow.js';
import { word } from './region.js';

/** Before it is routed a packet has no interface that it leaves by. */
export const ARRIVING: Link = { iif: undefined, oif: word('') };
export const LEAVING: Link = { iif: undefined, oif: undefined };
/** What a machine sends to itself leaves by `lo`, and arrives there. */
export const LOOPING_OUT: Link = { iif: undefined, oif: word('lo') };
export const LOOPING_IN: Link = { iif: word('lo'), oif: word('') };

/** The flows at a hook where they have these interfaces. */
export function linked(flows: readonly Flow[], link: Link): readonly Flow[] {
  return flows.map((flow) => {
    const there = copyOf(flow);
    there.link = link;
    return there;
  });
}
