/** Runs the templates of a backend over a model; given the compilation before, it renders only the ports that changed. */

import { TemplateError } from '../errors.js';
import type { Model, NodeContext, ServicePort } from '../model/types.js';
import { sharedEnds } from '../ruleset/shared-ends.js';
import type { BackendName, Fragment, Ruleset } from '../ruleset/types.js';
import type { Compilation } from './backend.js';
import type { Layout } from './layout.js';

/** How one backend spells. */
export interface Speller {
  readonly backend: BackendName;
  readonly frameView: (context: NodeContext) => object;
  readonly portView: (port: ServicePort, context: NodeContext) => object;
  /** All that {@link portView} reads of the context: a change of anything else leaves fragments as they are. */
  readonly portContext: readonly (keyof NodeContext)[];
  /** A line that a template may write. */
  readonly line: RegExp;
  /** What such lines look like, for the author of a template. */
  readonly hint: string;
}

/** The Ruleset of a model. Fragments of identical ports in an equal context are the identical values. */
export function compileWith(
  speller: Speller,
  model: Model,
  layout: Layout,
  previous?: Compilation,
): Ruleset {
  const { context } = model;
  const { backend } = speller;
  const old =
    previous?.layout === layout && previous.ruleset.backend === backend ? previous : undefined;
  const spell = (origin: string, text: string): Fragment => fragment(origin, text, layout, speller);
  const frame =
    old?.model.context === context
      ? old.ruleset.frame
      : spell('', layout.frame(speller.frameView(context)));
  const spellPort = (port: ServicePort): Fragment =>
    spell(originOf(port), layout.port(speller.portView(port, context)));
  const ports =
    old !== undefined && samePortContext(speller, old.model.context, context)
      ? reusing(old, model.ports, spellPort)
      : model.ports.map(spellPort);
  return { backend, family: context.family, frame, ports };
}

/** `namespace/name:port protocol`: what a rule line is traced back to. */
function originOf(port: ServicePort): string {
  return `${port.id} ${port.protocol}`;
}

/** The fragments of the ports, those of identical ports taken over: between two long ends that are the same there are few. */
function reusing(
  { model, ruleset }: Compilation,
  ports: readonly ServicePort[],
  spellPort: (port: ServicePort) => Fragment,
): readonly Fragment[] {
  const { start, end } = sharedEnds(model.ports, ports);
  const before = model.ports.length - end;
  const known = new Map(
    model.ports.slice(start, before).map((port, i) => [port, ruleset.ports[start + i]]),
  );
  const fresh = ports
    .slice(start, ports.length - end)
    .map((port) => known.get(port) ?? spellPort(port));
  return ruleset.ports.slice(0, start).concat(fresh, ruleset.ports.slice(before));
}

function samePortContext({ portContext }: Speller, a: NodeContext, b: NodeContext): boolean {
  const same = (field: keyof NodeContext): boolean =>
    JSON.stringify(a[field]) === JSON.stringify(b[field]);
  return a === b || portContext.every(same);
}

function fragment(origin: string, text: string, layout: Layout, speller: Speller): Fragment {
  const bad = layout.custom
    ? text.split('\n').find((line) => line !== '' && !speller.line.test(line))
    : undefined;
  if (bad !== undefined) {
    throw new TemplateError(
      `${layout.directory}: a template wrote a line that means nothing in mode ${speller.backend}: ${JSON.stringify(bad)}`,
      { hint: speller.hint },
    );
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
