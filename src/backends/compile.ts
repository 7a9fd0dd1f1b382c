/**
 * Runs the templates of a layout over a model. Given the compilation before, it renders only the
 * ports that changed.
 */

import { messageOf, TemplateError } from '../errors.js';
import { portsChange } from '../model/ports.js';
import type { Model, NodeContext, ServicePort } from '../model/types.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';
import { spliced } from '../shared-ends.js';
import type { Compilation } from './backend.js';
import type { Layout, WritePort } from './layout.js';

/**
 * The Ruleset of a model. A defect while one port is rendered leaves that port without rules, with
 * the reason in its fragment. Fragments of identical ports in an equal context are the identical
 * values. Throws {@link TemplateError} where a template fails or writes what its mode does not
 * know.
 */
export function compileLayout(model: Model, layout: Layout, previous?: Compilation): Ruleset {
  const { context } = model;
  const { backend, templates } = layout;
  const old = previous?.layout === layout ? previous : undefined;
  const write: WritePort = (port, view) => {
    const { origin } = port;
    try {
      return fragment(origin, templates.port(view()), layout);
    } catch (error) {
      // A template that fails is the operator's, and fails for every Service.
      if (error instanceof TemplateError) throw error;
      return { origin, text: '', failure: messageOf(error) };
    }
  };
  const alike =
    old !== undefined && samePortContext(layout, old.model.context, context) ? old : undefined;
  const portFragments = (): readonly Fragment[] => {
    const render = (port: ServicePort): Fragment =>
      write(port, () => layout.portView(port, context));
    return alike === undefined ? model.ports.map(render) : reusing(alike, model, render);
  };
  return {
    backend,
    family: context.family,
    ...nodeFragments(context, layout, old),
    ...(layout.arrange?.(model, write, alike) ?? {
      ports: portFragments(),
      shared: sharedFragments(model, layout, old),
    }),
  };
}

/** What every node has. */
function nodeFragments(
  context: NodeContext,
  layout: Layout,
  old: Compilation | undefined,
): Pick<Ruleset, 'frame' | 'tail'> {
  if (old?.model.context === context) return { frame: old.ruleset.frame, tail: old.ruleset.tail };
  const view = layout.frameView(context);
  const { frame, tail } = layout.templates;
  return { frame: fragment('', frame(view), layout), tail: fragment('', tail(view), layout) };
}

/** The fragments of the ports, with those of identical ports taken from the compilation before. */
function reusing(
  before: Compilation,
  model: Model,
  renderPort: (port: ServicePort) => Fragment,
): readonly Fragment[] {
  const { ports } = before.ruleset;
  const { start, old, fresh } = portsChange(before.model, model);
  const known = new Map(old.map((port, i) => [port, ports[start + i]]));
  return spliced(
    ports,
    start,
    old.length,
    fresh.map((port) => known.get(port) ?? renderPort(port)),
  );
}

/** Those of the same text as before are the identical values. */
function sharedFragments(
  model: Model,
  layout: Layout,
  old: Compilation | undefined,
): readonly Fragment[] {
  const known = new Map(old?.ruleset.shared.map((one) => [one.text, one]));
  return (layout.sharedFragments?.(model, old?.model) ?? []).map(
    ({ text }) => known.get(text) ?? fragment('', text, layout),
  );
}

function samePortContext({ portContext }: Layout, a: NodeContext, b: NodeContext): boolean {
  const same = (field: keyof NodeContext): boolean =>
    JSON.stringify(a[field]) === JSON.stringify(b[field]);
  return a === b || portContext.every(same);
}

function fragment(origin: string, text: string, layout: Layout): Fragment {
  const { custom, name, backend, syntax } = layout;
  const bad = custom
    ? text.split('\n').find((line) => line !== '' && !syntax.line.test(line))
    : undefined;
  if (bad !== undefined) {
    throw new TemplateError(
      `${name}: a template wrote a line that means nothing in mode ${backend}: ${JSON.stringify(bad)}`,
      { hint: syntax.hint },
    );
  }
  return { origin, text: flat(text) };
}

/**
 * The same text as one string. A template concatenates many small ones, which V8 keeps as a tree
 * until the text is read: for 10,000 Services four times the memory, and most of the time in the
 * collector.
 */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
