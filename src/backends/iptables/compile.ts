/** Spells a model as a Ruleset; given the compilation before, it renders only the ports that changed. */

import { TemplateError } from '../../errors.js';
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
  const reusable =
    old !== undefined && samePortContext(old.model.context, model.context)
      ? fragmentsByPort(old)
      : undefined;
  const ports = model.ports.map(
    (port) =>
      reusable?.get(port) ??
      fragment(originOf(port), layout, layout.port(portView(port, model.context))),
  );
  return { backend: 'iptables', family: model.context.family, frame, ports };
}

/** `namespace/name:port protocol`: what a rule line is traced back to. */
function originOf(port: ServicePort): string {
  return `${port.id} ${port.protocol}`;
}

function fragmentsByPort({ model, ruleset }: Compilation): ReadonlyMap<ServicePort, Fragment> {
  const fragments = new Map<ServicePort, Fragment>();
  for (const [i, port] of model.ports.entries()) {
    const known = ruleset.ports[i];
    if (known !== undefined) fragments.set(port, known);
  }
  return fragments;
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
  return { origin, text };
}
