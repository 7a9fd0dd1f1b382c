/** Spells a model as a Ruleset; given the compilation before, it renders only the ports that changed. */

import { TemplateError } from '../../errors.js';
import { comparePorts } from '../../model/order.js';
import type { Model, NodeContext, ServicePort } from '../../model/types.js';
import type { Layout } from '../../render/layout.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { Compilation } from '../backend.js';
import { frameView } from './frame-view.js';
import { portView } from './view.js';

/** The Ruleset of a model. Fragments of identical ports in an equal context are the identical values. */
export function compile(model: Model, layout: Layout, previous?: Compilation): Ruleset {
  const old = previous?.layout === layout ? previous : undefined;
  const frame =
    old?.model.context === model.context
      ? old.ruleset.frame
      : fragment('', layout, layout.frame(frameView(model.context)));
  const reuse =
    old !== undefined && samePortContext(old.model.context, model.context)
      ? fragmentsOf(old)
      : () => undefined;
  const ports = model.ports.map(
    (port) =>
      reuse(port) ?? fragment(originOf(port), layout, layout.port(portView(port, model.context))),
  );
  return { backend: 'iptables', family: model.context.family, frame, ports };
}

/** `namespace/name:port protocol`: what a rule line is traced back to. */
function originOf(port: ServicePort): string {
  return `${port.id} ${port.protocol}`;
}

/**
 * Finds the fragment of an identical port; asked in Service order. Both lists have the same order, so one walk along
 * the old one answers all questions, without a table of ten thousand entries for each change.
 */
function fragmentsOf({ model, ruleset }: Compilation): (port: ServicePort) => Fragment | undefined {
  let next = 0;
  return (port) => {
    let candidate = model.ports[next];
    while (candidate !== undefined && candidate !== port && comparePorts(candidate, port) < 0) {
      candidate = model.ports[++next];
    }
    return candidate === port ? ruleset.ports[next++] : undefined;
  };
}

/** Whether two contexts agree in all that {@link portView} reads. */
function samePortContext(a: NodeContext, b: NodeContext): boolean {
  return (
    a === b || PORT_CONTEXT.every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]))
  );
}

const PORT_CONTEXT = [
  'family',
  'nodeIp',
  'localDetector',
  'masqueradeAll',
  'localhostNodePorts',
  'nfacct',
  'large',
] as const;

/** A line that a template may write: a table, a chain, a rule, or a comment. */
const LINE = /^(?:\*[a-z]+|:[!-~]{1,28} - \[0:0\]|-A [!-~]{1,28} [ -~]+|#[ -~]*)$/;

function fragment(origin: string, layout: Layout, text: string): Fragment {
  if (layout.custom) {
    const bad = text.split('\n').find((line) => line !== '' && !LINE.test(line));
    if (bad !== undefined) {
      throw new TemplateError(
        `${layout.directory}: a template wrote a line that is no table, chain or rule: ${JSON.stringify(bad)}`,
        {
          hint: 'write *TABLE, ":CHAIN - [0:0]" and "-A CHAIN …" lines, as iptables-save prints them',
        },
      );
    }
  }
  return { origin, text: flat(text) };
}

/**
 * The same text in one piece. Handlebars builds a tree of small strings, which V8 keeps as it is until somebody looks
 * inside; kept for 10,000 Services it costs four times the memory and most of the time in the garbage collector.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
