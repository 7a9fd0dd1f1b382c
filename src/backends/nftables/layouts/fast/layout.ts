/**
 * The layout whose Services are elements of maps: no chain, rule or set is of one Service, so a
 * change costs the same whatever their number. Services with affinity or source ranges have the
 * chains of kube-proxy's layout.
 */

import { UsageError } from '../../../../errors.js';
import { compareText } from '../../../../model/order.js';
import { portsChange } from '../../../../model/ports.js';
import type { Model, NodeContext, ServicePort } from '../../../../model/types.js';
import type { UnitName } from '../../../../plan/unit.js';
import type { Profile } from '../../../../profiles/types.js';
import type { Fragment } from '../../../../ruleset/types.js';
import { builtinTemplates } from '../../../templates.js';
import { unsupportedFast } from '../../versions.js';
import { kubeProxy } from '../kube-proxy/layout.js';
import type { NftablesLayout, UnitRole } from '../layout.js';
import { type FastChain, isMapName, nameOf, poolOfName, roleOfName } from './chains.js';
import { fastFrameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { sharedView } from './shared-view.js';
import { chainsFor, fastPortView, isFast } from './view.js';

const own = builtinTemplates(precompiled);

export const fast: NftablesLayout = {
  ...kubeProxy,
  name: 'fast',
  ofProfile,
  templates: {
    ...own,
    frame: (view) => kubeProxy.templates.frame(view) + own.frame(view),
    port: (view) => ('numbered' in view ? own : kubeProxy.templates).port(view),
  },
  frameView: fastFrameView,
  portView: (port, context) =>
    isFast(port) ? fastPortView(port) : kubeProxy.portView(port, context),
  sharedFragments,
  unsupported: ({ nft }) => unsupportedFast(nft),
  roleOf,
  poolOf: ({ kind, name, ...unit }) =>
    (kind === 'chain' ? poolOfName(name) : undefined) ?? kubeProxy.poolOf({ kind, name, ...unit }),
};

/** No kube-proxy has it. Its packets meet what 1.36 has them meet, and no other version. */
function ofProfile({ name, nftables }: Profile): NftablesLayout {
  if (typeof nftables === 'string' || nftables.layout !== 'inline' || nftables.localhostNodePorts)
    throw new UsageError(
      `layout fast of mode nftables does what kube-proxy 1.36 does, not ${name}`,
      {
        hint: 'leave out --layout or --profile',
      },
    );
  return fast;
}

function roleOf(unit: UnitName): UnitRole | undefined {
  const { kind, name } = unit;
  const known = kind === 'chain' ? roleOfName(name) : undefined;
  if (known !== undefined) return known;
  return kind === 'set' && isMapName(name) ? 'set' : kubeProxy.roleOf(unit);
}

/** One fragment for each chain that any Service port needs, in the order of their names. */
function sharedFragments(model: Model, before?: Model): readonly Fragment[] {
  return [...usesOf(model, before)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { chain }]) => ({ origin: '', text: textOf(chain, model.context) }));
}

/** Chains by name, with the number of frontends that lead to each. */
type Uses = ReadonlyMap<string, { readonly chain: FastChain; readonly count: number }>;

/** What the ports of models need: a change counts from there. */
const USES = new WeakMap<Model, Uses>();

function usesOf(model: Model, before: Model | undefined): Uses {
  const known = before && USES.get(before);
  const { old, fresh } =
    before === undefined || known === undefined
      ? { old: [], fresh: model.ports }
      : portsChange(before, model);
  const uses = new Map(known);
  for (const port of fresh) count(uses, port, 1);
  for (const port of old) count(uses, port, -1);
  USES.set(model, uses);
  return uses;
}

/** Adds to the number of frontends for each chain that a port needs. */
function count(
  uses: Map<string, { readonly chain: FastChain; readonly count: number }>,
  port: ServicePort,
  by: 1 | -1,
): void {
  for (const chain of chainsFor(port)) {
    const name = nameOf(chain);
    const now = (uses.get(name)?.count ?? 0) + by;
    if (now === 0) uses.delete(name);
    else uses.set(name, { chain, count: now });
  }
}

function textOf(chain: FastChain, context: NodeContext): string {
  return precompiled.shared(sharedView(chain, context));
}
