/** Actions that change a packet or its connection and go on with the next statement. */

import type { CompiledAction } from './compiled-rules.js';
import { byFirst, byTracked } from './connections.js';
import { copyOf, type Flow } from './flow.js';

/** Non-terminal actions: marks, notrack, and `recent` lists. */
export type Write = Extract<
  CompiledAction,
  { readonly kind: 'set-mark' | 'write-mark' | 'untrack' | 'remember' }
>;

/** The parts of a flow after an action of a table. `client`: the `recent` lists of its source. */
export function write(
  flow: Flow,
  action: Write,
  table: string,
  client: ReadonlySet<string>,
): readonly Flow[] {
  switch (action.kind) {
    case 'set-mark': {
      const { mask, value } = action;
      return [marked(flow, (flow.mark & ~mask) ^ value, flow.openMark & ~mask)];
    }
    case 'write-mark': {
      const { of, packet, connection, value } = action;
      // Every packet has a mark of its own, whether it belongs to a connection or not.
      if (of === 'packet' && connection === 0)
        return [marked(flow, (flow.mark & packet) ^ value, flow.openMark & packet)];
      const { met, rest } = byTracked(flow);
      const others = rest === undefined ? [] : [rest];
      return met === undefined ? others : [...others, ...writeMark(met, action)];
    }
    case 'untrack':
      return [{ ...flow, tracking: 'never' }];
    case 'remember': {
      flow.trail?.fork();
      // Which clients have the address of a destination is not known; perhaps none.
      if (action.field !== 'saddr') return [flow];
      const list = `${table} ${action.set}`;
      const isLeft = !action.renews && client.has(list);
      return [isLeft ? flow : { ...flow, lists: [...flow.lists, list] }];
    }
  }
}

/** The bits of a packet's mark that an action changes. */
export function writtenBits(action: Write): number {
  if (action.kind === 'set-mark') return (action.mask | action.value) >>> 0;
  if (action.kind !== 'write-mark' || action.of === 'connection') return 0;
  return (~action.packet | action.value | action.connection) >>> 0;
}

/** The mark of a connection that exists already is not known. */
function writeMark(
  flow: Flow,
  { of, packet, connection, value }: Extract<Write, { readonly kind: 'write-mark' }>,
): readonly Flow[] {
  const mark = ((flow.mark & packet) ^ (flow.connectionMark & connection) ^ value) >>> 0;
  if (of === 'connection') return [{ ...flow, connectionMark: mark }];
  const { met, rest } = byFirst(flow);
  const open = flow.openMark & packet;
  return [
    ...(met === undefined ? [] : [marked(met, mark, open)]),
    ...(rest === undefined ? [] : [marked(rest, mark, open | connection)]),
  ];
}

function marked(flow: Flow, mark: number, openMark: number): Flow {
  const next = copyOf(flow);
  next.mark = (mark & ~openMark) >>> 0;
  next.openMark = openMark >>> 0;
  return next;
}
