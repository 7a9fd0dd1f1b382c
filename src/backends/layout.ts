/**
 * What a layout is: the rules that one mode writes, and the data that their templates have holes
 * for.
 */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Model, NodeContext, ServicePort } from '../model/types.js';
import type { PoolSummary } from '../plan/summary-types.js';
import type { Unit } from '../plan/unit.js';
import type { Profile } from '../profiles/types.js';
import type { BackendName, Fragment, Ruleset } from '../ruleset/types.js';
import type { Templates } from './templates.js';

/** One way to write the rules of a model in one mode. Each mode adds what its chains are. */
export interface Layout {
  readonly backend: BackendName;
  /** `kube-proxy`; the folder of a user's own. */
  readonly name: string;
  /** Whether the templates are a user's own, so that each line must be checked. */
  readonly custom: boolean;
  readonly templates: Templates;
  /** The view of the templates `frame` and `tail`. */
  readonly frameView: (context: NodeContext) => object;
  /** The view of the template `port`. */
  readonly portView: (port: ServicePort, context: NodeContext) => object;
  /** All that {@link portView} reads of the context: other fields change no fragment of a port. */
  readonly portContext: readonly (keyof NodeContext)[];
  /**
   * The layout as another kube-proxy has it. Throws UsageError where vipc does not write the rules
   * of that one. Absent: its rules are the same whichever kube-proxy is followed.
   */
  readonly ofProfile?: ((profile: Profile) => Layout) | undefined;
  /** Fragments that belong to several Service ports. `before`: an earlier model. */
  readonly sharedFragments?: ((model: Model, before?: Model) => readonly Fragment[]) | undefined;
  /**
   * The fragments of the ports where chains that their rules stand in depend on other ports, and
   * the shared fragments that lead there. `before`: an earlier result in an equal context.
   */
  readonly arrange?:
    | ((
        model: Model,
        write: WritePort,
        before?: { readonly model: Model; readonly ruleset: Arranged },
      ) => Arranged)
    | undefined;
  readonly syntax: LineSyntax;
  /** Why the tools of a machine cannot take such rules; absent: they take those of the mode. */
  readonly unsupported?: ((host: HostFacts) => Diagnostic | undefined) | undefined;
  /**
   * The pool that a chain spreads traffic over; `undefined` for a chain that does something else.
   */
  readonly poolOf: (unit: Unit) => PoolSummary['pool'] | undefined;
}

/** The fragments of a Ruleset that are not of every node. */
export type Arranged = Pick<Ruleset, 'ports' | 'shared'>;

/** The fragment of a port by the template of the layout and this view. */
export type WritePort = (port: ServicePort, view: () => object) => Fragment;

/** What one mode's templates may write. */
export interface LineSyntax {
  /** A line of a fragment. */
  readonly line: RegExp;
  /** What such lines look like, for the author of a template. */
  readonly hint: string;
}

/** A mode and its own layouts; the first one is the default. */
interface LayoutChoice {
  readonly name: BackendName;
  readonly layouts: readonly [Layout, ...Layout[]];
}

/** A layout, and why it is not the one that was asked for. */
export interface ChosenLayout {
  readonly layout: Layout;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The layout of this name as the profile has it, or the default one, with a warning, where the
 * tools of the machine cannot take it. Throws {@link UsageError} where the mode has no such layout,
 * or not in the profile.
 */
export function chooseLayout(
  { name: mode, layouts }: LayoutChoice,
  { layout: name, profile }: Pick<ProxyConfig, 'layout' | 'profile'>,
  host: HostFacts | undefined,
): ChosenLayout {
  const wanted = layouts.find((layout) => layout.name === name);
  if (wanted === undefined)
    throw new UsageError(`mode ${mode} has no layout ${name}`, {
      hint: `use layout ${layouts.map((layout) => layout.name).join(' or ')} there, or another mode`,
    });
  const fault = host === undefined ? undefined : wanted.unsupported?.(host);
  const usable = fault === undefined ? wanted : layouts[0];
  return {
    layout: usable.ofProfile?.(profile) ?? usable,
    diagnostics: fault === undefined ? [] : [fault],
  };
}
