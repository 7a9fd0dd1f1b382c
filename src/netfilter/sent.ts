/** Packets before any rule was asked. */

import type { Flow } from './flow.js';
import { ALL } from './fraction.js';
import { ARRIVING, LEAVING } from './links.js';
import type { Region } from './region.js';

const NOTHING: readonly [] = [];

/** All packets of a region, which arrive (prerouting) or are the machine's own, with a mark. */
export function sentFlow(region: Region, start: 'prerouting' | 'output', mark: number): Flow {
  // Every field has a value from the start: V8 copies an object of one shape much faster.
  return {
    region,
    share: ALL,
    mark,
    isOwn: start === 'output',
    sentMark: mark,
    openMark: 0,
    connectionMark: 0,
    tracking: 'seen',
    link: start === 'prerouting' ? ARRIVING : LEAVING,
    dnat: undefined,
    masquerade: false,
    snat: undefined,
    ports: '',
    accepted: NOTHING,
    lists: NOTHING,
    assumptions: NOTHING,
    path: undefined,
    trail: undefined,
  };
}
