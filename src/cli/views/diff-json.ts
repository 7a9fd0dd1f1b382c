/** The differences for scripts. */

import { fractionText } from '../../netfilter/fraction.js';
import type { ServiceSummary } from '../../plan/summary-types.js';
import type { DiffResult, SharedDifference } from '../comparison.js';
import { flowJson } from './json-document.js';

/**
 * `{"different", "writer", "incomplete", "families": {"ipv4": {"against", "variant", "versions",
 * "shared", "services", "leftovers", "uncommented", "pinned", "comments"}}, "settings", "flows"}`.
 * `incomplete` names Services that were not compared; `*` is every Service that the input does not
 * name. Shares are exact: `"1/3"`. `comments` is there with --comments alone; a family that was not
 * compared is absent.
 */
export function differencesContent(view: DiffResult): object {
  return {
    different: view.different,
    ...(view.writer === undefined ? {} : { writer: view.writer }),
    incomplete: view.incomplete,
    families: familiesContent(view),
    settings: view.host,
    flows: view.flows.map(flowJson),
  };
}

/** The families alone. */
export function familiesContent({
  compared,
  comments,
}: Pick<DiffResult, 'compared' | 'comments'>): object {
  const families = compared.map(({ against, variant, summary, shared, versions }) => [
    summary.family.toLowerCase(),
    {
      against,
      variant,
      versions: versions ?? null,
      shared: sharedJson(shared),
      services: summary.services.map(serviceJson),
      leftovers: summary.leftovers,
      uncommented: summary.uncommented,
      pinned: summary.pinned,
      ...(comments ? { comments: summary.comments } : {}),
    },
  ]);
  return Object.fromEntries(families);
}

/** `null`: kube-proxy has the settings that the rules are compiled with, as far as they show. */
function sharedJson(shared: SharedDifference | undefined): object | null {
  if (shared === undefined) return null;
  const { settings, origins, rules, hint } = shared;
  const named = settings.map(({ name, kernel, wanted }) => ({ name, kernel, wanted }));
  return { settings: named, origins, rules, hint };
}

function serviceJson(service: ServiceSummary): object {
  return {
    ...service,
    pools: service.pools.map((pool) => ({
      ...pool,
      endpoints: pool.endpoints.map(({ endpoint, before, after }) => ({
        endpoint,
        before: fractionText(before),
        after: fractionText(after),
      })),
    })),
  };
}
