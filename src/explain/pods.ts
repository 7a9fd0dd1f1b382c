/** The Pods that a Service means, and those that it may have meant. */

import { addTo } from '../grouping.js';
import { nearestName } from '../nearest-name.js';
import { type FindByLabels, hasEnded, labelFinder, podFinder } from '../snapshot/complete/pods.js';
import type { ObjectMeta, Pod, Service } from '../snapshot/types.js';
import type { PodMaker, Workloads } from '../snapshot/workloads.js';
import { oncePer } from './once-per.js';

type Labels = Readonly<Record<string, string>>;

/** What the input says about the Pods of a Service. */
export interface ServicePods {
  readonly selector: Labels;
  /** Whether the input has any Pod of the namespace. */
  readonly known: boolean;
  /** All that the selector matches, those that have ended too; by name. */
  readonly matching: readonly Pod[];
  /** Those of {@link matching} that have not ended. */
  readonly running: readonly Pod[];
  /** Objects whose Pods the selector would match. */
  readonly makers: readonly PodMaker[];
  /**
   * The most similar labels of other Pods; `undefined`: there are none, or none were searched for.
   */
  readonly nearest: NearestLabels | undefined;
}

export interface NearestLabels {
  readonly labels: Labels;
  /** `Pod web-1`, `Deployment web`. */
  readonly objects: readonly string[];
}

/** Pods, and what makes them, ready for the questions of many Services. */
interface IndexedWorkloads {
  readonly findPods: FindByLabels<Pod>;
  readonly findMakers: FindByLabels<PodMaker>;
  /** By namespace. */
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly makers: ReadonlyMap<string, readonly PodMaker[]>;
}

const indexed = oncePer(
  ({ pods, makers }: Workloads): IndexedWorkloads => ({
    findPods: podFinder(pods),
    findMakers: labelFinder(makers, templateOf),
    pods: byNamespace(pods),
    makers: byNamespace(makers),
  }),
);

/**
 * The Pods of a Service, and the makers of Pods. Looking for those that it may have meant costs as
 * much as reading all labels of its namespace.
 */
export function servicePods(
  { metadata, spec }: Service,
  workloads: Workloads,
  suggests = true,
): ServicePods {
  const { namespace = 'default' } = metadata;
  const { selector = {} } = spec;
  const { findPods, findMakers, ...all } = indexed(workloads);
  const pods = all.pods.get(namespace) ?? [];
  const hasSelector = Object.keys(selector).length > 0;
  const matching = hasSelector ? findPods(namespace, selector) : [];
  const making = hasSelector ? findMakers(namespace, selector) : [];
  const isMatched = !hasSelector || matching.length + making.length > 0;
  return {
    ...{ selector, known: pods.length > 0, matching, makers: making },
    running: matching.filter((pod) => !hasEnded(pod)),
    nearest:
      isMatched || !suggests
        ? undefined
        : nearestLabels(selector, pods, all.makers.get(namespace) ?? []),
  };
}

/** Names of Pods by each of their addresses. */
export function podsByAddress({ pods }: Workloads): ReadonlyMap<string, string> {
  return new Map(
    pods.flatMap(({ metadata, spec, status }) =>
      // Pods of the host network share an address.
      spec?.hostNetwork === true
        ? []
        : [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]
            .filter((ip) => ip !== undefined)
            .map((ip) => [ip, metadata.name] as const),
    ),
  );
}

function byNamespace<T extends { readonly metadata: ObjectMeta }>(
  objects: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const object of objects) {
    const { namespace = 'default' } = object.metadata;
    addTo(groups, namespace, object);
  }
  return groups;
}

function templateOf({ spec }: PodMaker): Labels {
  return spec.template.metadata?.labels ?? {};
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** How near labels come to a selector: pairs that are equal, then keys that are there. */
function nearness(selector: Labels, labels: Labels): number {
  let score = 0;
  for (const [key, value] of Object.entries(labels)) {
    const wanted = labelOf(selector, key);
    if (wanted === undefined) continue;
    // A value that is nearly right weighs more than one that is not.
    score += wanted === value ? 100 : nearestName(wanted, [value]) === undefined ? 1 : 10;
  }
  return score;
}

function nearestLabels(
  selector: Labels,
  pods: readonly Pod[],
  makers: readonly PodMaker[],
): NearestLabels | undefined {
  const groups = new Map<string, { readonly labels: Labels; readonly objects: string[] }>();
  const add = (labels: Labels, object: string): void => {
    const near = relevant(selector, labels);
    const key = JSON.stringify(near);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { labels: near, objects: [object] });
    else known.objects.push(object);
  };
  for (const { metadata } of pods) add(metadata.labels ?? {}, `Pod ${metadata.name}`);
  for (const maker of makers) add(templateOf(maker), `${maker.kind} ${maker.metadata.name}`);
  let best: NearestLabels | undefined;
  let bestScore = 0;
  for (const group of groups.values()) {
    const score =
      nearness(selector, group.labels) || (hasNearKey(selector, group.labels) ? 0.5 : 0);
    if (score > bestScore) [best, bestScore] = [group, score];
  }
  return best;
}

/** The labels of a selector's keys, or of keys that are nearly one of them. */
function relevant(selector: Labels, labels: Labels): Labels {
  const keys = Object.keys(selector);
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([key]) => Object.hasOwn(selector, key) || isNear(key, keys))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function hasNearKey(selector: Labels, labels: Labels): boolean {
  return Object.keys(labels).some((key) => isNear(key, Object.keys(selector)));
}

/** Selectors have few keys; the first ones are enough for a guess. */
function isNear(key: string, keys: readonly string[]): boolean {
  return nearestName(key, keys.slice(0, 8)) !== undefined;
}
