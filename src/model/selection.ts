/** Reduces a model to some of its Services. */

import type { Snapshot } from '../snapshot/types.js';
import type { Model } from './types.js';

/**
 * The model with these Services alone. Unlike one that is built from them, it has the claims of the
 * others: an address that another Service wins is lost here too.
 */
export function onlyServices(model: Model, services: Snapshot['services']): Model {
  const entries = model.entries.filter(({ name }) => services.has(name));
  if (entries.length === model.entries.length) return model;
  const left = new Set(
    model.entries.flatMap(({ name, diagnostics }) => (services.has(name) ? [] : diagnostics)),
  );
  return {
    ...model,
    entries,
    ports: entries.flatMap(({ ports }) => ports),
    objects: { ...model.objects, services },
    diagnostics: model.diagnostics.filter((diagnostic) => !left.has(diagnostic)),
  };
}
